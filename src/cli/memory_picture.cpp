// SPDX-License-Identifier: MIT
#include "cli/memory_picture.h"

#include <algorithm>

#include "core/byte_size.h"

namespace tdxctl::cli {
namespace {

constexpr std::uint64_t kColumns = 64;

}  // namespace

std::string memory_picture(const bringup::Plan& plan, const Style& style) {
  if (plan.tdmrs.empty()) return {};
  const std::uint64_t cells = plan.tdmrs.back().range.end() / bringup::kCellBytes;
  const std::uint64_t column_bytes = (cells + kColumns - 1) / kColumns * bringup::kCellBytes;
  const auto column = [&](std::uint64_t address) { return address / column_bytes; };
  std::string memory(column(plan.tdmrs.back().range.end() - 1) + 1, '.');
  std::string starts(memory.size(), ' ');
  for (std::size_t i = 0; i < plan.tdmrs.size(); ++i) {
    const bringup::PlannedTdmr& tdmr = plan.tdmrs[i];
    const auto mark = [&](const bringup::Range& range, char with) {
      for (auto at = column(range.base); at <= column(range.end() - 1); ++at) memory[at] = with;
    };
    for (auto at = column(tdmr.range.base); at <= column(tdmr.range.end() - 1); ++at) {
      if (memory[at] == '.') memory[at] = '#';
    }
    for (const bringup::Range& hole : tdmr.holes) mark(hole, '+');
    char& start = starts[column(tdmr.range.base)];
    if (start == ' ') start = static_cast<char>('0' + i % 10);
  }
  starts.erase(starts.find_last_not_of(' ') + 1);
  return "  " + style.paint(Colour::bold, memory) + "\n  " + starts + "\n  " +
         style.paint(Colour::faint, "a column is " + byte_size(column_bytes) +
                                        ": # RAM, + RAM and holes, . no TDMR; below: TDMR starts") +
         "\n";
}

}  // namespace tdxctl::cli
