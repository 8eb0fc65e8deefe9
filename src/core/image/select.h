// SPDX-License-Identifier: MIT
// Choosing among images: first what fits, then what the operator wants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/image/fit.h"
#include "core/result.h"

namespace tdxctl::image {

struct Policy {
  enum class Kind : std::uint8_t {
    newest,         ///< one big step
    smallest_step,  ///< the next release that fits
    pinned,         ///< one release and no other
  };
  Kind kind = Kind::newest;
  Version pinned{};  ///< with Kind::pinned
};

/// "newest", "smallest-step" or "pinned=1.5.28". Errors: usage.
Result<Policy> parse_policy(std::string_view text);
std::string to_string(const Policy& policy);

/// A candidate that was not chosen, and every reason.
struct Rejected {
  std::size_t index;           ///< into the candidates
  std::vector<Check> reasons;  ///< bad and unknown rules of fitting; for what fits, the one of the policy
};

struct Selection {
  std::optional<std::size_t> chosen{};  ///< into the candidates
  bool up_to_date = false;              ///< nothing chosen, and the running module is what the policy wants
  std::string why;                      ///< one sentence
  std::vector<Rejected> rejected{};     ///< everything else, in the order of the candidates
};

/// Never chooses a candidate of which anything is bad or unknown, nor the release that is running.
Selection select(std::span<const Candidate> candidates, const HostFacts& host, const Policy& policy,
                 const FitOptions& options = {});

}  // namespace tdxctl::image
