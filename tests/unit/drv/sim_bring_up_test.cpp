// SPDX-License-Identifier: MIT
// Bringing a simulated machine up by the helper's logic: what it says that there is afterwards is what there
// is.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/abi/features.h"
#include "core/abi/status.h"
#include "core/bringup/plan.h"
#include "drv/sim/sim_host.h"
#include "drv/uapi/uapi_driver.h"
#include "tools/test_image.h"

namespace tdxctl {
namespace {

constexpr std::uint64_t kGib = 1ull << 30;
constexpr std::uint64_t kConnect = 1ull << abi::kFeatureConnect;
constexpr std::uint64_t kQuote = 1ull << abi::kFeatureQuote;
constexpr std::uint64_t kError = 1ull << 63;
constexpr std::uint64_t kExtPoolPages = 0x3100000200000000, kExtRequired = 0x3100000000000001;
constexpr std::uint64_t kConfigNotPending = 0xC000050C00000000, kLpInitNotPending = 0xC000050B00000000;
constexpr std::uint64_t kInitNotPending = 0xC000050000000000, kLpInitDone = 0xC000050300000000;

using ConfigureArg = struct tdxctl_configure;

class SimBringUp : public testing::Test {
 protected:
  SimBringUp() {
    profile_ = *seam_profile_find("connect-preview");
    profile_.lps = 4;
    profile_.module.ext_pages_per_feature = 600;
    set_memory({{1ull << 20, (3ull << 29) - (1ull << 20)}, {4 * kGib, kGib}});
  }

  void set_memory(const std::vector<seam_range>& memory) {
    profile_.nr_memory = profile_.nr_cmrs = static_cast<std::uint32_t>(memory.size());
    std::ranges::fill(profile_.memory, seam_range{});
    std::ranges::fill(profile_.cmrs, seam_range{});
    std::ranges::copy(memory, profile_.memory);
    std::ranges::copy(memory, profile_.cmrs);
  }
  void inject(const std::string& text) {
    std::size_t at = 0;
    ASSERT_EQ(seam_faults_parse(text.data(), text.size(), &faults_, &at), nullptr) << text;
  }
  SimHost& host() {
    if (!host_) host_.emplace(profile_, faults_);
    return *host_;
  }

  struct tdxctl_init init() {
    struct tdxctl_init arg {};
    arg.size = sizeof arg;
    EXPECT_EQ(host().run(TDXCTL_IOC_INIT, &arg), 0);
    return arg;
  }
  /// TDMRs as the planner makes them.
  std::vector<struct tdxctl_tdmr> plan(std::uint64_t features) {
    bringup::Machine machine;
    for (std::uint32_t i = 0; i < profile_.nr_memory; ++i)
      machine.memory.push_back({profile_.memory[i].base, profile_.memory[i].size, std::nullopt});
    const auto planned = bringup::make_plan(machine, {.features = features});
    std::vector<struct tdxctl_tdmr> tdmrs;
    for (const bringup::PlannedTdmr& tdmr : planned->tdmrs) {
      tdmrs.push_back({static_cast<__u32>(tdmr.range.base / kGib),
                       static_cast<__u32>(tdmr.range.bytes / kGib), static_cast<__u32>(*tdmr.pamt.home), 0});
    }
    return tdmrs;
  }
  /// Configures in slices to the end. Nanoseconds of each step are in took_.
  ConfigureArg configure(std::uint64_t features = 0) { return configure(plan(features), features, 10); }
  ConfigureArg configure(const std::vector<struct tdxctl_tdmr>& tdmrs, std::uint64_t features,
                         std::uint32_t slice_ms) {
    std::vector<std::uint64_t> words((sizeof(ConfigureArg) + tdmrs.size() * sizeof tdmrs[0]) / 8);
    auto* const arg = reinterpret_cast<ConfigureArg*>(words.data());
    arg->size = static_cast<__u32>(words.size() * 8);
    arg->nr_tdmrs = static_cast<__u32>(tdmrs.size());
    std::memcpy(words.data() + sizeof(ConfigureArg) / 8, tdmrs.data(), tdmrs.size() * sizeof tdmrs[0]);
    arg->slice_ms = slice_ms;
    arg->config_version = features != 0;
    arg->features = features;
    took_.clear();
    do {
      error_ = host().run(TDXCTL_IOC_CONFIGURE, arg);
      took_[arg->step] += arg->ns;
    } while (error_ == 0 && arg->finished == 0);
    return *arg;
  }
  ModuleState state() { return UapiModule(host()).state().value_or(ModuleState::not_loaded); }
  std::uint64_t read(std::uint64_t id) {
    const auto answers = UapiModule(host()).read({{id}});
    return answers && (answers->at(0).status & kError) == 0 ? answers->at(0).value : ~0ull;
  }

