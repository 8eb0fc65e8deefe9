// SPDX-License-Identifier: MIT
#include "drv/host/system_clock.h"

#include <poll.h>

#include <array>
#include <csignal>

namespace tdxctl {
namespace {

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};

volatile std::sig_atomic_t stop = 0;

void note(int /*signal*/) { stop = 1; }

void install(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;  // no SA_RESTART: a call that waits comes back
  for (const int signal : kSignals) sigaction(signal, &action, nullptr);
}

}  // namespace

SystemClock::SystemClock() { install(note); }

SystemClock::~SystemClock() { install(SIG_DFL); }

Clock::Duration SystemClock::now() {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

bool SystemClock::sleep(Duration duration) {
  if (stop == 0) poll(nullptr, 0, static_cast<int>(duration.count()));
  return stop == 0;
}

bool SystemClock::stop_requested() { return stop != 0; }

}  // namespace tdxctl
