// SPDX-License-Identifier: MIT
// What the verbs of 'connect' show.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"
#include "cli/envelope.h"
#include "cli/text.h"
#include "core/bringup/configure.h"
#include "core/bringup/plan.h"
#include "core/connect_view.h"

namespace CLI {
class App;
}

namespace tdxctl::cli {

/// A plan, and the machine that it is for.
struct PlanReport {
  bringup::Machine machine;
  bringup::Plan plan;
};
std::string to_text(const PlanReport& report, const Style& style);
Json to_json(const PlanReport& report);

/// What `connect configure --dry-run` shows, and what is shown before anybody is asked.
std::string to_text(const bringup::ConfigurePlan& plan, const Style& style);

/// What `connect configure` shows.
struct ConfigureReport {
  bringup::ConfigureResult result;
  bool dry_run = false;  ///< then the result has its plan only
};
std::string to_text(const ConfigureReport& report, const Style& style);
Json to_json(const ConfigureReport& report);

/// How far a bring-up has come, on a terminal.
std::unique_ptr<bringup::ConfigureWatcher> shown_progress(bool quiet);

/// What of a machine could not be seen.
std::vector<Warning> warnings_of(const bringup::ReadMachine& read);

/// Errors: usage.
Result<bringup::WallClock> parse_wall_clock(std::string_view word);

/// Bits of TDX_FEATURES0 from "connect,dynamic-pamt".
/// Errors: unknown_name, with the name that was meant where one is close; usage for the Extensions, which
/// come with the features that are built on them.
Result<std::uint64_t> parse_features(std::string_view list);

/// What a module is to be brought up with, as typed.
struct TypedRequest {
  std::string features;
  std::string wall_clock = "none";
};
/// --features and --wall-clock. Features that are asked for one by one are asked for together.
void add_request_options(CLI::App& verb, TypedRequest& typed);
/// Errors: those of parse_features() and parse_wall_clock().
Result<bringup::Request> request_of(const TypedRequest& typed);

std::string to_text(const ConnectView& view, const Style& style);
Json to_json(const ConnectView& view);

void add_connect_show(CLI::App& verb, Context& context);
void add_connect_plan(CLI::App& verb, Context& context);
void add_connect_configure(CLI::App& verb, Context& context);

}  // namespace tdxctl::cli
