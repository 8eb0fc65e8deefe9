// SPDX-License-Identifier: MIT
#include "core/bringup/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "core/abi/features.h"

namespace tdxctl::bringup {
namespace {

constexpr std::uint64_t kMiB = 1ull << 20;
constexpr std::uint64_t kGiB = 1ull << 30;
constexpr std::uint64_t kConnect = 1ull << abi::kFeatureConnect;
constexpr std::uint64_t kQuote = 1ull << abi::kFeatureQuote;
constexpr std::uint64_t kDynamicPamt = 1ull << abi::kFeatureDynamicPamt;

/// A machine on which everything is as it must be.
Machine good_machine() {
  Machine machine;
  machine.memory = {{kMiB, 2 * kGiB - kMiB, 0}, {4 * kGiB, 62 * kGiB, 0}, {66 * kGiB, 64 * kGiB, 1}};
  machine.cmrs = {{kMiB, 2 * kGiB - kMiB}, {4 * kGiB, 126 * kGiB}};
  machine.limits = ModuleLimits{};
  machine.features0 = kConnect | kQuote | kDynamicPamt;
  machine.module_state = ModuleState::not_initialised;
  machine.packages = {{0, 0xa06d1, 8}, {1, 0xa06d1, 8}};
  machine.lps_online = 16;
  machine.lps_present = 16;
  machine.keyids = KeyIdPartition{127, 128};
  machine.kernel_owns_module = false;
  machine.hibernation_possible = false;
  machine.partial_write_erratum = false;
  return machine;
}

const Check& check_of(const Plan& plan, ErrorId id) {
  return *std::ranges::find(plan.checks, id, [](const Check& check) { return check.id(); });
}

TEST(MakePlan, OfAGoodMachineIsGood) {
  const auto plan = make_plan(good_machine(), {});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->verdict(), Verdict::ok);
  ASSERT_EQ(plan->tdmrs.size(), 3u);
  EXPECT_EQ(plan->tdmrs[0].range, (Range{0, 2 * kGiB}));
  EXPECT_EQ(plan->tdmrs[0].holes, (std::vector<Range>{{0, kMiB}}));
  EXPECT_EQ(plan->tdmrs[0].reserved_areas(), 2u);
  EXPECT_EQ(plan->tdmrs[1].node, 0u);
  EXPECT_EQ(plan->tdmrs[2].node, 1u);
  EXPECT_EQ(plan->ram_bytes(), 128 * kGiB - kMiB);
  EXPECT_EQ(plan->pamt_bytes(), 128 * (4 * kMiB + 8192) + 3 * 4096u);
  EXPECT_EQ(plan->spent_bytes(), plan->pamt_bytes());
  EXPECT_TRUE(plan->limits_read);
}

TEST(MakePlan, UsesTheLowestVersionOfConfig) {
  const auto plain = make_plan(good_machine(), {});
  EXPECT_EQ(plain->config_version, 0);
  EXPECT_FALSE(plain->extensions);
  const auto dynamic = make_plan(good_machine(), {.features = kDynamicPamt});
  EXPECT_EQ(dynamic->config_version, 0);
  EXPECT_TRUE(dynamic->dynamic_pamt);
  EXPECT_EQ(dynamic->features, 0u);
  const auto connect = make_plan(good_machine(), {.features = kConnect | kDynamicPamt});
  EXPECT_EQ(connect->config_version, 1);
  EXPECT_EQ(connect->features, kConnect);
  EXPECT_TRUE(connect->dynamic_pamt);
}

TEST(MakePlan, CountsTheExtensionsOfEachFeature) {
  Machine machine = good_machine();
  const auto estimated = make_plan(machine, {.features = kConnect | kQuote});
  ASSERT_TRUE(estimated->extensions);
  EXPECT_EQ(estimated->extensions->bytes, 70 * kMiB);
  EXPECT_FALSE(estimated->extensions->read);
  EXPECT_EQ(estimated->spent_bytes(), estimated->pamt_bytes() + 70 * kMiB);
  machine.extension_pool_bytes = 12 * kMiB;
  const auto read = make_plan(machine, {.features = kConnect});
  EXPECT_EQ(read->extensions->bytes, 12 * kMiB);
  EXPECT_TRUE(read->extensions->read);
}

TEST(MakePlan, CountsCalls) {
  const auto plan = make_plan(good_machine(), {});
  ASSERT_TRUE(plan->calls);
  EXPECT_EQ(plan->calls->lp_init, 16u);
  EXPECT_EQ(plan->calls->key_config, 2u);
  EXPECT_EQ(plan->calls->tdmr_init, 128u * 256);
  EXPECT_EQ(plan->calls->tdmr_init_in_a_row, 64u * 256);  // the largest TDMR
  Machine one_lp = good_machine();
  one_lp.lps_online = 1;
  EXPECT_EQ(make_plan(one_lp, {})->calls->tdmr_init_in_a_row, 128u * 256);
  EXPECT_EQ(make_plan(good_machine(), {.features = kDynamicPamt})->calls->tdmr_init, 128u * 64);
  one_lp.lps_online.reset();
  EXPECT_FALSE(make_plan(one_lp, {})->calls);
  Machine without_plan = good_machine();
  without_plan.limits->max_tdmrs = 0;
  EXPECT_FALSE(make_plan(without_plan, {})->calls) << "there is nothing to count";
}

TEST(MakePlan, WithoutLimitsAssumesThePublicOnes) {
  Machine machine = good_machine();
  machine.limits.reset();
  const auto plan = make_plan(machine, {});
  EXPECT_FALSE(plan->limits_read);
  EXPECT_EQ(plan->limits, ModuleLimits{});
}

TEST(MakePlan, TakesAModuleThatHasShownThatItIsOnlyInitialised) {
  Machine machine = good_machine();
  machine.module_state = ModuleState::initialising;
  const auto plan = make_plan(machine, {});
  EXPECT_EQ(plan->verdict(), Verdict::unknown) << "it may be configured already, and have no keys";
  const auto error = objection(machine, *plan);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->id, ErrorId::module_not_pending);
  EXPECT_NE(error->hint.find("connect configure"), std::string::npos);
  EXPECT_EQ(make_plan(machine, {}, {.initialised = true})->verdict(), Verdict::ok);
}

