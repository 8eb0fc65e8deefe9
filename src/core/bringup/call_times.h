// SPDX-License-Identifier: MIT
// How long the calls of a bring-up take on this host, as the last one showed, and so how long the next may
// take.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/bringup/plan.h"
#include "core/port/store.h"

namespace tdxctl::bringup {

struct ConfigureResult;

struct CallTimes {
  using Nanoseconds = std::chrono::nanoseconds;

  std::chrono::sys_seconds at{};      ///< when they were measured
  bool dynamic_pamt = false;          ///< a call of TDH.SYS.TDMR.INIT then makes entries of another kind
  Nanoseconds once{};                 ///< TDH.SYS.INIT, TDH.SYS.LP.INIT on all LPs and TDH.SYS.CONFIG
  Nanoseconds key_config{};           ///< a call
  Nanoseconds tdmr_init{};            ///< a call, of as many in a row as one LP had to make
  std::optional<Nanoseconds> page{};  ///< that the Extensions were given; nothing where they had none

  bool operator==(const CallTimes&) const = default;
};

inline constexpr std::string_view kCallTimes = "call-times.json";

/// What a bring-up that succeeded showed. Nothing where its calls were not counted.
std::optional<CallTimes> times_of(const ConfigureResult& result, std::chrono::sys_seconds at);

/// Errors: those of Store.
Result<void> write_call_times(Store& store, const CallTimes& times);

/// Nothing where none were written. Errors: those of Store; store_damaged.
Result<std::optional<CallTimes>> read_call_times(Store& store);

/// Foretells how long a plan takes, from what is kept in the store, or why that cannot be told.
Expectation foretell(const Plan& plan, Store& store);

}  // namespace tdxctl::bringup
