// SPDX-License-Identifier: MIT
// The verbs of tdxctl: one row each.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "cli/context.h"

namespace CLI {
class App;
}

namespace tdxctl::cli {

struct Command {
  std::string_view name;
  std::string_view summary;
  void (*add)(CLI::App& verb, Context& context);  ///< gives the verb its options and what it does
};

std::span<const Command> commands();

/// Gives a verb, or an action below one, what it does. `schema` names its JSON, "features-has".
void on_run(CLI::App& verb, Context& context, std::string_view schema, std::function<int()> run);

// Each in its own file, cmd_NAME.cpp.
void add_status(CLI::App& verb, Context& context);
void add_features(CLI::App& verb, Context& context);
void add_metadata(CLI::App& verb, Context& context);
void add_connect(CLI::App& verb, Context& context);
void add_decode(CLI::App& verb, Context& context);
void add_disable(CLI::App& verb, Context& context);
void add_sim(CLI::App& verb, Context& context);
void add_update(CLI::App& verb, Context& context);

}  // namespace tdxctl::cli
