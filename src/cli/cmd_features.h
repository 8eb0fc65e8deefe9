// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/envelope.h"
#include "cli/text.h"
#include "core/abi/features.h"

namespace tdxctl::cli {

/// A feature and what is known of it on this module.
struct FeatureState {
  const abi::Feature* feature;
  bool supported;
  std::optional<bool> enabled;  ///< nothing where the module does not say
  std::string_view reason;      ///< why it does not
};

/// What TDX_FEATURES0 says about one feature. Of one that must be switched on that is only known where the
/// module lacks it, or where it is known with what the module was brought up.
FeatureState feature_state(const abi::Feature& feature, std::uint64_t features0,
                           const std::optional<std::uint64_t>& switched_on);

/// That no feature has the name that was typed, and which was meant where one is close.
Error unknown_feature(std::string_view typed);

/// All that `features` shows.
struct FeatureList {
  std::uint64_t features0;
  bool all = false;                            ///< text also shows what is not supported
  std::optional<std::uint64_t> switched_on{};  ///< see features_switched_on()
};
std::string to_text(const FeatureList& list, const Style& style);
Json to_json(const FeatureList& list);

/// The answer of `features has`, in the order asked.
struct FeatureAnswers {
  std::uint64_t features0;
  std::vector<const abi::Feature*> asked;
  std::optional<std::uint64_t> switched_on{};
};
std::string to_text(const FeatureAnswers& answers, const Style& style);
Json to_json(const FeatureAnswers& answers);

}  // namespace tdxctl::cli
