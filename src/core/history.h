// SPDX-License-Identifier: MIT
// What was done to the TDX module of a host, as lines of JSON that are only ever added to.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/port/journal.h"
#include "core/port/platform.h"
#include "core/port/store.h"
#include "core/version.h"

namespace tdxctl {

struct HistoryEntry {
  std::chrono::sys_seconds time{};
  std::string action;  ///< "stage", "discard", "wanted", "apply", "recover", "load"
  /// "done", "failed", or "begun" for what another entry ends: without one, that run was killed.
  std::string result;
  std::optional<Version> from{};
  std::optional<Version> to{};
  std::string image_sha384{};  ///< SEAMHASH of the image; empty where none was concerned
  std::string driver{};        ///< "sim" in all that was done to a simulated machine
  std::string boot_id{};       ///< of the boot that an update belongs to; empty where nothing told
  std::optional<std::uint64_t> features0{};  ///< of the module that an update replaces
  std::optional<std::uint64_t> status{};     ///< completion status of the SEAMCALL that failed
  std::string outcome{};                     ///< of an update, as to_string(UpdateOutcome)
  std::string error_id{};
  std::string message{};
  std::optional<std::uint64_t> duration_ms{};
  std::string user{};

  friend bool operator==(const HistoryEntry&, const HistoryEntry&) = default;
};

struct History {
  std::vector<HistoryEntry> entries;  ///< the oldest first
  std::vector<std::string> problems;  ///< lines that could not be read; one sentence each
};

inline constexpr std::string_view kHistory = "history.jsonl";

/// One line without a line feed.
std::string to_line(const HistoryEntry& entry);

/// Reads as much as there is: a line that is torn or makes no sense is named and passed over.
History parse_history(std::string_view text);

/// Errors: those of Store::read.
Result<History> read_history(Store& store);

/// The last update of this machine where it did not come to its end: its last entry, which names the release
/// and the features that it comes from, and what it goes to. Nothing where a module ran afterwards or was
/// loaded anew, where the machine was booted since, and where there was none. A simulated machine and a real
/// one know nothing of each other. Errors: those of Store::read.
Result<std::optional<HistoryEntry>> broken_off_update(Store& store, Platform& platform);

/// Whether there is one. Errors: those of Store::read.
Result<bool> update_was_broken_off(Store& store, Platform& platform);

/// Errors: those of Store::append_line.
Result<void> append_history(Store& store, const HistoryEntry& entry);

/// The same entry for the journal: a sentence, and in fields TDXCTL_NAME what one searches for.
std::vector<JournalField> journal_fields(const HistoryEntry& entry);

}  // namespace tdxctl
