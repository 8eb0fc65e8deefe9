// SPDX-License-Identifier: MIT
// Ranges of physical memory, and the units in which the TDX module takes them.
#pragma once

#include <cstdint>

namespace tdxctl::bringup {

inline constexpr std::uint64_t kPageBytes = 1ull << 12;
inline constexpr std::uint64_t kLargePageBytes = 1ull << 21;
inline constexpr std::uint64_t kCellBytes = 1ull << 30;   ///< TDMRs start and end at multiples of it
inline constexpr std::uint64_t kAddressEnd = 1ull << 52;  ///< no physical address is at or above it

/// Bytes base to base + bytes - 1.
struct Range {
  std::uint64_t base = 0;
  std::uint64_t bytes = 0;

  [[nodiscard]] std::uint64_t end() const { return base + bytes; }
  bool operator==(const Range&) const = default;
};

constexpr std::uint64_t round_down(std::uint64_t value, std::uint64_t unit) { return value / unit * unit; }
constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
  return round_down(value + unit - 1, unit);
}

}  // namespace tdxctl::bringup