TEST(MakePlan, ObjectsToWhatIsBrokenOnly) {
  Machine machine = good_machine();
  EXPECT_FALSE(objection(machine, *make_plan(machine, {})));
  machine.lps_present.reset();
  EXPECT_FALSE(objection(machine, *make_plan(machine, {}))) << "not all could be checked";
  machine.kernel_owns_module = true;
  EXPECT_EQ(objection(machine, *make_plan(machine, {}))->id, ErrorId::kernel_owns_module);
}

TEST(MakePlan, TheWayOnFollowsFromTheStateOfTheModule) {
  Machine machine = good_machine();
  const std::pair<ModuleState, const char*> ways[] = {
      {ModuleState::initialising, "connect configure"},
      {ModuleState::ready, "--take-over"},
      {ModuleState::disabling, "finish with 'tdxctl disable'"},
      {ModuleState::shut_down, "update recover"},
      {ModuleState::not_loaded, "reboot"},
  };
  for (const auto& [state, way] : ways) {
    machine.module_state = state;
    const auto error = objection(machine, *make_plan(machine, {}));
    ASSERT_TRUE(error) << to_string(state);
    EXPECT_EQ(error->id, ErrorId::module_not_pending);
    EXPECT_NE(error->hint.find(way), std::string::npos) << error->hint;
  }
}

TEST(MakePlan, AModuleThatOnlyLooksReadySaysWhy) {
  Machine machine = good_machine();
  machine.module_state = ModuleState::ready;
  const Seen seen{.only_looks_ready = Error{ErrorId::busy, "it is being brought up"}};
  EXPECT_EQ(check_of(*make_plan(machine, {}, seen), ErrorId::module_not_pending).evidence,
            "it is being brought up");
}

TEST(MakePlan, WhatNoKernelUsesIsNotTakenOver) {
  Machine machine = good_machine();
  EXPECT_EQ(check_of(*make_plan(machine, {.take_over = true}), ErrorId::kernel_owns_module).verdict,
            Verdict::ok);
}

TEST(MakePlan, FeaturesThatAreNotThereAreTheFirstThingToSay) {
  Machine machine = good_machine();
  machine.module_state = ModuleState::ready;
  machine.features0 = 0;
  EXPECT_EQ(objection(machine, *make_plan(machine, {.features = kConnect}))->id, ErrorId::feature_missing);
}

