// SPDX-License-Identifier: MIT
#include "core/byte_size.h"

#include <string_view>

namespace tdxctl {

std::string byte_size(std::uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  unsigned unit = 0;
  while (bytes >> (10 * unit) >= 1024) ++unit;
  const std::uint64_t whole = bytes >> (10 * unit);
  const std::uint64_t rest = bytes - (whole << (10 * unit));
  // Ten times the largest rest fits: it is below 2^60.
  const std::uint64_t tenths = rest * 10 >> (10 * unit);
  std::string text = std::to_string(whole);
  if (tenths != 0) text.append(".").append(std::to_string(tenths));
  return text.append(" ").append(kUnits[unit]);
}

}  // namespace tdxctl
