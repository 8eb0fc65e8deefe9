// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/envelope.h"
#include "cli/text.h"
#include "core/decode/guess.h"

namespace tdxctl::cli {

/// Where a number stands in text that was read.
struct Place {
  std::size_t line;
  std::size_t column;
};

/// One number, as written, and its readings, best first. There is at least one.
struct DecodedNumber {
  std::string input;
  std::optional<Place> place;
  std::vector<Guess> readings;
};

struct DecodedNumbers {
  std::vector<DecodedNumber> numbers;
};
std::string to_text(const DecodedNumbers& decoded, const Style& style);
Json to_json(const DecodedNumbers& decoded);

}  // namespace tdxctl::cli
