// SPDX-License-Identifier: MIT
// What is said over the port Module while a TDX module is brought up.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tdxctl {

/// Steps of bringing a module up, in their order.
/// Source: Intel TDX Module Base Architecture Specification, "TDX Module Lifecycle"; Linux, the Extensions
/// series.
enum class BringUpStep : std::uint8_t {
  init,         ///< TDH.SYS.INIT
  lp_init,      ///< TDH.SYS.LP.INIT on all LPs
  config,       ///< TDH.SYS.CONFIG, then caches are written back
  key_config,   ///< TDH.SYS.KEY.CONFIG on each package in turn
  tdmr_init,    ///< TDH.SYS.TDMR.INIT, on LPs that take different TDMRs
  ext_mem_add,  ///< TDH.EXT.MEM.ADD
  ext_init,     ///< TDH.EXT.INIT
  quote_init,   ///< TDH.QUOTE.INIT
};

/// "init", "lp-init", "config", "key-config", "tdmr-init", "ext-mem-add", "ext-init", "quote-init".
std::string_view to_string(BringUpStep step);

/// The call that failed a step.
struct BringUpFailure {
  BringUpStep step = BringUpStep::init;
  std::uint32_t at = 0;      ///< LP, by its place among those online; of tdmr_init the index of the TDMR
  std::uint64_t status = 0;  ///< completion status, or a software-defined one
  /// Completion status of the TDH.SYS.DISABLE that took back what the failed step left half done; 0 also
  /// where there was none to be made.
  std::uint64_t disable_status = 0;
};

/// What TDH.SYS.INIT and TDH.SYS.LP.INIT came to.
struct InitOutcome {
  std::optional<BringUpFailure> failure{};  ///< nothing: the LPs are initialised, and metadata can be read
  std::chrono::nanoseconds init{};
  std::chrono::nanoseconds lp_init{};
};

/// Memory that the module is to use, in GiB: no address is more exact.
struct BringUpTdmr {
  std::uint32_t first_gib = 0;
  std::uint32_t gibs = 0;
  std::uint32_t pamt_tdmr = 0;  ///< index of the TDMR in whose memory its PAMTs are to lie

  bool operator==(const BringUpTdmr&) const = default;
};

/// What a module is configured with.
struct BringUpOrder {
  std::vector<BringUpTdmr> tdmrs;  ///< in rising order
  std::uint8_t config_version = 0;
  bool dynamic_pamt = false;
  std::uint64_t features = 0;      ///< R9; 0 for version 0
  std::uint64_t wall_clock_s = 0;  ///< R11, seconds since 1970; 0 for none
};

/// What a while of configuring came to.
struct BringUpSlice {
  bool finished = false;                          ///< the module is up, or a step failed
  BringUpStep step = BringUpStep::config;         ///< that was made, gone on with, or failed
  std::optional<BringUpFailure> failure{};        ///< then all memory has been given back
  std::vector<std::uint32_t> initialised_gibs{};  ///< of each TDMR
  std::uint64_t pool_pages = 0;                   ///< 4 KiB pages that the Extensions were given
  std::uint64_t pamt_bytes = 0;                   ///< allocated
  std::chrono::nanoseconds took{};                ///< by `step`
  /// By TDH.SYS.CONFIG, which the first slice makes together with the step behind it.
  std::chrono::nanoseconds config_took{};
};

}  // namespace tdxctl
