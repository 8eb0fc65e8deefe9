// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <memory>

#include "cli/check_text.h"
#include "cli/cmd_connect.h"
#include "cli/cmd_update.h"
#include "cli/commands.h"
#include "cli/confirm.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/update_store.h"
#include "core/abi/features.h"
#include "core/abi/leaves.h"
#include "core/abi/status.h"
#include "core/image/hex_digits.h"

namespace tdxctl::cli {
namespace {

struct Typed {
  std::string image;
  std::string key_file;
  bool dry_run = false;
  bool yes = false;
};

bool is_load(const Recovery& recovery) { return recovery.plan.found == RecoverCase::lost; }

/// The image to install, if the case needs one or one is named.
/// Errors: those of reading and examining it; those of the first rule that it breaks, or does not fit by.
Result<void> take_image(Context& context, Drivers& drivers, const Typed& typed, Recovery& recovery,
                        std::vector<Warning>& warnings) {
  if (typed.image.empty() && !recovery.plan.needs_image) return {};
  const auto key = read_key(context.files(), typed.key_file);
  if (!key) return fail(key.error());
  if (const auto warning = warning_of_key(*key, typed.key_file)) warnings.push_back(*warning);
  const image::VerifyOptions options{.key_hash = *key};
  auto subject = named_or_staged(context, typed.image, options);
  if (!subject) return fail(subject.error());
  if (subject->error) return fail(*subject->error);
  // Without a list of releases less is known of the image, and there is nothing better to be had.
  const auto folder = catalog_of_image(context, {}, typed.image, options);
  const image::Catalog none;
  const ListedImage listed = list_image(*subject, folder ? folder->catalog : none);
  recovery.version = listed.candidate.version;
  recovery.checks = check_recovery_image(drivers, listed.candidate,
                                         is_load(recovery) ? UpdateFrom::load : UpdateFrom::install);
  recovery.subject = std::move(*subject);
  if (const Check* broken = first_with(Verdict::bad, recovery.checks)) return fail(to_error(*broken));
  return {};
}

/// What the module is to be, whether it comes from the image or is loaded already.
std::optional<UpdateGoal> goal_of(const Recovery& recovery) {
  if (!recovery.subject) return recovery.plan.goal;
  return UpdateGoal{recovery.version, *recovery.subject->report->seamhash};
}

HistoryEntry entry_of(Drivers& drivers, const Recovery& recovery, std::string_view driver) {
  HistoryEntry entry = begun(drivers, is_load(recovery) ? "load" : "recover", driver);
  if (const auto& before = recovery.plan.broken_off; before && !is_load(recovery)) {
    entry.from = before->from;
    entry.features0 = before->features0;
  }
  if (const auto goal = goal_of(recovery)) {
    entry.to = goal->version;
    entry.image_sha384 = image::hex_digits(goal->seamhash);
  }
  return entry;
}

Result<UpdateReport> load(Context& context, Drivers& drivers, Loader& loader, const UpdateRun& run,
                          std::uint64_t features) {
  const bringup::ConfigureOptions options{.request = {.features = features},
                                          .is_this_host = context.machine.empty()};
  const auto progress = shown_progress(context.options.quiet);
  return load_anew(drivers, loader, run, context.clock(), {context.store(), options, *progress});
}

/// Begins and ends an entry of the history around it.
Result<UpdateReport> recover(Context& context, Drivers& drivers, const Recovery& recovery,
                             std::vector<Warning>& warnings) {
  const auto updater = drivers.loader(Operation::seamldr_info);
  if (!updater) return fail(updater.error());
  UpdateRun run{.from = recovery.plan.from, .goal = goal_of(recovery)};
  if (const auto& before = recovery.plan.broken_off) run.old_features0 = before->features0;
  std::vector<std::uint8_t> image;
  if (recovery.subject) {
    auto built = image::build_container(image::Format::v0x200, recovery.subject->report->parts);
    if (!built) return fail(built.error());
    image = std::move(*built);
    run.from = is_load(recovery) ? UpdateFrom::load : UpdateFrom::install;
    run.image = image;
  }
  const HistoryEntry entry = entry_of(drivers, recovery, updater->driver);
  // What cannot be noted is done all the same: TDs wait for it.
  record(context, entry, warnings);
  auto report = is_load(recovery) ? load(context, drivers, *updater->port, run, recovery.plan.features)
                                  : apply_update(drivers, *updater->port, run, {context.clock()});
  record(context, ended(entry, report), warnings);
  return report;
}

int run_recover(Context& context, const Typed& typed) {
  Outcome outcome{.changed = false};
  std::unique_ptr<StoreLock> held;
  if (!typed.dry_run) {
    // From here on a signal ends nothing: what was begun is seen through and reported.
    (void)context.clock();
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
  if (plan->history)
    outcome.warnings.push_back({"history", "the history counts as empty: " + sentence(*plan->history)});
  outcome.error = plan->refusal;
  if (outcome.error || plan->found == RecoverCase::ready) return report_result(context, recovery, outcome);
  const auto taken = take_image(context, **drivers, typed, recovery, outcome.warnings);
  if (!taken && !(typed.dry_run && taken.error().id == ErrorId::nothing_staged)) {
    outcome.error = taken.error();
    return report_result(context, recovery, outcome);
  }
  if (typed.dry_run) return report_result(context, recovery, outcome);
  if (!typed.yes) {
    if (stdin_is_terminal()) {
      write_stderr(to_text(recovery, context.style()));
      tell_before(context, outcome.warnings);
    }
    const auto confirmed =
        confirm(is_load(recovery) ? "Load the module and bring it up now?" : "Take the update up now?");
    if (!confirmed) return report(context, confirmed.error());
  }
  if (context.clock().stop_requested()) {
    return report(context, {ErrorId::interrupted, "interrupted before anything was done"});
  }
  auto done = recover(context, **drivers, recovery, outcome.warnings);
  if (!done) return report(context, done.error());
  const bool loaded = is_load(recovery) && !done->attempt.error;
  outcome.changed = loaded || done->attempt.outcome == UpdateOutcome::new_module ||
                    done->attempt.outcome == UpdateOutcome::unknown;
  outcome.error = done->error;
  if (outcome.error && done->attempt.error && done->attempt.outcome == UpdateOutcome::no_module) {
    const auto hint = way_on(context, **drivers, *outcome.error, typed.image, typed.key_file);
    if (hint) outcome.error->hint = *hint;
  }
  recovery.report = std::move(*done);
  return report_result(context, recovery, outcome);
}

/// Errors of the P-SEAMLDR for which another image is needed. Source: intel/tdx-loader, SEAMLDR.INSTALL.
constexpr std::string_view kFaultsOfTheImage[] = {"SEAMLDR_EBADSIG", "SEAMLDR_EBADHASH", "SEAMLDR_EUNSUPCPU",
                                                  "SEAMLDR_EBADHANDOFF", "SEAMLDR_EUNSUPPORTED"};

bool image_is_at_fault(const Error& error) {
  if (!error.seamcall) return false;
  const abi::CallWord call = abi::parse_call_word(error.seamcall->rax_in);
  const abi::StatusMatch match = abi::find_status(error.seamcall->status, call.interface());
  return call.interface() == abi::Interface::p_seamldr && match.code != nullptr &&
         std::ranges::find(kFaultsOfTheImage, match.code->name) != std::end(kFaultsOfTheImage);
}

/// A word of a command as a shell takes it.
std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain = "_-./=:,@%+";
  std::string text;
  for (const char c : word) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       kPlain.find(c) != std::string_view::npos;
    if (!plain) text += '\\';
    text += c;
  }
  return text;
}

/// The command, with what was typed for the image where one is needed.
std::string recover_command(const RecoverPlan& plan, bool same_image, const std::string& image,
                            const std::string& key_file) {
  std::string command = "'tdxctl update recover";
  if (plan.needs_image && same_image && !key_file.empty()) command += " --key " + shell_word(key_file);
  if (plan.needs_image && !same_image) command += " IMAGE";
  if (plan.needs_image && same_image && !image.empty()) command += " " + shell_word(image);
  return command + "'" + (plan.needs_image && !same_image ? " with another image" : "");
}

}  // namespace

