// SPDX-License-Identifier: MIT
#include "core/image/fit.h"

#include <algorithm>
#include <set>

#include "core/abi/features.h"
#include "core/abi/fms.h"
#include "core/hex.h"

namespace tdxctl::image {
namespace {

struct Subject {
  const Candidate& candidate;
  const HostFacts& host;
  const FitOptions& options;

  [[nodiscard]] const Sigstruct& sigstruct() const { return *candidate.sigstruct; }
  /// The row of the release, or nullptr where there is none to be believed.
  [[nodiscard]] const CatalogRelease* row() const {
    return candidate.release != nullptr && !candidate.release->contradicted ? candidate.release : nullptr;
  }
};

constexpr std::string_view kNoVersion = "the release of the image is not known";
constexpr std::string_view kNoModule = "the version of the running module is not known";
constexpr std::string_view kNoSvn = "the SVN of the running module is not known";
constexpr std::string_view kNotListed = "no catalog lists the image";
constexpr std::string_view kContradicted = "the list of releases contradicts itself about the image";
constexpr std::string_view kHowToName =
    "name the file as it was published, tdx_module_1.5.28.blob for the release 1.5.28: nothing in the image "
    "tells "
    "its release";

Finding unknown(std::string_view reason) { return tdxctl::unknown(std::string(reason)); }

Finding no_row(const Subject& s) {
  return unknown(s.candidate.release != nullptr ? kContradicted : kNotListed);
}

bool same_line(const Version& a, const Version& b) { return a.major == b.major && a.minor == b.minor; }

template <class Names>
std::string joined(const Names& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

std::string versions_text(const std::vector<Version>& versions) {
  std::vector<std::string> names;
  for (const Version& version : versions) names.push_back(to_string(version));
  return joined(names);
}

Finding was_verified(const Subject& s) {
  if (s.candidate.verification.empty()) return unknown("nobody did");
  if (const Check* broken = first_with(Verdict::bad, s.candidate.verification)) {
    return skipped("it breaks the rule " + std::string(broken->name()));
  }
  return ok(std::to_string(s.candidate.verification.size()) + " rules");
}

// The 1.5 line does not say its release in the signed bytes, so that often only the name does.
Finding name_is_right(const Subject& s) {
  const Candidate& c = s.candidate;
  if (!c.version) {
    if (c.named)
      return bad("the name says " + to_string(*c.named) + ", and the image cannot be that release");
    return {Verdict::unknown, "neither the image nor its name tells the release", std::string(kHowToName)};
  }
  if (c.version_by_name) return skipped("nothing but the name tells that it is " + to_string(*c.version));
  if (!c.named) return ok("the image itself tells that it is " + to_string(*c.version));
  return holds(*c.named == *c.version,
               "the name says " + to_string(*c.named) + ", the image itself " + to_string(*c.version));
}

Finding running_module_agrees(const Subject& s) {
  if (!s.host.module) return skipped(std::string(kNoModule));
  const bool same_version = s.candidate.version == s.host.module;
  if (!s.host.mrseam) {
    return skipped(same_version ? "it has the version of the running module, and nothing here shows MRSEAM"
                                : "nothing here shows the MRSEAM of the running module");
  }
  const bool same_hash = s.sigstruct().seamhash == *s.host.mrseam;
  if (same_hash && s.candidate.version && !same_version) {
    return bad("it is the running module, " + to_string(*s.host.module) + ", and named " +
               to_string(*s.candidate.version));
  }
  if (same_version && !same_hash) {
    return bad("it is named like the running release, and is another module: its SEAMHASH is not MRSEAM");
  }
  return ok(same_hash ? "it is the running module" : "it is another release");
}

Finding cpus_are_listed(const Subject& s) {
  const std::vector<std::uint32_t> listed = cpus(s.sigstruct());
  if (listed.empty() && is_debug(s.sigstruct())) return ok("the image is for every CPU");
  if (!s.host.packages || s.host.packages->empty()) return unknown("the CPUs of the packages are not known");
  std::set<std::string> names;
  for (const Package& package : *s.host.packages) {
    if (std::ranges::find(listed, abi::without_stepping(package.fms)) == listed.end()) {
      return bad("package " + std::to_string(package.id) + " is " + cpu_name(package.fms) + " (" +
                 hex(package.fms) + ")");
    }
    names.insert(cpu_name(package.fms));
  }
  return ok(std::to_string(s.host.packages->size()) + " of " + joined(names));
}

Finding seamldr_is_new_enough(const Subject& s) {
  if (s.row() == nullptr) return no_row(s);
  if (!s.host.seamldr) return unknown("the version of the P-SEAMLDR is not known");
  const auto& oldest = s.row()->seamldr_min;
  const bool enough = std::ranges::any_of(oldest, [&](const Version& version) {
    return same_line(version, *s.host.seamldr) && version.update <= s.host.seamldr->update;
  });
  return holds(enough, "P-SEAMLDR is " + to_string(*s.host.seamldr) + ", needed is " + versions_text(oldest));
}

Finding line_is_the_same(const Subject& s) {
  if (!s.candidate.version) return unknown(kNoVersion);
  if (!s.host.module) return unknown(kNoModule);
  return holds(
      same_line(*s.candidate.version, *s.host.module),
      "running is " + to_string(*s.host.module) + ", the image is " + to_string(*s.candidate.version));
}

Finding version_is_not_lower(const Subject& s) {
  if (!s.candidate.version) return unknown(kNoVersion);
  if (!s.host.module) return unknown(kNoModule);
  if (!same_line(*s.candidate.version, *s.host.module)) return skipped("the image is of another line");
  return holds(
      *s.candidate.version >= *s.host.module,
      "running is " + to_string(*s.host.module) + ", the image is " + to_string(*s.candidate.version));
}

Finding running_is_new_enough(const Subject& s) {
  if (s.row() == nullptr) return no_row(s);
  if (!s.host.module) return unknown(kNoModule);
  const Version& oldest = s.row()->min_running;
  if (!same_line(oldest, *s.host.module)) return skipped("the image is of another line");
  return holds(*s.host.module >= oldest,
               "running is " + to_string(*s.host.module) + ", needed is " + to_string(oldest));
}

Finding running_is_strictly_compatible(const Subject& s) {
  const auto instead = [&](Finding finding) {
    return s.options.strict ? finding : skipped(finding.evidence + "; not insisted on");
  };
  if (s.row() == nullptr) return instead(no_row(s));
  if (!s.host.module) return instead(unknown(kNoModule));
  const auto& listed = s.row()->strictly_compatible_with;
  if (!listed) return instead(unknown("the catalog has no list of strictly compatible releases"));
  if (s.candidate.version == s.host.module) return ok("it is the running release");
  if (std::ranges::find(*listed, *s.host.module) != listed->end())
    return ok("running is " + to_string(*s.host.module));
  return instead(bad("running is " + to_string(*s.host.module) + ", listed is " +
                     (listed->empty() ? std::string("none") : versions_text(*listed))));
}

Finding svn_is_of_the_line(const Subject& s) {
  if (!s.host.svn) return unknown(kNoSvn);
  const Svn its = svn(s.sigstruct());
  return holds(its.major == s.host.svn->major,
               "running has " + to_string(*s.host.svn) + ", the image " + to_string(its));
}

Finding svn_is_not_lower(const Subject& s) {
  if (!s.host.svn) return unknown(kNoSvn);
  const Svn its = svn(s.sigstruct());
  if (its.major != s.host.svn->major) return skipped("the major SVN differs");
  return holds(its.minor >= s.host.svn->minor,
               "running has " + to_string(*s.host.svn) + ", the image " + to_string(its));
}

// Linux and the helper ask the running module for its own handoff version.
Finding handoff_is_readable(const Subject& s) {
  if (!s.host.module_hv) return unknown("the handoff version of the running module is not known");
  const Sigstruct& image = s.sigstruct();
  return holds(image.min_update_hv <= *s.host.module_hv && *s.host.module_hv <= image.module_hv,
               "running writes " + std::to_string(*s.host.module_hv) + ", the image reads " +
                   std::to_string(image.min_update_hv) + " to " + std::to_string(image.module_hv));
}

Finding debug_is_allowed(const Subject& s) {
  if (!is_debug(s.sigstruct())) return ok("it is for production");
  return s.options.allow_debug ? skipped("it is debug-signed, which was allowed")
                               : bad("it is debug-signed, for platforms that are unlocked");
}

Finding updates_are_left(const Subject& s) {
  if (!s.host.updates_left) return unknown("the number of updates left is not known");
  return holds(*s.host.updates_left > 0,
               std::to_string(*s.host.updates_left) + " left before the next reboot");
}

// Bits that a module computes from its platform, so that no catalog lists them.
// Source: intel/tdx-module 2.0.18, which sets bits 6 and 32 at run time.
constexpr std::uint64_t kRunTimeFeatures = std::uint64_t{1} << abi::kFeatureConnect | std::uint64_t{1} << 32;

std::string feature_names(std::uint64_t mask) {
  std::vector<std::string_view> names;
  for (const abi::Feature& feature : abi::features()) {
    if ((mask & feature.mask()) != 0) names.push_back(feature.name);
  }
  return joined(names);
}

Finding features_stay(const Subject& s) {
  if (s.row() == nullptr) return no_row(s);
  if (!s.row()->features0) return unknown("the catalog does not give the features of the image");
  if (!s.host.features0) return unknown("the features of the running module are not known");
  const std::uint64_t missing = *s.host.features0 & ~*s.row()->features0;
  if (const std::uint64_t lost = missing & ~kRunTimeFeatures; lost != 0) {
    return bad("these would be lost: " + feature_names(lost));
  }
  if (missing != 0) return unknown("the catalog cannot tell about " + feature_names(missing));
  return ok("all of them stay");
}

using enum ErrorId;

constexpr RuleRow<Subject> kRules[] = {
    {{image_not_verified, "the image was verified"}, was_verified},
    {{image_wrong_name, "the name of the file is that of the release"}, name_is_right},
    {{image_other_module, "the release and the hash agree with those of the running module"},
     running_module_agrees},
    {{image_cpu_not_listed, "the image is for the CPU of every package", "SEAMLDR_EUNSUPCPU"},
     cpus_are_listed},
    {{image_seamldr_too_old, "the P-SEAMLDR is new enough for the image"}, seamldr_is_new_enough},
    {{image_other_line, "the image is of the line of the running module"}, line_is_the_same},
    {{image_older_version, "the image is not older than the running module"}, version_is_not_lower},
    {{image_running_too_old, "the running module is new enough to hand its TDs over"}, running_is_new_enough},
    {{image_not_strict, "the running release is listed as strictly compatible"},
     running_is_strictly_compatible},
    {{image_svn_line, "the major SVN is that of the running module", "SEAMLDR_EUNSUPPORTED"},
     svn_is_of_the_line},
    {{image_svn_lower, "the minor SVN is not lower than that of the running module", "SEAMLDR_EBADSIG"},
     svn_is_not_lower},
    {{image_handoff_version, "the image reads the handoff version of the running module",
      "SEAMLDR_EBADHANDOFF"},
     handoff_is_readable},
    {{image_debug_signed, "the image is not debug-signed", "SEAMLDR_EBADSIG"}, debug_is_allowed},
    {{no_updates_left, "the P-SEAMLDR takes another update", "SEAMLDR_EBADCALL"}, updates_are_left},
    {{image_features_lost, "the image has every feature of the running module"}, features_stay},
};

}  // namespace

bool is_running(const Candidate& candidate, const HostFacts& host) {
  if (candidate.named && candidate.version && candidate.named != candidate.version) return false;
  const bool same_version = candidate.version && candidate.version == host.module;
  if (!host.mrseam || !candidate.sigstruct) return same_version;
  return candidate.sigstruct->seamhash == *host.mrseam && (same_version || !candidate.version);
}

std::string_view to_string(Fit fit) {
  switch (fit) {
    case Fit::fits:
      return "fits";
    case Fit::unknown:
      return "unknown";
    case Fit::unfit:
      return "unfit";
  }
  return "";
}

Fit Assessment::verdict() const {
  if (first_with(Verdict::bad, checks) != nullptr) return Fit::unfit;
  return first_with(Verdict::unknown, checks) != nullptr ? Fit::unknown : Fit::fits;
}

void check_fit(const Candidate& candidate, const HostFacts& host, const FitOptions& options,
               std::vector<Check>& checks) {
  if (candidate.sigstruct) return run_rules<Subject>(kRules, {candidate, host, options}, checks);
  for (const RuleRow<Subject>& row : kRules) {
    checks.push_back({&row.rule, Verdict::unknown, "the image has no sigstruct"});
  }
}

Assessment assess(const Candidate& candidate, const HostFacts& host, const FitOptions& options) {
  Assessment assessment;
  std::ranges::copy_if(candidate.verification, std::back_inserter(assessment.checks),
                       [](const Check& check) { return check.verdict == Verdict::bad; });
  check_fit(candidate, host, options, assessment.checks);
  return assessment;
}

}  // namespace tdxctl::image
