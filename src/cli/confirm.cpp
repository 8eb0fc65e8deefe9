// SPDX-License-Identifier: MIT
#include "cli/confirm.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <optional>
#include <string>

#include "cli/output.h"

namespace tdxctl::cli {
namespace {

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};

/// As long as it lives, signals that ask to stop come only while the terminal is waited for, and end that.
class StopSignals {
 public:
  StopSignals() {
    sigset_t held;
    sigemptyset(&held);
    for (const int signal : kSignals) sigaddset(&held, signal);
    sigprocmask(SIG_BLOCK, &held, &before_);
    struct sigaction action {};
    action.sa_handler = [](int /*signal*/) {};
    for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &action, &actions_[i]);
  }
  ~StopSignals() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &actions_[i], nullptr);
    sigprocmask(SIG_SETMASK, &before_, nullptr);
  }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// False when a signal came first.
  [[nodiscard]] bool wait_for_input() const {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    return ppoll(&input, 1, nullptr, &before_) > 0;
  }

 private:
  sigset_t before_{};
  std::array<struct sigaction, kSignals.size()> actions_{};
};

/// A line; nothing when a signal came first. One that comes with the question is not missed.
std::optional<std::string> ask(std::string_view question) {
  const StopSignals signals;
  write_stderr(std::string(question) + " [y/N] ");
  if (!signals.wait_for_input()) return std::nullopt;
  return read_stdin_line();
}

}  // namespace

Result<void> confirm(std::string_view question) {
  if (!stdin_is_terminal()) {
    return fail(ErrorId::confirmation_needed, "this has to be confirmed, and standard input is no terminal");
  }
  auto answer = ask(question);
  if (!answer) {
    write_stderr("\n");  // what was asked stays on its line
    return fail(ErrorId::interrupted, "interrupted before anything was done");
  }
  std::ranges::transform(*answer, answer->begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (*answer == "y" || *answer == "yes") return {};
  return fail(ErrorId::declined, "not confirmed: nothing was done");
}

}  // namespace tdxctl::cli
