// SPDX-License-Identifier: MIT
#include "core/host_status.h"

#include <utility>

#include "core/abi/bits.h"
#include "core/abi/features.h"
#include "core/metadata_read.h"

namespace tdxctl {
namespace {

/// Asks the port that serves an operation, and keeps who answered.
template <class T, class Served, class Ask>
Told<T> told(const Result<Served>& served, Ask ask) {
  if (!served) return {fail(served.error()), {}};
  return {ask(*served->port), served->driver};
}

/// Fills in what the host's files did not show from what a driver's ring 0 saw.
void complete(PlatformFacts& platform, Drivers& drivers) {
  if (platform.keyids && platform.seamret_invalidates_vmcs) return;
  const auto msrs = drivers.msrs();
  if (!msrs) return;
  if (!platform.keyids && msrs->keyids) platform.keyids = *msrs->keyids;
  if (!platform.seamret_invalidates_vmcs && msrs->seamret_invalidates_vmcs) {
    platform.seamret_invalidates_vmcs = *msrs->seamret_invalidates_vmcs;
  }
}

bool known_true(const Result<bool>& fact) { return fact && *fact; }
bool known_false(const Result<bool>& fact) { return fact && !*fact; }

}  // namespace

std::string_view to_string(KexecOutlook outlook) {
  switch (outlook) {
    case KexecOutlook::unaffected:
      return "unaffected";
    case KexecOutlook::kernel_disables:
      return "kernel-disables";
    case KexecOutlook::disable_first:
      return "disable-first";
    case KexecOutlook::module_cannot:
      return "module-cannot";
    case KexecOutlook::unknown:
      return "unknown";
  }
  return {};
}

const Error* denied_look(const HostStatus& status) {
  const auto denied = [](const Error& error) {
    return error_info(error.id).error_class == ErrorClass::denied;
  };
  const auto& state = status.module_state.value;
  if (state) return nullptr;
  if (denied(state.error())) return &state.error();
  for (const Capability& row : status.drivers) {
    if (!row.available && denied(row.available.error())) return &row.available.error();
  }
  return nullptr;
}

KexecVerdict judge_kexec(const HostStatus& status) {
  using enum KexecOutlook;
  const PlatformFacts& platform = status.platform;
  const auto& state = status.module_state.value;

  // A helper may have brought the module up without Linux knowing.
  if (known_false(platform.tdx_host_platform) && !state && denied_look(status) == nullptr) {
    return {unaffected, "this kernel does not use TDX"};
  }
  if (state && *state == ModuleState::not_loaded) return {unaffected, "no TDX module is loaded"};
  if (state && *state == ModuleState::not_initialised)
    return {unaffected, "the TDX module is not initialised"};
  if (state && *state == ModuleState::disabling) {
    return {disable_first, "TDH.SYS.DISABLE was interrupted: 'tdxctl disable' finishes it"};
  }
  const auto& features0 = status.features0.value;
  const bool can_disable = features0 && abi::bit(*features0, abi::kFeatureSysDisable);
  // Linux makes the call without looking at the feature: on a module without it, it fails and the kexec goes
  // on.
  if (known_true(platform.kernel_disables_on_kexec) && can_disable) {
    return {kernel_disables, "this kernel calls TDH.SYS.DISABLE by itself before a kexec"};
  }
  if (known_false(platform.partial_write_erratum)) {
    return {unaffected, "this CPU does not have the partial-write erratum"};
  }
  if (!state) return {unknown, "the state of the TDX module could not be seen"};
  if (!platform.partial_write_erratum) {
    return {unknown, "it could not be seen whether this CPU has the partial-write erratum"};
  }
  if (!features0) return {unknown, "the features of the TDX module could not be read"};
  if (can_disable) {
    return {disable_first, "this CPU has the partial-write erratum: disable the TDX module before a kexec"};
  }
  return {module_cannot,
          "this CPU has the partial-write erratum and this TDX module has no TDH.SYS.DISABLE: the next "
          "kernel can "
          "machine-check"};
}

std::optional<Error> why_it_only_looks_ready(Drivers& drivers, const Result<ModuleState>& state) {
  if (!state || *state != ModuleState::ready) return std::nullopt;
  const auto builder = drivers.module(Operation::bring_up);
  if (!builder) return std::nullopt;
  const auto brought_up = builder->port->brought_up();
  if (brought_up) return std::nullopt;
  const ErrorId id = brought_up.error().id;
  if (id != ErrorId::busy && id != ErrorId::bring_up_not_taken_back) return std::nullopt;
  return brought_up.error();
}

HostStatus read_host_status(Drivers& drivers) {
  const auto versions = drivers.module(Operation::versions);
  const auto state = drivers.module(Operation::state);
  const auto loader = drivers.loader(Operation::versions);

  HostStatus status{
      .platform = drivers.platform().facts(),
      .module_state = told<ModuleState>(state, [](Module& module) { return module.state(); }),
      .module_version = told<Version>(versions, [](Module& module) { return module.version(); }),
      .features0 = {},
      .seamldr_version = told<Version>(loader, [](Loader& port) { return port.version(); }),
      .updates_left = told<std::uint32_t>(loader, [](Loader& port) { return port.updates_left(); }),
      .kexec = {},
      .drivers = drivers.capabilities(),
  };
  status.only_looks_ready = why_it_only_looks_ready(drivers, status.module_state.value);
  complete(status.platform, drivers);
  auto features0 = read_features0(drivers);
  if (features0) {
    status.features0 = {features0->data, features0->driver};
  } else {
    status.features0 = {fail(features0.error()), {}};
  }
  status.kexec = judge_kexec(status);
  return status;
}

}  // namespace tdxctl
