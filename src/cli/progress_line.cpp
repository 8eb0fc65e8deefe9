// SPDX-License-Identifier: MIT
#include "cli/progress_line.h"

#include "cli/output.h"
#include "cli/text.h"

namespace tdxctl::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kFirst = 300ms;
constexpr auto kOnTerminal = 100ms;
constexpr auto kInLog = 5000ms;
constexpr std::string_view kEraseLine = "\r\x1b[K";

}  // namespace

ProgressLine::ProgressLine(bool quiet)
    : quiet_(quiet), on_terminal_(stderr_is_terminal()), next_(on_terminal_ ? kFirst : kInLog) {}

ProgressLine::~ProgressLine() {
  if (drawn_) write_stderr(kEraseLine);
}

void ProgressLine::show(std::chrono::milliseconds elapsed, const std::function<std::string()>& text) {
  if (quiet_ || elapsed < next_) return;
  next_ = elapsed + (on_terminal_ ? kOnTerminal : kInLog);
  if (on_terminal_) {
    write_stderr(std::string(kEraseLine) + printable(text()));
    drawn_ = true;
  } else {
    write_stderr("tdxctl: " + printable(text()) + "\n");
  }
}

}  // namespace tdxctl::cli
