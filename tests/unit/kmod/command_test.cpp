// SPDX-License-Identifier: MIT
// The size rules of the ioctls: small, large, grown, hostile.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "fake_host.h"

namespace tdxctl::test {
namespace {

struct Case {
  const char* name;
  unsigned int number;
  u32 size_v0;
  u32 max_bytes;
};

constexpr u32 kMetadataMaxBytes =
    TDXCTL_METADATA_SIZE_V0 + TDXCTL_METADATA_MAX * static_cast<u32>(sizeof(tdxctl_field));

constexpr Case kCases[] = {
    {"Platform", TDXCTL_IOC_PLATFORM, TDXCTL_PLATFORM_SIZE_V0, 4096},
    {"ModuleState", TDXCTL_IOC_MODULE_STATE, TDXCTL_MODULE_STATE_SIZE_V0, 4096},
    {"Read", TDXCTL_IOC_READ, TDXCTL_METADATA_SIZE_V0, kMetadataMaxBytes},
    {"ReadAll", TDXCTL_IOC_READ_ALL, TDXCTL_METADATA_SIZE_V0, kMetadataMaxBytes},
    {"SeamldrInfo", TDXCTL_IOC_SEAMLDR_INFO, TDXCTL_SEAMLDR_INFO_SIZE_V0, 4096},
    {"Disable", TDXCTL_IOC_DISABLE, TDXCTL_DISABLE_SIZE_V0, 4096},
    {"Init", TDXCTL_IOC_INIT, TDXCTL_INIT_SIZE_V0, 4096},
    {"Stage", TDXCTL_IOC_STAGE, TDXCTL_STAGE_SIZE_V0, TDXCTL_STAGE_SIZE_V0 + TDXCTL_MODULE_PAGES_MAX * 4096},
};

class EveryCommand : public testing::TestWithParam<Case> {
 protected:
  EveryCommand() {
    host_.seamcall = [](u64, FakeHost::Regs& regs) -> u64 {
      const bool first = regs.rdx == TDX_FIELD_NULL;
      regs.rdx = TDX_FIELD_NULL;
      return first ? TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT : u64{0};
    };
  }

  /// Runs the command on a zeroed argument in which one byte was changed.
  int run(u32 bytes, u32 changed_byte = 0, std::uint8_t to = 0) {
    buffer_.assign((std::max(bytes, command_->size) + 7) / 8, 0);
    auto* arg = reinterpret_cast<std::uint8_t*>(buffer_.data());
    arg[changed_byte] = to;
    return tdxctl_run_command(host_.get(), this, command_, arg, bytes);
  }

  FakeHost host_;
  const tdxctl_command* command_ = tdxctl_find_command(GetParam().number);
  std::vector<u64> buffer_;
};

TEST_P(EveryCommand, IsInTheTable) {
  ASSERT_NE(command_, nullptr);
  EXPECT_EQ(command_->number, GetParam().number);
  EXPECT_EQ(command_->size_v0, GetParam().size_v0);
}

TEST_P(EveryCommand, TakesTheFirstPublishedSize) { EXPECT_EQ(run(GetParam().size_v0), 0); }

TEST_P(EveryCommand, RefusesAnySmallerSize) {
  for (u32 bytes = 0; bytes < GetParam().size_v0; ++bytes) {
    EXPECT_EQ(tdxctl_check_size(command_, bytes), -EINVAL) << bytes;
    EXPECT_EQ(run(bytes), -EINVAL) << bytes;
  }
  EXPECT_TRUE(host_.calls.empty());
}

TEST_P(EveryCommand, RefusesASizeOverTheLimitBeforeItIsCopied) {
  EXPECT_EQ(tdxctl_check_size(command_, GetParam().max_bytes), 0);
  EXPECT_EQ(tdxctl_check_size(command_, GetParam().max_bytes + 1), -E2BIG);
  EXPECT_EQ(tdxctl_check_size(command_, UINT32_MAX), -E2BIG);
}

TEST_P(EveryCommand, TakesUnknownTrailingZeros) {
  EXPECT_EQ(run(command_->size + 1), 0);
  EXPECT_EQ(run(GetParam().max_bytes), 0);
}

TEST_P(EveryCommand, RefusesUnknownTrailingBytes) {
  const u32 bytes = command_->size + 40;
  for (u32 at = command_->size; at < bytes; ++at) EXPECT_EQ(run(bytes, at, 1), -E2BIG) << at;
  EXPECT_TRUE(host_.calls.empty());
}

TEST_P(EveryCommand, RefusesFlags) {
  for (u32 at = 4; at < 8; ++at) EXPECT_EQ(run(command_->size, at, 0x80), -EOPNOTSUPP) << at;
  EXPECT_TRUE(host_.calls.empty());
}

TEST_P(EveryCommand, BelievesTheSizeThatWasCheckedNotTheOneInTheCopy) {
  // Byte 3 is the top byte of @size: the copy claims 4 GiB.
  EXPECT_EQ(run(command_->size, 3, 0xff), 0);
  u32 size = 0;
  memcpy(&size, buffer_.data(), sizeof(size));
  EXPECT_EQ(size, command_->size);
}

INSTANTIATE_TEST_SUITE_P(Commands, EveryCommand, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

class EveryElementCommand : public testing::TestWithParam<unsigned int> {
 protected:
  FakeHost host_;
};

TEST_P(EveryElementCommand, RefusesMoreElementsThanTheSizeHolds) {
  Metadata arg(3);
  arg->nr_fields = 4;
  EXPECT_EQ(arg.run(host_, GetParam()), -EINVAL);
}

TEST_P(EveryElementCommand, RefusesMoreElementsThanTheLimit) {
  Metadata arg(2);
  for (u32 nr : {u32{TDXCTL_METADATA_MAX} + 1, UINT32_MAX, UINT32_MAX / 24 + 1}) {
    arg->nr_fields = nr;
    EXPECT_EQ(arg.run(host_, GetParam()), -EINVAL) << nr;
  }
}

TEST_P(EveryElementCommand, RefusesBytesBehindTheLastElement) {
  Metadata arg(2, 8);
  arg.bytes()[arg.size() - 1] = 1;
  EXPECT_EQ(arg.run(host_, GetParam()), -E2BIG);
}

TEST_P(EveryElementCommand, RefusesTheReservedField) {
  Metadata arg(1);
  arg->reserved = 1;
  EXPECT_EQ(arg.run(host_, GetParam()), -E2BIG);
}

TEST_P(EveryElementCommand, RefusesAnUnknownMethod) {
  Metadata arg(1);
  arg->method = TDXCTL_READ_ALL_RDALL + 1;
  EXPECT_EQ(arg.run(host_, GetParam()), -EOPNOTSUPP);
}

INSTANTIATE_TEST_SUITE_P(Commands, EveryElementCommand, testing::Values(TDXCTL_IOC_READ, TDXCTL_IOC_READ_ALL),
                         [](const auto& test) { return test.param == TDXCTL_IOC_READ ? "Read" : "ReadAll"; });

TEST(FindCommand, KnowsNoOtherNumber) {
  for (unsigned int nr = 10; nr < 256; ++nr)
    EXPECT_EQ(tdxctl_find_command(_IO(TDXCTL_IOC_MAGIC, nr)), nullptr) << nr;
  EXPECT_EQ(tdxctl_find_command(_IO(TDXCTL_IOC_MAGIC - 1, 0)), nullptr);
  EXPECT_EQ(tdxctl_find_command(_IOWR(TDXCTL_IOC_MAGIC, 0, struct tdxctl_platform)), nullptr);
}

}  // namespace
}  // namespace tdxctl::test
