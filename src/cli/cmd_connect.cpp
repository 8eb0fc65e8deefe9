// SPDX-License-Identifier: MIT
#include "cli/cmd_connect.h"

#include <CLI/CLI.hpp>

#include "cli/commands.h"

namespace tdxctl::cli {

void add_connect(CLI::App& verb, Context& context) {
  add_connect_show(verb, context);
  add_connect_plan(verb, context);
  add_connect_configure(verb, context);
}

}  // namespace tdxctl::cli
