// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "cli/check_text.h"
#include "cli/cmd_connect.h"
#include "cli/commands.h"
#include "cli/cpu_text.h"
#include "cli/duration.h"
#include "cli/memory_picture.h"
#include "cli/output.h"
#include "cli/report.h"
#include "core/abi/features.h"
#include "core/bringup/call_times.h"
#include "core/bringup/machine_file.h"
#include "core/bringup/read_machine.h"
#include "core/byte_size.h"
#include "core/hex.h"

namespace tdxctl::cli {
namespace {

using bringup::Plan;
using bringup::PlannedTdmr;

// A machine of 200,000 ranges.
constexpr std::size_t kLargestMachineBytes = 16u << 20;

constexpr std::string_view kStdin = "-";

std::string_view headline_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return "the plan keeps every rule";
    case Verdict::bad:
      return "the plan breaks rules";
    default:
      return "the plan breaks no rule, and not all could be checked";
  }
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  const double value = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  if (part != 0 && value < 0.01) return "less than 0.01 %";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f %%", value);
  return text.data();
}

/// Without TDMRs there is nothing to count.
bool is_laid_out(const Plan& plan) { return !plan.tdmrs.empty(); }

std::string share_text(const Plan& plan, std::uint64_t bytes) {
  if (!is_laid_out(plan)) return "no plan";
  return byte_size(bytes) + ", " + percent(bytes, plan.ram_bytes()) + " of RAM";
}

std::string tdmr_count_text(const Plan& plan) {
  const std::string limits = plan.limits_read ? "" : ", by the limits of public modules";
  const std::string most = std::to_string(plan.limits.max_tdmrs);
  if (!is_laid_out(plan)) return "no plan, of " + most + " at most" + limits;
  return std::to_string(plan.tdmrs.size()) + " of " + most + limits;
}

std::string node_text(const std::optional<std::uint32_t>& node) { return node ? std::to_string(*node) : "-"; }

std::string home_text(const bringup::Pamt& pamt) {
  if (!pamt.home) return "nowhere";
  return std::to_string(*pamt.home) + ", node " + node_text(pamt.node);
}

/// PAMT bytes by the node on which they are to lie.
std::map<std::optional<std::uint32_t>, bringup::Pamt> pamts_by_node(const Plan& plan) {
  std::map<std::optional<std::uint32_t>, bringup::Pamt> nodes;
  for (const PlannedTdmr& tdmr : plan.tdmrs) {
    if (!tdmr.pamt.home) continue;
    bringup::Pamt& sum = nodes[tdmr.pamt.node];
    sum.bytes_4k += tdmr.pamt.bytes_4k;
    sum.bytes_2m += tdmr.pamt.bytes_2m;
    sum.bytes_1g += tdmr.pamt.bytes_1g;
  }
  return nodes;
}

std::string config_text(const Plan& plan) {
  std::string text = "TDH.SYS.CONFIG version " + std::to_string(plan.config_version) + ": " +
                     std::string(plan.config_reason);
  return text;
}

std::string features_text(const Plan& plan) {
  std::vector<std::string> names;
  for (const std::string_view name : abi::feature_names(plan.features)) names.emplace_back(name);
  if (plan.dynamic_pamt) names.emplace_back("DYNAMIC_PAMT (by R8)");
  return names.empty() ? "none" : join(names, ", ") + "; R9 " + hex64(plan.features);
}

std::string wall_clock_text(const Plan& plan) {
  if (plan.config_version == 0) return "not passed by version 0";
  return plan.wall_clock == bringup::WallClock::now ? "the time of the call, in seconds"
                                                    : "zero: no time is passed";
}

std::string extensions_text(const Plan& plan) {
  if (!plan.extensions) return "not needed";
  return byte_size(plan.extensions->bytes) +
         (plan.extensions->read ? ", as the module says"
                                : ", as pre-production modules took; the module says later");
}

std::string few_calls_text(const Plan& plan) {
  if (!is_laid_out(plan)) return "no plan";
  if (!plan.calls) return "not known without the LPs";
  return std::to_string(plan.calls->lp_init) + " TDH.SYS.LP.INIT, " + std::to_string(plan.calls->key_config) +
         " TDH.SYS.KEY.CONFIG";
}

std::string tdmr_calls_text(const bringup::Calls& calls) {
  return std::to_string(calls.tdmr_init) + " TDH.SYS.TDMR.INIT, of which " +
         std::to_string(calls.tdmr_init_in_a_row) + " in a row";
}

std::string expected_text(const bringup::Expectation& expected) {
  if (!expected.duration) return "not known: " + expected.reason;
  return "about " + duration_text(*expected.duration) + ", " + expected.reason;
}