TEST(MakePlan, OfTakingOverDoesNotMindWhoHasTheModule) {
  Machine machine = good_machine();
  machine.module_state = ModuleState::ready;
  machine.kernel_owns_module = true;
  const auto plan = make_plan(machine, {.take_over = true});
  EXPECT_EQ(plan->verdict(), Verdict::ok);
  for (const ErrorId id : {ErrorId::module_not_pending, ErrorId::kernel_owns_module}) {
    EXPECT_EQ(check_of(*plan, id).verdict, Verdict::skipped);
  }
  machine.module_state = ModuleState::shut_down;
  EXPECT_EQ(make_plan(machine, {.take_over = true})->verdict(), Verdict::bad);
}

TEST(MakePlan, RefusesMemoryThatCannotBe) {
  Machine machine = good_machine();
  machine.memory.clear();
  const auto plan = make_plan(machine, {});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().id, ErrorId::memory_map_invalid);
}

/// One thing wrong, and the one check that says so.
struct Wrong {
  const char* name;
  ErrorId id;
  Verdict verdict;
  std::function<void(Machine&)> spoil;
  const char* evidence;
  std::uint64_t features = 0;
};

void PrintTo(const Wrong& wrong, std::ostream* os) { *os << wrong.name; }

void riddle(Machine& machine, unsigned cells, unsigned holes) {
  machine.memory.clear();
  for (std::uint64_t cell = 4; cell < 4 + cells; ++cell) {
    for (unsigned i = 0; i <= holes; ++i) {
      machine.memory.push_back({cell * kGiB + i * 20 * kMiB, 19 * kMiB, 0});
    }
    machine.memory.back().bytes = (cell + 1) * kGiB - machine.memory.back().base;
  }
}

const Wrong kWrong[] = {
    {"Ready", ErrorId::module_not_pending, Verdict::bad,
     [](Machine& m) { m.module_state = ModuleState::ready; }, "it is ready: it was brought up already"},
    {"Disabling", ErrorId::module_not_pending, Verdict::bad,
     [](Machine& m) { m.module_state = ModuleState::disabling; },
     "TDH.SYS.DISABLE was interrupted: 'tdxctl disable' finishes it"},
    {"Initialised", ErrorId::module_not_pending, Verdict::unknown,
     [](Machine& m) { m.module_state = ModuleState::initialising; },
     "it is initialised, and only a call tells whether it is configured already"},
    {"ShutDown", ErrorId::module_not_pending, Verdict::bad,
     [](Machine& m) { m.module_state = ModuleState::shut_down; }, "it is shut down"},
    {"NotLoaded", ErrorId::module_not_pending, Verdict::bad,
     [](Machine& m) { m.module_state = ModuleState::not_loaded; }, "it is not loaded"},
    {"StateUnknown", ErrorId::module_not_pending, Verdict::unknown,
     [](Machine& m) { m.module_state.reset(); }, "the state of the module is not known"},
    {"KernelOwns", ErrorId::kernel_owns_module, Verdict::bad, [](Machine& m) { m.kernel_owns_module = true; },
     "the kernel initialised it"},
    {"OwnerUnknown", ErrorId::kernel_owns_module, Verdict::unknown,
     [](Machine& m) { m.kernel_owns_module.reset(); }, "it is not known whether the kernel uses the module"},
    {"Hibernation", ErrorId::hibernation_possible, Verdict::bad,
     [](Machine& m) { m.hibernation_possible = true; }, "the kernel can hibernate"},
    {"HibernationUnknown", ErrorId::hibernation_possible, Verdict::unknown,
     [](Machine& m) { m.hibernation_possible.reset(); }, "it is not known whether the kernel can hibernate"},
    {"LpOffline", ErrorId::lp_offline, Verdict::bad, [](Machine& m) { m.lps_online = 15; },
     "15 of 16 online"},
    {"LpsUnknown", ErrorId::lp_offline, Verdict::unknown, [](Machine& m) { m.lps_present.reset(); },
     "the number of LPs is not known"},
    {"OneKeyId", ErrorId::too_few_keyids, Verdict::bad,
     [](Machine& m) {
       m.keyids = KeyIdPartition{127, 1};
     },
     "1 private KeyID"},
    {"KeyIdsUnknown", ErrorId::too_few_keyids, Verdict::unknown, [](Machine& m) { m.keyids.reset(); },
     "the KeyIDs are not known"},
    {"FeatureMissing", ErrorId::feature_missing, Verdict::bad, [](Machine& m) { m.features0 = kQuote; },
     "it does not have TDXCONNECT, DYNAMIC_PAMT", kConnect | kQuote | kDynamicPamt},
    {"FeaturesUnknown", ErrorId::feature_missing, Verdict::unknown, [](Machine& m) { m.features0.reset(); },
     "the features of the module are not known", kConnect},
    {"ErratumWithExtensions", ErrorId::extensions_erratum, Verdict::bad,
     [](Machine& m) { m.partial_write_erratum = true; }, "it has the erratum", kConnect},
    {"ErratumUnknown", ErrorId::extensions_erratum, Verdict::unknown,
     [](Machine& m) { m.partial_write_erratum.reset(); }, "it is not known whether the CPU has the erratum",
     kConnect},
    {"FewHkidBits", ErrorId::dynamic_pamt_hkids, Verdict::bad,
     [](Machine& m) {
       m.keyids = KeyIdPartition{3, 4};
     },
     "3 of at least 4", kDynamicPamt},
    {"RamOutsideCmrs", ErrorId::ram_outside_cmrs, Verdict::bad,
     [](Machine& m) {
       m.cmrs = {{kMiB, 2 * kGiB - kMiB}, {4 * kGiB, 125 * kGiB}};
     },
     "1 GiB of RAM in 1 range outside, the first at 0x2040000000"},
    {"CmrsUnknown", ErrorId::ram_outside_cmrs, Verdict::unknown, [](Machine& m) { m.cmrs.reset(); },
     "the CMRs are not known"},
    {"TooManyTdmrs", ErrorId::tdmr_limit, Verdict::bad, [](Machine& m) { riddle(m, 66, 14); },
     "66 TDMRs, 2 more than the 64 that there can be"},
    {"TooManyHoles", ErrorId::reserved_area_limit, Verdict::bad, [](Machine& m) { riddle(m, 1, 17); },
     "the GiB at 0x100000000 has 17 holes, 1 more than the 16 that there can be"},
    {"TooManyAreas", ErrorId::reserved_area_limit, Verdict::bad, [](Machine& m) { riddle(m, 64, 16); },
     "holes and PAMTs need 1088 reserved areas, 64 more than the 1024 that there can be"},
    {"NoRoomForPamts", ErrorId::pamt_room, Verdict::bad,
     [](Machine& m) {
       m.memory = {{4 * kGiB, kMiB, 0}};
     },
     "no TDMR has 4 MiB in one piece for the PAMTs of the TDMR at 0x100000000"},
};

