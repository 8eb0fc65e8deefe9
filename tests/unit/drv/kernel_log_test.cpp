// SPDX-License-Identifier: MIT
#include "drv/native/kernel_log.h"

#include <gtest/gtest.h>

#include <fstream>

#include "recorded_tree.h"

namespace tdxctl {
namespace {

constexpr const char* kLog = "/dev/kmsg";
constexpr const char* kEarlier = "3,811,5000,-;virt/tdx: SEAMCALL (0x34) failed: 0x8000020200000000\n";

class Log : public testing::Test {
 protected:
  Log() { tree_.write(kLog, kEarlier); }
  /// What is read from the log once it has this too.
  std::optional<SeamcallFailure> failure_in(const std::string& records) {
    KernelLog log(tree_.root());
    std::ofstream(tree_.locate(kLog), std::ios::app) << records;
    return log.failed_update_call();
  }

  test::RecordedTree tree_;
};

TEST_F(Log, TellsTheFirstCallThatFailed) {
  const auto failure = failure_in(
      "6,812,6000,-;some other line 0x13\n"
      "3,813,6001,-;virt/tdx: SEAMCALL (0x8000000000000001) failed: 0x8000000000020001\n"
      " SUBSYSTEM=tdx\n"
      "3,814,6002,-;virt/tdx: SEAMCALL (0x33) failed: 0xc000050000000000\n");
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->rax_in, 0x8000000000000001u);
  EXPECT_EQ(failure->status, 0x8000000000020001u);
}

TEST_F(Log, WhatWasThereBeforeDoesNotCount) { EXPECT_FALSE(failure_in("")); }

TEST_F(Log, CallsOfKvmDoNotCount) {
  EXPECT_FALSE(failure_in("3,812,6000,-;kvm_intel: SEAMCALL (0x9) failed: 0x8000020000000001\n"));
}

TEST_F(Log, ALineThatIsCutOffTellsNothing) {
  EXPECT_FALSE(failure_in("3,812,6000,-;virt/tdx: SEAMCALL (0x34) failed: \n0xc000010000000000\n"));
}

TEST_F(Log, WithoutALogNothingIsKnown) {
  tree_.remove(kLog);
  KernelLog log(tree_.root());
  EXPECT_FALSE(log.failed_update_call());
}

}  // namespace
}  // namespace tdxctl
