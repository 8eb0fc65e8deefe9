// SPDX-License-Identifier: MIT
// Updating a simulated machine by the helper's logic: what it says that there is afterwards is what there is.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "drv/sim/sim_host.h"
#include "drv/uapi/uapi_driver.h"
#include "tools/test_image.h"

namespace tdxctl {
namespace {

constexpr std::uint64_t kBadSignature = 0x8000000000020000;
constexpr std::uint64_t kBadHash = 0x8000000000020001;
constexpr std::uint64_t kBadCall = 0x8000000000000003;
constexpr std::uint64_t kCompatSensitive = 0x8000051200000000;

class SimApply : public testing::Test {
 protected:
  SimApply() {
    profile_ = seam_test::trusting_profile(*seam_profile_find("sapphire-rapids"));
    profile_.lps = 4;
    profile_.population = {.tds = 2, .building = 0, .migrations = 0, .reserved = 0, .private_pages = 100};
    newer_ = profile_.module;
    newer_.update++;
  }

  void inject(const std::string& text) {
    std::size_t at = 0;
    ASSERT_EQ(seam_faults_parse(text.data(), text.size(), &faults_, &at), nullptr) << text;
  }
  SimHost& host() {
    if (!host_) host_.emplace(profile_, faults_);
    return *host_;
  }
  int stage(const seam_test::TestImage& image) {
    std::vector<std::uint64_t> words((TDXCTL_STAGE_SIZE_V0 + image.image.size()) / 8);
    auto* arg = reinterpret_cast<struct tdxctl_stage*>(words.data());
    arg->size = static_cast<__u32>(words.size() * 8);
    arg->nr_pages = static_cast<__u32>(image.image.size() / 4096);
    std::memcpy(arg->sigstruct, &image.sigstruct, sizeof image.sigstruct);
    std::memcpy(reinterpret_cast<std::uint8_t*>(arg) + TDXCTL_STAGE_SIZE_V0, image.image.data(),
                image.image.size());
    return host().run(TDXCTL_IOC_STAGE, arg);
  }
  int stage() { return stage(seam_test::make_image(newer_, profile_)); }
  struct tdxctl_apply apply(std::uint32_t first_step = 0) {
    struct tdxctl_apply arg {};
    arg.size = sizeof arg;
    arg.first_step = first_step;
    EXPECT_EQ(host().run(TDXCTL_IOC_APPLY, &arg), 0);
    return arg;
  }
  Version version() { return UapiModule(host()).version().value_or(Version{}); }
  Version old_version() const {
    return {profile_.module.major, profile_.module.minor, profile_.module.update};
  }
  Version new_version() const { return {newer_.major, newer_.minor, newer_.update}; }

  void expect_updated(const struct tdxctl_apply& done) {
    EXPECT_EQ(done.failed_step, 0u + TDXCTL_STEP_NONE);
    EXPECT_EQ(done.status, 0u);
    EXPECT_EQ(done.module, 0u + TDXCTL_MODULE_READY);
    EXPECT_EQ(version(), new_version());
  }

