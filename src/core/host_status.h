// SPDX-License-Identifier: MIT
// All that one screen says about a host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/drivers.h"
#include "core/port/platform.h"
#include "core/version.h"

namespace tdxctl {

/// A fact and the driver that told it.
template <class T>
struct Told {
  Result<T> value;
  std::string_view driver{};  ///< empty when no driver could
};

/// What a kexec from the running kernel means for the next one.
enum class KexecOutlook : std::uint8_t {
  unaffected,       ///< nothing of TDX stands in the way
  kernel_disables,  ///< Linux disables the module by itself
  disable_first,    ///< TDH.SYS.DISABLE has to be called before it
  module_cannot,    ///< private memory can machine-check the next kernel and this module cannot be disabled
  unknown,
};

std::string_view to_string(KexecOutlook outlook);

struct KexecVerdict {
  KexecOutlook outlook = KexecOutlook::unknown;
  std::string reason;
};

struct HostStatus {
  PlatformFacts platform;
  Told<ModuleState> module_state;
  /// Why a module that answers like a ready one is none: it is being brought up, or that has failed.
  std::optional<Error> only_looks_ready{};
  Told<Version> module_version;
  Told<std::uint64_t> features0;
  Told<Version> seamldr_version;
  Told<std::uint32_t> updates_left;
  KexecVerdict kexec;
  std::vector<Capability> drivers;
};

/// Why a module in this state answers like a ready one and is none; nothing where it is what it looks like.
/// Only the driver that brings modules up knows whether one has all that it needs.
std::optional<Error> why_it_only_looks_ready(Drivers& drivers, const Result<ModuleState>& state);

/// Asks everything once. Never fails as a whole: what could not be seen carries its reason.
HostStatus read_host_status(Drivers& drivers);

/// What was not permitted to be looked at, if anything: then that the module was not seen says nothing. Any
/// driver counts, not only the one that was asked last.
const Error* denied_look(const HostStatus& status);

/// The outlook that follows from the other facts of the status.
/// Source: Linux Documentation/arch/x86/tdx.rst; TDH.SYS.DISABLE in the kexec series.
KexecVerdict judge_kexec(const HostStatus& status);

}  // namespace tdxctl
