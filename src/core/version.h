// SPDX-License-Identifier: MIT
// Versions as Linux and Intel write them: major.minor.update, the update in two digits ("1.5.05").
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tdxctl {

struct Version {
  std::uint16_t major = 0;
  std::uint16_t minor = 0;
  std::uint16_t update = 0;

  auto operator<=>(const Version&) const = default;
};

std::string to_string(const Version& version);

/// Reads "1.5.05" or "1.5.5"; nothing for any other text.
std::optional<Version> parse_version(std::string_view text);

}  // namespace tdxctl
