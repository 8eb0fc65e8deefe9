// SPDX-License-Identifier: MIT
#include "core/update_apply.h"

#include <gtest/gtest.h>

#include <functional>

#include "core/metadata_read.h"
#include "unit/core/fake_drivers.h"

namespace tdxctl {
namespace {

const std::vector<std::uint8_t> kImage = {1, 2, 3};

class FakeClock : public Clock {
 public:
  Duration now() override { return time_; }
  bool sleep(Duration duration) override {
    time_ += duration;
    return true;
  }
  bool stop_requested() override { return false; }

 private:
  Duration time_{};
};

// Does to the host what the test says an update does.
class UpdatingLoader : public test::FakeLoader {
 public:
  std::function<Result<UpdateAttempt>()> act;
  std::vector<std::uint8_t> got;

  Result<UpdateAttempt> update(UpdateFrom /*from*/, std::span<const std::uint8_t> image,
                               const UpdateWait& /*wait*/) override {
    got.assign(image.begin(), image.end());
    return act();
  }
};

class ApplyUpdate : public testing::Test {
 protected:
  ApplyUpdate() {
    loader_.act = [this] { return succeed(); };
    helper().module_port.release = Version{1, 5, 16};
    helper().module_port.fields[kFeatures0Id] = 0xF;
    helper().loader_port.all->module_ready = true;
    helper().loader_port.all->mrseam.fill(1);
    host_.platform->now.hkids = HkidUse{3, 63};
    goal_.seamhash.fill(2);
  }

  test::FakeDriver& helper() { return *host_.driver.at("helper"); }
  Result<UpdateAttempt> succeed() {
    helper().module_port.release = Version{1, 5, 20};
    helper().module_port.fields[kFeatures0Id] = 0x1F;
    helper().loader_port.all->mrseam.fill(2);
    helper().loader_port.left = 14;
    return UpdateAttempt{UpdateOutcome::new_module, {{"install", std::chrono::milliseconds(5)}}, {}};
  }
  Result<UpdateReport> apply() {
    return apply_update(*host_.drivers, loader_, {UpdateFrom::start, kImage, goal_},
                        {clock_, std::chrono::seconds(10)});
  }
  // The error of an update that succeeds and then does this to the host.
  std::string error_after(const std::function<void()>& spoil) {
    loader_.act = [this, spoil] {
      auto attempt = succeed();
      spoil();
      return attempt;
    };
    const auto report = apply();
    if (!report) return "not begun";
    return report->error ? std::string(error_info(report->error->id).name) : "none";
  }

