// SPDX-License-Identifier: MIT
// Slices of TDH.SYS.DISABLE: how each of them ends, and what it says.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "core/abi/status.h"
#include "fake_host.h"

namespace tdxctl::test {
namespace {

constexpr u64 kMs = 1000000;
constexpr u64 kInterrupted = TDX_INTERRUPTED_RESUMABLE;
constexpr u64 kBusy = TDX_SYS_BUSY;
constexpr u64 kOperandInvalid = 0xC000010000000000;

class DisableCommand : public testing::Test {
 protected:
  DisableCommand() {
    host_.call_ns = 1000;
    host_.seamcall = [this](u64 rax, FakeHost::Regs& regs) -> u64 {
      EXPECT_EQ(rax, kSysDisable);
      EXPECT_EQ(regs.rcx | regs.rdx | regs.r8 | regs.r9 | regs.r10 | regs.r11, 0U)
          << "the leaf has no inputs";
      ++calls_;
      return calls_ < last_call_ ? before_ : last_;
    };
    arg_.slice_ms = TDXCTL_DISABLE_SLICE_MAX_MS;
  }

  /// Calls number 1 to n - 1 answer `before`, all from n on `status`.
  void answer(u64 status, u64 n = 1, u64 before = kInterrupted) {
    last_ = status;
    last_call_ = n;
    before_ = before;
    calls_ = 0;
    host_.trace.clear();
  }
  int run() { return host_.run(TDXCTL_IOC_DISABLE, arg_); }
  /// How often caches were written back, and that it was not before the last call.
  int written_back() {
    const auto count = std::ranges::count(host_.trace, "write back caches");
    EXPECT_EQ(host_.trace.back() == "write back caches", count != 0);
    return static_cast<int>(count);
  }

  FakeHost host_;
  struct tdxctl_disable arg_ {};
  u64 calls_ = 0, last_call_ = 1, before_ = kInterrupted, last_ = 0;
};

TEST_F(DisableCommand, SucceedsAndWritesCachesBack) {
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.finished, 1U);
  EXPECT_EQ(arg_.status, 0U);
  EXPECT_EQ(arg_.calls, 1U);
  EXPECT_EQ(arg_.interrupted, 0U);
  EXPECT_EQ(arg_.busy, 0U);
  EXPECT_EQ(host_.trace, (std::vector<std::string>{"seamcall", "write back caches"}));
}

TEST_F(DisableCommand, GoesOnWhileItIsInterruptedOrBusy) {
  for (const u64 times : {u64{1}, u64{2}, u64{100}, u64{999}, u64{1000}}) {
    answer(0, times + 1, kInterrupted);
    ASSERT_EQ(run(), 0);
    EXPECT_EQ(arg_.finished, 1U);
    EXPECT_EQ(arg_.calls, times + 1);
    EXPECT_EQ(arg_.interrupted, times);
    EXPECT_EQ(arg_.busy, 0U);
    EXPECT_EQ(written_back(), 1);
    EXPECT_EQ(host_.relaxed, 0) << "nobody waits for us when we were interrupted";
  }
  for (u64 times = 1; times <= 1000; ++times) {
    answer(0, times + 1, kBusy);
    host_.relaxed = 0;
    ASSERT_EQ(run(), 0);
    ASSERT_EQ(arg_.finished, 1U);
    ASSERT_EQ(arg_.calls, times + 1);
    ASSERT_EQ(arg_.interrupted, 0U);
    ASSERT_EQ(arg_.busy, times);
    ASSERT_EQ(written_back(), 1);
    ASSERT_EQ(host_.relaxed, static_cast<int>(times));
  }
}

TEST_F(DisableCommand, CountsEachKindOfAnswer) {
  host_.seamcall = [&](u64, FakeHost::Regs&) -> u64 {
    ++calls_;
    return calls_ > 30 ? u64{0} : calls_ % 3 != 0 ? kInterrupted : kBusy;
  };
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.calls, 31U);
  EXPECT_EQ(arg_.interrupted, 20U);
  EXPECT_EQ(arg_.busy, 10U);
}

TEST_F(DisableCommand, PinsTheLpForOneCallOnly) {
  answer(0, 50);
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(host_.longest_batch, 1);
}

