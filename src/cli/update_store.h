// SPDX-License-Identifier: MIT
// What the verbs that use the store have in common.
#pragma once

#include <string_view>
#include <vector>

#include "cli/context.h"
#include "cli/envelope.h"
#include "core/history.h"
#include "core/staging.h"
#include "core/update_apply.h"

namespace tdxctl::cli {

/// An entry for something that was done just now by whoever runs this.
HistoryEntry new_entry(std::string_view action, std::string_view result);

/// The beginning of an action that touches the module of a machine.
HistoryEntry begun(Drivers& drivers, std::string_view action, std::string_view driver);

/// The entry of an action that touched the module, with how that ended.
HistoryEntry ended(HistoryEntry entry, const Result<UpdateReport>& report);

/// Adds an entry to the history, and then to the journal. What was done to a simulated machine is marked so.
/// Errors: those of append_history.
Result<void> note(Context& context, HistoryEntry entry);

/// Adds an entry for something that is done already: that it could not be noted is a warning.
void record(Context& context, const HistoryEntry& entry, std::vector<Warning>& warnings);

/// Removes what interrupted runs left, and says so.
Result<void> tidy(Context& context, std::vector<Warning>& warnings);

Json to_json(const StagedImage& staged);

/// "1.5.20 from 'tdx_module_1.5.20.blob', staged 2026-11-21T13:34:20Z".
std::string staged_line(const StagedImage& staged);

}  // namespace tdxctl::cli
