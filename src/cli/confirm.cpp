// SPDX-License-Identifier: MIT
#include "cli/confirm.h"

#include <unistd.h>

#include <string>

#include "cli/output.h"

namespace tdxctl::cli {

Result<void> confirm(std::string_view question) {
  if (!stdin_is_terminal()) {
    return fail(ErrorId::confirmation_needed, "this has to be confirmed, and standard input is no terminal");
  }
  write_stderr(std::string(question) + " [y/N] ");
  const std::string answer = read_stdin_line();
  if (answer == "y" || answer == "yes") return {};
  return fail(ErrorId::declined, "not confirmed: nothing was done");
}

}  // namespace tdxctl::cli
