// SPDX-License-Identifier: MIT
#include "cli/host_presence.h"

#include <gtest/gtest.h>

namespace tdxctl::cli {
namespace {

tl::unexpected<Error> unseen() { return fail(ErrorId::driver_unavailable, "not there"); }

/// An Intel host of which nothing about the module could be seen.
HostStatus unseen_host() {
  HostStatus status{};
  status.platform.cpu_vendor = "GenuineIntel";
  status.platform.in_virtual_machine = false;
  status.platform.tdx_host_platform = unseen();
  status.platform.kernel_tdx_host = unseen();
  status.module_state.value = unseen();
  return status;
}

TEST(JudgePresence, TellsEveryStateOfTheModule) {
  HostStatus status = unseen_host();
  const auto judge = [&status](ModuleState state) {
    status.module_state.value = state;
    return judge_presence(status).presence;
  };
  EXPECT_EQ(judge(ModuleState::ready), Presence::ready);
  for (const auto state : {ModuleState::not_initialised, ModuleState::initialising, ModuleState::disabling,
                           ModuleState::shut_down, ModuleState::not_loaded}) {
    EXPECT_EQ(judge(state), Presence::not_ready);
  }
}

TEST(JudgePresence, IsAbsentOnAnotherVendorsCpu) {
  HostStatus status = unseen_host();
  status.platform.cpu_vendor = "AuthenticAMD";
  const auto verdict = judge_presence(status);
  EXPECT_EQ(verdict.presence, Presence::absent);
  EXPECT_NE(verdict.reason.find("AuthenticAMD"), std::string::npos);
}

TEST(JudgePresence, IsAbsentInAVirtualMachine) {
  HostStatus status = unseen_host();
  status.platform.in_virtual_machine = true;
  EXPECT_EQ(judge_presence(status).presence, Presence::absent);
}

TEST(JudgePresence, IsAbsentWithAKernelWithoutTdxHostSupport) {
  HostStatus status = unseen_host();
  status.platform.kernel_tdx_host = false;
  EXPECT_EQ(judge_presence(status).presence, Presence::absent);
}

TEST(JudgePresence, IsUnknownWhereNothingWasSeen) {
  EXPECT_EQ(judge_presence(unseen_host()).presence, Presence::unknown);
}

TEST(JudgePresence, NeverTakesADenialForAnAbsence) {
  HostStatus status = unseen_host();
  status.platform.kernel_tdx_host = false;
  status.platform.tdx_host_platform = false;
  status.drivers.push_back({"helper", "module", fail(ErrorId::not_permitted, "not permitted to open")});
  EXPECT_EQ(judge_presence(status).presence, Presence::unknown);

  status.drivers.clear();
  status.module_state.value = fail(ErrorId::not_permitted, "not permitted to read");
  EXPECT_EQ(judge_presence(status).presence, Presence::unknown);
}

TEST(JudgePresence, IsNotAbsentWhereLinuxSeesATdxHost) {
  HostStatus status = unseen_host();
  status.platform.tdx_host_platform = true;
  EXPECT_EQ(judge_presence(status).presence, Presence::unknown);
}

TEST(JudgePresence, BelievesTheCpu) {
  HostStatus status = unseen_host();
  status.module_state.value = fail(ErrorId::seamcall_gp, "#GP");
  EXPECT_EQ(judge_presence(status).presence, Presence::absent);
  status.module_state.value = fail(ErrorId::seamcall_ud, "#UD");
  EXPECT_EQ(judge_presence(status).presence, Presence::unknown);
}

}  // namespace
}  // namespace tdxctl::cli
