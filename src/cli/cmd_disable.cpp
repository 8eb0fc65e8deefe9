// SPDX-License-Identifier: MIT
#include "cli/cmd_disable.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/check_text.h"
#include "cli/commands.h"
#include "cli/confirm.h"
#include "cli/duration.h"
#include "cli/output.h"
#include "cli/progress_line.h"
#include "cli/report.h"
#include "core/abi/bits.h"
#include "core/abi/features.h"
#include "core/hex.h"

namespace tdxctl::cli {
namespace {

struct Typed {
  bool plan = false;
  bool if_needed = false;
  bool yes = false;
  std::string timeout;
  std::string wait_tds;
};

Result<DisableOptions> options_of(const Typed& typed) {
  DisableOptions options{.if_needed = typed.if_needed};
  if (!typed.timeout.empty()) {
    const auto timeout = parse_duration(typed.timeout);
    if (!timeout) return fail(timeout.error());
    options.timeout = *timeout;
  }
  if (!typed.wait_tds.empty()) {
    const auto wait = parse_duration(typed.wait_tds);
    if (!wait) return fail(wait.error());
    options.wait_tds = *wait;
  }
  return options;
}

class ShownProgress : public DisableWatcher {
 public:
  explicit ShownProgress(bool quiet) : line_(quiet) {}
  void on_progress(const DisableProgress& progress) override {
    line_.show(progress.elapsed, [&] {
      if (progress.hkids_in_use == 0) return "disabling the TDX module: " + progress_text(progress);
      return "waiting for TDs to end: " + counted(progress.hkids_in_use, "HKID") + " in use, " +
             duration_text(progress.elapsed);
    });
  }

