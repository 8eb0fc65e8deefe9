// SPDX-License-Identifier: MIT
// What a kexec means, over every combination of what the outlook follows from.
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <vector>

#include "core/host_status.h"
#include "fake_drivers.h"

namespace tdxctl {
namespace {

using enum KexecOutlook;
using Known = std::optional<bool>;  ///< nothing: could not be seen

struct Facts {
  std::optional<ModuleState> state = ModuleState::ready;
  Known host_platform = true;
  Known kernel_disables = false;
  Known erratum = true;
  Known can_disable = true;
};

template <class T>
Result<T> seen(const std::optional<T>& fact) {
  if (!fact) return fail(ErrorId::driver_unavailable, "not seen");
  return *fact;
}

KexecVerdict judge(const Facts& facts) {
  HostStatus status;
  status.platform = test::unseen_facts();
  status.platform.tdx_host_platform = seen(facts.host_platform);
  status.platform.kernel_disables_on_kexec = seen(facts.kernel_disables);
  status.platform.partial_write_erratum = seen(facts.erratum);
  status.module_state.value = seen(facts.state);
  status.features0.value = fail(ErrorId::not_permitted, "not seen");
  if (facts.can_disable) status.features0.value = *facts.can_disable ? 1ull << 53 : 0;
  return judge_kexec(status);
}

std::vector<Facts> all_facts() {
  const Known knowns[] = {std::nullopt, false, true};
  std::vector<Facts> all;
  for (const std::optional<ModuleState> state :
       {std::optional<ModuleState>{}, std::optional{ModuleState::not_initialised},
        std::optional{ModuleState::initialising}, std::optional{ModuleState::ready},
        std::optional{ModuleState::shut_down}, std::optional{ModuleState::not_loaded}}) {
    for (const Known host : knowns) {
      for (const Known kernel : knowns) {
        for (const Known erratum : knowns) {
          for (const Known feature : knowns) all.push_back({state, host, kernel, erratum, feature});
        }
      }
    }
  }
  return all;
}

std::string text(const Known& known) { return !known ? "?" : *known ? "yes" : "no"; }

std::string text(const Facts& facts) {
  return "state " + (facts.state ? std::string(to_string(*facts.state)) : "?") + ", host platform " +
         text(facts.host_platform) + ", kernel disables " + text(facts.kernel_disables) + ", erratum " +
         text(facts.erratum) + ", module can be disabled " + text(facts.can_disable);
}

bool holds_private_memory(const Facts& facts) {
  return facts.state && *facts.state != ModuleState::not_loaded &&
         *facts.state != ModuleState::not_initialised;
}

TEST(JudgeKexec, GoesByTheErratumAndTheFeature) {
  EXPECT_EQ(judge({}).outlook, disable_first);
  EXPECT_EQ(judge({.can_disable = false}).outlook, module_cannot);
  EXPECT_EQ(judge({.erratum = false}).outlook, unaffected);
  EXPECT_EQ(judge({.kernel_disables = true}).outlook, kernel_disables);
}

// Linux makes the call without looking at the feature bit; on a module without it, it fails.
TEST(JudgeKexec, TheKernelCannotDisableWhatCannotBeDisabled) {
  EXPECT_EQ(judge({.kernel_disables = true, .can_disable = false}).outlook, module_cannot);
  EXPECT_EQ(judge({.kernel_disables = true, .can_disable = std::nullopt}).outlook, unknown);
}

TEST(JudgeKexec, WhatHoldsNoPrivateMemoryIsUnaffected) {
  for (const ModuleState state : {ModuleState::not_loaded, ModuleState::not_initialised}) {
    EXPECT_EQ(judge({.state = state, .can_disable = false}).outlook, unaffected);
    EXPECT_EQ(judge({.state = state, .erratum = std::nullopt, .can_disable = std::nullopt}).outlook,
              unaffected);
  }
  EXPECT_EQ(judge({.state = std::nullopt, .host_platform = false}).outlook, unaffected);
}

TEST(JudgeKexec, WhatMayNotBeLookedAtIsNeverUnaffected) {
  HostStatus status;
  status.platform = test::unseen_facts();
  status.platform.tdx_host_platform = false;
  status.module_state.value = fail(ErrorId::driver_unavailable, "the last driver that was asked");
  status.features0.value = fail(ErrorId::driver_unavailable, "not seen");
  EXPECT_EQ(judge_kexec(status).outlook, unaffected);
  status.drivers = {{"helper", "module", fail(ErrorId::not_permitted, "denied")}};
  EXPECT_EQ(judge_kexec(status).outlook, unknown);
  status.drivers.clear();
  status.module_state.value = fail(ErrorId::not_permitted, "denied");
  EXPECT_EQ(judge_kexec(status).outlook, unknown);
}

TEST(JudgeKexec, WhatWasNotSeenIsUnknown) {
  EXPECT_EQ(judge({.state = std::nullopt}).outlook, unknown);
  EXPECT_EQ(judge({.erratum = std::nullopt}).outlook, unknown);
  EXPECT_EQ(judge({.can_disable = std::nullopt}).outlook, unknown);
}

TEST(JudgeKexec, NeverCallsAMachineSafeOnWhatItDidNotSee) {
  for (const Facts& facts : all_facts()) {
    const KexecOutlook outlook = judge(facts).outlook;
    if (outlook == unaffected) {
      const bool no_erratum = facts.erratum && !*facts.erratum;
      const bool linux_says_no = !facts.state && facts.host_platform && !*facts.host_platform;
      EXPECT_TRUE(no_erratum || linux_says_no || (facts.state && !holds_private_memory(facts)))
          << text(facts);
    }
    if (outlook == kernel_disables) {
      EXPECT_TRUE(facts.kernel_disables.value_or(false) && facts.can_disable.value_or(false)) << text(facts);
    }
  }
}

TEST(JudgeKexec, NamesACureOnlyWhereItIsKnownToWork) {
  for (const Facts& facts : all_facts()) {
    const KexecOutlook outlook = judge(facts).outlook;
    if (outlook == disable_first) {
      EXPECT_TRUE(facts.can_disable.value_or(false)) << text(facts);
    }
    if (outlook == module_cannot) {
      EXPECT_TRUE(facts.erratum.value_or(false) && !facts.can_disable.value_or(true)) << text(facts);
    }
  }
}

TEST(JudgeKexec, IsUnknownOnlyWhereSomethingWasNotSeen) {
  for (const Facts& facts : all_facts()) {
    const bool all_seen =
        facts.state && facts.host_platform && facts.kernel_disables && facts.erratum && facts.can_disable;
    if (all_seen) {
      EXPECT_NE(judge(facts).outlook, unknown) << text(facts);
    }
  }
}

TEST(JudgeKexec, AlwaysHasAReason) {
  for (const Facts& facts : all_facts()) EXPECT_FALSE(judge(facts).reason.empty()) << text(facts);
}

TEST(KexecOutlookText, EveryOutlookHasItsOwnWord) {
  std::set<std::string_view> words;
  for (const auto outlook : {unaffected, kernel_disables, disable_first, module_cannot, unknown}) {
    EXPECT_FALSE(to_string(outlook).empty());
    EXPECT_TRUE(words.insert(to_string(outlook)).second) << to_string(outlook);
  }
}

}  // namespace
}  // namespace tdxctl
