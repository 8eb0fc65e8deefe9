// SPDX-License-Identifier: MIT
#include "cli/host_presence.h"

#include <algorithm>

namespace tdxctl::cli {
namespace {

bool known_true(const Result<bool>& fact) { return fact && *fact; }
bool known_false(const Result<bool>& fact) { return fact && !*fact; }

PresenceVerdict judge_state(ModuleState state) {
  using enum Presence;
  switch (state) {
    case ModuleState::ready:
      return {ready, "the TDX module is ready"};
    case ModuleState::initialising:
      return {not_ready, "the TDX module is being initialised"};
    case ModuleState::not_initialised:
      return {not_ready, "the TDX module is loaded and not initialised"};
    case ModuleState::disabling:
      return {not_ready, "TDH.SYS.DISABLE was interrupted: only 'tdxctl disable' leads on"};
    case ModuleState::shut_down:
      return {not_ready, "the TDX module is shut down"};
    case ModuleState::not_loaded:
      return {not_ready, "no TDX module is loaded"};
  }
  return {unknown, {}};
}

}  // namespace

std::string_view to_string(Presence presence) {
  switch (presence) {
    case Presence::ready:
      return "ready";
    case Presence::not_ready:
      return "not-ready";
    case Presence::absent:
      return "absent";
    case Presence::unknown:
      return "unknown";
  }
  return {};
}

PresenceVerdict judge_presence(const HostStatus& status) {
  using enum Presence;
  if (status.only_looks_ready) return {not_ready, status.only_looks_ready->what};
  if (status.module_state.value) return judge_state(*status.module_state.value);

  const PlatformFacts& platform = status.platform;
  const Error& why = status.module_state.value.error();
  if (platform.cpu_vendor && *platform.cpu_vendor != "GenuineIntel") {
    return {absent, "the CPU vendor is " + *platform.cpu_vendor};
  }
  if (const Error* denied = denied_look(status)) return {unknown, denied->what};
  if (known_true(platform.tdx_host_platform)) return {unknown, why.what};
  switch (why.id) {
    case ErrorId::seamcall_gp:
    case ErrorId::seamcall_vmfailinvalid:
      return {absent, why.what};
    case ErrorId::seamcall_ud:
      return {unknown, why.what};
    default:
      break;
  }
  if (known_true(platform.in_virtual_machine)) return {absent, "this is a virtual machine"};
  if (known_false(platform.kernel_tdx_host))
    return {absent, "this kernel was built without TDX host support"};
  if (known_false(platform.tdx_host_platform)) return {absent, "Linux does not see a TDX host"};
  return {unknown, why.what};
}

}  // namespace tdxctl::cli
