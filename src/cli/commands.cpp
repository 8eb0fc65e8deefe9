// SPDX-License-Identifier: MIT
#include "cli/commands.h"

#include <CLI/CLI.hpp>

namespace tdxctl::cli {
namespace {

constexpr Command kCommands[] = {
    {"status", "show what this host is and has", add_status},
    {"features", "show what the TDX module can do", add_features},
    {"metadata", "read the TDX module's global metadata", add_metadata},
    {"decode", "explain numbers from the kernel log or an API", add_decode},
    {"disable", "leave TDX before a kexec: hand all memory back", add_disable},
    {"connect", "bring the TDX module up, with TDX Connect", add_connect},
    {"update", "know, prove and choose TDX module images", add_update},
    {"sim", "make and show simulated machines", add_sim},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

void on_run(CLI::App& verb, Context& context, std::string_view schema, std::function<int()> run) {
  // Known before the arguments are read, so that a mistake in them is reported under the verb's own schema.
  verb.preparse_callback([&context, schema](std::size_t) { context.verb = schema; });
  verb.callback([&context, run = std::move(run)] {
    // CLI11 calls the innermost action first, then the verb that it belongs to.
    if (!context.run) context.run = run;
  });
}

}  // namespace tdxctl::cli
