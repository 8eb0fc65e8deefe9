// SPDX-License-Identifier: MIT
// What is known of published images, against what this code makes of the same facts.
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/abi/releases.h"
#include "core/image/hex_digits.h"
#include "core/image/identify.h"
#include "core/version.h"
#include "unit/core/image/test_image.h"

namespace tdxctl::image {
namespace {

using nlohmann::json;

const json& published() {
  static const json data =
      json::parse(std::ifstream(TDXCTL_TEST_DATA_DIR "/images/releases-public.json")).at("releases");
  return data;
}

std::uint64_t number(const json& text) { return std::stoull(text.get<std::string>(), nullptr, 16); }

// The sigstruct of a release as far as it is recorded: all but the modulus and the signature themselves.
Sigstruct sigstruct_of(const json& release) {
  Sigstruct s{};
  const json& header = release.at("header");
  s.header_type = header.at("header_type");
  s.header_dwords = header.at("header_length_dwords");
  s.header_version = static_cast<std::uint32_t>(number(header.at("header_version")));
  s.module_type = static_cast<std::uint32_t>(number(header.at("module_type")));
  s.vendor = static_cast<std::uint32_t>(number(header.at("module_vendor")));
  s.date_bcd = static_cast<std::uint32_t>(number(header.at("date_bcd")));
  s.size_dwords = header.at("size_dwords");
  s.key_dwords = header.at("key_size_dwords");
  s.modulus_dwords = header.at("modulus_size_dwords");
  s.exponent_dwords = header.at("exponent_size_dwords");
  s.exponent = release.at("key").at("exponent");
  Sha384 seamhash;
  EXPECT_TRUE(parse_hex_digits(release.at("seamhash").get<std::string>(), seamhash));
  s.seamhash = seamhash;
  s.svn_minor = release.at("seamsvn").at("minor");
  s.svn_major = release.at("seamsvn").at("major");
  s.attributes = number(release.at("attributes"));
  s.rip_offset = static_cast<std::uint32_t>(number(release.at("rip_offset")));
  s.handoff_pages = release.at("handoff").at("num_handoff_pages");
  s.module_hv = release.at("handoff").at("module_hv");
  s.min_update_hv = release.at("handoff").at("min_update_hv");
  s.gdt_idt_offset = static_cast<std::uint32_t>(number(release.at("gdt_idt_offset")));
  s.fault_wrapper_offset = static_cast<std::uint32_t>(number(release.at("fault_wrapper_offset")));
  if (const json& build = release.at("module_version_in_sigstruct"); !build.is_null()) {
    const std::string raw = build.at("raw");
    std::vector<std::uint8_t> bytes(kSigstructBytes);
    std::memcpy(bytes.data(), &s, sizeof s);
    for (std::size_t i = 0; i < 8; ++i) {
      bytes[1000 + i] = static_cast<std::uint8_t>(std::stoul(raw.substr(i * 2, 2), nullptr, 16));
    }
    s = read_sigstruct(std::span(bytes).first<kSigstructBytes>());
  }
  s.cpu_count = release.at("cpuid_table_size");
  for (std::size_t i = 0; i < s.cpu_count; ++i) {
    s.cpus[i] = static_cast<std::uint32_t>(number(release.at("fms").at(i).at("raw")));
  }
  return s;
}

TEST(PublishedImages, KeepEveryRuleOfTheSigstruct) {
  for (const json& release : published()) {
    std::vector<Check> checks;
    check_sigstruct(sigstruct_of(release), release.at("files").at("bin_bytes"), checks);
    for (const Check& check : checks) {
      EXPECT_EQ(check.verdict, Verdict::ok) << release.at("version") << check.name() << check.evidence;
    }
  }
}

TEST(PublishedImages, HaveTheDatesSvnsAndCpusThatAreRecorded) {
  for (const json& release : published()) {
    const Sigstruct s = sigstruct_of(release);
    EXPECT_EQ(to_string(*date(s)), release.at("header").at("date"));
    EXPECT_EQ(is_debug(s), release.at("header").at("debug"));
    EXPECT_EQ(svn(s).major << 8 | svn(s).minor, number(release.at("seamsvn").at("raw")));
    const auto list = cpus(s);
    ASSERT_EQ(list.size(), release.at("fms").size());
    for (std::size_t i = 0; i < list.size(); ++i) {
      EXPECT_EQ(list[i], number(release.at("fms").at(i).at("masked")));
      EXPECT_FALSE(cpu_name(list[i]).starts_with("CPU ")) << cpu_name(list[i]);
    }
  }
}

TEST(PublishedImages, HaveTheBuildInformationThatIsRecorded) {
  std::size_t with_build = 0;
  for (const json& release : published()) {
    const json& recorded = release.at("module_version_in_sigstruct");
    const auto info = build_info(sigstruct_of(release));
    ASSERT_EQ(info.has_value(), !recorded.is_null());
    if (!info) continue;
    ++with_build;
    EXPECT_EQ(to_string(info->version), release.at("version"));
    EXPECT_EQ(info->build_number, recorded.at("build_num"));
    EXPECT_EQ(info->unknown, recorded.at("unknown_u16"));
  }
  EXPECT_EQ(with_build, 1u);
}

TEST(PublishedImages, HaveTheSizesThatContainersOfSuchModulesHave) {
  for (const json& release : published()) {
    const json& files = release.at("files");
    const std::size_t pages = files.at("bin_pages");
    EXPECT_EQ(pages * kPageBytes, files.at("bin_bytes"));
    EXPECT_EQ(files.at("sigstruct_bytes"), kSigstructBytes);
    const TestImage image = make_test_image(pages);
    const auto blob = image.file(Format::v0x100);
    EXPECT_EQ(blob.size(), files.at("blob_0x100_bytes"));
    EXPECT_EQ(image.file(Format::v0x200).size(), files.at("image_0x200_bytes"));
    EXPECT_EQ(blob[5] << 8 | blob[4], files.at("blob_0x100_offset_of_module"));
    EXPECT_EQ(blob[18] << 16 | blob[17] << 8 | blob[16], files.at("blob_0x100_length_field"));
  }
}

TEST(PublishedImages, AreSignedByTheKeyThatIsPinned) {
  for (const json& release : published()) {
    EXPECT_EQ(hex_digits(kIntelKeyHash), release.at("key").at("modulus_sha384_file_order"));
  }
}

TEST(PublishedImages, AreIdentifiedByHashAndBySigstruct) {
  const auto known = published_images();
  for (const json& release : published()) {
    const Sigstruct s = sigstruct_of(release);
    const Identity by_hash = identify_mrseam(s.seamhash, known);
    EXPECT_TRUE(by_hash.certain);
    ASSERT_EQ(by_hash.releases.size(), 1u);
    EXPECT_EQ(to_string(by_hash.releases[0]), release.at("version"));
    EXPECT_EQ(identify_image(s, known).releases, by_hash.releases);
  }
}

}  // namespace
}  // namespace tdxctl::image