  void expect_up(const ConfigureArg& done, std::uint64_t features) {
    EXPECT_EQ(error_, 0);
    EXPECT_EQ(done.failed, 0u) << done.step << ' ' << std::hex << done.status;
    EXPECT_EQ(state(), ModuleState::ready);
    EXPECT_EQ(host().blocks(), plan(features).size() + (features != 0));
    if (features != 0) {
      EXPECT_EQ(read(kExtPoolPages), 0u);
    }
  }

  seam_profile profile_{};
  seam_faults faults_{};
  std::optional<SimHost> host_;
  std::map<std::uint32_t, std::uint64_t> took_;
  int error_ = 0;
};

TEST_F(SimBringUp, WithoutFeatures) {
  EXPECT_EQ(state(), ModuleState::not_initialised);
  ASSERT_EQ(init().failed_step, 0u + TDXCTL_BRING_UP_NONE);
  EXPECT_EQ(state(), ModuleState::initialising);
  expect_up(configure(), 0);
}

TEST_F(SimBringUp, WithConnectAndItsExtensions) {
  init();
  const ConfigureArg done = configure(kConnect | kQuote);
  expect_up(done, kConnect | kQuote);
  EXPECT_EQ(done.step, 0u + TDXCTL_BRING_UP_QUOTE_INIT);
  EXPECT_EQ(done.pool_pages, 1200u);
}

TEST_F(SimBringUp, InterruptsOfTheHostDoNotMatter) {
  profile_.interrupt_every_ns = 20000;
  init();
  expect_up(configure(kConnect), kConnect);
}

TEST_F(SimBringUp, AsOftenAsItIsDisabled) {
  for (const std::uint64_t features : {std::uint64_t{0}, kConnect, std::uint64_t{0}}) {
    init();
    expect_up(configure(features), features);
    while (true) {
      const auto slice = UapiModule(host()).disable_slice(std::chrono::milliseconds(10));
      ASSERT_TRUE(slice);
      if (slice->finished) break;
    }
    EXPECT_EQ(state(), ModuleState::not_initialised);
    EXPECT_EQ(host().blocks(), 0u);
  }
}

TEST_F(SimBringUp, AModuleThatIsUpIsLeftAlone) {
  init();
  configure();
  EXPECT_EQ(init().status, kLpInitNotPending);
  configure(kConnect);
  EXPECT_EQ(error_, EALREADY);
  EXPECT_EQ(state(), ModuleState::ready);
}

TEST_F(SimBringUp, AnUpdateKeepsFeaturesAndExtensions) {
  profile_.module.features0 &= ~(1ull << 47);  // which asks for more than this test has to say
  profile_ = seam_test::trusting_profile(profile_);
  init();
  expect_up(configure(kConnect | kQuote), kConnect | kQuote);
  seam_module_release newer = profile_.module;
  newer.update++;
  const auto image = seam_test::make_image(newer, profile_);
  UapiLoader loader(host());
  const auto* const sigstruct = reinterpret_cast<const std::uint8_t*>(&image.sigstruct);
  ASSERT_TRUE(loader.stage({sigstruct, sizeof image.sigstruct}, image.image));
  const auto applied = loader.apply(UpdateFrom::start);
  ASSERT_TRUE(applied);
  EXPECT_FALSE(applied->failed_step) << to_string(*applied->failed_step) << std::hex << applied->status;
  EXPECT_EQ(applied->module, ModulePresence::ready);
  EXPECT_GT(applied->took[static_cast<std::size_t>(ApplyStep::extensions)].count(), 0);
  EXPECT_EQ(read(kExtRequired), 1u) << "the features are on in the new module";
  EXPECT_EQ(read(kExtPoolPages), 0u);
}

TEST_F(SimBringUp, LpsThatShareTdmrsAreAlmostIdeal) {
  constexpr std::uint32_t kLps = 64, kTdmrs = 64, kTdmrGib = 3;
  profile_.lps = kLps;
  set_memory({{4 * kGib, kTdmrs * kTdmrGib * kGib}});
  ASSERT_EQ(init().status, 0u);
  std::vector<struct tdxctl_tdmr> tdmrs;
  for (std::uint32_t i = 0; i < kTdmrs; ++i) tdmrs.push_back({4 + i * kTdmrGib, kTdmrGib, i, 0});
  const ConfigureArg done = configure(tdmrs, 0, 1000);
  ASSERT_EQ(done.finished, 1u);
  ASSERT_EQ(done.failed, 0u) << done.step << ' ' << std::hex << done.status;
  std::uint64_t call_ns = profile_.default_ns;
  for (std::uint32_t i = 0; i < profile_.nr_latencies; ++i) {
    if (profile_.latencies[i].leaf == 36 && profile_.latencies[i].seamldr == 0)
      call_ns = profile_.latencies[i].ns;
  }
  const double one_after_another = 256.0 * kTdmrs * kTdmrGib * static_cast<double>(call_ns);
  EXPECT_GE(one_after_another / static_cast<double>(took_[TDXCTL_BRING_UP_TDMR_INIT]), 0.9 * kLps);
}

struct Step {
  std::uint32_t step;
  std::uint16_t leaf;
  std::vector<int> nth;  ///< first, middle and last call
};

const Step kSteps[] = {
    {TDXCTL_BRING_UP_INIT, 33, {1}},
    {TDXCTL_BRING_UP_LP_INIT, 35, {1, 3, 4}},
    {TDXCTL_BRING_UP_CONFIG, 45, {1}},
    {TDXCTL_BRING_UP_KEY_CONFIG, 31, {1, 2}},
    {TDXCTL_BRING_UP_TDMR_INIT, 36, {1, 300, 768}},
    {TDXCTL_BRING_UP_EXT_MEM_ADD, 61, {1, 2, 3}},
    {TDXCTL_BRING_UP_EXT_INIT, 60, {1}},
    {TDXCTL_BRING_UP_QUOTE_INIT, 100, {1}},
};

class SimBringUpFault : public SimBringUp, public testing::WithParamInterface<Step> {
 protected:
  /// What can follow a failure, by the state that the helper told.
  void expect_way_on(const ConfigureArg& failed) {
    if (failed.step <= TDXCTL_BRING_UP_CONFIG || failed.step >= TDXCTL_BRING_UP_TDMR_INIT) {
      ASSERT_EQ(init().failed_step, 0u + TDXCTL_BRING_UP_NONE);
      expect_up(configure(kConnect | kQuote), kConnect | kQuote);
    } else {
      // Configured and without keys: the module takes no second TDH.SYS.CONFIG.
      ASSERT_EQ(init().status, kLpInitNotPending);
      const ConfigureArg again = configure();
      ASSERT_EQ(again.failed, 1u);
      ASSERT_EQ(again.status, kConfigNotPending);
      ASSERT_EQ(host().blocks(), 0u);
    }
  }
  /// Whether the module says that the call was made before.
  bool is_untrue(std::uint64_t status) const {
    return (GetParam().step == TDXCTL_BRING_UP_INIT && status == kInitNotPending) ||
           (GetParam().step == TDXCTL_BRING_UP_LP_INIT && status == kLpInitDone);
  }
  void try_fault(std::uint64_t status, int nth) {
    const Step& step = GetParam();
    faults_ = {};
    faults_.nr = 1;
    faults_.fault[0] = {.status = status,
                        .lp = SEAM_FAULT_ANY_LP,
                        .nth = static_cast<u32>(nth),
                        .count = 1,
                        .calls = 0,
                        .leaf = step.leaf,
                        .seamldr = 0,
                        .outcome = SEAM_RETURNED,
                        .reserved = 0};
    host_.reset();
    const struct tdxctl_init initialised = init();
    if (is_untrue(status)) {
      // That it was done before is believed, until a call shows that it was not.
      ASSERT_TRUE(initialised.failed_step != TDXCTL_BRING_UP_NONE || configure().failed != 0);
      ASSERT_EQ(host().blocks(), 0u);
      return;
    }
    if (initialised.failed_step != TDXCTL_BRING_UP_NONE) {
      ASSERT_EQ(initialised.failed_step, step.step);
      ASSERT_EQ(initialised.status, status);
      ASSERT_EQ(host().blocks(), 0u);
      ASSERT_EQ(init().failed_step, 0u + TDXCTL_BRING_UP_NONE) << "the fault is over";
      expect_up(configure(kConnect), kConnect);
      return;
    }
    const ConfigureArg done = configure(kConnect | kQuote);
    ASSERT_EQ(error_, 0);
    if (done.failed == 0) {
      // The call was made again, and then it was answered.
      expect_up(done, kConnect | kQuote);
      return;
    }
    ASSERT_EQ(done.status, status);
    ASSERT_EQ(done.step, step.step);
    ASSERT_EQ(host().blocks(), 0u);
    ASSERT_EQ(done.module, 0u + TDXCTL_MODULE_NOT_READY);
    ASSERT_EQ(state(), done.step < TDXCTL_BRING_UP_TDMR_INIT ? ModuleState::initialising
                                                             : ModuleState::not_initialised);
    expect_way_on(done);
  }
};

TEST_P(SimBringUpFault, EveryErrorIsAFailureThatGivesAllBackOrIsOvercome) {
  for (const int nth : GetParam().nth) {
    for (const abi::StatusCode& row : abi::status_codes(abi::Interface::tdx_module)) {
      // An answer without the error bit from a module that did nothing would be a lie.
      if ((row.value & kError) == 0) continue;
      SCOPED_TRACE(std::string(row.name) + " at call " + std::to_string(nth));
      try_fault(row.value, nth);
      if (HasFatalFailure()) return;
    }
  }
}

std::string name_of(std::uint32_t step) {
  constexpr const char* kNames[] = {"",         "Init",      "LpInit",  "Config",   "KeyConfig",
                                    "TdmrInit", "ExtMemAdd", "ExtInit", "QuoteInit"};
  return kNames[step];
}

INSTANTIATE_TEST_SUITE_P(Steps, SimBringUpFault, testing::ValuesIn(kSteps),
                         [](const auto& test) { return name_of(test.param.step); });

}  // namespace
}  // namespace tdxctl
