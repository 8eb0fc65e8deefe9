// SPDX-License-Identifier: MIT
// Free text such as dmesg, and numbers as people type them.
#include <string_view>

#include "check.h"
#include "core/decode/guess.h"
#include "core/decode/number.h"
#include "core/decode/scan.h"

using namespace tdxctl;

namespace {

/// The bytes from the start of the line up to the finding are where it says it is.
void check_place(std::string_view text, const FoundNumber& finding) {
  std::size_t line_start = 0;
  for (std::size_t line = 1; line < finding.line; ++line) {
    const auto end = text.find('\n', line_start);
    fuzz::check(end != std::string_view::npos);
    line_start = end + 1;
  }
  fuzz::check(text.substr(line_start).data() + finding.column - 1 == finding.text.data());
}

void check_scan(std::string_view text, std::size_t max_findings) {
  const ScanResult result = scan_text(text, max_findings);
  fuzz::check(result.findings.size() <= max_findings);
  const char* last_end = text.data();
  for (const FoundNumber& finding : result.findings) {
    fuzz::check(finding.text.data() >= last_end);
    last_end = finding.text.data() + finding.text.size();
    fuzz::check(last_end <= text.data() + text.size());
    const auto word = parse_number(finding.text);
    fuzz::check(word && *word == finding.word);
    fuzz::check(!guess(finding.word).empty());
  }
  if (!result.findings.empty()) check_place(text, result.findings.back());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_scan(text, kMaxFindings);
  check_scan(text, 2);
  if (const auto number = parse_number(text)) fuzz::check(!guess(*number).empty());
  return 0;
}
