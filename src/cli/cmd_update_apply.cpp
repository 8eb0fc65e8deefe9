// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include "cli/check_text.h"
#include "cli/cmd_update.h"
#include "cli/commands.h"
#include "cli/confirm.h"
#include "cli/duration.h"
#include "cli/output.h"
#include "cli/progress_line.h"
#include "cli/report.h"
#include "cli/update_store.h"
#include "core/hex.h"
#include "core/image/hex_digits.h"

namespace tdxctl::cli {
namespace {

constexpr std::chrono::minutes kDefaultLimit{2};

struct Typed {
  PlanArguments arguments;
  bool dry_run = false;
  bool yes = false;
  std::string timeout;
};

Result<Clock::Duration> limit_of(const Typed& typed) {
  if (typed.timeout.empty()) return kDefaultLimit;
  return parse_duration(typed.timeout);
}

std::optional<Version> running(const PlannedUpdate& planned) {
  const auto& version = planned.host.status.module_version.value;
  return version ? std::optional(*version) : std::nullopt;
}

/// After its own failure Linux does not take a module up again.
bool by_linux(const PlannedUpdate& planned) { return planned.plan.driver == "native"; }

HistoryEntry entry_of(Drivers& drivers, const PlannedUpdate& planned) {
  HistoryEntry entry = begun(drivers, "apply", planned.plan.driver);
  entry.from = running(planned);
  entry.to = planned.image.candidate.version;
  entry.image_sha384 = image::hex_digits(*planned.subject.report->seamhash);
  // Whoever takes the update up cannot ask the old module any more.
  if (const auto& features0 = planned.host.status.features0.value) entry.features0 = *features0;
  return entry;
}

/// The form that every loader takes.
Result<std::vector<std::uint8_t>> image_to_load(const PlannedUpdate& planned) {
  return image::build_container(image::Format::v0x200, planned.subject.report->parts);
}

/// Begins and ends an entry of the history around the update. What cannot be noted beforehand is not begun.
/// Errors: those of note and of apply_update.
Result<UpdateReport> apply(Context& context, const PlannedUpdate& planned, Clock::Duration limit,
                           std::vector<Warning>& warnings) {
  const auto drivers = context.drivers();
  if (!drivers) return fail(drivers.error());
  const auto updater = (*drivers)->updater();
  if (!updater) return fail(updater.error());
  const auto image = image_to_load(planned);
  if (!image) return fail(image.error());
  const HistoryEntry entry = entry_of(**drivers, planned);
  if (const auto noted = note(context, entry); !noted) return fail(noted.error());
  const UpdateRun run{UpdateFrom::start, *image,
                      UpdateGoal{*planned.image.candidate.version, *planned.subject.report->seamhash}};
  ProgressLine line(context.options.quiet);
  const auto show = [&line](std::string_view state, Clock::Duration elapsed) {
    line.show(elapsed, [&] {
      return "updating the TDX module: " + std::string(state) + ", " + duration_text(elapsed);
    });
  };
  auto report = apply_update(**drivers, *updater->port, run, {context.clock(), limit, show});
  record(context, ended(entry, report), warnings);
  return report;
}

int run_apply(Context& context, const Typed& typed) {
  const auto limit = limit_of(typed);
  if (!limit) return report(context, limit.error());
  Outcome outcome{.changed = false};
  std::unique_ptr<StoreLock> held;
  if (!typed.dry_run) {
    // From here on a signal ends nothing: what was begun is seen through and reported.
    (void)context.clock();
    auto lock = context.store().lock();
    if (!lock) return report(context, lock.error());
    held = std::move(*lock);
    if (const auto tidied = tidy(context, outcome.warnings); !tidied) return report(context, tidied.error());
  }

  auto planned = plan_image(context, typed.arguments);
  if (!planned) return report(context, planned.error());
  AppliedUpdate applied{std::move(*planned), typed.dry_run};
  outcome.driver = applied.planned.plan.driver;
  for (Warning& warning : warnings_of(applied.planned.folder, applied.planned.other_key))
    outcome.warnings.push_back(std::move(warning));
  outcome.error = applied.planned.refusal();
  if (outcome.error || applied.planned.plan.up_to_date || typed.dry_run) {
    return report_result(context, applied, outcome);
  }
  if (!typed.yes) {
    if (stdin_is_terminal()) {
      write_stderr(to_text(applied.planned, context.style()));
      tell_before(context, outcome.warnings);
    }
    const auto confirmed = confirm("Replace the running TDX module now?");
    if (!confirmed) return report(context, confirmed.error());
  }
  if (context.clock().stop_requested()) {
    return report(context, {ErrorId::interrupted, "interrupted before anything was done"});
  }
  auto done = apply(context, applied.planned, *limit, outcome.warnings);
  if (!done) return report(context, done.error());
  outcome.changed = done->attempt.outcome != UpdateOutcome::old_module;
  outcome.error = done->error;
  if (outcome.error && done->attempt.outcome == UpdateOutcome::no_module && !by_linux(applied.planned)) {
    const auto drivers = context.drivers();
    const auto& arguments = typed.arguments;
    const auto hint = way_on(context, **drivers, *outcome.error, arguments.image, arguments.catalog.key_file);
    if (hint) outcome.error->hint = *hint;
  }
  applied.report = std::move(*done);
  return report_result(context, applied, outcome);
}

std::string outcome_text(const UpdateReport& report) {
  switch (report.attempt.outcome) {
    case UpdateOutcome::old_module:
      return "the old module runs on";
    case UpdateOutcome::new_module:
      return "the new module runs";
    case UpdateOutcome::no_module:
      return "there is no module that can be used";
    case UpdateOutcome::unknown:
      break;
  }
  return "it is not known which module runs";
}

Json view_json(const UpdateView& view) {
  return {
      {"module_version", text_or_null(view.module)},
      {"mrseam", view.mrseam ? Json(image::hex_digits(*view.mrseam)) : Json(nullptr)},
      {"features0", view.features0 ? Json(hex64(*view.features0)) : Json(nullptr)},
      {"hkids_in_use", or_null(view.hkids_in_use)},
      {"updates_left", or_null(view.updates_left)},
  };
}

}  // namespace

std::string to_text(const UpdateReport& report, const Style& style) {
  Columns steps(style, 2);
  for (const UpdateStep& step : report.attempt.steps) {
    const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(step.duration);
    steps.row({{std::string(step.name)}, {std::to_string(microseconds.count()) + " us"}});
  }
  return style.paint(report.error ? Colour::bad : Colour::good, outcome_text(report)) + "\n" + steps.str() +
         checks_text(report.checks, style);
}

Json to_json(const UpdateReport& report) {
  Json steps = Json::array();
  for (const UpdateStep& step : report.attempt.steps) {
    steps.push_back({{"name", step.name}, {"duration_ns", step.duration.count()}});
  }
  return {
      {"outcome", to_string(report.attempt.outcome)},
      {"steps", std::move(steps)},
      {"before", view_json(report.before)},
      {"after", view_json(report.after)},
      {"checks", to_json(report.checks)},
  };
}

std::string to_text(const AppliedUpdate& applied, const Style& style) {
  if (!applied.report) return to_text(applied.planned, style);
  return to_text(*applied.report, style);
}

Json to_json(const AppliedUpdate& applied) {
  return {
      {"dry_run", applied.dry_run},
      {"plan", to_json(applied.planned)},
      {"update", applied.report ? to_json(*applied.report) : Json(nullptr)},
  };
}

void add_update_apply(CLI::App& update, Context& context) {
  CLI::App* apply = update.add_subcommand("apply", "replace the running TDX module, TDs stay alive");
  const auto options = std::make_shared<Typed>();
  add_plan_options(*apply, options->arguments);
  apply->add_flag("--dry-run", options->dry_run, "run every check and stop there");
  apply->add_flag("--yes", options->yes, "do not ask");
  apply->add_option("--timeout", options->timeout, "stop waiting after this long; 2m unless given")
      ->type_name("DURATION");
  on_run(*apply, context, "update-apply", [&context, options] { return run_apply(context, *options); });
}

}  // namespace tdxctl::cli
