// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/cmd_connect.h"
#include "cli/cmd_update.h"
#include "cli/commands.h"
#include "cli/confirm.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/update_store.h"
#include "core/abi/features.h"
#include "core/image/hex_digits.h"

namespace tdxctl::cli {
namespace {

/// No driver that can recover lets itself be waited for.
constexpr Clock::Duration kNoLimit{0};

struct Typed {
  std::string image;
  std::string key_file;
  bool dry_run = false;
  bool yes = false;
};

/// Why nothing may be done; nothing where it may.
std::optional<Error> refusal(Context& context, Drivers& drivers, const RecoverPlan& plan) {
  if (plan.found == RecoverCase::lost) {
    const auto owned_by_linux = drivers.platform().facts().kernel_owns_module;
    if (!owned_by_linux) return owned_by_linux.error();
    if (!*owned_by_linux) return std::nullopt;
    return Error{ErrorId::module_lost,
                 "there is no module, and the TDs are lost: this kernel takes no other one up"};
  }
  if (plan.found != RecoverCase::not_ready) return std::nullopt;
  // Without one, a module that is not ready is one that nobody has initialised yet.
  const auto broken_off = update_was_broken_off(context.store());
  if (!broken_off) return broken_off.error();
  if (*broken_off) return std::nullopt;
  return Error{ErrorId::nothing_to_recover, "the module is not ready, but no update was broken off here"};
}

/// The image to install, if the case needs one or one is named.
/// Errors: those of reading and examining it; those of the first rule that it breaks.
Result<void> take_image(Context& context, const Typed& typed, Recovery& recovery) {
  if (typed.image.empty() && !recovery.plan.needs_image) return {};
  const auto key = read_key(context.files(), typed.key_file);
  if (!key) return fail(key.error());
  auto subject = named_or_staged(context, typed.image, {.key_hash = *key});
  if (!subject) return fail(subject.error());
  if (subject->error) return fail(*subject->error);
  recovery.version = list_image(*subject, {}).candidate.version;
  recovery.subject = std::move(*subject);
  return {};
}

bool is_load(const Recovery& recovery) { return recovery.plan.found == RecoverCase::lost; }

HistoryEntry entry_of(const Recovery& recovery, std::string_view driver) {
  HistoryEntry entry = new_entry(is_load(recovery) ? "load" : "recover", "begun");
  entry.to = recovery.version;
  if (recovery.subject) entry.image_sha384 = image::hex_digits(*recovery.subject->report->seamhash);
  entry.driver = driver;
  return entry;
}

Result<UpdateReport> load(Context& context, Drivers& drivers, Loader& loader, const UpdateRun& run,
                          std::uint64_t features) {
  const bringup::ConfigureOptions options{.request = {.features = features},
                                          .is_this_host = context.machine.empty()};
  const auto progress = shown_progress(context.options.quiet);
  return load_anew(drivers, loader, run, context.clock(), {context.store(), options, *progress});
}

/// Begins and ends an entry of the history around it. What cannot be noted beforehand is not begun.
Result<UpdateReport> recover(Context& context, Drivers& drivers, const Recovery& recovery,
                             std::vector<Warning>& warnings) {
  const auto updater = drivers.loader(Operation::seamldr_info);
  if (!updater) return fail(updater.error());
  UpdateRun run{.from = recovery.plan.from};
  std::vector<std::uint8_t> image;
  if (recovery.subject) {
    auto built = image::build_container(image::Format::v0x200, recovery.subject->report->parts);
    if (!built) return fail(built.error());
    image = std::move(*built);
    run = {is_load(recovery) ? UpdateFrom::load : UpdateFrom::install, image,
           UpdateGoal{recovery.version, *recovery.subject->report->seamhash}};
  }
  const HistoryEntry entry = entry_of(recovery, updater->driver);
  if (const auto begun = note(context, entry); !begun) return fail(begun.error());
  auto report = is_load(recovery) ? load(context, drivers, *updater->port, run, recovery.plan.features)
                                  : apply_update(drivers, *updater->port, run, context.clock(), kNoLimit);
  record(context, ended(entry, report), warnings);
  return report;
}

int run_recover(Context& context, const Typed& typed) {
  Outcome outcome{.changed = false};
  std::unique_ptr<StoreLock> held;
  if (!typed.dry_run) {
    auto lock = context.store().lock();
    if (!lock) return report(context, lock.error());
    held = std::move(*lock);
  }
  const auto drivers = context.drivers();
  if (!drivers) return report(context, drivers.error());
  const auto plan = plan_recovery(**drivers, context.store());
  if (!plan) return report(context, plan.error());
  if (const auto loader = (*drivers)->loader(Operation::seamldr_info)) outcome.driver = loader->driver;
  Recovery recovery{.plan = *plan, .dry_run = typed.dry_run};
  const auto owned_by_linux = (*drivers)->platform().facts().kernel_owns_module;
  if (plan->found != RecoverCase::ready && owned_by_linux && *owned_by_linux) {
    outcome.warnings.push_back(
        {"kernel_owns_module",
         "Linux initialised the module: after a failed update it has given the TDs up, and it "
         "does not learn that the module runs again"});
  }
  outcome.error = refusal(context, **drivers, *plan);
  if (outcome.error || plan->found == RecoverCase::ready) return report_result(context, recovery, outcome);
  if (const auto taken = take_image(context, typed, recovery); !taken) {
    outcome.error = taken.error();
    return report_result(context, recovery, outcome);
  }
  if (typed.dry_run) return report_result(context, recovery, outcome);
  if (!typed.yes) {
    if (stdin_is_terminal()) write_stderr(to_text(recovery, context.style()));
    const auto confirmed =
        confirm(is_load(recovery) ? "Load the module and bring it up now?" : "Take the update up now?");
    if (!confirmed) return report(context, confirmed.error());
  }
  auto done = recover(context, **drivers, recovery, outcome.warnings);
  if (!done) return report(context, done.error());
  const bool loaded = is_load(recovery) && !done->attempt.error;
  outcome.changed = loaded || done->attempt.outcome == UpdateOutcome::new_module ||
                    done->attempt.outcome == UpdateOutcome::unknown;
  outcome.error = done->error;
  recovery.report = std::move(*done);
  return report_result(context, recovery, outcome);
}

}  // namespace

std::string to_text(const Recovery& recovery, const Style& style) {
  if (recovery.report) return to_text(*recovery.report, style);
  std::string text = std::string(recovery.plan.words) + "\n";
  if (recovery.subject) {
    text += "  image: " + printable(recovery.subject->path) + "\n";
  } else if (recovery.plan.from == UpdateFrom::init) {
    text += "  TDH.SYS.INIT, TDH.SYS.LP.INIT and TDH.SYS.UPDATE are left to be done\n";
  }
  if (is_load(recovery))
    text += "  to be brought up with " + abi::feature_list(recovery.plan.features) + "\n";
  return text;
}

Json to_json(const Recovery& recovery) {
  Json image = nullptr;
  if (recovery.subject) {
    image = {{"path", recovery.subject->path}, {"module_version", text_or_null(recovery.version)}};
  }
  return {
      {"dry_run", recovery.dry_run},
      {"case", to_string(recovery.plan.found)},
      {"words", recovery.plan.words},
      {"can_recover", recovery.plan.can_recover},
      {"needs_image", recovery.plan.needs_image},
      {"image", std::move(image)},
      {"update", recovery.report ? to_json(*recovery.report) : Json(nullptr)},
  };
}

void add_update_recover(CLI::App& update, Context& context) {
  CLI::App* verb = update.add_subcommand("recover", "take up an update that was broken off");
  const auto typed = std::make_shared<Typed>();
  verb->add_option("IMAGE", typed->image,
                   "image to install; the staged one where one is needed and none is named")
      ->type_name("");
  verb->add_option("--key", typed->key_file, "public key, or its SHA-384, in place of Intel's")
      ->type_name("FILE");
  verb->add_flag("--dry-run", typed->dry_run, "say which case it is and stop there");
  verb->add_flag("--yes", typed->yes, "do not ask");
  on_run(*verb, context, "update-recover", [&context, typed] { return run_recover(context, *typed); });
}

}  // namespace tdxctl::cli
