// SPDX-License-Identifier: MIT
#include "cli/program.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <exception>
#include <span>

#include "cli/commands.h"
#include "cli/log.h"
#include "cli/output.h"
#include "cli/report.h"

namespace tdxctl::cli {
namespace {

using Arguments = std::span<const char* const>;

constexpr const char* kGlobalOptionsNote =
    "--json, --driver, --root, -q and -v go with every verb: see tdxctl --help.";

bool has_word(Arguments arguments, std::string_view word) {
  return std::ranges::any_of(arguments, [&](const char* each) { return word == each; });
}

void add_options(CLI::App& app, Options& options) {
  app.set_help_flag("-h,--help", "print this help and exit");
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.add_flag("--json", options.json, "print one JSON object");
  app.add_option("--driver", options.driver, "how to reach TDX: auto, native, helper or sim[=MACHINE]")
      ->type_name("DRIVER");
  app.add_option("--root", options.root, "read the host's files below this directory")
      ->type_name("DIR")
      ->check(CLI::Validator(CLI::ExistingDirectory).description(""));
  app.add_flag("-q,--quiet", options.quiet, "no text, only the exit code");
  app.add_flag("-v,--verbose", options.verbosity, "log to standard error; more with -vv");
  app.add_flag("--version", options.version, "print the version and exit");
}

/// Only verbs that the command line names get their options: making those of all takes longer than most runs.
void add_commands(CLI::App& app, Context& context, Arguments arguments) {
  app.require_subcommand(0, 1);
  for (const Command& command : commands()) {
    CLI::App* verb = app.add_subcommand(std::string(command.name), std::string(command.summary));
    verb->group("Verbs");
    if (!has_word(arguments, command.name)) continue;
    verb->fallthrough();
    verb->footer(kGlobalOptionsNote);
    command.add(*verb, context);
    for (CLI::App* action : verb->get_subcommands({})) {
      action->group("Verbs");
      action->fallthrough();
      action->footer(kGlobalOptionsNote);
    }
  }
}

/// The innermost verb or action that was recognised.
const CLI::App& innermost(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : innermost(*parsed.front());
}

std::string help_command(const CLI::App& app) {
  return app.get_parent() == nullptr ? "tdxctl" : help_command(*app.get_parent()) + " " + app.get_name();
}

/// The names that may follow: verbs, or the actions of a verb.
std::vector<std::string_view> names_below(const CLI::App& app) {
  std::vector<std::string_view> names;
  for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(each->get_name());
  return names;
}

Error unexpected_argument(const CLI::App& app, const std::string& argument) {
  const CLI::App& where = innermost(app);
  const std::string hint = "see " + help_command(where) + " --help";
  const std::string quoted = "'" + printable(argument) + "'";
  if (argument.starts_with('-')) return {ErrorId::usage, "unknown option " + quoted, hint};
  const auto names = names_below(where);
  if (names.empty()) return {ErrorId::usage, "unexpected argument " + quoted, hint};
  const std::string_view close = closest(argument, names);
  return {ErrorId::usage, "'" + help_command(where) + "' has no verb " + quoted,
          close.empty() ? hint : "did you mean '" + std::string(close) + "'?"};
}

/// A verb without what it is to do.
Error missing_verb(const CLI::App& app) {
  const CLI::App& where = innermost(app);
  std::vector<std::string> names;
  for (const std::string_view name : names_below(where)) names.emplace_back(name);
  return {ErrorId::usage, "'" + help_command(where) + "' needs a verb: " + join(names, ", "),
          "see " + help_command(where) + " --help"};
}

/// Help of the innermost verb that was named, in our words.
std::string help_text(CLI::App& app) {
  app.get_formatter()->label("SUBCOMMAND", "VERB");
  return app.help();
}

/// CLI11's sentence in the form of ours: lower case, no full stop.
Error usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const auto remaining = app.remaining(true);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !remaining.empty()) {
    return unexpected_argument(app, remaining.front());
  }
  std::string what = error.what();
  if (what.size() > 1 && what[0] >= 'A' && what[0] <= 'Z' && what[1] >= 'a')
    what[0] = static_cast<char>(what[0] + 32);
  while (what.ends_with('.')) what.pop_back();
  return {ErrorId::usage, std::move(what), "see " + help_command(innermost(app)) + " --help"};
}

/// The first option or argument of the verb that was given and is empty; nullptr where there is none.
const CLI::Option* empty_one(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    const auto& results = option->results();
    if (std::ranges::any_of(results, [](const std::string& each) { return each.empty(); })) return option;
  }
  for (const CLI::App* verb : app.get_subcommands()) {
    if (const CLI::Option* option = empty_one(*verb)) return option;
  }
  return nullptr;
}

/// An unset variable of a shell must not turn one call into another.
Error empty_value(const CLI::App& app, const CLI::Option& option) {
  return {ErrorId::usage, "'" + option.get_name() + "' is given and empty",
          "give a value, or leave it out; see " + help_command(innermost(app)) + " --help"};
}

struct ToolVersion {};
Json to_json(ToolVersion) { return {{"version", TDXCTL_VERSION}}; }
std::string to_text(ToolVersion, const Style&) { return "tdxctl " TDXCTL_VERSION "\n"; }

int report_version(Context& context) {
  context.verb = "version";
  return report_result(context, ToolVersion{});
}

int parse_and_run(Context& context, Arguments arguments) {
  // What scripts ask to find out whether the program is there: no verb has to be made for it.
  if (arguments.size() == 2 && has_word(arguments, "--version")) return report_version(context);
  CLI::App app("Administer Intel TDX on this host.", "tdxctl");
  app.footer("Verbs explain themselves: tdxctl VERB --help, man tdxctl-VERB.");
  add_options(app, context.options);
  add_commands(app, context, arguments);
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::CallForHelp&) {
    return report_text(context, help_text(app), {});
  } catch (const CLI::ParseError& error) {
    return report(context, usage_error(app, error));
  }
  if (const CLI::Option* option = empty_one(app)) return report(context, empty_value(app, *option));
  if (context.options.version) return report_version(context);
  if (!context.run) return report(context, missing_verb(app));
  // Asked for again where it is needed; here so that a wrong one is never passed over.
  if (const auto choice = parse_driver(context.options); !choice) return report(context, choice.error());
  if (context.options.verbosity > 0) start_log(context.options.verbosity);
  return context.run();
}

}  // namespace

int run_program(int argc, const char* const* argv, Parts& parts) {
  // A reader that goes away must not kill a run half way: writes fail with EPIPE instead.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  fill_missing_streams();

  const Arguments arguments(argv, static_cast<std::size_t>(argc));
  Context context(parts);
  // Seen here already, because a usage error may come before the option is read.
  context.options.json = has_word(arguments, "--json");
  try {
    return parse_and_run(context, arguments);
  } catch (const std::exception& error) {
    return report(context, {ErrorId::internal, std::string("internal error: ") + error.what()});
  }
}

}  // namespace tdxctl::cli
