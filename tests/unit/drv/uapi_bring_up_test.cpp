// SPDX-License-Identifier: MIT
// INIT and CONFIGURE as core's port, over a transport that answers what the test says.
#include <gtest/gtest.h>

#include <cerrno>
#include <functional>

#include "core/abi/features.h"
#include "drv/uapi/uapi_driver.h"
#include "kmod/uapi/tdxctl.h"

namespace tdxctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::uint64_t kConnect = 1ull << abi::kFeatureConnect;
constexpr std::uint64_t kDynamicPamt = 1ull << abi::kFeatureDynamicPamt;
constexpr std::uint64_t kStatus = 0xC0000F0000000000;

class ScriptedTransport : public Transport {
 public:
  int error = 0;
  unsigned int command = 0;
  int start_overs = 0;
  std::function<void(void* argument)> answer = [](void*) {};

  int run(unsigned int asked, void* argument) override {
    command = asked;
    if (error == 0) answer(argument);
    return error;
  }
  int start_over() override {
    ++start_overs;
    return error;
  }
};

class UapiBringUp : public testing::Test {
 protected:
  void answer_platform(std::uint64_t capabilities, std::uint32_t brought_up = 0, std::uint32_t options = 0,
                       std::uint64_t features = 0) {
    transport_.answer = [=](void* argument) {
      auto* platform = static_cast<tdxctl_platform*>(argument);
      EXPECT_EQ(platform->size, sizeof *platform);
      platform->capabilities = capabilities;
      platform->brought_up = brought_up;
      platform->options = options;
      platform->features = features;
    };
  }
  template <class Argument>
  void answer_with(std::function<void(Argument& argument)> fill) {
    transport_.answer = [fill](void* argument) { fill(*static_cast<Argument*>(argument)); };
  }
  Result<BringUpSlice> configure(const BringUpOrder& order, milliseconds limit = milliseconds{50}) {
    return module_.configure_slice(order, limit);
  }

  ScriptedTransport transport_;
  UapiModule module_{transport_};
  const BringUpOrder order_{.tdmrs = {{0, 2, 1}, {4, 126, 1}},
                            .config_version = 1,
                            .dynamic_pamt = true,
                            .features = kConnect,
                            .wall_clock_s = 1'800'000'000};
};

TEST_F(UapiBringUp, AHelperSaysWhetherItCan) {
  answer_platform(TDXCTL_CAP_METADATA);
  ASSERT_FALSE(module_.can_bring_up());
  EXPECT_EQ(module_.can_bring_up().error().id, ErrorId::helper_mismatch);
  answer_platform(TDXCTL_CAP_BRING_UP);
  EXPECT_TRUE(module_.can_bring_up());
  transport_.error = EPERM;
  EXPECT_EQ(module_.can_bring_up().error().id, ErrorId::not_permitted);
}

TEST_F(UapiBringUp, AHelperSaysWithWhatItDid) {
  answer_platform(TDXCTL_CAP_BRING_UP, 0, TDXCTL_CONFIGURE_DYNAMIC_PAMT, kConnect);
  EXPECT_EQ(*module_.brought_up(), std::nullopt);
  answer_platform(TDXCTL_CAP_BRING_UP, 1);
  EXPECT_EQ(*module_.brought_up(), 0u);
  answer_platform(TDXCTL_CAP_BRING_UP, 1, TDXCTL_CONFIGURE_DYNAMIC_PAMT, kConnect);
  EXPECT_EQ(*module_.brought_up(), kConnect | kDynamicPamt);
  answer_platform(TDXCTL_CAP_BRING_UP, 2);
  EXPECT_EQ(module_.brought_up().error().id, ErrorId::busy);
}

TEST_F(UapiBringUp, InitialisesAndTellsHowLong) {
  answer_with<tdxctl_init>([](tdxctl_init& argument) {
    EXPECT_EQ(argument.size, sizeof argument);
    argument.init_ns = 11;
    argument.lp_init_ns = 22;
  });
  const auto outcome = module_.initialise();
  EXPECT_EQ(transport_.command, 0u + TDXCTL_IOC_INIT);
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->failure);
  EXPECT_EQ(outcome->init, nanoseconds{11});
  EXPECT_EQ(outcome->lp_init, nanoseconds{22});
}

TEST_F(UapiBringUp, AnLpThatFailsIsAnOutcome) {
  answer_with<tdxctl_init>([](tdxctl_init& argument) {
    argument.failed_step = TDXCTL_BRING_UP_LP_INIT;
    argument.failed_lp = 7;
    argument.status = kStatus;
  });
  const auto outcome = module_.initialise();
  ASSERT_TRUE(outcome && outcome->failure);
  EXPECT_EQ(outcome->failure->step, BringUpStep::lp_init);
  EXPECT_EQ(outcome->failure->at, 7u);
  EXPECT_EQ(outcome->failure->status, kStatus);
}

