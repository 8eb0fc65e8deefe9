// SPDX-License-Identifier: MIT
// Reading metadata element by element: READ, and READ_ALL by TDH.SYS.RD.
#include <gtest/gtest.h>

#include <cerrno>

#include "fake_host.h"

namespace tdxctl::test {
namespace {

constexpr u64 kFieldIdIncorrect = 0xC0000C0000000000;
constexpr u64 kFieldSkip = 0x00000C0C00000000;

/// A module with elements 0 to n-1, of value 100 + id.
FakeHost::Seamcall module_of(u64 n) {
  return [n](u64 rax, FakeHost::Regs& regs) -> u64 {
    EXPECT_EQ(rax, kSysRd);
    const u64 id = regs.rdx;
    if (tdx_field_is_null(id)) {
      regs.rdx = n ? 0 : TDX_FIELD_NULL;
      return u64{TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT};
    }
    regs.rdx = id + 1 < n ? id + 1 : TDX_FIELD_NULL;
    regs.r8 = id < n ? 100 + id : 0;
    return id < n ? u64{0} : kFieldIdIncorrect;
  };
}

TEST(Read, AnswersEachElementOnItsOwn) {
  FakeHost host;
  host.seamcall = module_of(3);
  Metadata arg(3);
  arg.field(0).id = 2;
  arg.field(1) = {.id = 50, .value = 1, .status = 1};
  arg.field(2).id = 0;
  ASSERT_EQ(arg.run(host, TDXCTL_IOC_READ), 0);
  EXPECT_EQ(arg.field(0).value, 102U);
  EXPECT_EQ(arg.field(0).status, 0U);
  EXPECT_EQ(arg.field(1).value, 0U);
  EXPECT_EQ(arg.field(1).status, kFieldIdIncorrect);
  EXPECT_EQ(arg.field(2).value, 100U);
  EXPECT_EQ(arg->nr_fields, 3U);
}

TEST(Read, GivesBackNoRegisterThatAFailedCallLeft) {
  FakeHost host;
  host.seamcall = [](u64, FakeHost::Regs& regs) -> u64 {
    regs.r8 = 0xdead;
    return kFieldIdIncorrect;
  };
  Metadata arg(1);
  ASSERT_EQ(arg.run(host, TDXCTL_IOC_READ), 0);
  EXPECT_EQ(arg.field(0).value, 0U);
}

TEST(Read, ReadsNothingWhenAskedForNothing) {
  FakeHost host;
  Metadata arg(0);
  EXPECT_EQ(arg.run(host, TDXCTL_IOC_READ), 0);
  EXPECT_TRUE(host.calls.empty());
}

TEST(Read, LetsTheSchedulerInEverySoOften) {
  FakeHost host;
  host.seamcall = module_of(TDXCTL_METADATA_MAX);
  Metadata arg(TDXCTL_METADATA_MAX);
  for (u32 i = 0; i < TDXCTL_METADATA_MAX; ++i) arg.field(i).id = i;
  ASSERT_EQ(arg.run(host, TDXCTL_IOC_READ), 0);
  EXPECT_EQ(host.calls.size(), static_cast<std::size_t>(TDXCTL_METADATA_MAX));
  EXPECT_LE(host.longest_batch, 64);
  for (u32 i = 0; i < TDXCTL_METADATA_MAX; ++i) ASSERT_EQ(arg.field(i).value, 100 + i);
}

TEST(Read, StopsForASignal) {
  FakeHost host;
  host.seamcall = module_of(1000);
  host.signal_after = 1;
  Metadata arg(1000);
  EXPECT_EQ(arg.run(host, TDXCTL_IOC_READ), -EINTR);
  EXPECT_EQ(host.calls.size(), 128U);
}

TEST(ReadAllByRd, FollowsTheNextIds) {
  FakeHost host;
  host.seamcall = module_of(5);
  Metadata arg(10);
  ASSERT_EQ(arg.run(host, TDXCTL_IOC_READ_ALL), 0);
  EXPECT_EQ(arg->status, 0U);
  EXPECT_EQ(arg->nr_fields, 5U);
  EXPECT_EQ(arg->nr_total, 5U);
  for (u32 i = 0; i < 5; ++i) {
    EXPECT_EQ(arg.field(i).id, i);
    EXPECT_EQ(arg.field(i).value, 100 + i);
  }
  EXPECT_EQ(host.allocated, 0);
}

TEST(ReadAllByRd, CountsWhatThereIsNoRoomFor) {
  FakeHost host;
  host.seamcall = module_of(5);
  Metadata arg(2, 24);
  ASSERT_EQ(arg.run(host, TDXCTL_IOC_READ_ALL), 0);
  EXPECT_EQ(arg->nr_fields, 2U);
  EXPECT_EQ(arg->nr_total, 5U);
  EXPECT_EQ(arg.field(1).value, 101U);
  EXPECT_EQ(arg.field(2).id, 0U) << "written behind the room that the caller gave";
}

TEST(ReadAllByRd, KeepsAnElementThatSucceedsWithARemark) {
  FakeHost host;
  host.seamcall = [](u64, FakeHost::Regs& regs) -> u64 {
    const bool first = tdx_field_is_null(regs.rdx);
    regs.rdx = first ? 7 : TDX_FIELD_NULL;
    return first ? TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT : kFieldSkip;
  };
  Metadata arg(2);
  ASSERT_EQ(arg.run(host, TDXCTL_IOC_READ_ALL), 0);
  EXPECT_EQ(arg->nr_fields, 1U);
  EXPECT_EQ(arg.field(0).status, kFieldSkip);
  EXPECT_EQ(arg->status, 0U);
}

TEST(ReadAllByRd, TakesAModuleWithoutFields) {
  FakeHost host;
  host.seamcall = module_of(0);
  Metadata arg(2);
  ASSERT_EQ(arg.run(host, TDXCTL_IOC_READ_ALL), 0);
  EXPECT_EQ(arg->nr_total, 0U);
  EXPECT_EQ(arg->nr_fields, 0U);
}

TEST(ReadAllByRd, SeesTheEndInANullIdOfAnyContext) {
  FakeHost host;
  host.seamcall = [](u64, FakeHost::Regs& regs) -> u64 {
    const bool first = tdx_field_is_null(regs.rdx);
    regs.rdx = first ? 7 : TDX_FIELD_NULL & ~TDX_FIELD_CONTEXT;
    return first ? TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT : u64{0};
  };
  Metadata arg(4);
  ASSERT_EQ(arg.run(host, TDXCTL_IOC_READ_ALL), 0);
  EXPECT_EQ(arg->nr_total, 1U);
}

TEST(ReadAllByRd, ReportsTheStatusThatEndedIt) {
  FakeHost host;
  host.seamcall = [](u64, FakeHost::Regs&) -> u64 { return TDXCTL_STATUS_VMFAILINVALID; };
  Metadata arg(4);
  ASSERT_EQ(arg.run(host, TDXCTL_IOC_READ_ALL), 0);
  EXPECT_EQ(arg->status, TDXCTL_STATUS_VMFAILINVALID);
  EXPECT_EQ(arg->nr_fields, 0U);
  EXPECT_EQ(host.calls.size(), 1U);
}

TEST(ReadAllByRd, KeepsWhatWasReadBeforeAFailure) {
  FakeHost host;
  auto good = module_of(10);
  host.seamcall = [=](u64 rax, FakeHost::Regs& regs) -> u64 {
    return regs.rdx == 3 ? u64{0xC000050600000000} : good(rax, regs);
  };
  Metadata arg(10);
  ASSERT_EQ(arg.run(host, TDXCTL_IOC_READ_ALL), 0);
  EXPECT_EQ(arg->status, 0xC000050600000000U);
  EXPECT_EQ(arg->nr_fields, 3U);
}

TEST(ReadAllByRd, EndsWhenTheNextIdsGoInACircle) {
  for (u64 step : {u64{0}, u64{1}}) {
    FakeHost host;
    host.seamcall = [=](u64, FakeHost::Regs& regs) -> u64 {
      const bool first = tdx_field_is_null(regs.rdx);
      regs.rdx = first ? 0 : (regs.rdx + step) % 5;
      return first ? TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT : u64{0};
    };
    Metadata arg(4);
    EXPECT_EQ(arg.run(host, TDXCTL_IOC_READ_ALL), -EPROTO);
    EXPECT_EQ(host.calls.size(), TDXCTL_METADATA_MAX + 2U);
  }
}

TEST(ReadAllByRd, TakesAsManyElementsAsTheLimit) {
  FakeHost host;
  host.seamcall = module_of(TDXCTL_METADATA_MAX);
  Metadata arg(TDXCTL_METADATA_MAX);
  ASSERT_EQ(arg.run(host, TDXCTL_IOC_READ_ALL), 0);
  EXPECT_EQ(arg->nr_fields, static_cast<u32>(TDXCTL_METADATA_MAX));
  EXPECT_LE(host.longest_batch, 65) << "one for the first id";
}

TEST(ReadAllByRd, RefusesAFirstAnswerThatMakesNoSense) {
  FakeHost host;
  host.seamcall = [](u64, FakeHost::Regs&) -> u64 { return u64{0}; };
  Metadata arg(4);
  EXPECT_EQ(arg.run(host, TDXCTL_IOC_READ_ALL), -EPROTO);
}

TEST(ReadAllByRd, StopsForASignal) {
  FakeHost host;
  host.seamcall = module_of(1000);
  host.signal_after = 0;
  Metadata arg(1000);
  EXPECT_EQ(arg.run(host, TDXCTL_IOC_READ_ALL), -EINTR);
  EXPECT_EQ(host.calls.size(), 65U);
}

}  // namespace
}  // namespace tdxctl::test
