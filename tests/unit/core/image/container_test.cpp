// SPDX-License-Identifier: MIT
#include "core/image/container.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "unit/core/image/test_image.h"

namespace tdxctl::image {
namespace {

TEST(Sum16, AddsLittleEndianWords) {
  const std::vector<std::uint8_t> bytes = {0x01, 0x02, 0xFF, 0xFF};
  EXPECT_EQ(sum16(bytes), 0x0200);
}

TEST(Sum16, TakesALastOddByteAsAWord) {
  const std::vector<std::uint8_t> bytes = {0x01, 0x02, 0x03};
  EXPECT_EQ(sum16(bytes), 0x0204);
}

TEST(Sum16, IsTheSameAsASumWordByWordAtEveryLength) {
  std::vector<std::uint8_t> bytes;
  std::uint32_t noise = 7;
  for (std::size_t length = 0; length < 100; ++length) {
    std::uint32_t expected = 0;
    for (std::size_t i = 0; i < length; ++i) expected += bytes[i] * (i % 2 == 0 ? 1u : 256u);
    EXPECT_EQ(sum16(bytes), static_cast<std::uint16_t>(expected)) << length;
    noise = noise * 1664525 + 1013904223;
    bytes.push_back(static_cast<std::uint8_t>(noise >> 24));
  }
}

// The example is written out, so that both directions cannot be wrong together.
TEST(BuildContainer, WritesThe0x100HeaderByteForByte) {
  const std::vector<std::uint8_t> sigstruct(kSigstructBytes, 0);
  std::vector<std::uint8_t> module(kPageBytes, 0);
  module[0] = 1;
  const auto file = build_container(Format::v0x100, {sigstruct, module});
  ASSERT_TRUE(file);
  const std::vector<std::uint8_t> header = {0x00, 0x01, 0xC2, 0xAE, 0x00, 0x20, 0x00, 0x00, 'T',  'D', 'X',
                                            '-',  'B',  'L',  'O',  'B',  0x00, 0x30, 0x00, 0x00, 0,   0};
  EXPECT_TRUE(std::ranges::equal(header, Bytes(*file).first(header.size())));
  EXPECT_EQ(file->size(), 0x3000u);
  EXPECT_EQ(file->at(0x2000), 1);
  EXPECT_EQ(sum16(*file), 0);
}

TEST(BuildContainer, WritesThe0x200HeaderByteForByte) {
  const std::vector<std::uint8_t> sigstruct(kSigstructBytes, 0);
  std::vector<std::uint8_t> module(2 * kPageBytes, 0);
  module[kPageBytes] = 1;
  const auto file = build_container(Format::v0x200, {sigstruct, module});
  ASSERT_TRUE(file);
  const std::vector<std::uint8_t> header = {0x00, 0x02, 0xBF, 0xFD, 'T', 'D', 'X', '-', 'B', 'L', 'O',
                                            'B',  1,    0,    0,    0,   2,   0,   0,   0,   0,   0};
  EXPECT_TRUE(std::ranges::equal(header, Bytes(*file).first(header.size())));
  EXPECT_EQ(file->size(), 0x4000u);
  EXPECT_EQ(sum16(*file), 0);
}

TEST(BuildContainer, TakesWhatOneInstallTakesAndNoMore) {
  const std::vector<std::uint8_t> sigstruct(kSigstructBytes);
  const std::vector<std::uint8_t> largest(kMaxModulePages * kPageBytes);
  const auto file = build_container(Format::v0x200, {sigstruct, largest});
  ASSERT_TRUE(file);
  EXPECT_EQ(file->size(), kMaxFileBytes);
  EXPECT_TRUE(parse_container(*file));

  const std::vector<std::uint8_t> larger((kMaxModulePages + 1) * kPageBytes);
  EXPECT_EQ(build_container(Format::v0x200, {sigstruct, larger}).error().id, ErrorId::image_module_too_large);
  EXPECT_EQ(build_container(Format::v0x200, {sigstruct, {}}).error().id, ErrorId::image_module_missing);
  EXPECT_EQ(build_container(Format::v0x200, {sigstruct, Bytes(largest).first(4097)}).error().id,
            ErrorId::image_module_unaligned);
  EXPECT_EQ(build_container(Format::v0x200, {Bytes(sigstruct).first(2047), largest}).error().id,
            ErrorId::image_sigstruct_length);
}

TEST(Convert, ComesBackByteForByte) {
  const TestImage image = make_test_image(7);
  const auto blob = image.file(Format::v0x100);
  const auto as_0x200 = convert(blob, Format::v0x200);
  ASSERT_TRUE(as_0x200);
  EXPECT_EQ(*as_0x200, image.file(Format::v0x200));
  EXPECT_EQ(as_0x200->size(), blob.size());
  EXPECT_EQ(*convert(*as_0x200, Format::v0x100), blob);
  EXPECT_EQ(*convert(blob, Format::v0x100), blob);
}

TEST(Convert, ComesBackByteForByteFromSeparateFiles) {
  const TestImage image = make_test_image();
  for (const Format format : {Format::v0x100, Format::v0x200}) {
    const auto file = image.file(format);
    const auto container = parse_container(file);
    ASSERT_TRUE(container);
    EXPECT_TRUE(std::ranges::equal(container->parts.sigstruct, image.sigstruct_bytes()));
    EXPECT_TRUE(std::ranges::equal(container->parts.module, image.module));
    EXPECT_EQ(*build_container(format, container->parts), file);
  }
}

TEST(Convert, KeepsTheChecksumRuleInTheFormThatLinuxDoesNotCheck) {
  EXPECT_EQ(sum16(*convert(make_test_image().file(Format::v0x100), Format::v0x200)), 0);
}

TEST(Convert, RefusesABrokenFileWithTheRuleThatItBreaks) {
  auto file = make_test_image().file(Format::v0x100);
  file[100] = 1;
  EXPECT_EQ(convert(file, Format::v0x200).error().id, ErrorId::image_reserved);
}

TEST(MakeHeader, AndThePartsBehindItAreTheContainer) {
  const TestImage image = make_test_image();
  const auto sigstruct = image.sigstruct_bytes();
  const auto header = make_header(Format::v0x200, {sigstruct, image.module});
  ASSERT_TRUE(header);
  EXPECT_TRUE(std::ranges::equal(*header, Bytes(image.file()).first(kPageBytes)));
}

TEST(MakeHeader, TakesASigstructThatFillsItsPage) {
  const TestImage image = make_test_image();
  auto sigstruct = image.sigstruct_bytes();
  sigstruct.resize(kPageBytes);
  EXPECT_EQ(*build_container(Format::v0x200, {sigstruct, image.module}), image.file());
  sigstruct.back() = 1;
  EXPECT_EQ(build_container(Format::v0x200, {sigstruct, image.module}).error().id,
            ErrorId::image_sigstruct_padding);
}

TEST(CheckContainer, FindsTheChecksumWrong) {
  for (const Format format : {Format::v0x100, Format::v0x200}) {
    auto file = make_test_image().file(format);
    file[2] ^= 1;
    EXPECT_EQ(parse_container(file).error().id, ErrorId::image_checksum);
  }
}

TEST(CheckContainer, SaysThatAFileIsTooShortAndWhatElseCanBeSaid) {
  const auto file = make_test_image().file();
  std::vector<Check> checks;
  check_container(Bytes(file).first(4095), checks);
  EXPECT_EQ(names_of(Verdict::bad, checks), std::set<std::string>{"image_too_short"});
  EXPECT_EQ(parse_container({}).error().id, ErrorId::image_too_short);
}

TEST(CheckContainer, KnowsTheFormByTheMagicWhereTheVersionIsStrange) {
  auto file = make_test_image().file(Format::v0x100);
  put<std::uint16_t>(file, 0, 0x999);
  EXPECT_EQ(detect_format(file), Format::v0x100);
  file[8] = 'x';
  EXPECT_EQ(detect_format(file), std::nullopt);
  EXPECT_EQ(parse_container(file).error().id, ErrorId::image_version);
}

TEST(DetectKind, TellsTheFilesOfARelease) {
  const TestImage image = make_test_image();
  EXPECT_EQ(detect_kind(image.file(Format::v0x100)), FileKind::container);
  EXPECT_EQ(detect_kind(image.file(Format::v0x200)), FileKind::container);
  EXPECT_EQ(detect_kind(image.sigstruct_bytes()), FileKind::sigstruct);
  EXPECT_EQ(detect_kind(image.module), FileKind::module);
  EXPECT_EQ(detect_kind({}), FileKind::unknown);
  const std::vector<std::uint8_t> zeros(64);
  EXPECT_EQ(detect_kind(zeros), FileKind::unknown);
}

}  // namespace
}  // namespace tdxctl::image
