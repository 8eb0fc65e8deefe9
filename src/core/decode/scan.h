// SPDX-License-Identifier: MIT
// Finds the numbers in free text, such as dmesg, that TDX can explain.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/decode/guess.h"

namespace tdxctl {

/// One number, where it stands and what it means.
struct FoundNumber {
  std::size_t line;       ///< from 1
  std::size_t column;     ///< from 1, in bytes
  std::string_view text;  ///< as written; points into the scanned text
  std::uint64_t word;
  Decoded decoded;
};

struct ScanResult {
  std::vector<FoundNumber> findings;
  bool truncated;  ///< there was more than max_findings
};

inline constexpr std::size_t kMaxFindings = 10'000;

/// Numbers after 0x that are worth explaining, in order. The leaf on a line, by number ("SEAMCALL (0x21)
/// failed: ...") or by name ("TDH.SYS.INIT failed: ..."), says whose status stands beside it; registers
/// printed after a failure are explained by it. A number that nothing on its line explains is taken up only
/// where its value is distinctive. Takes time linear in the text, whatever bytes it holds.
ScanResult scan_text(std::string_view text, std::size_t max_findings = kMaxFindings);

}  // namespace tdxctl
