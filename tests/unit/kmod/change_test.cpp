// SPDX-License-Identifier: MIT
// Changes of state: one at a time, by one open file until it is closed.
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <latch>
#include <thread>
#include <vector>

#include "fake_host.h"

namespace tdxctl::test {
namespace {

constexpr char kFirst[] = "first";
constexpr char kSecond[] = "second";

class Change : public testing::Test {
 protected:
  int disable(const char* file) {
    struct tdxctl_disable arg {};
    return host_.run(TDXCTL_IOC_DISABLE, arg, file);
  }

  FakeHost host_;
};

TEST_F(Change, IsReservedForTheFirstFileUntilItIsClosed) {
  EXPECT_EQ(disable(kFirst), 0);
  EXPECT_EQ(disable(kSecond), -EBUSY);
  EXPECT_EQ(host_.calls.size(), 1U) << "a refused command calls nothing";
  EXPECT_EQ(disable(kFirst), 0);
  tdxctl_close(host_.get(), kFirst);
  EXPECT_EQ(disable(kSecond), 0);
  EXPECT_EQ(disable(kFirst), -EBUSY);
}

TEST_F(Change, IsNotFreedByTheCloseOfAnotherFile) {
  EXPECT_EQ(disable(kFirst), 0);
  tdxctl_close(host_.get(), kSecond);
  EXPECT_EQ(disable(kSecond), -EBUSY);
}

TEST_F(Change, IsMadeOnceAtATimeByTheSameFileToo) {
  int inside = 0;
  host_.seamcall = [&](u64, FakeHost::Regs&) -> u64 {
    inside = tdxctl_begin_change(host_.get(), kFirst);
    return u64{0};
  };
  EXPECT_EQ(disable(kFirst), 0);
  EXPECT_EQ(inside, -EBUSY);
  EXPECT_EQ(disable(kFirst), 0) << "and then it is free again";
}

TEST_F(Change, DoesNotKeepReadersOut) {
  EXPECT_EQ(disable(kFirst), 0);
  struct tdxctl_module_state state {};
  EXPECT_EQ(host_.run(TDXCTL_IOC_MODULE_STATE, state, kSecond), 0);
}

TEST_F(Change, IsReservedByNoCommandThatWasRefused) {
  struct tdxctl_disable arg {};
  arg.flags = 1;
  EXPECT_EQ(host_.run(TDXCTL_IOC_DISABLE, arg, kFirst), -EOPNOTSUPP);
  EXPECT_EQ(disable(kSecond), 0);
}

TEST_F(Change, IsReservedForOneOfManyThatComeAtOnce) {
  for (int round = 0; round < 200; ++round) {
    FakeHost host;
    const char files[4] = {};
    std::atomic<int> won{0}, busy{0};
    std::latch start(4);
    std::vector<std::thread> threads;
    for (const char& file : files) {
      threads.emplace_back([&] {
        start.arrive_and_wait();
        ++(tdxctl_begin_change(host.get(), &file) == 0 ? won : busy);
      });
    }
    for (auto& thread : threads) thread.join();
    ASSERT_EQ(won, 1);
    ASSERT_EQ(busy, 3);
  }
}

}  // namespace
}  // namespace tdxctl::test
