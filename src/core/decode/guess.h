// SPDX-License-Identifier: MIT
// What a bare number could be.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "core/decode/decode.h"
#include "core/decode/registers.h"

namespace tdxctl {

/// Any word, taken apart as what it was taken for.
using Decoded = std::variant<StatusDecode, CallDecode, FieldIdDecode, BitsDecode, RegisterDecode>;

enum class Likelihood : std::uint8_t {
  certain,  ///< a distinctive value that a table has
  likely,
  possible,
  remote,  ///< only not excluded
};

struct Guess {
  Likelihood likelihood;
  std::string_view reason;  ///< why it could be this
  Decoded decoded;
};

/// All readings of a word that make sense, best first. Never empty: the last resort is the layout of a
/// status.
std::vector<Guess> guess(std::uint64_t word);

}  // namespace tdxctl
