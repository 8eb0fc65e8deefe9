// SPDX-License-Identifier: MIT
// Port: time, so that waiting can be tested.
#pragma once

#include <chrono>

namespace tdxctl {

class Clock {
 public:
  using Duration = std::chrono::milliseconds;

  virtual ~Clock() = default;

  /// Time since some fixed point; never goes back.
  [[nodiscard]] virtual Duration now() = 0;

  /// Waits; gives false when a signal asked the program to stop.
  [[nodiscard]] virtual bool sleep(Duration duration) = 0;

  /// Whether a signal has asked the program to stop.
  [[nodiscard]] virtual bool stop_requested() = 0;
};

}  // namespace tdxctl
