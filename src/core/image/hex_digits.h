// SPDX-License-Identifier: MIT
// Hashes as people write them: hexadecimal digits without a prefix.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/image/sha384.h"

namespace tdxctl::image {

/// Two lower-case digits for each byte.
inline std::string hex_digits(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xF];
  }
  return text;
}

/// A hash from exactly 96 digits of either case. False for any other text.
constexpr bool parse_hex_digits(std::string_view text, Sha384& hash) {
  if (text.size() != hash.size() * 2) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    int digit = 0;
    if (c >= '0' && c <= '9') {
      digit = c - '0';
    } else if (c >= 'a' && c <= 'f') {
      digit = c - 'a' + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = c - 'A' + 10;
    } else {
      return false;
    }
    hash[i / 2] = static_cast<std::uint8_t>(i % 2 == 0 ? digit << 4 : hash[i / 2] | digit);
  }
  return true;
}

}  // namespace tdxctl::image
