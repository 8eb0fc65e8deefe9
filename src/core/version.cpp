// SPDX-License-Identifier: MIT
#include "core/version.h"

#include <charconv>

namespace tdxctl {

std::string to_string(const Version& version) {
  const std::string update = std::to_string(version.update);
  return std::to_string(version.major) + "." + std::to_string(version.minor) + "." +
         (update.size() < 2 ? "0" : "") + update;
}

std::optional<Version> parse_version(std::string_view text) {
  Version version;
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::uint16_t* part : {&version.major, &version.minor, &version.update}) {
    if (part != &version.major) {
      if (at == end || *at != '.') return std::nullopt;
      ++at;
    }
    const auto [next, error] = std::from_chars(at, end, *part);
    if (error != std::errc{}) return std::nullopt;
    at = next;
  }
  if (at != end) return std::nullopt;
  return version;
}

}  // namespace tdxctl
