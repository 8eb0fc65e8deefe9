// SPDX-License-Identifier: MIT
// What the verbs of 'connect' show.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"
#include "cli/envelope.h"
#include "cli/text.h"
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

/// Bits of TDX_FEATURES0 from "connect,dynamic-pamt".
/// Errors: unknown_name; usage for the Extensions, which come with the features that are built on them.
Result<std::uint64_t> parse_features(std::string_view list);

std::string to_text(const ConnectView& view, const Style& style);
Json to_json(const ConnectView& view);

void add_connect_show(CLI::App& verb, Context& context);
void add_connect_plan(CLI::App& verb, Context& context);

}  // namespace tdxctl::cli
