// SPDX-License-Identifier: MIT
// Numbers as people and logs write them.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace tdxctl {

/// A 64-bit number: hex after 0x, else decimal. Underscores may stand between digits.
/// Errors: bad_number, with a sentence of its own for empty text, text that is no number, hex digits without
/// 0x, and a number that needs more than 64 bits.
Result<std::uint64_t> parse_number(std::string_view text);

}  // namespace tdxctl
