// SPDX-License-Identifier: MIT
// What every ABI table promises about its order, checked at compile time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tdxctl::abi {

/// Whether key(row) rises from row to row, which also makes the keys unique.
template <class Row, std::size_t N, class Key>
constexpr bool strictly_ascending(const Row (&rows)[N], Key key) {
  for (std::size_t i = 1; i < N; ++i) {
    if (!(key(rows[i - 1]) < key(rows[i]))) return false;
  }
  return true;
}

/// The name that belongs to a number: the row of most small tables.
struct NamedNumber {
  std::uint32_t number;
  std::string_view name;
};

constexpr std::uint32_t number_of(const NamedNumber& row) { return row.number; }

}  // namespace tdxctl::abi
