// SPDX-License-Identifier: MIT
#include "cli/cmd_update.h"

#include <CLI/CLI.hpp>

#include "cli/commands.h"

namespace tdxctl::cli {

void add_update(CLI::App& verb, Context& context) {
  add_update_inspect(verb, context);
  add_update_verify(verb, context);
  add_update_convert(verb, context);
  add_update_identify(verb, context);
  add_update_list(verb, context);
  add_update_select(verb, context);
}

}  // namespace tdxctl::cli