TEST(MakePlan, TheExtensionsHaveToFitBesidePamts) {
  Machine machine = good_machine();
  const std::uint64_t pamts = make_plan(machine, {})->pamt_bytes();
  const std::uint64_t room = 128 * kGiB - kMiB - pamts;
  for (const std::uint64_t bytes : {room, room + 1, std::uint64_t{1} << 52}) {
    machine.extension_pool_bytes = bytes;
    const auto plan = make_plan(machine, {.features = kConnect});
    EXPECT_EQ(check_of(*plan, ErrorId::extension_room).verdict, bytes == room ? Verdict::ok : Verdict::bad);
    EXPECT_EQ(plan->spent_bytes(), pamts + bytes);
  }
  EXPECT_EQ(check_of(*make_plan(machine, {}), ErrorId::extension_room).verdict, Verdict::skipped);
}

class OneFlawOfAMachine : public testing::TestWithParam<Wrong> {};

TEST_P(OneFlawOfAMachine, IsSaidByItsCheckAlone) {
  const Wrong& wrong = GetParam();
  Machine machine = good_machine();
  wrong.spoil(machine);
  if (wrong.id != ErrorId::ram_outside_cmrs) machine.cmrs = {{kMiB, 256 * kGiB}};
  const auto plan = make_plan(machine, {.features = wrong.features});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->verdict(), wrong.verdict);
  const Check& check = check_of(*plan, wrong.id);
  EXPECT_EQ(check.verdict, wrong.verdict);
  EXPECT_EQ(check.evidence, wrong.evidence);
  for (const Check& other : plan->checks) {
    if (&other == &check) continue;
    EXPECT_TRUE(other.verdict == Verdict::ok || other.verdict == Verdict::skipped)
        << other.name() << ": " << other.evidence;
  }
}

INSTANTIATE_TEST_SUITE_P(Machine, OneFlawOfAMachine, testing::ValuesIn(kWrong),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace tdxctl::bringup
