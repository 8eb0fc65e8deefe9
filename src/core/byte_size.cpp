// SPDX-License-Identifier: MIT
#include "core/byte_size.h"

#include <string_view>

namespace tdxctl {

std::string byte_size(std::uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  unsigned unit = 0;
  while (bytes >> (10 * unit) >= 1024) ++unit;
  // To the nearest tenth. Ten times the largest rest fits: it is below 2^60.
  const auto tenths_of = [&](unsigned of) {
    const std::uint64_t size = std::uint64_t{1} << (10 * of);
    return bytes / size * 10 + (bytes % size * 10 + size / 2) / size;
  };
  // What is rounded up to 1024 is 1 of the next unit.
  if (tenths_of(unit) == 10240) ++unit;
  const std::uint64_t whole = tenths_of(unit) / 10, tenths = tenths_of(unit) % 10;
  std::string text = std::to_string(whole);
  if (tenths != 0) text.append(".").append(std::to_string(tenths));
  return text.append(" ").append(kUnits[unit]);
}

}  // namespace tdxctl
