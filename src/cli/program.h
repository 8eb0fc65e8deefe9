// SPDX-License-Identifier: MIT
// The command line: options of the program, choice of the verb, usage errors.
#pragma once

#include "cli/context.h"

namespace tdxctl::cli {

/// Runs tdxctl with the arguments of main() and gives the exit code. Never throws.
int run_program(int argc, const char* const* argv, Parts& parts);

}  // namespace tdxctl::cli
