// SPDX-License-Identifier: MIT
#include "cli/duration.h"

#include <charconv>

#include "cli/text.h"

namespace tdxctl::cli {
namespace {

using std::chrono::milliseconds;

struct Unit {
  std::string_view name;
  milliseconds length;
};
constexpr Unit kUnits[] = {
    {"", std::chrono::seconds(1)},  {"ms", milliseconds(1)},          {"s", std::chrono::seconds(1)},
    {"m", std::chrono::minutes(1)}, {"min", std::chrono::minutes(1)}, {"h", std::chrono::hours(1)},
};
constexpr milliseconds kLongest = std::chrono::hours(24);

}  // namespace

Result<milliseconds> parse_duration(std::string_view text) {
  std::uint64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, count);
  const std::string_view name(at, static_cast<std::size_t>(end - at));
  for (const Unit& unit : kUnits) {
    if (error != std::errc{} || at == text.data() || unit.name != name) continue;
    if (count > static_cast<std::uint64_t>(kLongest / unit.length)) {
      return fail(ErrorId::usage, "'" + printable(text) + "' is longer than a day", "give at most 24h");
    }
    return static_cast<milliseconds::rep>(count) * unit.length;
  }
  return fail(ErrorId::usage, "'" + printable(text) + "' is not a duration",
              "write it as 500ms, 30s, 2m or 1h");
}

std::string duration_text(milliseconds duration) {
  if (duration < std::chrono::seconds(10)) {
    const auto tenths = (duration.count() + 50) / 100;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  if (seconds < 60) return std::to_string(seconds) + " s";
  return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
}

}  // namespace tdxctl::cli
