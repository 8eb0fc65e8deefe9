// SPDX-License-Identifier: MIT
#include "cli/update_store.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "core/image/hex_digits.h"
#include "core/rfc3339.h"

namespace tdxctl::cli {
namespace {

std::string who() {
  const char* const sudo = std::getenv("SUDO_USER");
  const std::string uid = "uid " + std::to_string(getuid());
  return sudo != nullptr && *sudo != '\0' ? uid + ", sudo by " + sudo : uid;
}

bool is_simulated(const Options& options) {
  const auto choice = parse_driver(options);
  return choice && choice->kind == DriverKind::sim;
}

/// A simulated update must not look like a real one in this host's journal.
bool is_for_journal(const Options& options) { return options.root != "/" || !is_simulated(options); }

}  // namespace

HistoryEntry new_entry(std::string_view action, std::string_view result) {
  HistoryEntry entry{.action = std::string(action), .result = std::string(result)};
  entry.time = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  entry.user = who();
  return entry;
}

HistoryEntry begun(Drivers& drivers, std::string_view action, std::string_view driver) {
  HistoryEntry entry = new_entry(action, "begun");
  entry.driver = driver;
  entry.boot_id = drivers.platform().boot_id().value_or("");
  return entry;
}

HistoryEntry ended(HistoryEntry entry, const Result<UpdateReport>& report) {
  const std::optional<Error> error = report ? report->error : std::optional(report.error());
  entry.result = error ? "failed" : "done";
  if (error) {
    entry.error_id = error_info(error->id).name;
    entry.message = error->what;
    if (error->seamcall) entry.status = error->seamcall->status;
  }
  if (!report) {
    // What was not begun took nothing from a module that ran before.
    if (entry.action == "apply") entry.outcome = to_string(UpdateOutcome::old_module);
    return entry;
  }
  entry.outcome = to_string(report->attempt.outcome);
  std::chrono::nanoseconds total{};
  for (const UpdateStep& step : report->attempt.steps) total += step.duration;
  entry.duration_ms =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(total).count());
  return entry;
}

Result<void> note(Context& context, HistoryEntry entry) {
  if (is_simulated(context.options)) entry.driver = "sim";
  const auto written = append_history(context.store(), entry);
  if (written && is_for_journal(context.options)) context.journal().send(journal_fields(entry));
  return written;
}

void record(Context& context, const HistoryEntry& entry, std::vector<Warning>& warnings) {
  const auto written = note(context, entry);
  if (!written) warnings.push_back({"history", "not noted in the history: " + written.error().what});
}

Result<void> tidy(Context& context, std::vector<Warning>& warnings) {
  const auto removed = tidy_staged(context.store());
  if (!removed) return fail(removed.error());
  if (*removed > 0) {
    warnings.push_back(
        {"interrupted", "removed " + counted(*removed, "file") + " that an interrupted run left"});
  }
  return {};
}

Json to_json(const StagedImage& staged) {
  return {
      {"version", text_or_null(staged.version)},
      {"version_by_name", staged.version_by_name},
      {"source", staged.source},
      {"size_bytes", staged.bytes},
      {"sha384", image::hex_digits(staged.sha384)},
      {"mrseam", image::hex_digits(staged.seamhash)},
      {"key_sha384", image::hex_digits(staged.key_sha384)},
      {"staged_at", rfc3339(staged.staged_at)},
  };
}

std::string staged_line(const StagedImage& staged) {
  std::string release = "an image of an unknown release";
  if (staged.version)
    release = to_string(*staged.version) + (staged.version_by_name ? " (by its file name)" : "");
  return release + " from '" + printable(staged.source) + "', staged " + rfc3339(staged.staged_at);
}

}  // namespace tdxctl::cli
