// SPDX-License-Identifier: MIT
// Asking before a machine is changed.
#pragma once

#include <string_view>

#include "core/result.h"

namespace tdxctl::cli {

/// Asks on standard error and reads the answer from the terminal on standard input. Only "y" and "yes" go on,
/// in any case. A signal that asks to stop is an answer too.
/// Errors: confirmation_needed where standard input is no terminal, declined, interrupted.
Result<void> confirm(std::string_view question);

}  // namespace tdxctl::cli
