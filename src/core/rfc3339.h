// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tdxctl {

/// "2026-11-21T13:34:20Z".
std::string rfc3339(std::chrono::sys_seconds time);

/// Reads what rfc3339() writes; nothing for any other text.
std::optional<std::chrono::sys_seconds> parse_rfc3339(std::string_view text);

}  // namespace tdxctl
