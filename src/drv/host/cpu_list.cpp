// SPDX-License-Identifier: MIT
#include "drv/host/cpu_list.h"

#include <charconv>
#include <limits>
#include <string>

namespace tdxctl {

Result<std::uint32_t> count_cpu_list(std::string_view list) {
  const auto malformed = [&] {
    return fail(ErrorId::file_unreadable, "'" + std::string(list) + "' is not a list of CPUs");
  };
  const char* at = list.data();
  const char* const end = at + list.size();
  const auto number = [&](std::uint32_t& value) {
    const auto [next, error] = std::from_chars(at, end, value);
    at = next;
    return error == std::errc{};
  };
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  std::uint64_t count = 0;
  while (at != end) {
    std::uint32_t first = 0;
    if (!number(first)) return malformed();
    std::uint32_t last = first;
    if (at != end && *at == '-') {
      ++at;
      if (!number(last) || last < first) return malformed();
    }
    count += std::uint64_t{last} - first + 1;
    if (count > kMost) return malformed();
    if (at == end) break;
    if (*at++ != ',' || at == end) return malformed();
  }
  return static_cast<std::uint32_t>(count);
}

}  // namespace tdxctl
