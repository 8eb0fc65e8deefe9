// SPDX-License-Identifier: MIT
#include "cli/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace tdxctl::cli {
namespace {

/// 0, or the errno of the write that failed.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

void fill_missing_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free descriptor is this one. Reading from it, or writing to it, fails as if it were closed.
    const int opened = ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (opened != fd) return;
  }
}

Result<void> write_stdout(std::string_view text) {
  const int error = write_all(STDOUT_FILENO, text);
  if (error == 0 || error == EPIPE) return {};
  return fail(ErrorId::file_unwritable,
              std::string("cannot write to standard output: ") + std::strerror(error));
}

void write_stderr(std::string_view text) { (void)write_all(STDERR_FILENO, text); }

bool stdin_is_terminal() { return ::isatty(STDIN_FILENO) == 1; }

bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

bool stdout_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

bool environment_allows_colour() {
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* term = std::getenv("TERM");
  return term != nullptr && std::string_view(term) != "dumb";
}

std::string read_stdin_line() {
  std::string line;
  char each;
  while (::read(STDIN_FILENO, &each, 1) == 1 && each != '\n') line += each;
  return line;
}

Result<std::string> read_stdin(std::size_t limit_bytes) {
  std::string text;
  char buffer[65536];
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (got == 0) return text;
    if (got < 0) {
      if (errno == EINTR) continue;
      return fail(ErrorId::file_unreadable,
                  std::string("cannot read standard input: ") + std::strerror(errno));
    }
    if (text.size() + static_cast<std::size_t>(got) > limit_bytes) {
      return fail(ErrorId::file_unreadable,
                  "cannot read standard input: more than " + std::to_string(limit_bytes >> 20) + " MiB",
                  "give the part that matters, for example 'dmesg | grep -i tdx'");
    }
    text.append(buffer, static_cast<std::size_t>(got));
  }
}

}  // namespace tdxctl::cli
