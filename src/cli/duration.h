// SPDX-License-Identifier: MIT
// Durations as people type them.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/result.h"

namespace tdxctl::cli {

/// "500ms", "30s", "2m", "1h"; a bare number is in seconds. Errors: usage, also above a day.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

/// "0.3 s", "12 s", "2 min 5 s".
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace tdxctl::cli