TEST_F(DisableCommand, EndsWithTheSlice) {
  for (const u64 status : {kInterrupted, kBusy}) {
    answer(status, UINT64_MAX, status);
    arg_.slice_ms = 5;
    const u64 start = host_.now;
    ASSERT_EQ(run(), 0);
    EXPECT_EQ(arg_.finished, 0U);
    EXPECT_EQ(arg_.status, status);
    EXPECT_EQ(arg_.calls, arg_.interrupted + arg_.busy);
    EXPECT_GE(host_.now - start, 5 * kMs);
    EXPECT_LE(host_.now - start, 5 * kMs + 2000) << "at most one call too many";
    EXPECT_EQ(written_back(), 0);
  }
}

TEST_F(DisableCommand, CallsAtLeastOnce) {
  answer(kInterrupted);
  arg_.slice_ms = 0;
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.finished, 0U);
  EXPECT_EQ(arg_.calls, 1U);
  EXPECT_EQ(arg_.interrupted, 1U);

  answer(0);
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.finished, 1U);
}

TEST_F(DisableCommand, RefusesASliceThatIsTooLong) {
  for (const u32 ms : {u32{TDXCTL_DISABLE_SLICE_MAX_MS} + 1, UINT32_MAX}) {
    arg_.slice_ms = ms;
    EXPECT_EQ(run(), -EINVAL);
  }
  EXPECT_TRUE(host_.calls.empty());
}

TEST_F(DisableCommand, EndsWithASignalAndKeepsTheCounts) {
  answer(kInterrupted);
  host_.signal_after = 3;
  ASSERT_EQ(run(), 0) << "an errno would lose the counts";
  EXPECT_EQ(arg_.finished, 0U);
  EXPECT_EQ(arg_.status, kInterrupted);
  EXPECT_EQ(arg_.calls, 4U);
  EXPECT_EQ(arg_.interrupted, 4U);

  ASSERT_EQ(run(), 0) << "it is still pending";
  EXPECT_EQ(arg_.calls, 1U);
}

TEST_F(DisableCommand, IsFinishedWhenASignalComesWithTheAnswer) {
  answer(0, 4);
  host_.signal_after = 3;
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.finished, 1U);
  EXPECT_EQ(arg_.calls, 4U);
  EXPECT_EQ(written_back(), 1);
}

TEST_F(DisableCommand, CountsEachSliceByItself) {
  answer(0, 6);
  arg_.slice_ms = 0;
  for (int slice = 0; slice < 5; ++slice) {
    ASSERT_EQ(run(), 0);
    ASSERT_EQ(arg_.calls, 1U);
    ASSERT_EQ(arg_.interrupted, 1U);
    ASSERT_EQ(arg_.finished, 0U);
  }
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.finished, 1U);
  EXPECT_EQ(arg_.interrupted, 0U);
}

TEST_F(DisableCommand, BelievesNoResultOfTheCaller) {
  arg_.finished = 7;
  arg_.status = arg_.calls = arg_.interrupted = arg_.busy = 99;
  answer(kBusy);
  arg_.slice_ms = 0;
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.finished, 0U);
  EXPECT_EQ(arg_.calls, 1U);
  EXPECT_EQ(arg_.interrupted, 0U);
  EXPECT_EQ(arg_.busy, 1U);
}

TEST_F(DisableCommand, RepeatsACallWithoutEntropyAndCountsItOnce) {
  host_.seamcall = [&](u64, FakeHost::Regs&) -> u64 { return ++calls_ < 4 ? TDX_RND_NO_ENTROPY : u64{0}; };
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.finished, 1U);
  EXPECT_EQ(arg_.status, 0U);
  EXPECT_EQ(arg_.calls, 1U);
  EXPECT_EQ(host_.calls.size(), 4U);

  answer(TDX_RND_NO_ENTROPY);
  host_.calls.clear();
  host_.seamcall = [](u64, FakeHost::Regs&) -> u64 { return TDX_RND_NO_ENTROPY; };
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.finished, 1U);
  EXPECT_EQ(arg_.status, TDX_RND_NO_ENTROPY);
  EXPECT_EQ(host_.calls.size(), 10U);
  EXPECT_EQ(written_back(), 0);
}

