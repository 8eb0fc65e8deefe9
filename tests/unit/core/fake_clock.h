// SPDX-License-Identifier: MIT
#pragma once

#include "core/port/clock.h"

namespace tdxctl::test {

/// Time passes only by looking at it; after `signal_after` looks a signal has come.
class FakeClock : public Clock {
 public:
  int signal_after = -1;

  Duration now() override { return now_ += Duration{10}; }
  bool sleep(Duration duration) override {
    now_ += duration;
    return !stop_requested();
  }
  bool stop_requested() override { return signal_after >= 0 && ++looks_ > signal_after; }

 private:
  Duration now_{0};
  int looks_ = 0;
};

}  // namespace tdxctl::test