std::string lps_text(const bringup::Machine& machine) {
  if (!machine.lps_online || !machine.packages) return "not known";
  return counted(*machine.lps_online, "LP") + " in " + counted(machine.packages->size(), "package");
}

std::string tdmrs_text(const Plan& plan, const Style& style) {
  if (plan.tdmrs.empty()) return {};
  Columns rows(style, 2);
  rows.row({{"TDMR", Colour::bold},
            {"base", Colour::bold},
            {"size", Colour::bold},
            {"RAM", Colour::bold},
            {"node", Colour::bold},
            {"reserved", Colour::bold},
            {"PAMTs", Colour::bold},
            {"in TDMR", Colour::bold}});
  for (std::size_t i = 0; i < plan.tdmrs.size(); ++i) {
    const PlannedTdmr& tdmr = plan.tdmrs[i];
    rows.row(
        {{std::to_string(i)},
         {hex(tdmr.range.base)},
         {byte_size(tdmr.range.bytes)},
         {byte_size(tdmr.ram_bytes)},
         {node_text(tdmr.node)},
         {std::to_string(tdmr.reserved_areas()) + " of " + std::to_string(plan.limits.max_reserved_per_tdmr)},
         {byte_size(tdmr.pamt.bytes())},
         {home_text(tdmr.pamt)}});
  }
  return rows.str();
}

Json pamt_json(const bringup::Pamt& pamt) {
  return {{"bytes_4k", pamt.bytes_4k}, {"bytes_2m", pamt.bytes_2m}, {"bytes_1g", pamt.bytes_1g}};
}

Json tdmr_json(const PlannedTdmr& tdmr) {
  Json holes = Json::array();
  for (const bringup::Range& hole : tdmr.holes) {
    holes.push_back({{"offset", hole.base - tdmr.range.base}, {"bytes", hole.bytes}});
  }
  Json pamt = pamt_json(tdmr.pamt);
  pamt["tdmr"] = or_null(tdmr.pamt.home);
  pamt["node"] = or_null(tdmr.pamt.node);
  return {{"base", hex(tdmr.range.base)},
          {"bytes", tdmr.range.bytes},
          {"ram_bytes", tdmr.ram_bytes},
          {"node", or_null(tdmr.node)},
          {"holes", std::move(holes)},
          {"pamts_held", tdmr.pamts_held},
          {"reserved_areas", tdmr.reserved_areas()},
          {"pamt", std::move(pamt)}};
}

Json config_json(const Plan& plan) {
  return {{"version", plan.config_version},
          {"reason", plan.config_reason},
          {"features", {{"mask", hex64(plan.features)}, {"names", abi::feature_names(plan.features)}}},
          {"dynamic_pamt", plan.dynamic_pamt},
          {"wall_clock", to_string(plan.wall_clock)}};
}

Json calls_json(const Plan& plan) {
  if (!plan.calls) return nullptr;
  return {{"lp_init", plan.calls->lp_init},
          {"key_config", plan.calls->key_config},
          {"tdmr_init", plan.calls->tdmr_init},
          {"tdmr_init_in_a_row", plan.calls->tdmr_init_in_a_row}};
}

struct PlanOptions {
  std::string machine;
  TypedRequest request;
};

Result<std::string> text_of(Context& context, const std::string& path) {
  if (path == kStdin) return read_stdin(kLargestMachineBytes);
  const auto bytes = context.files().read(path, kLargestMachineBytes);
  if (!bytes) return fail(bytes.error());
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

Result<bringup::ReadMachine> machine_of(Context& context, const PlanOptions& options) {
  if (options.machine.empty()) {
    const auto drivers = context.drivers();
    if (!drivers) return fail(drivers.error());
    return bringup::read_machine(**drivers);
  }
  if (context.options.driver != Options{}.driver) {
    return fail(ErrorId::usage, "--machine is planned for without a driver: --driver does not go with it",
                "give one of the two");
  }
  const auto text = text_of(context, options.machine);
  if (!text) return fail(text.error());
  auto machine = bringup::parse_machine(*text);
  if (!machine) {
    Error error = machine.error();
    error.what = (options.machine == kStdin ? "standard input" : "'" + printable(options.machine) + "'") +
                 ": " + error.what;
    return fail(std::move(error));
  }
  return bringup::ReadMachine{std::move(*machine), {}, {}};
}

int run_plan(Context& context, const PlanOptions& options) {
  const auto request = request_of(options.request);
  if (!request) return report(context, request.error());
  auto read = machine_of(context, options);
  if (!read) return report(context, read.error());
  auto plan = bringup::make_plan(read->machine, *request, {.only_looks_ready = read->only_looks_ready});
  if (!plan) return report(context, plan.error());
  if (options.machine.empty() && context.machine.empty()) {
    plan->expected = bringup::foretell(*plan, context.store());
  }

  const Outcome outcome{
      .driver = read->driver,
      .warnings = warnings_of(*read),
      .error = read->only_looks_ready ? read->only_looks_ready : bringup::objection(read->machine, *plan)};
  return report_result(context, PlanReport{std::move(read->machine), std::move(*plan)}, outcome);
}

}  // namespace

