// SPDX-License-Identifier: MIT
// The text of a machine from which to plan: {"memory": [...], "cmrs": [...], ...}, as 'connect plan --json'
// has it in data.machine.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "core/bringup/machine.h"
#include "core/result.h"

namespace tdxctl::bringup {

/// Errors: machine_invalid, with the member that is wrong.
Result<Machine> parse_machine(std::string_view text);

/// What parse_machine() reads as this machine. What is not known is null.
nlohmann::ordered_json to_json(const Machine& machine);

}  // namespace tdxctl::bringup