/// Every status that ends a slice: all of the module's but the three that have the call repeated, all that
/// stand for a failed instruction, and some that nobody gave a name.
std::vector<u64> final_statuses() {
  std::vector<u64> statuses = {0, kOperandInvalid | 184, kInterrupted & ~TDX_STATUS_ERROR, UINT64_MAX};
  for (const auto party : {abi::Interface::tdx_module, abi::Interface::software}) {
    for (const auto& row : abi::status_codes(party)) {
      const bool repeated =
          row.value == kInterrupted || row.value == kBusy || row.value == TDX_RND_NO_ENTROPY;
      if (!repeated) statuses.push_back(row.value);
    }
  }
  return statuses;
}

TEST_F(DisableCommand, PassesOnEachOtherStatusAtOnceAndUnchanged) {
  const auto statuses = final_statuses();
  EXPECT_GT(statuses.size(), 100U);
  for (const u64 status : statuses) {
    for (const u64 nth : {u64{1}, u64{2}, u64{100}}) {
      SCOPED_TRACE(testing::Message() << std::hex << status << " as answer " << std::dec << nth);
      answer(status, nth);
      ASSERT_EQ(run(), 0);
      EXPECT_EQ(arg_.finished, 1U);
      EXPECT_EQ(arg_.status, status);
      EXPECT_EQ(arg_.calls, nth);
      EXPECT_EQ(calls_, nth);
      EXPECT_EQ(arg_.interrupted, nth - 1);
      EXPECT_EQ(written_back(), status >> 63 == 0 ? 1 : 0);
    }
  }
}

TEST_F(DisableCommand, RecognisesInterruptedAndBusyWhateverTheDetails) {
  for (const u64 status : {kInterrupted | 5, kBusy | 184}) {
    answer(0, 3, status);
    ASSERT_EQ(run(), 0);
    EXPECT_EQ(arg_.status, 0U);
    EXPECT_EQ(arg_.interrupted + arg_.busy, 2U);
  }
}

class DisableOnKexec : public DisableCommand {
 protected:
  int run() { return tdxctl_disable_on_kexec(host_.get(), &arg_); }
};

TEST_F(DisableOnKexec, RunsToTheEndWhateverSignalsArePending) {
  host_.signal_after = 0;
  answer(0, 5000);
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.finished, 1U);
  EXPECT_EQ(arg_.status, 0U);
  EXPECT_EQ(arg_.calls, 5000U);
  EXPECT_EQ(arg_.interrupted, 4999U);
  EXPECT_EQ(written_back(), 1);
}

TEST_F(DisableOnKexec, GivesUpAfterAMinute) {
  for (const int signal_after : {-1, 0}) {
    host_.signal_after = signal_after;
    host_.call_ns = kMs;
    host_.now = 77 * kMs;
    answer(kBusy, UINT64_MAX, kBusy);
    ASSERT_EQ(run(), 0);
    EXPECT_EQ(arg_.finished, 0U);
    EXPECT_EQ(arg_.status, kBusy);
    EXPECT_GE(host_.now, (60000 + 77) * kMs);
    EXPECT_LE(host_.now, (60000 + 79) * kMs);
    EXPECT_EQ(written_back(), 0);
  }
}

TEST_F(DisableOnKexec, SaysWhatTheModuleSaid) {
  answer(TDX_SYS_NOT_READY);
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.finished, 1U);
  EXPECT_EQ(arg_.status, TDX_SYS_NOT_READY);
  EXPECT_EQ(written_back(), 0);
}

TEST_F(DisableOnKexec, DoesNotInterfereWithAnotherChange) {
  ASSERT_EQ(tdxctl_begin_change(host_.get(), "a file"), 0);
  EXPECT_EQ(run(), -EBUSY);
  EXPECT_TRUE(host_.calls.empty());
  tdxctl_end_change(host_.get());
  EXPECT_EQ(run(), -EBUSY) << "still reserved";
  tdxctl_close(host_.get(), "a file");
}

TEST_F(DisableOnKexec, ReservesNothing) {
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(tdxctl_begin_change(host_.get(), "a file"), 0);
}

}  // namespace
}  // namespace tdxctl::test