std::vector<Warning> warnings_of(const bringup::ReadMachine& read) {
  std::vector<Warning> warnings;
  for (const bringup::UnseenFact& unseen : read.unseen) {
    warnings.push_back({"not_seen", std::string(unseen.fact) + ": " + sentence(unseen.why)});
  }
  return warnings;
}

std::string to_text(const PlanReport& report, const Style& style) {
  const Plan& plan = report.plan;
  const Verdict verdict = plan.verdict();
  std::string text = style.paint(colour_of(verdict), headline_of(verdict)) + "\n";
  Columns facts(style, 2);
  facts.row(
      {{"memory"}, {byte_size(plan.ram_bytes()) + " of RAM in " + counted(plan.memory.size(), "range")}});
  facts.row({{"TDMRs"}, {tdmr_count_text(plan)}});
  facts.row({{"PAMTs"}, {share_text(plan, plan.pamt_bytes())}});
  for (const auto& [node, pamt] : pamts_by_node(plan)) {
    facts.row({{"  node " + node_text(node)}, {byte_size(pamt.bytes())}});
  }
  facts.row({{"Extensions"}, {extensions_text(plan)}});
  facts.row({{"spent"}, {share_text(plan, plan.spent_bytes())}});
  facts.row({{"features"}, {features_text(plan)}});
  facts.row({{"call"}, {config_text(plan)}});
  facts.row({{"wall clock"}, {wall_clock_text(plan)}});
  facts.row({{"LPs"}, {lps_text(report.machine)}});
  facts.row({{"calls"}, {few_calls_text(plan)}});
  if (plan.calls) facts.row({{""}, {tdmr_calls_text(*plan.calls)}});
  facts.row({{"duration"}, {expected_text(plan.expected)}});
  return text + facts.str() + tdmrs_text(plan, style) + memory_picture(plan, style) +
         checks_text(plan.checks, style);
}

Json to_json(const PlanReport& report) {
  const Plan& plan = report.plan;
  const auto& expected = plan.expected.duration;
  Json tdmrs = Json::array(), nodes = Json::array();
  for (const PlannedTdmr& tdmr : plan.tdmrs) tdmrs.push_back(tdmr_json(tdmr));
  for (const auto& [node, pamt] : pamts_by_node(plan)) {
    Json row = {{"node", or_null(node)}};
    row.update(pamt_json(pamt));
    nodes.push_back(std::move(row));
  }
  Json extensions = nullptr;
  if (plan.extensions) extensions = {{"bytes", plan.extensions->bytes}, {"read", plan.extensions->read}};
  return {
      {"verdict", to_string(plan.verdict())},
      {"checks", to_json(plan.checks)},
      {"ram_bytes", plan.ram_bytes()},
      {"pamt_bytes", is_laid_out(plan) ? Json(plan.pamt_bytes()) : Json(nullptr)},
      {"spent_bytes", is_laid_out(plan) ? Json(plan.spent_bytes()) : Json(nullptr)},
      {"limits_read", plan.limits_read},
      {"config", config_json(plan)},
      {"extensions", std::move(extensions)},
      {"calls", calls_json(plan)},
      {"expected_ms", expected ? Json(expected->count()) : Json(nullptr)},
      {"expected_reason", plan.expected.reason},
      {"pamts_by_node", std::move(nodes)},
      {"tdmrs", std::move(tdmrs)},
      {"machine", bringup::to_json(report.machine)},
  };
}

void add_connect_plan(CLI::App& verb, Context& context) {
  CLI::App* plan = verb.add_subcommand("plan", "show how the module would be brought up, and check it");
  const auto options = std::make_shared<PlanOptions>();
  plan->add_option("--machine", options->machine, "plan for the machine in this file, - for standard input")
      ->type_name("FILE");
  add_request_options(*plan, options->request);
  on_run(*plan, context, "connect-plan", [&context, options] { return run_plan(context, *options); });
}

}  // namespace tdxctl::cli
