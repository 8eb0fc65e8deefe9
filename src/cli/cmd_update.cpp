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
  add_update_plan(verb, context);
  add_update_apply(verb, context);
  add_update_recover(verb, context);
  add_update_stage(verb, context);
  add_update_discard(verb, context);
  add_update_wanted(verb, context);
  add_update_history(verb, context);
}

}  // namespace tdxctl::cli
