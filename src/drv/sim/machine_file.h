// SPDX-License-Identifier: MIT
// The text of a machine file: {"schema": "tdxctl.machine/1", "profile": NAME, ...}. Its form only: whether
// such a machine can be is for make_setup().
#pragma once

#include <string>
#include <string_view>

#include "core/port/machines.h"

namespace tdxctl {

/// Errors: profile_invalid, with the member that is wrong.
Result<MachineSpec> parse_machine(std::string_view text);

/// The text that parse_machine() reads as this spec.
std::string print_machine(const MachineSpec& spec);

}  // namespace tdxctl