 private:
  ProgressLine line_;
};

std::string_view driver_of(const DisablePlan& plan) {
  return plan.driver ? *plan.driver : std::string_view{};
}

std::string said(const Result<bool>& fact, std::string_view yes, std::string_view no) {
  if (!fact) return "not seen: " + sentence(fact.error());
  return std::string(*fact ? yes : no);
}

int run_plan(Context& context, Drivers& drivers, const DisableOptions& options) {
  const DisablePlan plan = plan_disable(drivers, options);
  return report_result(context, plan, {.driver = driver_of(plan), .changed = false, .error = refusal(plan)});
}

/// Shows the plan and asks. Where there is nothing to do, or a check refuses, the action says so by itself.
Result<void> confirm_plan(Context& context, Drivers& drivers, const DisableOptions& options) {
  const DisablePlan plan = plan_disable(drivers, options);
  const auto refused = refusal(plan);
  const bool will_wait = refused && refused->id == ErrorId::tds_in_use && options.wait_tds.count() > 0;
  if (plan.nothing_to_do || (refused && !will_wait)) return {};
  if (stdin_is_terminal()) write_stderr(to_text(plan, context.style()));
  return confirm("Disable the TDX module now?");
}

DisableResult run_action(Context& context, Drivers& drivers, const DisableOptions& options) {
  ShownProgress progress(context.options.quiet);
  return disable(drivers, options, context.clock(), progress);
}

int run_disable(Context& context, const Typed& typed) {
  const auto options = options_of(typed);
  if (!options) return report(context, options.error());
  const auto drivers = context.drivers();
  if (!drivers) return report(context, drivers.error());
  if (typed.plan) return run_plan(context, **drivers, *options);
  if (!typed.yes) {
    if (const auto confirmed = confirm_plan(context, **drivers, *options); !confirmed) {
      return report(context, confirmed.error());
    }
  }
  const DisableResult result = run_action(context, **drivers, *options);
  Outcome outcome{.driver = driver_of(result.plan), .changed = result.changed, .error = result.error};
  if (!result.warning.empty()) outcome.warnings.push_back({"half_initialised", result.warning});
  // A hook or a script that asks "if needed" wants to hear about what was needed only.
  const bool silent = typed.if_needed && result.plan.nothing_to_do && !context.options.json;
  return silent ? report_text(context, {}, outcome) : report_result(context, result, outcome);
}

}  // namespace

std::string progress_text(const DisableProgress& progress) {
  return duration_text(progress.elapsed) + ", " + counted(progress.calls, "call") + ", " +
         std::to_string(progress.interrupted) + " interrupted, " + std::to_string(progress.busy) + " busy";
}

std::string to_text(const DisablePlan& plan, const Style& style) {
  const auto& state = plan.status.module_state.value;
  const PlatformFacts& platform = plan.status.platform;
  std::string text =
      plan.nothing_to_do
          ? style.paint(Colour::good, "nothing to do") + ": " + printable(plan.nothing_to_do->why) + "\n"
      : refusal(plan) ? style.paint(Colour::bad, "would be refused") + "\n"
                      : "would disable the TDX module by the driver '" + std::string(driver_of(plan)) + "'\n";
  Columns facts(style, 2);
  facts.row({{"module"}, {state ? std::string(to_string(*state)) : "not seen: " + sentence(state.error())}});
  facts.row(
      {{"kexec"},
       {std::string(to_string(plan.status.kexec.outlook)) + ": " + printable(plan.status.kexec.reason)}});
  facts.row(
      {{"Linux"},
       {said(platform.kernel_disables_on_kexec, "calls TDH.SYS.DISABLE by itself, on kexec and in a crash",
             "does not call TDH.SYS.DISABLE by itself")}});
  facts.row({{"tdx_pw_mce"},
             {said(platform.partial_write_erratum, "yes: a partial write poisons private memory", "no")}});
  facts.row({{"duration"}, {plan.duration}});
  for (const std::string& each : plan.consequences) facts.row({{"afterwards"}, {each}});
  text += facts.str();
  return text + style.paint(Colour::bold, "checks") + "\n" + checks_text(plan.checks, style);
}

Json to_json(const DisablePlan& plan) {
  const HostStatus& status = plan.status;
  const PlatformFacts& platform = status.platform;
  const auto& state = status.module_state.value;
  const auto& version = status.module_version.value;
  const auto& features0 = status.features0.value;
  return {
      {"nothing_to_do", plan.nothing_to_do ? Json(plan.nothing_to_do->why) : Json(nullptr)},
      {"driver", or_null(driver_of(plan))},
      {"driver_reason", plan.driver ? Json(nullptr) : to_json(plan.driver.error())},
      {"module",
       {{"state", text_or_null(state)},
        {"version", text_or_null(version)},
        {"features0", features0 ? Json(hex64(*features0)) : Json(nullptr)},
        {"can_disable", features0 ? Json(abi::bit(*features0, abi::kFeatureSysDisable)) : Json(nullptr)}}},
      {"kernel",
       {{"release", or_null(platform.kernel_release)},
        {"owns_module", or_null(platform.kernel_owns_module)},
        {"disables_on_kexec", or_null(platform.kernel_disables_on_kexec)}}},
      {"partial_write_erratum", or_null(platform.partial_write_erratum)},
      {"kexec", {{"outlook", to_string(status.kexec.outlook)}, {"reason", status.kexec.reason}}},
      {"hkids", platform.hkids ? Json{{"in_use", platform.hkids->in_use}, {"total", platform.hkids->total}}
                               : Json(nullptr)},
      {"checks", to_json(plan.checks)},
      {"expected_duration", plan.duration},
      {"consequences", plan.consequences},
  };
}

std::string to_text(const DisableResult& result, const Style& /*style*/) {
  if (result.error) return {};
  if (!result.changed) return "nothing to do: " + printable(result.outcome) + "\n";
  return printable(result.outcome) + " (" + progress_text(result.progress) + ")\n";
}

Json to_json(const DisableResult& result) {
  return {
      {"outcome", or_null(result.outcome)},
      {"state_after", text_or_null(result.state_after)},
      {"duration_ms", result.progress.elapsed.count()},
      {"calls", result.progress.calls},
      {"interrupted", result.progress.interrupted},
      {"busy", result.progress.busy},
      {"plan", to_json(result.plan)},
  };
}

void add_disable(CLI::App& verb, Context& context) {
  const auto typed = std::make_shared<Typed>();
  verb.add_flag("--plan,--dry-run", typed->plan, "run every check, change nothing");
  verb.add_flag("--if-needed", typed->if_needed,
                "succeed silently without TDX, or where Linux does it itself");
  verb.add_option("--timeout", typed->timeout, "stop after this long: 500ms, 30s, 2m")->type_name("TIME");
  verb.add_option("--wait-tds", typed->wait_tds, "wait this long for TDs to end")->type_name("TIME");
  verb.add_flag("-y,--yes", typed->yes, "do not ask");
  // Known only once the options are read: a plan and a result are two kinds of JSON.
  on_run(verb, context, "disable", [&context, typed] {
    if (typed->plan) context.verb = "disable-plan";
    return run_disable(context, *typed);
  });
}

}  // namespace tdxctl::cli
