// SPDX-License-Identifier: MIT
#include "core/image/verify.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>

#include "unit/core/image/test_image.h"

namespace tdxctl::image {
namespace {

TEST(Verify, FindsASoundImageSoundInBothForms) {
  const TestImage image = make_test_image();
  for (const Format format : {Format::v0x100, Format::v0x200}) {
    const auto file = image.file(format);
    const Verification report = verify(file, test_options());
    EXPECT_TRUE(report.sound());
    EXPECT_EQ(report.format, format);
    EXPECT_EQ(report.seamhash, sha384(image.module));
    for (const Check& check : report.checks)
      EXPECT_EQ(check.verdict, Verdict::ok) << check.name() << check.evidence;
  }
}

TEST(Verify, FindsSeparateFilesSound) {
  const TestImage image = make_test_image();
  const auto sigstruct = image.sigstruct_bytes();
  const Verification report = verify_parts(sigstruct, image.module, test_options());
  EXPECT_TRUE(report.sound());
  EXPECT_EQ(report.format, std::nullopt);
}

TEST(Verify, ChecksASigstructFileThatIsTooLongOrShort) {
  const TestImage image = make_test_image();
  auto sigstruct = image.sigstruct_bytes();
  sigstruct.push_back(0);
  const Verification longer = verify_parts(sigstruct, image.module, test_options());
  EXPECT_EQ(names_of(Verdict::bad, longer.checks), std::set<std::string>{"image_sigstruct_length"});
  const Verification shorter = verify_parts(Bytes(sigstruct).first(100), image.module, test_options());
  EXPECT_EQ(names_of(Verdict::bad, shorter.checks), std::set<std::string>{"image_sigstruct_length"});
  EXPECT_FALSE(shorter.sound());
}

TEST(Verify, TakesIntelsKeyUnlessAnotherIsNamed) {
  const auto file = make_test_image().file();
  EXPECT_EQ(names_of(Verdict::bad, verify(file).checks), std::set<std::string>{"image_key"});
  EXPECT_TRUE(verify(file, test_options()).sound());
}

TEST(Verify, FindsASignatureThatIsNotOfTheKey) {
  TestImage image = make_test_image();
  image.sigstruct.svn_minor = 200;  // after signing
  const Verification report = verify(image.file(), test_options());
  EXPECT_EQ(names_of(Verdict::bad, report.checks), std::set<std::string>{"image_signature"});
}

TEST(Verify, FindsAModuleThatIsNotTheOneSigned) {
  TestImage image = make_test_image();
  image.module.back() ^= 1;
  const Verification report = verify(image.file(), test_options());
  EXPECT_EQ(names_of(Verdict::bad, report.checks), std::set<std::string>{"image_seamhash"});
}

TEST(Verify, FindsASignedSigstructWithAnotherHash) {
  TestImage image = make_test_image();
  image.sigstruct.seamhash[0] ^= 1;
  image.sign_keeping_hash();
  const Verification report = verify(image.file(), test_options());
  EXPECT_EQ(names_of(Verdict::bad, report.checks), std::set<std::string>{"image_seamhash"});
}

TEST(Verify, LetsADebugImagePassOnlyWhereItIsAllowed) {
  TestImage image = make_test_image();
  image.sigstruct.module_type = 1u << 31;
  const auto file = image.sign().file();
  EXPECT_FALSE(verify(file, test_options()).sound());
  VerifyOptions options = test_options();
  options.allow_debug = true;
  const Verification allowed = verify(file, options);
  EXPECT_TRUE(allowed.sound());
  EXPECT_EQ(names_of(Verdict::skipped, allowed.checks), std::set<std::string>{"image_debug_signed"});
}

TEST(Verify, GoesOnToTheEndAfterTheFirstBrokenRule) {
  TestImage image = make_test_image();
  image.sigstruct.vendor = 1;
  image.module[0] = 0;
  auto file = image.file();
  file[100] = 1;
  const Verification report = verify(file, test_options());
  EXPECT_EQ(names_of(Verdict::bad, report.checks),
            (std::set<std::string>{"image_reserved", "image_checksum", "image_sigstruct_vendor",
                                   "image_signature", "image_seamhash", "image_elf_magic"}));
}

TEST(Verify, ReportsTheSameRulesForAnEmptyModuleAsSkipped) {
  auto file = make_test_image().file();
  file.resize(2 * kPageBytes);
  const Verification report = verify(file, test_options());
  EXPECT_FALSE(report.sound());
  EXPECT_TRUE(names_of(Verdict::skipped, report.checks).contains("image_seamhash"));
  EXPECT_TRUE(names_of(Verdict::skipped, report.checks).contains("image_elf_rela_addend"));
  EXPECT_FALSE(names_of(Verdict::bad, report.checks).contains("image_signature"));
}

TEST(Verify, IsNotSoundForAnyFileThatIsNotAnImage) {
  for (const std::size_t length : {0u, 1u, 19u, 20u, 4096u, 8192u, 20480u}) {
    EXPECT_FALSE(verify(std::vector<std::uint8_t>(length), test_options()).sound()) << length;
    EXPECT_FALSE(verify(std::vector<std::uint8_t>(length, 0xFF), test_options()).sound()) << length;
  }
}

// 496 pages of section headers that all name the same large relocation table.
TEST(Verify, TakesNoLongerForAModuleMadeToTakeLong) {
  TestImage image = make_test_image(kMaxModulePages);
  Elf64_Shdr section{};
  section.sh_type = SHT_RELA;
  section.sh_size = image.module.size() / 24 * 24;
  section.sh_entsize = 24;
  const std::uint16_t count = 30000;
  for (std::size_t i = 0; i < count; ++i) {
    std::memcpy(image.module.data() + 64 + i * sizeof section, &section, sizeof section);
  }
  put(image.module, offsetof(Elf64_Ehdr, e_shoff), std::uint64_t{64});
  put(image.module, offsetof(Elf64_Ehdr, e_shnum), count);
  const auto file = image.sign().file();
  const auto start = std::chrono::steady_clock::now();
  const Verification report = verify(file, test_options());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  EXPECT_TRUE(names_of(Verdict::bad, report.checks).contains("image_elf_rela_table"));
}

TEST(ToError, IsASentenceWithTheIdOfTheRule) {
  TestImage image = make_test_image();
  image.sigstruct.vendor = 0x1022;
  const Verification report = verify(image.sign().file(), test_options());
  const Error error = to_error(*first_with(Verdict::bad, report.checks));
  EXPECT_EQ(error.id, ErrorId::image_sigstruct_vendor);
  EXPECT_EQ(error.what, "expected that the vendor is 0x8086, found: 0x1022");
  EXPECT_FALSE(error.hint_text().empty());
}

}  // namespace
}  // namespace tdxctl::image
