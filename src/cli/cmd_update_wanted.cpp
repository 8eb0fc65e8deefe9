// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include "cli/cmd_update.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/update_store.h"

namespace tdxctl::cli {
namespace {

int run_show(Context& context) {
  const auto version = read_wanted(context.store());
  if (!version) return report(context, version.error());
  return report_result(context, Wanted{*version});
}

int run_set(Context& context, const std::optional<Version>& version) {
  const auto lock = context.store().lock();
  if (!lock) return report(context, lock.error());
  const auto changed = set_wanted(context.store(), version);
  if (!changed) return report(context, changed.error());
  Outcome outcome{.changed = *changed};
  if (*changed) {
    HistoryEntry entry = new_entry("wanted", "done");
    entry.to = version;
    record(context, entry, outcome.warnings);
  }
  return report_result(context, Wanted{version}, outcome);
}

int run_wanted(Context& context, const std::string& typed, bool clear) {
  if (clear) return run_set(context, std::nullopt);
  if (typed.empty()) return run_show(context);
  const auto version = parse_version(typed);
  if (!version) {
    return report(context,
                  {ErrorId::usage, "'" + printable(typed) + "' is not a version", "give one such as 1.5.28"});
  }
  return run_set(context, version);
}

}  // namespace

std::string to_text(const Wanted& wanted, const Style& /*style*/) {
  return wanted.version ? to_string(*wanted.version) + "\n" : "no release is wanted\n";
}

Json to_json(const Wanted& wanted) {
  return {{"wanted", text_or_null(wanted.version)},
          {"wanted_parts", wanted.version ? version_parts(*wanted.version) : Json(nullptr)}};
}

void add_update_wanted(CLI::App& update, Context& context) {
  CLI::App* wanted = update.add_subcommand("wanted", "say which release this host is meant to run");
  struct Typed {
    std::string version;
    bool clear = false;
  };
  const auto options = std::make_shared<Typed>();
  auto* const version =
      wanted->add_option("VERSION", options->version, "release, such as 1.5.28; none to show it")
          ->type_name("");
  wanted->add_flag("--clear", options->clear, "want none any more")->excludes(version);
  on_run(*wanted, context, "update-wanted",
         [&context, options] { return run_wanted(context, options->version, options->clear); });
}

}  // namespace tdxctl::cli
