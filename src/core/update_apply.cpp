// SPDX-License-Identifier: MIT
#include "core/update_apply.h"

#include "core/abi/leaves.h"
#include "core/abi/status.h"
#include "core/hex.h"
#include "core/image/hex_digits.h"
#include "core/metadata_read.h"

namespace tdxctl {
namespace {

struct Subject {
  const UpdateView& before;
  const UpdateView& after;
  const UpdateRun& run;
};

constexpr std::string_view kNotSeen = "it could not be read back";

/// A fact that no driver here can tell, before or after, is nothing that the update lost.
template <class T>
bool was_lost(const std::optional<T>& before, const std::optional<T>& after) {
  return before && !after;
}

Finding version_is_the_goal(const Subject& s) {
  if (!s.after.module) return bad(std::string(kNotSeen));
  const std::string found = "it is " + to_string(*s.after.module);
  if (!s.run.goal || !s.run.goal->version) return skipped(found + "; nobody knows which release it is to be");
  return holds(*s.after.module == *s.run.goal->version, found);
}

Finding mrseam_is_the_seamhash(const Subject& s) {
  if (was_lost(s.before.mrseam, s.after.mrseam)) return bad(std::string(kNotSeen));
  if (!s.after.mrseam) return skipped("no driver here shows it");
  const std::string found = "it is " + image::hex_digits(*s.after.mrseam);
  if (!s.run.goal) return skipped(found + "; nobody knows which it is to be");
  return holds(*s.after.mrseam == s.run.goal->seamhash, found);
}

Finding features_stayed(const Subject& s) {
  if (s.run.from == UpdateFrom::load) return skipped("there was no module to compare with");
  if (was_lost(s.before.features0, s.after.features0)) return bad(std::string(kNotSeen));
  if (!s.after.features0) return skipped("no driver here shows them");
  const auto& old = s.run.from == UpdateFrom::start ? s.before.features0 : s.run.old_features0;
  if (!old) return skipped("the features of the old module are not known");
  return holds((*old & ~*s.after.features0) == 0, hex64(*old) + ", now " + hex64(*s.after.features0));
}

Finding tds_stayed(const Subject& s) {
  if (s.run.from == UpdateFrom::load) return skipped("they were lost before");
  if (was_lost(s.before.hkids_in_use, s.after.hkids_in_use)) return bad(std::string(kNotSeen));
  if (!s.before.hkids_in_use || !s.after.hkids_in_use) return skipped("TDs cannot be counted here");
  const std::string counts =
      std::to_string(*s.before.hkids_in_use) + ", now " + std::to_string(*s.after.hkids_in_use);
  // One that ended meanwhile ended by itself or by somebody's wish; all of them at once did not.
  if (*s.after.hkids_in_use == 0 && *s.before.hkids_in_use > 0) return bad(counts);
  return ok(counts);
}

Finding an_update_was_used(const Subject& s) {
  if (s.run.from == UpdateFrom::init) return skipped("the module was loaded before");
  if (s.run.from == UpdateFrom::load) return skipped("a load begins to count anew");
  if (!s.before.updates_left || !s.after.updates_left) return skipped("updates left cannot be read here");
  return holds(*s.after.updates_left < *s.before.updates_left,
               std::to_string(*s.before.updates_left) + ", now " + std::to_string(*s.after.updates_left));
}

using enum ErrorId;

constexpr RuleRow<Subject> kRules[] = {
    {{update_wrong_module, "the running module is the release of the image"}, version_is_the_goal},
    {{update_wrong_mrseam, "MRSEAM is the SEAMHASH of the image"}, mrseam_is_the_seamhash},
    {{update_lost_features, "no feature was lost"}, features_stayed},
    {{update_lost_tds, "the TDs are still there"}, tds_stayed},
    {{update_not_counted, "the P-SEAMLDR has counted the update"}, an_update_was_used},
};

/// What TDH.SYS.SHUTDOWN answers while it cannot be done now: nothing of the module has changed.
/// Source: Intel TDX Module ABI Reference, TDH.SYS.SHUTDOWN.
struct PassingRefusal {
  std::uint64_t status;
  ErrorId id;
  std::string_view words;
};
constexpr PassingRefusal kPassingRefusals[] = {
    {abi::status::kUpdateCompatibilitySensitive, td_being_built, "a TD is being built"},
    {abi::status::kOperandBusy, module_busy, "the module is busy"},
    {abi::status::kSysBusy, module_busy, "the module is busy"},
};

/// An update that has only to be tried again says so.
void name_what_to_wait_for(UpdateAttempt& attempt) {
  if (attempt.outcome != UpdateOutcome::old_module || !attempt.error || !attempt.error->seamcall) return;
  const SeamcallFailure& failure = *attempt.error->seamcall;
  const abi::CallWord call = abi::parse_call_word(failure.rax_in);
  if (call.interface() != abi::Interface::tdx_module || call.leaf != abi::leaf::kSysShutdown) return;
  for (const PassingRefusal& refusal : kPassingRefusals) {
    if (abi::without_details(failure.status) != refusal.status) continue;
    attempt.error->id = refusal.id;
    attempt.error->what = std::string(refusal.words) + ": " + attempt.error->what;
    attempt.error->hint.clear();
  }
}

template <class T>
std::optional<T> seen(const Result<T>& fact) {
  return fact ? std::optional<T>(*fact) : std::nullopt;
}

}  // namespace

std::string_view to_string(UpdateOutcome outcome) {
  switch (outcome) {
    case UpdateOutcome::old_module:
      return "old-module";
    case UpdateOutcome::new_module:
      return "new-module";
    case UpdateOutcome::no_module:
      return "no-module";
    case UpdateOutcome::unknown:
      return "unknown";
  }
  return {};
}

UpdateView look_at(Drivers& drivers) {
  UpdateView view;
  if (const auto module = drivers.module(Operation::versions)) view.module = seen(module->port->version());
  if (const auto loader = drivers.loader(Operation::versions)) {
    view.updates_left = seen(loader->port->updates_left());
  }
  if (const auto loader = drivers.loader(Operation::seamldr_info)) {
    const auto info = loader->port->info();
    if (info && info->module_ready) view.mrseam = info->mrseam;
  }
  if (const auto features0 = read_features0(drivers)) view.features0 = features0->data;
  const auto hkids = drivers.platform().hkids();
  if (hkids) view.hkids_in_use = hkids->in_use;
  return view;
}

void prove_update(UpdateReport& report, const UpdateRun& run) {
  run_rules<Subject>(kRules, {report.before, report.after, run}, report.checks);
  if (const Check* broken = first_with(Verdict::bad, report.checks); broken != nullptr && !report.error) {
    report.error = to_error(*broken);
  }
}

Result<UpdateReport> apply_update(Drivers& drivers, Loader& loader, const UpdateRun& run,
                                  const UpdateWait& wait) {
  UpdateReport report;
  report.before = look_at(drivers);
  auto attempt = loader.update(run.from, run.image, wait);
  if (!attempt) return fail(attempt.error());
  report.attempt = std::move(*attempt);
  name_what_to_wait_for(report.attempt);
  report.error = report.attempt.error;
  report.after = look_at(drivers);
  if (report.attempt.outcome != UpdateOutcome::new_module) {
    if (!report.error) report.error = Error{update_unproven, "nobody can tell which module runs now"};
    return report;
  }
  prove_update(report, run);
  return report;
}

}  // namespace tdxctl
