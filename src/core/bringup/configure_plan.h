// SPDX-License-Identifier: MIT
// What is known before a module is brought up: the plan, who would carry it out, and what stands in the way.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bringup/plan.h"
#include "core/bringup/read_machine.h"
#include "core/disable.h"
#include "core/port/store.h"

namespace tdxctl::bringup {

struct ConfigureOptions {
  Request request{};
  std::chrono::sys_seconds now{};  ///< what WallClock::now stands for
  bool is_this_host = false;       ///< so that what the store has of call times is of this machine
  std::optional<std::chrono::milliseconds> timeout{};  ///< after which it is taken back
  Seen seen{};
};

struct ConfigurePlan {
  ReadMachine read;
  Plan plan;                        ///< its checks are all that there are, those of configuring first
  Result<std::string_view> driver;  ///< who would do it
  Result<std::optional<std::uint64_t>> brought_up;  ///< see Module::brought_up()
  std::optional<NothingToDo> nothing_to_do{};       ///< then the checks do not matter
  std::optional<DisablePlan> disable{};             ///< of a module that is taken over, before all else
  std::vector<std::string> consequences{};          ///< of taking over; empty where nobody loses anything
};

/// Looks at everything, and changes nothing. The history of updates in the store counts where the module does
/// not tell itself whether an update waits to be taken up.
/// Errors: those of read_machine() and make_plan().
Result<ConfigurePlan> plan_configure(Drivers& drivers, Store& store, const ConfigureOptions& options);

/// Facts of the module that a refusal can rest on.
enum class Told : std::uint8_t {
  maybe_later,  ///< TDH.SYS.INIT and TDH.SYS.LP.INIT, which can be repeated, come first: some it tells then
  all,
};

/// Why the action would refuse; nothing when it would go on. What is not known counts as broken.
std::optional<Error> refusal(const ConfigurePlan& plan, Told told = Told::maybe_later);

}  // namespace tdxctl::bringup