std::optional<std::string> way_on(Context& context, Drivers& drivers, const Error& error,
                                  const std::string& image, const std::string& key_file) {
  const auto plan = plan_recovery(drivers, context.store());
  if (!plan || plan->found == RecoverCase::ready) return std::nullopt;
  if (plan->refusal) return std::string(plan->refusal->hint_text());
  const std::string command = recover_command(*plan, !image_is_at_fault(error), image, key_file);
  if (plan->found == RecoverCase::lost) return command + " loads a module anew, without the TDs";
  return command + " goes on from here; do not reboot before";
}

std::string to_text(const Recovery& recovery, const Style& style) {
  if (recovery.report) return to_text(*recovery.report, style);
  std::string text = std::string(recovery.plan.words) + "\n";
  if (recovery.subject) {
    text += "  image: " + printable(recovery.subject->path) + "\n";
    text += checks_text(recovery.checks, style);
  } else if (recovery.plan.needs_image) {
    text += "  no image is named and none is staged: one of the two is needed\n";
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
      {"checks", to_json(recovery.checks)},
      {"update", recovery.report ? to_json(*recovery.report) : Json(nullptr)},
  };
}

void add_update_recover(CLI::App& update, Context& context) {
  CLI::App* verb = update.add_subcommand("recover", "take up an update that was broken off");
  const auto typed = std::make_shared<Typed>();
  verb->add_option("IMAGE", typed->image,
                   "image to install; the staged one where one is needed and none is named")
      ->type_name("");
  verb->add_option("--key", typed->key_file, "public key in a file, or its SHA-384, in place of Intel's")
      ->type_name("KEY");
  verb->add_flag("--dry-run", typed->dry_run, "say which case it is, check the image and stop there");
  verb->add_flag("--yes", typed->yes, "do not ask");
  on_run(*verb, context, "update-recover", [&context, typed] { return run_recover(context, *typed); });
}

}  // namespace tdxctl::cli