  seam_profile profile_{};
  seam_module_release newer_{};
  seam_faults faults_{};
  std::optional<SimHost> host_;
};

TEST_F(SimApply, ReplacesTheModule) {
  EXPECT_EQ(version(), old_version());
  ASSERT_EQ(stage(), 0);
  EXPECT_EQ(version(), old_version()) << "staging alone changes nothing";
  const struct tdxctl_apply done = apply();
  expect_updated(done);
  EXPECT_EQ(done.replaced, 1u);
  EXPECT_EQ(done.vmcs_lost, 0u);
  EXPECT_EQ(done.shutdown_rcx, profile_.module.module_hv);
}

TEST_F(SimApply, NeedsAnImage) {
  struct tdxctl_apply arg {};
  arg.size = sizeof arg;
  EXPECT_EQ(host().run(TDXCTL_IOC_APPLY, &arg), ENODATA);
  arg.first_step = TDXCTL_STEP_LP_INIT;
  EXPECT_EQ(host().run(TDXCTL_IOC_APPLY, &arg), EOPNOTSUPP);
  EXPECT_EQ(version(), old_version());
}

TEST_F(SimApply, IsRefusedByAModuleThatIsBuildingATd) {
  profile_ = seam_test::trusting_profile(*seam_profile_find("granite-rapids"));
  profile_.lps = 4;
  profile_.population.tds = 2;
  profile_.population.building = 1;
  newer_ = profile_.module;
  newer_.update++;
  ASSERT_EQ(stage(), 0);
  const struct tdxctl_apply refused = apply();
  EXPECT_EQ(refused.failed_step, 0u + TDXCTL_STEP_SHUTDOWN);
  EXPECT_EQ(refused.status & ~0xFFFFFFFFull, kCompatSensitive);
  EXPECT_EQ(refused.shutdown_rcx, profile_.module.module_hv | 1u << 16) << "it has bit 47";
  EXPECT_EQ(refused.module, 0u + TDXCTL_MODULE_READY);
  EXPECT_EQ(refused.replaced, 0u);
  EXPECT_EQ(version(), old_version());
}

TEST_F(SimApply, AnImageThatIsRefusedLeavesTheOldModuleToBeSavedByAnother) {
  auto image = seam_test::make_image(newer_, profile_);
  image.sigstruct.signature[7] ^= 1;
  ASSERT_EQ(stage(image), 0);
  const struct tdxctl_apply failed = apply();
  EXPECT_EQ(failed.failed_step, 0u + TDXCTL_STEP_INSTALL);
  EXPECT_EQ(failed.failed_lp, profile_.lps - 1);
  EXPECT_EQ(failed.status, kBadSignature);
  EXPECT_EQ(failed.module, 0u + TDXCTL_MODULE_SHUT_DOWN);
  EXPECT_EQ(failed.replaced, 0u);
  ASSERT_EQ(stage(), 0);
  expect_updated(apply(TDXCTL_STEP_INSTALL));
}

TEST_F(SimApply, AnImageThatIsRefusedTooLateCostsTheModule) {
  auto image = seam_test::make_image(newer_, profile_);
  image.image.back() ^= 1;
  ASSERT_EQ(stage(image), 0);
  const struct tdxctl_apply failed = apply();
  EXPECT_EQ(failed.failed_step, 0u + TDXCTL_STEP_INSTALL);
  EXPECT_EQ(failed.status, kBadHash);
  EXPECT_EQ(failed.module, 0u + TDXCTL_MODULE_NONE);
  EXPECT_EQ(failed.replaced, 1u);
  ASSERT_EQ(stage(), 0);
  EXPECT_EQ(apply(TDXCTL_STEP_INSTALL).module, 0u + TDXCTL_MODULE_NONE) << "only a load can follow";
}

TEST_F(SimApply, WhereTheModuleIsLostOneCanBeLoaded) {
  auto image = seam_test::make_image(newer_, profile_);
  image.image.back() ^= 1;
  ASSERT_EQ(stage(image), 0);
  ASSERT_EQ(apply().module, 0u + TDXCTL_MODULE_NONE);
  const struct tdxctl_apply again = apply(TDXCTL_STEP_LOAD);
  EXPECT_EQ(again.failed_step, 0u + TDXCTL_STEP_INSTALL) << "the same image is no better";
  EXPECT_EQ(again.module, 0u + TDXCTL_MODULE_NONE);
  ASSERT_EQ(stage(), 0);
  const struct tdxctl_apply loaded = apply(TDXCTL_STEP_LOAD);
  EXPECT_EQ(loaded.failed_step, 0u + TDXCTL_STEP_NONE);
  EXPECT_EQ(loaded.status, 0u);
  EXPECT_EQ(loaded.module, 0u + TDXCTL_MODULE_NOT_READY) << "nothing comes behind it";
  EXPECT_EQ(loaded.replaced, 1u);
  EXPECT_GT(loaded.step_ns[TDXCTL_STEP_INSTALL], 0u);
  EXPECT_EQ(loaded.stopped_ns, loaded.step_ns[TDXCTL_STEP_INSTALL]);
}

TEST_F(SimApply, NothingIsLoadedOverAModule) {
  ASSERT_EQ(stage(), 0);
  struct tdxctl_apply arg {};
  arg.size = sizeof arg;
  arg.first_step = TDXCTL_STEP_LOAD;
  EXPECT_EQ(host().run(TDXCTL_IOC_APPLY, &arg), EALREADY);
  EXPECT_EQ(version(), old_version());
  expect_updated(apply());
}

TEST_F(SimApply, ALoadThatAnLpMissesIsFinishedByTheNext) {
  profile_.boot = SEAM_BOOT_NO_MODULE;
  profile_.population = {};
  for (const int lp : {0, 2, 3}) {
    host_.reset();
    inject("seamldr=1,lp=" + std::to_string(lp) + ",outcome=vmfailinvalid");
    ASSERT_EQ(stage(), 0);
    const struct tdxctl_apply failed = apply(TDXCTL_STEP_LOAD);
    EXPECT_EQ(failed.failed_lp, 0u + lp);
    EXPECT_EQ(failed.module, 0u + TDXCTL_MODULE_NONE);
    EXPECT_EQ(apply(TDXCTL_STEP_LOAD).module, 0u + TDXCTL_MODULE_NOT_READY) << lp;
  }
}

TEST_F(SimApply, AnUpdateAfterALoadIsAnUpdateAgain) {
  profile_.boot = SEAM_BOOT_NO_MODULE;
  profile_.population = {};
  ASSERT_EQ(stage(), 0);
  ASSERT_EQ(apply(TDXCTL_STEP_LOAD).module, 0u + TDXCTL_MODULE_NOT_READY);
  EXPECT_EQ(apply(TDXCTL_STEP_INSTALL).status, 0x8000000000000004u) << "no handoff data: EBADHANDOFF";
}

TEST_F(SimApply, WithoutUpdatesLeftNothingIsReplaced) {
  profile_.seamldr.updates = 1;
  ASSERT_EQ(stage(), 0);
  const struct tdxctl_apply failed = apply();
  EXPECT_EQ(failed.status, kBadCall);
  EXPECT_EQ(failed.failed_lp, profile_.lps - 1);
  EXPECT_EQ(failed.module, 0u + TDXCTL_MODULE_SHUT_DOWN);
}

TEST_F(SimApply, AMachineWithoutAModuleHasNone) {
  profile_.boot = SEAM_BOOT_NO_MODULE;
  profile_.population = {};
  ASSERT_EQ(stage(), 0);
  const struct tdxctl_apply failed = apply();
  EXPECT_EQ(failed.failed_step, 0u + TDXCTL_STEP_SHUTDOWN);
  EXPECT_EQ(failed.status, TDXCTL_STATUS_VMFAILINVALID);
  EXPECT_EQ(failed.module, 0u + TDXCTL_MODULE_NONE);
}

TEST_F(SimApply, StopsTheLpsHardlyLongerThanTheCallsTake) {
  for (const std::uint32_t lps : {4u, 64u, 512u}) {
    host_.reset();
    profile_.lps = lps;
    ASSERT_EQ(stage(), 0);
    const struct tdxctl_apply done = apply();
    ASSERT_EQ(done.module, 0u + TDXCTL_MODULE_READY);
    const auto latency = [&](std::uint16_t leaf, std::uint8_t seamldr) -> std::uint64_t {
      for (std::uint32_t i = 0; i < profile_.nr_latencies; ++i) {
        const seam_latency& row = profile_.latencies[i];
        if (row.leaf == leaf && row.seamldr == seamldr) return row.ns;
      }
      return profile_.default_ns;
    };
    const std::uint64_t pages = 3;
    const std::uint64_t bound = latency(52, 0) + lps * latency(1, 1) + pages * profile_.install_page_ns +
                                latency(33, 0) + latency(35, 0) + latency(53, 0);
    EXPECT_LE(static_cast<double>(done.stopped_ns), 1.05 * static_cast<double>(bound)) << lps;
    std::uint64_t sum = 0;
    for (const std::uint64_t ns : done.step_ns) sum += ns;
    EXPECT_EQ(sum, done.stopped_ns);
    EXPECT_GE(done.step_ns[TDXCTL_STEP_INSTALL], lps * latency(1, 1));
  }
}

struct Fault {
  std::uint32_t step;
  const char* leaf;
  bool each_lp;  ///< the step is made on every LP
};

constexpr Fault kSteps[] = {
    {TDXCTL_STEP_SHUTDOWN, "seamcall=52", false}, {TDXCTL_STEP_SHUTDOWN, "seamcall=34", false},
    {TDXCTL_STEP_INSTALL, "seamldr=1", true},     {TDXCTL_STEP_INIT, "seamcall=33", false},
    {TDXCTL_STEP_LP_INIT, "seamcall=35", true},   {TDXCTL_STEP_UPDATE, "seamcall=53", false},
};

constexpr const char* kAnswers[] = {
    "status=0x8000000000000000",
    "status=0x8000000000000003",
    "status=0x8000000000000004",
    "status=0x8000000000000006",
    "status=0x8000000000010002",
    "status=0x8000000000010003",
    "status=0x8000000000010004",
    "status=0x8000000000020000",
    "status=0x8000000000020001",
    "status=0x8000000000030001",
    "status=0xc000010000000001",
    "status=0x8000020200000000",
    "status=0xc000050200000000",
    "status=0xc000050500000000",
    "status=0xc000050600000000",
    "status=0xc000050800000000",
    "status=0xc000050900000000",
    "status=0xc000050a00000000",
    "status=0x8000051200010000",
    "status=0xffffffffffffffff",
    "outcome=vmfailinvalid",
    "outcome=ud",
    "outcome=gp",
};

class SimApplyFault : public SimApply, public testing::WithParamInterface<Fault> {};

TEST_P(SimApplyFault, CanBeRecoveredFromAsItsAnswerSays) {
  const auto image = seam_test::make_image(newer_, profile_);
  const Fault& fault = GetParam();
  for (const std::uint32_t lp : {0u, 2u, 3u}) {
    if (lp != 0 && !fault.each_lp) continue;
    for (const std::string answer : kAnswers) {
      SCOPED_TRACE(std::string(fault.leaf) + "," + answer + " on LP " + std::to_string(lp));
      host_.reset();
      inject(std::string(fault.leaf) + ",lp=" + std::to_string(lp) + "," + answer);
      ASSERT_EQ(stage(image), 0);
      const struct tdxctl_apply failed = apply();
      ASSERT_EQ(failed.failed_step, fault.step);
      ASSERT_EQ(failed.failed_lp, lp);
      ASSERT_NE(failed.status, 0u);
      switch (fault.step) {
        case TDXCTL_STEP_SHUTDOWN:
          ASSERT_EQ(failed.module, 0u + TDXCTL_MODULE_READY);
          ASSERT_EQ(failed.replaced, 0u);
          ASSERT_EQ(version(), old_version());
          expect_updated(apply());
          break;
        case TDXCTL_STEP_INSTALL:
          // The call was not executed: this LP is missing from the session, which the first LP opens.
          ASSERT_EQ(failed.module, lp == 0 ? 0u + TDXCTL_MODULE_SHUT_DOWN : 0u + TDXCTL_MODULE_UNFINISHED);
          ASSERT_EQ(failed.replaced, 0u);
          expect_updated(apply(TDXCTL_STEP_INSTALL));
          break;
        default:
          ASSERT_EQ(failed.module, 0u + TDXCTL_MODULE_NOT_READY);
          ASSERT_EQ(failed.replaced, 1u);
          expect_updated(apply(TDXCTL_STEP_INIT));
      }
    }
  }
}

std::string name_of(std::uint32_t step) {
  constexpr const char* kNames[] = {"", "Shutdown", "Install", "Init", "LpInit", "Update"};
  return kNames[step];
}

INSTANTIATE_TEST_SUITE_P(Steps, SimApplyFault, testing::ValuesIn(kSteps), [](const auto& test) {
  return name_of(test.param.step) + (test.index == 1 ? "Version" : "");
});

}  // namespace
}  // namespace tdxctl