TEST_F(UapiBringUp, PassesTheOrderOn) {
  answer_with<tdxctl_configure>([](tdxctl_configure& argument) {
    EXPECT_EQ(argument.size, sizeof argument + 2 * sizeof(tdxctl_tdmr));
    EXPECT_EQ(argument.nr_tdmrs, 2u);
    EXPECT_EQ(argument.slice_ms, 50u);
    EXPECT_EQ(argument.config_version, 1u);
    EXPECT_EQ(argument.options, 0u + TDXCTL_CONFIGURE_DYNAMIC_PAMT);
    EXPECT_EQ(argument.features, kConnect);
    EXPECT_EQ(argument.wall_clock_s, 1'800'000'000u);
    EXPECT_EQ(argument.tdmrs[0].first_gib, 0u);
    EXPECT_EQ(argument.tdmrs[1].first_gib, 4u);
    EXPECT_EQ(argument.tdmrs[1].nr_gib, 126u);
    EXPECT_EQ(argument.tdmrs[0].pamt_tdmr, 1u);
    argument.step = TDXCTL_BRING_UP_TDMR_INIT;
    argument.tdmrs[1].initialised_gib = 9;
    argument.pool_pages = 3;
    argument.pamt_bytes = 8192;
    argument.ns = 44;
  });
  const auto slice = configure(order_);
  EXPECT_EQ(transport_.command, 0u + TDXCTL_IOC_CONFIGURE);
  ASSERT_TRUE(slice);
  EXPECT_FALSE(slice->finished);
  EXPECT_FALSE(slice->failure);
  EXPECT_EQ(slice->step, BringUpStep::tdmr_init);
  EXPECT_EQ(slice->initialised_gibs, (std::vector<std::uint32_t>{0, 9}));
  EXPECT_EQ(slice->pool_pages, 3u);
  EXPECT_EQ(slice->pamt_bytes, 8192u);
  EXPECT_EQ(slice->took, nanoseconds{44});
}

TEST_F(UapiBringUp, KeepsWithinTheSlicesThatTheHelperTakes) {
  answer_with<tdxctl_configure>([](tdxctl_configure& argument) {
    EXPECT_EQ(argument.slice_ms, 0u + TDXCTL_CONFIGURE_SLICE_MAX_MS);
    argument.step = TDXCTL_BRING_UP_CONFIG;
  });
  EXPECT_TRUE(configure(order_, std::chrono::hours{1}));
}

TEST_F(UapiBringUp, AStepThatFailsIsAnOutcome) {
  answer_with<tdxctl_configure>([](tdxctl_configure& argument) {
    argument.finished = 1;
    argument.failed = 1;
    argument.step = TDXCTL_BRING_UP_EXT_INIT;
    argument.failed_at = 5;
    argument.status = kStatus;
    argument.disable_status = kStatus + 1;
  });
  const auto slice = configure(order_);
  ASSERT_TRUE(slice && slice->failure);
  EXPECT_TRUE(slice->finished);
  EXPECT_EQ(slice->failure->step, BringUpStep::ext_init);
  EXPECT_EQ(slice->failure->at, 5u);
  EXPECT_EQ(slice->failure->status, kStatus);
  EXPECT_EQ(slice->failure->disable_status, kStatus + 1);
}

TEST_F(UapiBringUp, KnowsEveryStepOfTheHeader) {
  for (std::uint32_t step = TDXCTL_BRING_UP_INIT; step <= TDXCTL_BRING_UP_QUOTE_INIT; ++step) {
    answer_with<tdxctl_configure>([=](tdxctl_configure& argument) { argument.step = step; });
    const auto slice = configure(order_);
    ASSERT_TRUE(slice);
    EXPECT_EQ(static_cast<std::uint32_t>(slice->step) + TDXCTL_BRING_UP_INIT, step);
    EXPECT_FALSE(to_string(slice->step).empty());
  }
  for (const std::uint32_t step : {TDXCTL_BRING_UP_NONE + 0u, TDXCTL_BRING_UP_QUOTE_INIT + 1u}) {
    answer_with<tdxctl_configure>([=](tdxctl_configure& argument) { argument.step = step; });
    ASSERT_FALSE(configure(order_));
    EXPECT_EQ(configure(order_).error().id, ErrorId::helper_mismatch);
  }
}

TEST_F(UapiBringUp, RefusesWhatTheHelperWouldNotTake) {
  for (const std::size_t tdmrs : {std::size_t{0}, std::size_t{TDXCTL_TDMRS_MAX + 1}}) {
    const auto slice = configure({.tdmrs = std::vector<BringUpTdmr>(tdmrs)});
    ASSERT_FALSE(slice);
    EXPECT_EQ(slice.error().id, ErrorId::tdmr_limit);
  }
  EXPECT_EQ(transport_.command, 0u);
}

TEST_F(UapiBringUp, EachErrnoIsACauseOfItsOwn) {
  const std::pair<int, ErrorId> causes[] = {
      {ENOSPC, ErrorId::no_pamt_memory},
      {ERANGE, ErrorId::memory_map_differs},
      {EALREADY, ErrorId::module_not_pending},
      {ENODEV, ErrorId::too_few_keyids},
      {EAGAIN, ErrorId::busy},
      {EBUSY, ErrorId::busy},
      {ENOMEM, ErrorId::helper_failed},
      {EPERM, ErrorId::not_permitted},
  };
  for (const auto& [number, id] : causes) {
    transport_.error = number;
    ASSERT_FALSE(configure(order_));
    EXPECT_EQ(configure(order_).error().id, id) << number;
    EXPECT_EQ(module_.initialise().error().id, id) << number;
  }
}

TEST_F(UapiBringUp, IsTakenBackByStartingOver) {
  EXPECT_TRUE(module_.give_up());
  EXPECT_EQ(transport_.start_overs, 1);
  transport_.error = EACCES;
  EXPECT_EQ(module_.give_up().error().id, ErrorId::not_permitted);
}

}  // namespace
}  // namespace tdxctl
