// SPDX-License-Identifier: MIT
// Registers, masks and ids as everything of ours writes them.
#pragma once

#include <cstdint>
#include <string>

namespace tdxctl {

/// "0x" and lower-case digits, at least `digits` of them.
std::string hex(std::uint64_t value, int digits = 1);

/// "0x" and all 16 digits: status words, field ids and masks.
inline std::string hex64(std::uint64_t value) { return hex(value, 16); }

}  // namespace tdxctl
