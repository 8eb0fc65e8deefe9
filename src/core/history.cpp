// SPDX-License-Identifier: MIT
#include "core/history.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/decode/number.h"
#include "core/hex.h"
#include "core/port/loader.h"
#include "core/rfc3339.h"

namespace tdxctl {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// A line has about 400 bytes; nobody makes a hundred thousand updates.
constexpr std::size_t kMaxHistoryBytes = std::size_t{64} << 20;

ordered_json or_null(const std::string& text) {
  return text.empty() ? ordered_json(nullptr) : ordered_json(text);
}

ordered_json or_null(const std::optional<Version>& version) {
  return version ? ordered_json(to_string(*version)) : ordered_json(nullptr);
}

std::string text_of(const std::optional<Version>& version) { return version ? to_string(*version) : ""; }

/// The driver of simulated machines.
constexpr std::string_view kSimulated = "sim";

bool a_module_ran_after(const HistoryEntry& entry) {
  return entry.outcome == to_string(UpdateOutcome::old_module) ||
         entry.outcome == to_string(UpdateOutcome::new_module);
}

/// Where either does not tell its boot, they are taken for the same: to look once too often costs nothing.
bool is_of_another_boot(const HistoryEntry& entry, Platform& platform) {
  const auto now = platform.boot_id();
  return now && !entry.boot_id.empty() && entry.boot_id != *now;
}

/// "update apply failed, from 1.5.24 to 1.5.28: the upload was refused".
std::string sentence(const HistoryEntry& entry) {
  std::string text = "update " + entry.action + " " + entry.result;
  if (entry.from || entry.to) text += ",";
  if (entry.from) text += " from " + to_string(*entry.from);
  if (entry.to) text += " to " + to_string(*entry.to);
  if (!entry.message.empty()) text += ": " + entry.message;
  return text;
}

std::optional<HistoryEntry> parse_entry(std::string_view line) {
  const json object = json::parse(line, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  const auto text = [&](const char* key) -> std::string {
    const auto member = object.find(key);
    return member != object.end() && member->is_string() ? member->get<std::string>() : std::string();
  };
  const auto time = parse_rfc3339(text("time"));
  HistoryEntry entry{.action = text("action"), .result = text("result")};
  if (!time || entry.action.empty() || entry.result.empty()) return std::nullopt;
  entry.time = *time;
  entry.from = parse_version(text("from"));
  entry.to = parse_version(text("to"));
  entry.image_sha384 = text("image_sha384");
  entry.driver = text("driver");
  entry.boot_id = text("boot_id");
  if (const auto features0 = parse_number(text("features0"))) entry.features0 = *features0;
  if (const auto status = parse_number(text("status"))) entry.status = *status;
  entry.outcome = text("outcome");
  entry.error_id = text("error_id");
  entry.message = text("message");
  entry.user = text("user");
  if (const auto took = object.find("duration_ms"); took != object.end() && took->is_number_unsigned()) {
    entry.duration_ms = took->get<std::uint64_t>();
  }
  return entry;
}

}  // namespace

std::string to_line(const HistoryEntry& entry) {
  const ordered_json object = {
      {"time", rfc3339(entry.time)},
      {"action", entry.action},
      {"result", entry.result},
      {"from", or_null(entry.from)},
      {"to", or_null(entry.to)},
      {"image_sha384", or_null(entry.image_sha384)},
      {"driver", or_null(entry.driver)},
      {"boot_id", or_null(entry.boot_id)},
      {"features0", entry.features0 ? ordered_json(hex64(*entry.features0)) : ordered_json(nullptr)},
      {"status", entry.status ? ordered_json(hex64(*entry.status)) : ordered_json(nullptr)},
      {"outcome", or_null(entry.outcome)},
      {"error_id", or_null(entry.error_id)},
      {"message", or_null(entry.message)},
      {"duration_ms", entry.duration_ms ? ordered_json(*entry.duration_ms) : ordered_json(nullptr)},
      {"user", or_null(entry.user)},
  };
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

History parse_history(std::string_view text) {
  History history;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    if (auto entry = parse_entry(line)) {
      history.entries.push_back(std::move(*entry));
    } else {
      history.problems.push_back("line " + std::to_string(number) + " of the history is " +
                                 (text.empty() ? "torn" : "no entry") + " and is passed over");
    }
  }
  return history;
}

Result<History> read_history(Store& store) {
  const auto bytes = store.read(kHistory, kMaxHistoryBytes);
  if (!bytes) return fail(bytes.error());
  if (!*bytes) return History{};
  return parse_history({reinterpret_cast<const char*>((*bytes)->data()), (*bytes)->size()});
}

Result<std::optional<HistoryEntry>> broken_off_update(Store& store, Platform& platform) {
  const auto history = read_history(store);
  if (!history) return fail(history.error());
  const auto is_update_of_this_machine = [&](const HistoryEntry& entry) {
    return (entry.driver == kSimulated) == platform.is_simulated() &&
           (entry.action == "apply" || entry.action == "recover" || entry.action == "load");
  };
  const auto last =
      std::find_if(history->entries.rbegin(), history->entries.rend(), is_update_of_this_machine);
  // Nothing of a module that was loaded anew is left of the update before it.
  if (last == history->entries.rend() || last->action == "load") return std::nullopt;
  if (last->result == "done" || a_module_ran_after(*last)) return std::nullopt;
  if (is_of_another_boot(*last, platform)) return std::nullopt;
  return *last;
}

Result<bool> update_was_broken_off(Store& store, Platform& platform) {
  const auto last = broken_off_update(store, platform);
  if (!last) return fail(last.error());
  return last->has_value();
}

Result<void> append_history(Store& store, const HistoryEntry& entry) {
  return store.append_line(kHistory, to_line(entry));
}

std::vector<JournalField> journal_fields(const HistoryEntry& entry) {
  // The levels of syslog: error, and notice, of what is as it should be and worth knowing.
  std::vector<JournalField> fields = {
      {"MESSAGE", sentence(entry)},        {"PRIORITY", entry.result == "failed" ? "3" : "5"},
      {"SYSLOG_IDENTIFIER", "tdxctl"},     {"TDXCTL_ACTION", entry.action},
      {"TDXCTL_RESULT", entry.result},     {"TDXCTL_FROM", text_of(entry.from)},
      {"TDXCTL_TO", text_of(entry.to)},    {"TDXCTL_IMAGE_SHA384", entry.image_sha384},
      {"TDXCTL_DRIVER", entry.driver},     {"TDXCTL_OUTCOME", entry.outcome},
      {"TDXCTL_ERROR_ID", entry.error_id},
  };
  std::erase_if(fields, [](const JournalField& field) { return field.value.empty(); });
  return fields;
}

}  // namespace tdxctl