  test::FakeDrivers host_{"helper"};
  UpdatingLoader loader_;
  UpdateGoal goal_{Version{1, 5, 20}, {}};
  FakeClock clock_;
};

TEST_F(ApplyUpdate, ProvesThatTheNewModuleRuns) {
  const auto report = apply();
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->error);
  EXPECT_EQ(report->attempt.outcome, UpdateOutcome::new_module);
  EXPECT_EQ(report->before.module, (Version{1, 5, 16}));
  EXPECT_EQ(report->after.module, (Version{1, 5, 20}));
  EXPECT_EQ(report->checks.size(), 5u);
  for (const Check& check : report->checks) EXPECT_EQ(check.verdict, Verdict::ok) << check.name();
  EXPECT_EQ(loader_.got, (std::vector<std::uint8_t>{1, 2, 3}));
}

TEST_F(ApplyUpdate, BelievesNoSuccessThatDoesNotShow) {
  auto& driver = helper();
  EXPECT_EQ(error_after([&] { driver.module_port.release = Version{1, 5, 16}; }), "update_wrong_module");
  EXPECT_EQ(error_after([&] { driver.module_port.release = fail(ErrorId::module_state, "gone"); }),
            "update_wrong_module");
}

TEST_F(ApplyUpdate, ComparesTheHash) {
  EXPECT_EQ(error_after([this] { helper().loader_port.all->mrseam.fill(3); }), "update_wrong_mrseam");
}

TEST_F(ApplyUpdate, MissesAFactThatWasThereBefore) {
  EXPECT_EQ(error_after([this] { helper().loader_port.all->module_ready = false; }), "update_wrong_mrseam");
}

TEST_F(ApplyUpdate, ComparesTheFeatures) {
  EXPECT_EQ(error_after([this] { helper().module_port.fields[kFeatures0Id] = 0xE; }), "update_lost_features");
}

TEST_F(ApplyUpdate, AnUpdateThatIsTakenUpIsComparedWithWhatTheHistoryKnows) {
  UpdateRun run{UpdateFrom::init, {}, goal_};
  const auto features_check = [&] {
    const auto report = apply_update(*host_.drivers, loader_, run, {clock_, std::chrono::seconds(10)});
    return report->checks.at(2);
  };
  EXPECT_EQ(features_check().verdict, Verdict::skipped);
  EXPECT_EQ(features_check().evidence, "the features of the old module are not known");
  run.old_features0 = 0xF;
  EXPECT_EQ(features_check().verdict, Verdict::ok);
  run.old_features0 = 0x2F;
  EXPECT_EQ(features_check().verdict, Verdict::bad) << "whatever the module that was loaded showed before";
}

TEST_F(ApplyUpdate, ComparesTheTds) {
  EXPECT_EQ(error_after([this] { host_.platform->now.hkids = HkidUse{0, 63}; }), "update_lost_tds");
}

TEST_F(ApplyUpdate, ATdThatEndsMeanwhileIsNoLoss) {
  EXPECT_EQ(error_after([this] { host_.platform->now.hkids = HkidUse{2, 63}; }), "none");
}

TEST_F(ApplyUpdate, ComparesTheCountOfUpdates) {
  EXPECT_EQ(error_after([this] { helper().loader_port.left = 15; }), "update_not_counted");
}

TEST_F(ApplyUpdate, PassesOnWhatFailed) {
  for (const UpdateOutcome outcome : {UpdateOutcome::old_module, UpdateOutcome::no_module}) {
    loader_.act = [outcome] { return UpdateAttempt{outcome, {}, Error{ErrorId::update_failed, "why"}}; };
    const auto report = apply();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->attempt.outcome, outcome);
    ASSERT_TRUE(report->error);
    EXPECT_EQ(report->error->what, "why");
  }
}

TEST_F(ApplyUpdate, WhatHasOnlyToBeTriedAgainSaysSo) {
  constexpr std::uint64_t kShutdown = 52;
  const std::pair<std::uint64_t, ErrorId> statuses[] = {
      {0x8000051200000000, ErrorId::td_being_built},
      {0x8000020000000080, ErrorId::module_busy},
      {0x8000020200000000, ErrorId::module_busy},
      {0xC000010000000001, ErrorId::update_had_no_effect},
  };
  for (const auto& [status, expected] : statuses) {
    loader_.act = [status = status] {
      Error error{ErrorId::update_had_no_effect, "why"};
      error.seamcall = SeamcallFailure{kShutdown, status};
      return UpdateAttempt{UpdateOutcome::old_module, {}, error};
    };
    EXPECT_EQ(apply()->error->id, expected) << std::hex << status;
  }
  // Nothing of a module that is gone can be had by trying again.
  loader_.act = [] {
    Error error{ErrorId::update_failed, "why"};
    error.seamcall = SeamcallFailure{kShutdown, 0x8000020200000000};
    return UpdateAttempt{UpdateOutcome::no_module, {}, error};
  };
  EXPECT_EQ(apply()->error->id, ErrorId::update_failed);
}

TEST_F(ApplyUpdate, NeverCallsAnUnknownOutcomeASuccess) {
  loader_.act = [] { return UpdateAttempt{}; };
  const auto report = apply();
  ASSERT_TRUE(report && report->error);
  EXPECT_EQ(report->error->id, ErrorId::update_unproven);
}

TEST_F(ApplyUpdate, WhatWasNotBegunIsAnErrorOfItsOwn) {
  loader_.act = [] { return fail(ErrorId::busy, "busy"); };
  const auto report = apply();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().id, ErrorId::busy);
}

}  // namespace
}  // namespace tdxctl
