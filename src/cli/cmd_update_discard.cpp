// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include "cli/cmd_update.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/update_store.h"
#include "core/image/hex_digits.h"

namespace tdxctl::cli {
namespace {

int run_discard(Context& context) {
  const auto lock = context.store().lock();
  if (!lock) return report(context, lock.error());
  Discarding discarding;
  // One that is damaged is discarded all the same.
  if (const auto staged = read_staged(context.store())) discarding.image = *staged;
  const auto changed = discard_staged(context.store());
  if (!changed) return report(context, changed.error());
  discarding.changed = *changed;
  Outcome outcome{.changed = *changed};
  if (*changed) {
    HistoryEntry entry = new_entry("discard", "done");
    if (discarding.image) {
      entry.to = discarding.image->version;
      entry.image_sha384 = image::hex_digits(discarding.image->seamhash);
    }
    record(context, entry, outcome.warnings);
  }
  return report_result(context, discarding, outcome);
}

}  // namespace

std::string to_text(const Discarding& discarding, const Style& /*style*/) {
  if (!discarding.changed) return "nothing was staged\n";
  return "discarded: " +
         (discarding.image ? staged_line(*discarding.image) : std::string("a damaged image")) + "\n";
}

Json to_json(const Discarding& discarding) {
  return {{"discarded", discarding.image ? to_json(*discarding.image) : Json(nullptr)}};
}

void add_update_discard(CLI::App& update, Context& context) {
  CLI::App* discard = update.add_subcommand("discard", "forget the staged image");
  on_run(*discard, context, "update-discard", [&context] { return run_discard(context); });
}

}  // namespace tdxctl::cli
