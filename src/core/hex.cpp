// SPDX-License-Identifier: MIT
#include "core/hex.h"

#include <array>
#include <charconv>

namespace tdxctl {

std::string hex(std::uint64_t value, int digits) {
  std::array<char, 16> text;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value, 16);
  const auto length = end - text.data();
  const auto padding = digits > length ? digits - length : 0;
  return "0x" + std::string(static_cast<std::size_t>(padding), '0') + std::string(text.data(), end);
}

}  // namespace tdxctl
