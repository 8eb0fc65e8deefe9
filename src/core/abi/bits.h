// SPDX-License-Identifier: MIT
// Bit tests and field extraction, numbered as the manuals number them: field(word, high, low) is
// word[high:low].
#pragma once

#include <cstdint>

namespace tdxctl::abi {

/// Bit n of word.
constexpr bool bit(std::uint64_t word, unsigned n) { return (word >> n & 1) != 0; }

/// The word in which only bits high:low are set.
constexpr std::uint64_t mask(unsigned high, unsigned low) { return ~0ull >> (63 - high + low) << low; }

/// word[high:low], shifted down.
constexpr std::uint64_t field(std::uint64_t word, unsigned high, unsigned low) {
  return (word & mask(high, low)) >> low;
}

/// value shifted up to high:low. Bits of value that do not fit are dropped.
constexpr std::uint64_t place(std::uint64_t value, unsigned high, unsigned low) {
  return value << low & mask(high, low);
}

static_assert(bit(1ull << 63, 63) && bit(1, 0) && !bit(1, 1));
static_assert(mask(63, 0) == ~0ull && mask(0, 0) == 1 && mask(63, 63) == 1ull << 63 &&
              mask(23, 16) == 0xFF0000);
static_assert(field(0x8000'0203'0000'0005, 47, 40) == 2 && field(~0ull, 63, 0) == ~0ull);
static_assert(place(0x102, 23, 16) == 0x020000 && field(place(5, 61, 56), 61, 56) == 5);

}  // namespace tdxctl::abi
