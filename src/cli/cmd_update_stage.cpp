// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include "cli/cmd_update.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/update_store.h"
#include "core/image/hex_digits.h"

namespace tdxctl::cli {
namespace {

/// What Linux and the helper take.
constexpr image::Format kStagedForm = image::Format::v0x200;

StagedImage about(const ExaminedImage& image, const image::Sha384& key) {
  const image::Catalog none;
  StagedImage staged;
  staged.source = image.path;
  const image::Candidate candidate = list_image(image, none).candidate;
  staged.version = candidate.version;
  staged.version_by_name = candidate.version_by_name;
  staged.seamhash = *image.report->seamhash;
  staged.key_sha384 = key;
  staged.staged_at = new_entry("stage", "done").time;
  return staged;
}

int run_stage(Context& context, const std::string& path, const std::string& key_file) {
  const auto key = read_key(context.files(), key_file);
  if (!key) return report(context, key.error());
  const ExaminedImage image = examine(context.files(), path, {.key_hash = *key}, {});
  if (image.error) return report(context, *image.error);
  const auto container = image::build_container(kStagedForm, image.report->parts);
  if (!container) return report(context, container.error());

  const auto lock = context.store().lock();
  if (!lock) return report(context, lock.error());
  Outcome outcome;
  if (const auto tidied = tidy(context, outcome.warnings); !tidied) return report(context, tidied.error());
  if (const auto warning = warning_of_key(*key, key_file)) outcome.warnings.push_back(*warning);
  Staging staging{about(image, *key)};
  const auto changed = stage_image(context.store(), *container, staging.image);
  if (!changed) return report(context, changed.error());
  staging.changed = *changed;
  outcome.changed = *changed;
  if (*changed) {
    HistoryEntry entry = new_entry("stage", "done");
    entry.to = staging.image.version;
    entry.image_sha384 = image::hex_digits(staging.image.seamhash);
    entry.message = staging.image.source;
    record(context, entry, outcome.warnings);
  }
  return report_result(context, staging, outcome);
}

}  // namespace

std::string to_text(const Staging& staging, const Style& /*style*/) {
  return (staging.changed ? "staged: " : "staged already: ") + staged_line(staging.image) + "\n";
}

Json to_json(const Staging& staging) { return {{"staged", to_json(staging.image)}}; }

void add_update_stage(CLI::App& update, Context& context) {
  CLI::App* stage = update.add_subcommand("stage", "keep an image to be applied later");
  struct Typed {
    std::string path;
    std::string key_file;
  };
  const auto options = std::make_shared<Typed>();
  stage->add_option("IMAGE", options->path, "image file, or NAME.bin beside NAME.sigstruct")
      ->required()
      ->type_name("");
  stage->add_option("--key", options->key_file, "public key in a file, or its SHA-384, in place of Intel's")
      ->type_name("KEY");
  on_run(*stage, context, "update-stage",
         [&context, options] { return run_stage(context, options->path, options->key_file); });
}

}  // namespace tdxctl::cli
