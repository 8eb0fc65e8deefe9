// SPDX-License-Identifier: MIT
// Real time, and the signals that ask a program to stop.
#pragma once

#include "core/port/clock.h"

namespace tdxctl {

/// While one exists, SIGINT, SIGTERM and SIGHUP are noted instead of ending the program.
class SystemClock : public Clock {
 public:
  SystemClock();
  ~SystemClock() override;
  SystemClock(const SystemClock&) = delete;
  SystemClock& operator=(const SystemClock&) = delete;

  [[nodiscard]] Duration now() override;
  [[nodiscard]] bool sleep(Duration duration) override;
  [[nodiscard]] bool stop_requested() override;
};

}  // namespace tdxctl
