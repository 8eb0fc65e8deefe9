// SPDX-License-Identifier: MIT
// Memory on one line of a terminal.
#pragma once

#include <string>

#include "cli/text.h"
#include "core/bringup/plan.h"

namespace tdxctl::cli {

/// At most 64 columns of as many whole GiB as it takes: '#' where TDMRs have only RAM, '+' where they have
/// reserved areas without RAM too, '.' where there is no TDMR; below it where each TDMR starts, by its
/// number's last digit.
std::string memory_picture(const bringup::Plan& plan, const Style& style);

}  // namespace tdxctl::cli
