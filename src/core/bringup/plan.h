// SPDX-License-Identifier: MIT
// The plan by which the TDX module is brought up: TDMRs, reserved areas, PAMTs, features, and every check
// that decides whether it can work. Pure: a machine in, a plan out.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bringup/layout.h"
#include "core/bringup/machine.h"
#include "core/bringup/pamt.h"
#include "core/check.h"

namespace tdxctl::bringup {

/// What TDH.SYS.CONFIG version 1 is told of the time. Zero stands for: use no policy that rests on the time.
enum class WallClock : std::uint8_t { none, now };

std::string_view to_string(WallClock wall_clock);

struct Request {
  std::uint64_t features = 0;  ///< TDX_FEATURES0 bits to switch on
  WallClock wall_clock = WallClock::none;
  bool take_over = false;  ///< whoever uses the module: one that is ready is disabled first
};

/// What a run knows of the module beyond the facts of a machine.
struct Seen {
  bool initialised = false;  ///< it has answered TDH.SYS.LP.INIT: one that is configured does not
  std::optional<Error> only_looks_ready{};  ///< see HostStatus
};

struct PlannedTdmr {
  Range range;
  std::uint64_t ram_bytes = 0;
  std::optional<std::uint32_t> node{};  ///< where most of its RAM is
  std::vector<Range> holes;             ///< reserved areas without RAM
  std::uint32_t pamts_held = 0;         ///< PAMTs that lie in it: a reserved area each
  Pamt pamt;

  [[nodiscard]] std::size_t reserved_areas() const { return holes.size() + pamts_held; }
};

/// What the Extensions of the module take. The module tells only once it is configured.
struct ExtensionPool {
  std::uint64_t bytes = 0;
  bool read = false;  ///< the module told; else an estimate by what was published
};

/// How long a bring-up may take.
struct Expectation {
  std::optional<std::chrono::milliseconds> duration{};
  std::string reason = "no call of this machine was timed yet";  ///< what it is known from, or why it is not
};

/// SEAMCALLs of a bring-up.
struct Calls {
  std::uint64_t lp_init = 0;
  std::uint64_t key_config = 0;          ///< one after another
  std::uint64_t tdmr_init = 0;           ///< of all TDMRs
  std::uint64_t tdmr_init_in_a_row = 0;  ///< at least, with TDMRs spread over LPs
};

struct Plan {
  std::vector<MemoryRange> memory;  ///< RAM that becomes TDX memory
  std::vector<PlannedTdmr> tdmrs;
  LayoutCost cost;  ///< of the TDMRs
  ModuleLimits limits;
  bool limits_read = false;    ///< else the limits are those of public module sources
  std::uint64_t features = 0;  ///< R9 of TDH.SYS.CONFIG version 1
  bool dynamic_pamt = false;   ///< R8 bit 16
  std::uint8_t config_version = 0;
  std::string_view config_reason;
  WallClock wall_clock = WallClock::none;
  std::optional<ExtensionPool> extensions{};  ///< nothing where no feature needs them
  std::optional<Calls> calls{};               ///< nothing where the LPs are not known, or there are no TDMRs
  Expectation expected{};                     ///< see foretell()
  std::vector<Check> checks;

  [[nodiscard]] std::uint64_t ram_bytes() const;
  [[nodiscard]] std::uint64_t pamt_bytes() const;
  /// PAMTs and Extensions.
  [[nodiscard]] std::uint64_t spent_bytes() const;
  /// Bad where any check is, else unknown where any is, else ok.
  [[nodiscard]] Verdict verdict() const;
};

/// Memory that the Extensions take for these of TDX_FEATURES0, by what was measured on pre-production
/// modules; 0 where none is built on them. Source: Linux mailing list, Extensions and DICE quoting series,
/// 2026.
std::uint64_t estimated_pool_bytes(std::uint64_t features);

/// Plans, and checks every rule whatever the others showed.
/// Errors: memory_map_invalid.
/// Source: intel/tdx-module tdh_sys_config.c; Linux arch/x86/virt/vmx/tdx/tdx.c.
Result<Plan> make_plan(const Machine& machine, const Request& request, const Seen& seen = {});

/// A broken rule, or one that could not be checked, as the error that it is on this machine.
Error plan_error(const Machine& machine, const Check& check);

/// What a plan that is shown ends with: the first rule that is broken, or module_not_pending where only a
/// call tells whether the module can still be configured.
std::optional<Error> objection(const Machine& machine, const Plan& plan);

}  // namespace tdxctl::bringup
