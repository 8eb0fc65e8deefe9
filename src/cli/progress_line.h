// SPDX-License-Identifier: MIT
// How far a long action has come: a line that is written over on a terminal, a line now and then elsewhere.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace tdxctl::cli {

/// On standard error. Nothing is shown in the first moments: most actions are over by then.
class ProgressLine {
 public:
  explicit ProgressLine(bool quiet);
  ~ProgressLine();  ///< takes the line away
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// `text` is called only when it is time to show something.
  void show(std::chrono::milliseconds elapsed, const std::function<std::string()>& text);

 private:
  bool quiet_;
  bool on_terminal_;
  bool drawn_ = false;
  std::chrono::milliseconds next_;
};

}  // namespace tdxctl::cli
