// SPDX-License-Identifier: MIT
// What the calls of a bring-up took, kept for the next plan.
#include "core/bringup/call_times.h"

#include <gtest/gtest.h>

#include "core/bringup/configure.h"
#include "unit/core/fake_store.h"

namespace tdxctl::bringup {
namespace {

using std::chrono::nanoseconds;

constexpr std::chrono::sys_seconds kAt{std::chrono::seconds{1'795'000'000}};

Plan plan(std::uint64_t key_configs, std::uint64_t in_a_row) {
  Plan plan;
  plan.calls = Calls{.lp_init = 4, .key_config = key_configs, .tdmr_init = 0, .tdmr_init_in_a_row = in_a_row};
  return plan;
}

ConfigureResult brought_up(std::uint64_t pool_pages = 0) {
  ConfigureResult result{
      .plan = {.read = {}, .plan = plan(2, 1000), .driver = "helper", .brought_up = std::nullopt}};
  result.steps = {{"init", nanoseconds{1'000'000}},
                  {"lp-init", nanoseconds{2'000'000}},
                  {"config", nanoseconds{3'000'000}},
                  {"key-config", nanoseconds{20'000'000}},
                  {"tdmr-init", nanoseconds{40'000'000}}};
  if (pool_pages != 0) {
    result.steps.push_back({"ext-mem-add", nanoseconds{500'000}});
    result.steps.push_back({"ext-init", nanoseconds{500'000}});
    result.progress.pool_pages = pool_pages;
  }
  return result;
}

TEST(CallTimes, AreThoseOfOneCall) {
  const auto times = times_of(brought_up(100), kAt);
  ASSERT_TRUE(times);
  EXPECT_EQ(times->once, nanoseconds{6'000'000});
  EXPECT_EQ(times->key_config, nanoseconds{10'000'000});
  EXPECT_EQ(times->tdmr_init, nanoseconds{40'000});
  EXPECT_EQ(times->page, nanoseconds{10'000});
}

TEST(CallTimes, NeedToBeCounted) {
  ConfigureResult result = brought_up();
  result.plan.plan.calls.reset();
  EXPECT_FALSE(times_of(result, kAt));
}

TEST(CallTimes, OutliveTheRun) {
  for (const std::uint64_t pages : {0, 100}) {
    test::FakeStore store;
    EXPECT_EQ(*read_call_times(store), std::nullopt);
    const auto times = *times_of(brought_up(pages), kAt);
    ASSERT_TRUE(write_call_times(store, times));
    EXPECT_EQ(*read_call_times(store), times);
  }
}

TEST(CallTimes, ThatMakeNoSenseAreTold) {
  for (const char* text :
       {"", "{", "[]", R"({"schema":"tdxctl.call-times/1"})", R"({"schema":7})",
        R"({"schema":"tdxctl.call-times/1","at":"noon","dynamic_pamt":false,"once_ns":1,
                               "key_config_ns":1,"tdmr_init_ns":1})",
        R"({"schema":"tdxctl.call-times/1","at":"2026-11-21T13:34:20Z","dynamic_pamt":false,
                               "once_ns":-1,"key_config_ns":1,"tdmr_init_ns":1})"}) {
    test::FakeStore store;
    store.put(kCallTimes, text);
    const auto read = read_call_times(store);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().id, ErrorId::store_damaged);
    EXPECT_FALSE(foretell(plan(1, 1), store).duration);
  }
}

class Foretell : public testing::Test {
 protected:
  void keep(std::uint64_t pool_pages) {
    ASSERT_TRUE(write_call_times(store_, *times_of(brought_up(pool_pages), kAt)));
  }
  test::FakeStore store_;
};

TEST_F(Foretell, NothingWithoutTimes) {
  const Expectation expected = foretell(plan(2, 1000), store_);
  EXPECT_FALSE(expected.duration);
  EXPECT_EQ(expected.reason, "no call of this machine was timed yet");
}

TEST_F(Foretell, TheSameForTheSamePlan) {
  keep(0);
  const Expectation expected = foretell(plan(2, 1000), store_);
  EXPECT_EQ(expected.duration, std::chrono::milliseconds{66});
  EXPECT_EQ(expected.reason, "by the bring-up of 2026-11-18T11:06:40Z");
}

TEST_F(Foretell, MoreForMoreMemoryAndPackages) {
  keep(100);
  Plan larger = plan(4, 10'000);
  larger.extensions = ExtensionPool{.bytes = 200 * kPageBytes, .read = true};
  EXPECT_EQ(foretell(larger, store_).duration, std::chrono::milliseconds{6 + 40 + 400 + 2});
}

TEST_F(Foretell, NothingForCallsOfAnotherKind) {
  keep(0);
  Plan dynamic = plan(2, 1000);
  dynamic.dynamic_pamt = true;
  EXPECT_FALSE(foretell(dynamic, store_).duration);
  Plan extended = plan(2, 1000);
  extended.extensions = ExtensionPool{.bytes = kPageBytes};
  EXPECT_FALSE(foretell(extended, store_).duration);
  Plan uncounted = plan(2, 1000);
  uncounted.calls.reset();
  EXPECT_FALSE(foretell(uncounted, store_).duration);
}

}  // namespace
}  // namespace tdxctl::bringup
