// SPDX-License-Identifier: MIT
#include "core/decode/number.h"

#include <algorithm>
#include <limits>

#include "core/abi/names.h"

namespace tdxctl {
namespace {

constexpr unsigned kNotADigit = 99;

constexpr unsigned digit_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return kNotADigit;
}

bool is_bare_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return digit_value(c) < 16; });
}

tl::unexpected<Error> not_a_number(std::string_view text) {
  if (is_bare_hex(text)) {
    return fail(ErrorId::bad_number, abi::quoted(text) + " is not a decimal number",
                "write 0x before hex digits");
  }
  return fail(ErrorId::bad_number, abi::quoted(text) + " is not a number");
}

}  // namespace

Result<std::uint64_t> parse_number(std::string_view text) {
  if (text.empty()) return fail(ErrorId::bad_number, "the number is empty");
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  const unsigned base = hex ? 16 : 10;
  const std::string_view digits = text.substr(hex ? 2 : 0);

  std::uint64_t value = 0;
  bool too_big = false;
  bool after_digit = false;
  for (const char c : digits) {
    if (c == '_' && after_digit) {
      after_digit = false;
      continue;
    }
    const unsigned digit = digit_value(c);
    if (digit >= base) return not_a_number(text);
    too_big = too_big || value > (std::numeric_limits<std::uint64_t>::max() - digit) / base;
    value = value * base + digit;
    after_digit = true;
  }
  if (!after_digit) return not_a_number(text);
  if (too_big) return fail(ErrorId::bad_number, abi::quoted(text) + " does not fit in 64 bits");
  return value;
}

}  // namespace tdxctl
