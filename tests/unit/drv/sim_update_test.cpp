// SPDX-License-Identifier: MIT
// What Loader::update says of a simulated machine is what there is afterwards.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "core/image/container.h"
#include "drv/sim/sim_host.h"
#include "drv/uapi/uapi_driver.h"
#include "tools/test_image.h"

namespace tdxctl {
namespace {

constexpr std::uint64_t kSysBusy = 0x8000020200000000;

class NoClock : public Clock {
 public:
  Duration now() override { return {}; }
  bool sleep(Duration /*duration*/) override { return true; }
  bool stop_requested() override { return false; }
};

class SimUpdate : public testing::Test {
 protected:
  SimUpdate() {
    profile_ = seam_test::trusting_profile(*seam_profile_find("sapphire-rapids"));
    profile_.lps = 4;
    newer_ = profile_.module;
    newer_.update++;
  }

  // The update to the next release, its image changed before it is wrapped.
  UpdateAttempt update(const std::function<void(seam_test::TestImage&)>& change = {},
                       const std::string& faults = "") {
    std::size_t at = 0;
    EXPECT_EQ(seam_faults_parse(faults.data(), faults.size(), &faults_, &at), nullptr);
    host_.emplace(profile_, faults_);
    auto made = seam_test::make_image(newer_, profile_);
    if (change) change(made);
    const auto* const sigstruct = reinterpret_cast<const std::uint8_t*>(&made.sigstruct);
    const auto file = image::build_container(
        image::Format::v0x200, {{sigstruct, sizeof made.sigstruct}, {made.image.data(), made.image.size()}});
    EXPECT_TRUE(file) << file.error().what;
    UapiLoader loader(*host_);
    EXPECT_TRUE(loader.can_update());
    before_ = loader.info()->updates_left;
    NoClock clock;
    const auto attempt = loader.update(*file, clock, {});
    EXPECT_TRUE(attempt) << attempt.error().what;
    left_ = loader.info()->updates_left;
    return attempt ? *attempt : UpdateAttempt{};
  }
  Result<Version> version() { return UapiModule(*host_).version(); }

  seam_profile profile_{};
  seam_module_release newer_{};
  seam_faults faults_{};
  std::optional<SimHost> host_;
  std::uint32_t before_ = 0;
  std::uint32_t left_ = 0;
};

TEST_F(SimUpdate, TellsTheNewModuleAndEveryStep) {
  const UpdateAttempt attempt = update();
  EXPECT_EQ(attempt.outcome, UpdateOutcome::new_module);
  EXPECT_FALSE(attempt.error);
  std::string steps;
  for (const UpdateStep& step : attempt.steps) steps += std::string(step.name) + " ";
  EXPECT_EQ(steps, "ask shutdown install init lp-init update ");
  EXPECT_EQ(version()->update, newer_.update);
  EXPECT_EQ(left_ + 1, before_) << "SEAMLDR.INFO is asked anew";
}

TEST_F(SimUpdate, TellsThatTheOldModuleRunsOn) {
  const UpdateAttempt attempt = update({}, "seamcall=52,count=1,status=" + std::to_string(kSysBusy));
  EXPECT_EQ(attempt.outcome, UpdateOutcome::old_module);
  ASSERT_TRUE(attempt.error);
  EXPECT_EQ(attempt.error->id, ErrorId::update_had_no_effect);
  EXPECT_TRUE(attempt.error->seamcall);
  EXPECT_EQ(version()->update, profile_.module.update);
}

TEST_F(SimUpdate, TellsThatNoTdCanRun) {
  for (const bool too_late : {false, true}) {
    const UpdateAttempt attempt = update([&](seam_test::TestImage& image) {
      if (too_late) {
        image.image.back() ^= 1;
      } else {
        image.sigstruct.signature[7] ^= 1;
      }
    });
    EXPECT_EQ(attempt.outcome, UpdateOutcome::no_module);
    ASSERT_TRUE(attempt.error);
    EXPECT_EQ(attempt.error->id, ErrorId::update_failed);
    EXPECT_NE(attempt.error->what.find("at the step install on LP 3"), std::string::npos)
        << attempt.error->what;
    EXPECT_EQ(attempt.error->hint.find("the TDs are lost") != std::string::npos, too_late);
    EXPECT_EQ(attempt.steps.size(), 2u);
    EXPECT_FALSE(version());
  }
}

}  // namespace
}  // namespace tdxctl
