// SPDX-License-Identifier: MIT
// Core's bring-up over the helper's logic and the modelled module, as `connect configure` does it.
#include <gtest/gtest.h>

#include <memory>

#include "core/abi/features.h"
#include "core/bringup/configure.h"
#include "drv/sim/sim_driver.h"
#include "unit/core/fake_clock.h"
#include "unit/core/fake_store.h"

namespace tdxctl {
namespace {

constexpr std::uint64_t kConnect = 1ull << abi::kFeatureConnect;

class NoWatcher : public bringup::ConfigureWatcher {
 public:
  void on_progress(const bringup::ConfigureProgress& /*progress*/) override {}
};

class SimConfigure : public testing::Test {
 protected:
  SimConfigure() : profile_(*seam_profile_find("connect-preview")) {
    options_.now = std::chrono::sys_seconds{std::chrono::seconds{1'800'000'000}};
    options_.request.features = kConnect;
  }

  Drivers& drivers() {
    if (!drivers_) {
      auto host = std::make_shared<SimHost>(profile_, seam_faults{});
      std::vector<std::unique_ptr<Driver>> all;
      all.push_back(std::make_unique<SimDriver>(host));
      drivers_ = std::make_unique<Drivers>(std::make_unique<SimPlatform>(host), std::move(all));
    }
    return *drivers_;
  }
  bringup::ConfigureResult configure() {
    NoWatcher watcher;
    auto result = bringup::configure(drivers(), store_, options_, clock_, watcher);
    if (!result) throw std::runtime_error(result.error().what);
    return std::move(*result);
  }

  seam_profile profile_;
  bringup::ConfigureOptions options_{};
  test::FakeStore store_;
  test::FakeClock clock_;
  std::unique_ptr<Drivers> drivers_;
};

TEST_F(SimConfigure, AReleasedModuleNeedsNoTime) {
  for (const auto policy : {SEAM_WALL_CLOCK_IGNORED, SEAM_WALL_CLOCK_ZERO_DISABLES}) {
    drivers_.reset();
    profile_.module.wall_clock_policy = static_cast<u8>(policy);
    const auto result = configure();
    EXPECT_FALSE(result.error) << result.error->what;
  }
}

TEST_F(SimConfigure, AModuleThatRefusesZeroIsRecognisedAndTakesTheTime) {
  profile_.module.wall_clock_policy = SEAM_WALL_CLOCK_REJECT_ZERO;
  const auto refused = configure();
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->id, ErrorId::wall_clock_refused);
  EXPECT_NE(refused.error->hint_text().find("--wall-clock now"), std::string_view::npos);
  options_.request.wall_clock = bringup::WallClock::now;
  const auto taken = configure();
  EXPECT_FALSE(taken.error) << taken.error->what;
}

TEST_F(SimConfigure, ASignalHalfWayIsTakenBackByTheHelper) {
  clock_.signal_after = 5;
  const auto interrupted = configure();
  ASSERT_TRUE(interrupted.error);
  EXPECT_EQ(interrupted.error->id, ErrorId::bring_up_interrupted) << interrupted.error->what;
  EXPECT_EQ(interrupted.state_after, ModuleState::not_initialised);
  clock_ = {};
  EXPECT_FALSE(configure().error) << "all memory is there again";
}

TEST_F(SimConfigure, NoSignalLeavesAModuleWithoutKeys) {
  for (int looks = 0; looks < 10; ++looks) {
    drivers_.reset();
    clock_ = {};
    clock_.signal_after = looks;
    const auto interrupted = configure();
    ASSERT_TRUE(interrupted.error);
    EXPECT_EQ(interrupted.error->id, looks == 0 ? ErrorId::interrupted : ErrorId::bring_up_interrupted)
        << interrupted.error->what;
    clock_ = {};
    EXPECT_FALSE(configure().error) << looks;
  }
}

}  // namespace
}  // namespace tdxctl
