// SPDX-License-Identifier: MIT
#include "cli/cmd_connect.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/cmd_features.h"
#include "cli/commands.h"
#include "core/abi/features.h"

namespace tdxctl::cli {

Result<bringup::WallClock> parse_wall_clock(std::string_view word) {
  for (const auto wall_clock : {bringup::WallClock::none, bringup::WallClock::now}) {
    if (word == to_string(wall_clock)) return wall_clock;
  }
  return fail(ErrorId::usage, "there is no wall clock '" + printable(word) + "'", "it is none or now");
}

Result<std::uint64_t> parse_features(std::string_view list) {
  std::uint64_t features = 0;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    const std::string_view name = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    const abi::Feature* feature = abi::find_feature(name);
    if (feature == nullptr || feature->reserved()) {
      return fail(unknown_feature(name));
    }
    if (feature->bit == abi::kFeatureExtensions) {
      return fail(ErrorId::usage, "the Extensions are not asked for by themselves",
                  "ask for a feature that is built on them: connect or quote");
    }
    features |= feature->mask();
  }
  return features;
}

void add_request_options(CLI::App& verb, TypedRequest& typed) {
  verb.add_option("--features", typed.features, "features to switch on, such as connect,dynamic-pamt")
      ->join(',')
      ->type_name("NAME,...");
  verb.add_option("--wall-clock", typed.wall_clock, "the time to tell the module: none, now")
      ->type_name("WHEN");
}

Result<bringup::Request> request_of(const TypedRequest& typed) {
  const auto features = parse_features(typed.features);
  if (!features) return fail(features.error());
  const auto wall_clock = parse_wall_clock(typed.wall_clock);
  if (!wall_clock) return fail(wall_clock.error());
  return bringup::Request{.features = *features, .wall_clock = *wall_clock};
}

void add_connect(CLI::App& verb, Context& context) {
  add_connect_show(verb, context);
  add_connect_plan(verb, context);
  add_connect_configure(verb, context);
}

}  // namespace tdxctl::cli
