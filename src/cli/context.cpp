// SPDX-License-Identifier: MIT
#include "cli/context.h"

#include "cli/log.h"
#include "cli/output.h"

namespace tdxctl::cli {

Result<Drivers*> Context::drivers() {
  if (drivers_) return drivers_.get();
  auto choice = parse_driver(options);
  if (!choice) return fail(choice.error());
  if (choice->kind == DriverKind::sim) {
    if (choice->machine.empty()) choice->machine = machines().builtin().front();
    machine = choice->machine;
  }
  auto made = parts_.drivers(*choice);
  if (!made) return fail(made.error());
  drivers_ = std::move(*made);
  log_drivers(*drivers_, options.verbosity);
  return drivers_.get();
}

Style Context::style() const {
  if (!stdout_is_terminal()) return {};
  return {.colour = environment_allows_colour(), .width = parts_.terminal_columns()};
}

}  // namespace tdxctl::cli
