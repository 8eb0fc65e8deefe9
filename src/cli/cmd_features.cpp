// SPDX-License-Identifier: MIT
#include "cli/cmd_features.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/commands.h"
#include "cli/report.h"
#include "core/abi/bits.h"
#include "core/connect_view.h"
#include "core/hex.h"
#include "core/metadata_read.h"

namespace tdxctl::cli {
namespace {

/// Features that are off until the host switches them on, and where.
struct OptIn {
  std::uint8_t bit;
  std::string_view reason;
};
// Source: intel/tdx-module 2.0.18 TDH.SYS.CONFIG, registers R8 and R9; Linux patch series for the module's
// extensions.
constexpr OptIn kOptIns[] = {
    {abi::kFeatureConnect, "TDH.SYS.CONFIG switches it on, and the module does not report whether it did"},
    {abi::kFeatureDynamicPamt,
     "TDH.SYS.CONFIG switches it on, and the module does not report whether it did"},
    {abi::kFeatureExtensions, "TDH.EXT.INIT switches it on, and the module does not report whether it did"},
    {abi::kFeatureQuote, "TDH.QUOTE.INIT switches it on, and the module does not report whether it did"},
};

/// With what the module was brought up, where it has anything that has to be switched on.
std::optional<std::uint64_t> switched_on(Drivers& drivers, std::uint64_t features0) {
  const bool has_any =
      std::ranges::any_of(kOptIns, [&](const OptIn& each) { return abi::bit(features0, each.bit); });
  return has_any ? features_switched_on(drivers) : std::nullopt;
}

/// What administrators look for, and miss, most.
constexpr std::uint8_t kNotable[] = {
    abi::kFeatureTdPreserving,        abi::kFeatureConnect,    abi::kFeatureNoRbpMod,
    abi::kFeatureUpdateCompatibility, abi::kFeatureSysDisable,
};

std::uint64_t unnamed_bits(std::uint64_t features0) {
  std::uint64_t unnamed = 0;
  for (const abi::Feature& feature : abi::features()) {
    if (feature.reserved()) unnamed |= features0 & feature.mask();
  }
  return unnamed;
}

std::vector<FeatureState> named_features(const FeatureList& list) {
  std::vector<FeatureState> states;
  for (const abi::Feature& feature : abi::features()) {
    if (!feature.reserved()) states.push_back(feature_state(feature, list.features0, list.switched_on));
  }
  return states;
}

Cell enabled_cell(const FeatureState& state) {
  if (!state.supported) return {"-", Colour::faint};
  if (!state.enabled) return {"not reported", Colour::warn};
  return *state.enabled ? Cell{"yes", Colour::good} : Cell{"no", Colour::bad};
}

Json to_json(const FeatureState& state) {
  const abi::Feature& feature = *state.feature;
  Json aliases = Json::array();
  for (const std::string_view alias : {feature.alias, feature.second_alias}) {
    if (!alias.empty()) aliases.push_back(alias);
  }
  return {
      {"bit", feature.bit},
      {"name", feature.name},
      {"aliases", std::move(aliases)},
      {"kernel_name", or_null(feature.kernel_name)},
      {"supported", state.supported},
      {"enabled", or_null(state.enabled)},
      {"enabled_reason", or_null(state.reason)},
      {"meaning", feature.meaning},
  };
}

std::vector<Warning> warn_of_unnamed(std::uint64_t features0) {
  const std::uint64_t unnamed = unnamed_bits(features0);
  if (unnamed == 0) return {};
  return {{"unnamed_features",
           "the module sets bits of TDX_FEATURES0 that have no public name: " + hex64(unnamed)}};
}

int run_features(Context& context, bool all) {
  const auto drivers = context.drivers();
  if (!drivers) return report(context, drivers.error());
  const auto features0 = read_features0(**drivers);
  if (!features0) return report(context, features0.error());
  return report_result(context, FeatureList{features0->data, all, switched_on(**drivers, features0->data)},
                       {.driver = features0->driver, .warnings = warn_of_unnamed(features0->data)});
}

int run_features_has(Context& context, const std::vector<std::string>& names) {
  FeatureAnswers answers{};
  for (const std::string& name : names) {
    const abi::Feature* feature = abi::find_feature(name);
    if (feature == nullptr) return report(context, unknown_feature(name));
    answers.asked.push_back(feature);
  }
  const auto drivers = context.drivers();
  if (!drivers) return report(context, drivers.error());
  const auto features0 = read_features0(**drivers);
  if (!features0) return report(context, features0.error());
  answers.features0 = features0->data;
  answers.switched_on = switched_on(**drivers, features0->data);

  Outcome outcome{.driver = features0->driver};
  std::vector<std::string> missing;
  for (const abi::Feature* feature : answers.asked) {
    if (!abi::bit(answers.features0, feature->bit)) missing.emplace_back(feature->name);
  }
  if (!missing.empty()) {
    outcome.error = Error{ErrorId::feature_missing, "this TDX module does not have " + join(missing, ", ")};
  }
  return report_result(context, answers, outcome);
}

}  // namespace

FeatureState feature_state(const abi::Feature& feature, std::uint64_t features0,
                           const std::optional<std::uint64_t>& switched_on) {
  const bool supported = abi::bit(features0, feature.bit);
  const auto* opt_in = std::ranges::find(kOptIns, feature.bit, &OptIn::bit);
  if (supported && opt_in != std::end(kOptIns) && switched_on)
    return {&feature, supported, is_switched_on(*switched_on, feature.bit), {}};
  if (supported && opt_in != std::end(kOptIns)) return {&feature, supported, std::nullopt, opt_in->reason};
  return {&feature, supported, supported, {}};
}

Error unknown_feature(std::string_view typed) {
  std::vector<std::string_view> names;
  for (const abi::Feature& feature : abi::features()) {
    if (feature.reserved()) continue;
    names.push_back(feature.name);
    // "TDXCONNECT" goes by "connect" too.
    if (feature.name.starts_with("TDX")) names.push_back(feature.name.substr(3));
  }
  std::string spelled(typed);
  std::ranges::transform(spelled, spelled.begin(), [](char c) {
    return c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  const std::string_view close = closest(spelled, names);
  return {ErrorId::unknown_name, "no feature is called '" + printable(typed) + "'",
          close.empty() ? "'tdxctl features --all' names every feature"
                        : "did you mean '" + std::string(close) + "'?"};
}

std::string to_text(const FeatureList& list, const Style& style) {
  const auto states = named_features(list);
  Columns rows(style);
  std::vector<Cell> titles = {{"bit", Colour::bold}, {"feature", Colour::bold}};
  if (list.all) titles.push_back({"supported", Colour::bold});
  titles.push_back({"enabled", Colour::bold});
  titles.push_back({"meaning", Colour::bold});
  rows.row(std::move(titles));
  std::size_t supported = 0;
  std::vector<std::string> missing;
  for (const FeatureState& state : states) {
    supported += state.supported ? 1 : 0;
    if (!state.supported && std::ranges::find(kNotable, state.feature->bit) != std::end(kNotable)) {
      missing.emplace_back(state.feature->name);
    }
    if (!list.all && !state.supported) continue;
    std::vector<Cell> cells = {{std::to_string(state.feature->bit)}, {std::string(state.feature->name)}};
    if (list.all) cells.push_back(state.supported ? Cell{"yes", Colour::good} : Cell{"no", Colour::bad});
    cells.push_back(enabled_cell(state));
    cells.push_back({std::string(state.feature->meaning)});
    rows.row(std::move(cells));
  }
  std::string text = "TDX_FEATURES0 " + hex64(list.features0) + ": " + std::to_string(supported) + " of " +
                     counted(states.size(), "named feature") + "\n" + rows.str();
  if (!missing.empty()) text += "of note, and not supported: " + join(missing, ", ") + "\n";
  return text;
}

Json to_json(const FeatureList& list) {
  Json features = Json::array();
  for (const FeatureState& state : named_features(list)) features.push_back(to_json(state));
  return {
      {"features0", hex64(list.features0)},
      {"unnamed_bits", hex64(unnamed_bits(list.features0))},
      {"features", std::move(features)},
  };
}

std::string to_text(const FeatureAnswers& answers, const Style& style) {
  Columns rows(style);
  for (const abi::Feature* feature : answers.asked) {
    const bool supported = abi::bit(answers.features0, feature->bit);
    rows.row({{std::string(feature->name)}, supported ? Cell{"yes", Colour::good} : Cell{"no", Colour::bad}});
  }
  return rows.str();
}

Json to_json(const FeatureAnswers& answers) {
  Json asked = Json::array();
  Json missing = Json::array();
  for (const abi::Feature* feature : answers.asked) {
    asked.push_back(to_json(feature_state(*feature, answers.features0, answers.switched_on)));
    if (!abi::bit(answers.features0, feature->bit)) missing.push_back(feature->name);
  }
  return {
      {"features0", hex64(answers.features0)}, {"asked", std::move(asked)}, {"missing", std::move(missing)}};
}

void add_features(CLI::App& verb, Context& context) {
  const auto all = std::make_shared<bool>(false);
  verb.add_flag("--all", *all, "also show what the module does not support");
  on_run(verb, context, "features", [&context, all] { return run_features(context, *all); });

  CLI::App* has = verb.add_subcommand("has", "ask for features; the exit code answers");
  const auto names = std::make_shared<std::vector<std::string>>();
  has->add_option("NAME", *names, "feature by its name, an alias or the kernel's name")
      ->required()
      ->type_name("");
  on_run(*has, context, "features-has", [&context, names] { return run_features_has(context, *names); });
}

}  // namespace tdxctl::cli
