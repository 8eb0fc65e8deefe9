// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include "cli/cmd_update.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/update_store.h"
#include "core/hex.h"
#include "core/rfc3339.h"

namespace tdxctl::cli {
namespace {

int run_history(Context& context) {
  auto history = read_history(context.store());
  if (!history) return report(context, history.error());
  Outcome outcome;
  for (const std::string& problem : history->problems) outcome.warnings.push_back({"history", problem});
  return report_result(context, *history, outcome);
}

std::string version_or_dash(const std::optional<Version>& version) {
  return version ? to_string(*version) : "-";
}

Colour colour_of(const HistoryEntry& entry) {
  return entry.result == "done" ? Colour::good : entry.result == "failed" ? Colour::bad : Colour::warn;
}

}  // namespace

std::string to_text(const History& history, const Style& style) {
  if (history.entries.empty()) return "nothing was done here\n";
  Columns rows(style);
  const auto title = [](std::string_view text) { return Cell{std::string(text), Colour::bold}; };
  rows.row({title("time"), title("action"), title("result"), title("from"), title("to"), title("driver"),
            title("message")});
  for (const HistoryEntry& entry : history.entries) {
    rows.row({{rfc3339(entry.time)},
              {printable(entry.action)},
              {printable(entry.result), colour_of(entry)},
              {version_or_dash(entry.from)},
              {version_or_dash(entry.to)},
              {entry.driver.empty() ? "-" : printable(entry.driver)},
              {printable(entry.message)}});
  }
  return rows.str();
}

Json to_json(const History& history) {
  Json entries = Json::array();
  for (const HistoryEntry& entry : history.entries) {
    entries.push_back({
        {"time", rfc3339(entry.time)},
        {"action", entry.action},
        {"result", entry.result},
        {"from", text_or_null(entry.from)},
        {"to", text_or_null(entry.to)},
        {"image_sha384", or_null(entry.image_sha384)},
        {"driver", or_null(entry.driver)},
        {"boot_id", or_null(entry.boot_id)},
        {"features0", entry.features0 ? Json(hex64(*entry.features0)) : Json(nullptr)},
        {"status", entry.status ? Json(hex64(*entry.status)) : Json(nullptr)},
        {"outcome", or_null(entry.outcome)},
        {"error_id", or_null(entry.error_id)},
        {"message", or_null(entry.message)},
        {"duration_ms", entry.duration_ms ? Json(*entry.duration_ms) : Json(nullptr)},
        {"user", or_null(entry.user)},
    });
  }
  return {{"entries", std::move(entries)}};
}

void add_update_history(CLI::App& update, Context& context) {
  CLI::App* history = update.add_subcommand("history", "show what was done to the module of this host");
  on_run(*history, context, "update-history", [&context] { return run_history(context); });
}

}  // namespace tdxctl::cli
