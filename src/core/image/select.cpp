// SPDX-License-Identifier: MIT
#include "core/image/select.h"

#include <algorithm>

#include "core/abi/names.h"

namespace tdxctl::image {
namespace {

using enum ErrorId;

// Why a candidate that fits is not the one.
constexpr Rule kRunning = {image_already_running, "the image is another release than the running one"};
constexpr Rule kNotPinned = {image_not_pinned, "the image is the release that was asked for"};
constexpr Rule kPassedOver = {image_passed_over, "the policy prefers this image"};
constexpr Rule kDuplicate = {image_duplicate, "no other candidate is the same release"};

std::vector<Check> reasons_against(const Assessment& assessment) {
  std::vector<Check> reasons;
  std::ranges::copy_if(assessment.checks, std::back_inserter(reasons), [](const Check& check) {
    return check.verdict == Verdict::bad || check.verdict == Verdict::unknown;
  });
  return reasons;
}

bool is_older(const Check& reason) {
  return reason.id() == image_older_version && reason.verdict == Verdict::bad;
}

// Whether the policy prefers one release to another.
bool prefers(const Policy& policy, const Version& one, const Version& other) {
  return policy.kind == Policy::Kind::smallest_step ? one < other : one > other;
}

}  // namespace

Result<Policy> parse_policy(std::string_view text) {
  constexpr std::string_view kPinned = "pinned=";
  if (text == "newest") return Policy{};
  if (text == "smallest-step") return Policy{Policy::Kind::smallest_step};
  if (text.starts_with(kPinned)) {
    const std::string_view release = text.substr(kPinned.size());
    if (const auto version = parse_version(release)) return Policy{Policy::Kind::pinned, *version};
    return fail(usage, abi::quoted(release) + " is not a version", "give one such as pinned=1.5.28");
  }
  return fail(usage, "no policy is called " + abi::quoted(text),
              "give newest, smallest-step or pinned=VERSION");
}

std::string to_string(const Policy& policy) {
  switch (policy.kind) {
    case Policy::Kind::newest:
      return "newest";
    case Policy::Kind::smallest_step:
      return "smallest-step";
    case Policy::Kind::pinned:
      return "pinned=" + to_string(policy.pinned);
  }
  return "";
}

Selection select(std::span<const Candidate> candidates, const HostFacts& host, const Policy& policy,
                 const FitOptions& options) {
  Selection selection;
  std::vector<std::vector<Check>> reasons(candidates.size());
  const auto version_of = [&](std::size_t i) { return *candidates[i].version; };
  const auto reject = [&](std::size_t i, const Rule& rule, std::string evidence) {
    reasons[i].push_back({&rule, Verdict::bad, std::move(evidence)});
  };

  std::vector<std::size_t> eligible;
  bool line_is_known = false;  // the running release or an older one of its line is among the candidates
  bool another_may_fit = false;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    std::vector<Check> against = reasons_against(assess(candidates[i], host, options));
    const bool fits_after_reboot =
        std::ranges::all_of(against, [](const Check& reason) { return reason.id() == no_updates_left; });
    // What fits has a version, and so has the host: the rule about lines would be unknown otherwise.
    if (fits_after_reboot && is_running(candidates[i], host)) {
      line_is_known = true;
      reject(i, kRunning, to_string(version_of(i)) + " is running");
    } else if (!against.empty()) {
      line_is_known |= std::ranges::any_of(against, is_older);
      another_may_fit |= fits_after_reboot || first_with(Verdict::bad, against) == nullptr;
      reasons[i] = std::move(against);
    } else if (policy.kind == Policy::Kind::pinned && version_of(i) != policy.pinned) {
      reject(i, kNotPinned,
             "it is " + to_string(version_of(i)) + ", asked for is " + to_string(policy.pinned));
    } else {
      eligible.push_back(i);
    }
  }

  for (const std::size_t i : eligible) {
    if (!selection.chosen || prefers(policy, version_of(i), version_of(*selection.chosen))) {
      selection.chosen = i;
    }
  }
  for (const std::size_t i : eligible) {
    if (i == *selection.chosen) continue;
    const Candidate& chosen = candidates[*selection.chosen];
    if (version_of(i) == *chosen.version) {
      reject(i, kDuplicate, "'" + chosen.name + "' is " + to_string(*chosen.version) + " too");
    } else {
      reject(i, kPassedOver, to_string(policy) + " takes " + to_string(*chosen.version));
    }
  }
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i != selection.chosen) selection.rejected.push_back({i, std::move(reasons[i])});
  }

  if (selection.chosen) {
    selection.why = to_string(*candidates[*selection.chosen].version) + " fits and is what " +
                    to_string(policy) + " takes";
    return selection;
  }
  // While another image may fit, nobody knows whether the running release is what the policy wants.
  const bool pinned = policy.kind == Policy::Kind::pinned;
  selection.up_to_date = pinned ? host.module == policy.pinned : line_is_known && !another_may_fit;
  selection.why = "no candidate can be chosen";
  if (pinned && std::ranges::find(candidates, policy.pinned, &Candidate::version) == candidates.end())
    selection.why = "no candidate is " + to_string(policy.pinned);
  if (selection.up_to_date) {
    selection.why =
        to_string(*host.module) + (pinned ? " is running" : " is running, and nothing newer fits");
  }
  return selection;
}

}  // namespace tdxctl::image
