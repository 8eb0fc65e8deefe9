// SPDX-License-Identifier: MIT
// What the helper says of an update of the TDX module: how far it came, and what there is now.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace tdxctl {

/// Steps of a TD-preserving update, in their order.
/// Source: Intel TDX Module Base Architecture Specification, "TD-Preserving TDX Module Update".
enum class ApplyStep : std::uint8_t {
  ask,         ///< SEAMLDR.INFO, to tell the module that there is then from the one before
  shutdown,    ///< TDH.SYS.SHUTDOWN, with the reads that it takes
  install,     ///< SEAMLDR.INSTALL on each LP in turn
  init,        ///< TDH.SYS.INIT
  lp_init,     ///< TDH.SYS.LP.INIT on all LPs
  update,      ///< TDH.SYS.UPDATE
  extensions,  ///< TDH.EXT.INIT and TDH.QUOTE.INIT, where the module was brought up with features on them
};

std::string_view to_string(ApplyStep step);

/// What the machine answers that it has got, and so what can follow.
enum class ModulePresence : std::uint8_t {
  unknown,     ///< the P-SEAMLDR or the module does not say
  none,        ///< no module: only a load can follow
  unfinished,  ///< LPs are missing from a session of SEAMLDR.INSTALL, which can go on
  shut_down,   ///< SEAMLDR.INSTALL can follow
  not_ready,   ///< loaded: TDH.SYS.INIT and what comes after it can follow
  ready,
};

std::string_view to_string(ModulePresence presence);

inline constexpr std::size_t kApplySteps = 7;

/// What became of an update.
struct ApplyOutcome {
  std::optional<ApplyStep> failed_step;  ///< none: it is done
  std::uint32_t failed_lp = 0;
  std::uint64_t status = 0;  ///< of the call that failed, in the numbering of who was called
  ModulePresence module = ModulePresence::unknown;
  bool replaced = false;               ///< the module is not the one before, or that one is lost
  std::uint32_t vmcs_lost = 0;         ///< LPs whose current VMCS could not be loaded again
  std::uint64_t shutdown_rcx = 0;      ///< handoff version in 15:0, bit 16: do no TD harm
  std::chrono::nanoseconds stopped{};  ///< all LPs
  std::array<std::chrono::nanoseconds, kApplySteps> took{};  ///< by ApplyStep
};

}  // namespace tdxctl
