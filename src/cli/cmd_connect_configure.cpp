// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <memory>

#include "cli/check_text.h"
#include "cli/cmd_connect.h"
#include "cli/cmd_disable.h"
#include "cli/commands.h"
#include "cli/confirm.h"
#include "cli/duration.h"
#include "cli/output.h"
#include "cli/progress_line.h"
#include "cli/report.h"
#include "core/bringup/call_times.h"
#include "core/byte_size.h"
#include "core/hex.h"

namespace tdxctl::cli {
namespace {

using bringup::ConfigureOptions;
using bringup::ConfigurePlan;
using bringup::ConfigureProgress;
using bringup::ConfigureResult;

struct Typed {
  TypedRequest request;
  std::string timeout;
  bool take_over = false;
  bool dry_run = false;
  bool yes = false;
};

Result<ConfigureOptions> options_of(const Typed& typed) {
  auto request = request_of(typed.request);
  if (!request) return fail(request.error());
  request->take_over = typed.take_over;
  ConfigureOptions options{.request = *request,
                           .now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
  if (!typed.timeout.empty()) {
    const auto timeout = parse_duration(typed.timeout);
    if (!timeout) return fail(timeout.error());
    options.timeout = *timeout;
  }
  return options;
}

std::string progress_text(const ConfigureProgress& progress) {
  std::string text = std::string(progress.step);
  if (progress.tdmrs > 0) {
    text += ", " + std::to_string(progress.tdmrs_done) + " of " + counted(progress.tdmrs, "TDMR") + ", " +
            std::to_string(progress.gibs_done) + " of " + std::to_string(progress.gibs) + " GiB";
  }
  return text + ", " + duration_text(progress.elapsed);
}

class ShownProgress : public bringup::ConfigureWatcher {
 public:
  explicit ShownProgress(bool quiet) : line_(quiet) {}
  void on_progress(const ConfigureProgress& progress) override {
    line_.show(progress.elapsed, [&] { return "bringing the TDX module up: " + progress_text(progress); });
  }

 private:
  ProgressLine line_;
};

std::string_view driver_of(const ConfigurePlan& plan) {
  return plan.driver ? *plan.driver : plan.read.driver;
}

int report_plan(Context& context, ConfigurePlan plan, std::optional<Error> error, bool dry_run) {
  const Outcome outcome{.driver = driver_of(plan),
                        .warnings = warnings_of(plan.read),
                        .changed = false,
                        .error = std::move(error)};
  return report_result(context, ConfigureReport{{.plan = std::move(plan)}, dry_run}, outcome);
}

/// Ends well only where nothing is left that the first calls would have to tell.
int report_dry_run(Context& context, ConfigurePlan plan) {
  auto error = refusal(plan);
  if (!error && !plan.nothing_to_do) error = objection(plan.read.machine, plan.plan);
  return report_plan(context, std::move(plan), std::move(error), true);
}

bool takes_something_over(const ConfigurePlan& plan) { return plan.disable || !plan.consequences.empty(); }

/// Shows the plan and asks; gives the exit code of a run that ends here. Where there is nothing to do, or a
/// check refuses, the action says so by itself.
std::optional<int> confirm_plan(Context& context, ConfigurePlan plan) {
  if (plan.nothing_to_do || refusal(plan)) return std::nullopt;
  if (takes_something_over(plan)) {
    return report_plan(
        context, std::move(plan),
        Error{ErrorId::confirmation_needed, "taking the module over has to be confirmed", "add --yes"},
        false);
  }
  if (stdin_is_terminal()) write_stderr(to_text(plan, context.style()));
  const auto confirmed = confirm("Bring the TDX module up now?");
  if (confirmed) return std::nullopt;
  // On a terminal it has been shown already.
  if (stdin_is_terminal() && !context.options.json) return report(context, confirmed.error());
  return report_plan(context, std::move(plan), confirmed.error(), false);
}

/// For the plans to come.
void keep_times(Context& context, const ConfigureResult& done, const ConfigureOptions& options,
                std::vector<Warning>& warnings) {
  if (!options.is_this_host || done.error || !done.changed) return;
  const auto times = bringup::times_of(done, options.now);
  if (!times) return;
  const auto written = bringup::write_call_times(context.store(), *times);
  if (!written) warnings.push_back({"call_times", "not kept how long calls took: " + written.error().what});
}

int run_action(Context& context, Drivers& drivers, const ConfigureOptions& options) {
  auto progress = shown_progress(context.options.quiet);
  auto done = configure(drivers, context.store(), options, context.clock(), *progress);
  progress.reset();  // its line is taken away before anything else is said
  if (!done) return report(context, done.error());
  Outcome outcome{.driver = driver_of(done->plan),
                  .warnings = warnings_of(done->plan.read),
                  .changed = done->changed,
                  .error = done->error};
  keep_times(context, *done, options, outcome.warnings);
  return report_result(context, ConfigureReport{std::move(*done)}, outcome);
}

int run_configure(Context& context, const Typed& typed) {
  auto options = options_of(typed);
  if (!options) return report(context, options.error());
  const auto drivers = context.drivers();
  if (!drivers) return report(context, drivers.error());
  options->is_this_host = context.machine.empty();
  if (typed.dry_run || !typed.yes) {
    auto plan = plan_configure(**drivers, context.store(), *options);
    if (!plan) return report(context, plan.error());
    if (typed.dry_run) return report_dry_run(context, std::move(*plan));
    if (const auto ended = confirm_plan(context, std::move(*plan))) return *ended;
  }
  return run_action(context, **drivers, *options);
}

/// A simulated machine has a time of its own, in which the clock on the wall does not move.
std::chrono::milliseconds duration_of(const ConfigureResult& result) {
  if (driver_of(result.plan) != "sim") return result.progress.elapsed;
  std::chrono::nanoseconds sum{0};
  for (const bringup::StepTime& step : result.steps) sum += step.took;
  return std::chrono::duration_cast<std::chrono::milliseconds>(sum);
}

std::string milliseconds(std::chrono::nanoseconds duration) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f ms", static_cast<double>(duration.count()) / 1e6);
  return text.data();
}

std::string headline_of(const ConfigurePlan& plan, const Style& style) {
  if (plan.nothing_to_do) {
    return style.paint(Colour::good, "nothing to do") + ": " + printable(plan.nothing_to_do->why);
  }
  if (refusal(plan)) return style.paint(Colour::bad, "refused");
  return "would bring the TDX module up by the driver '" + std::string(driver_of(plan)) + "'";
}

std::string steps_text(const ConfigureResult& result, const Style& style) {
  Columns steps(style, 2);
  for (const bringup::StepTime& step : result.steps) {
    steps.row({{std::string(step.name)}, {milliseconds(step.took)}});
  }
  return steps.str();
}

std::uint64_t pool_bytes(const ConfigureResult& result) {
  return result.progress.pool_pages * bringup::kPageBytes;
}

Json bring_up_json(const ConfigureResult& result) {
  Json steps = Json::array();
  for (const bringup::StepTime& step : result.steps) {
    steps.push_back({{"name", step.name}, {"duration_ns", step.took.count()}});
  }
  return {
      {"outcome", or_null(result.outcome)},
      {"state_after", text_or_null(result.state_after)},
      {"duration_ms", duration_of(result).count()},
      {"steps", std::move(steps)},
      {"tdmrs", {{"initialised", result.progress.tdmrs_done}, {"count", result.progress.tdmrs}}},
      {"pamt_bytes", result.pamt_bytes},
      {"pool_bytes", pool_bytes(result)},
      {"checks", to_json(result.proof)},
  };
}

}  // namespace

std::unique_ptr<bringup::ConfigureWatcher> shown_progress(bool quiet) {
  return std::make_unique<ShownProgress>(quiet);
}

std::string to_text(const ConfigurePlan& plan, const Style& style) {
  std::string text = headline_of(plan, style) + "\n";
  Columns facts(style, 2);
  if (plan.disable) facts.row({{"first"}, {"TDH.SYS.DISABLE: the module is ready"}});
  for (const std::string& each : plan.consequences) facts.row({{"afterwards"}, {each}});
  text += facts.str();
  if (plan.nothing_to_do) return text;
  if (plan.disable) text += checks_text(plan.disable->checks, style);
  return text + to_text(PlanReport{plan.read.machine, plan.plan}, style);
}

std::string to_text(const ConfigureReport& report, const Style& style) {
  const ConfigureResult& result = report.result;
  if (result.outcome.empty() && result.steps.empty()) return to_text(result.plan, style);
  if (result.plan.nothing_to_do) return headline_of(result.plan, style) + "\n";
  if (result.error) return steps_text(result, style) + checks_text(result.proof, style);
  Columns facts(style, 2);
  facts.row({{"TDMRs"},
             {std::to_string(result.progress.tdmrs) + ", " + std::to_string(result.progress.gibs) + " GiB"}});
  facts.row({{"PAMTs"}, {byte_size(result.pamt_bytes)}});
  facts.row({{"Extensions"}, {byte_size(pool_bytes(result))}});
  return style.paint(Colour::good, result.outcome) + " (" + duration_text(duration_of(result)) + ")\n" +
         facts.str() + steps_text(result, style) + checks_text(result.proof, style);
}

Json to_json(const ConfigureReport& report) {
  const ConfigurePlan& plan = report.result.plan;
  const bool known = plan.brought_up && plan.brought_up->has_value();
  return {
      {"dry_run", report.dry_run},
      {"nothing_to_do", plan.nothing_to_do ? Json(plan.nothing_to_do->why) : Json(nullptr)},
      {"driver_reason", plan.driver ? Json(nullptr) : to_json(plan.driver.error())},
      {"brought_up_with", known ? Json(hex64(**plan.brought_up)) : Json(nullptr)},
      {"disable", plan.disable ? to_json(*plan.disable) : Json(nullptr)},
      {"consequences", plan.consequences},
      {"plan", to_json(PlanReport{plan.read.machine, plan.plan})},
      {"bring_up", report.dry_run ? Json(nullptr) : bring_up_json(report.result)},
  };
}

void add_connect_configure(CLI::App& verb, Context& context) {
  CLI::App* configure = verb.add_subcommand("configure", "bring the TDX module up");
  const auto typed = std::make_shared<Typed>();
  add_request_options(*configure, typed->request);
  configure->add_flag("--take-over", typed->take_over,
                      "disable a module that is ready first, also one that the kernel uses");
  configure->add_option("--timeout", typed->timeout, "take it back after this long: 500ms, 30s, 2m")
      ->type_name("TIME");
  configure->add_flag("--dry-run", typed->dry_run, "run every check and stop there");
  configure->add_flag("-y,--yes", typed->yes, "do not ask");
  on_run(*configure, context, "connect-configure",
         [&context, typed] { return run_configure(context, *typed); });
}

}  // namespace tdxctl::cli
