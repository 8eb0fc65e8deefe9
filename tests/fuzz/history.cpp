// SPDX-License-Identifier: MIT
// The history of updates, as a run that was killed or somebody's editor can leave it.
#include "core/history.h"

#include <algorithm>

#include "check.h"

using namespace tdxctl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const History history = parse_history(text);
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  fuzz::check(history.entries.size() + history.problems.size() <= lines);
  for (const HistoryEntry& entry : history.entries) {
    const std::string line = to_line(entry);
    fuzz::check(line.find('\n') == std::string::npos);
    const History again = parse_history(line);
    fuzz::check(again.problems.empty() && again.entries.size() == 1);
    fuzz::check(again.entries.front() == entry);
  }
  return 0;
}
