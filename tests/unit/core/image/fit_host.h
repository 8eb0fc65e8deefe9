// SPDX-License-Identifier: MIT
// A host and an image that fit each other, for a test to break.
#pragma once

#include "core/image/fit.h"
#include "unit/core/image/test_image.h"

namespace tdxctl::image {

/// 1.5.16 on two Sapphire Rapids packages, everything known.
inline HostFacts sapphire_rapids_host() {
  return {.packages = std::vector<Package>{{0, 0x806F8, 4}, {1, 0x806F6, 4}},
          .module = Version{1, 5, 16},
          .seamldr = Version{1, 5, 3},
          .svn = Svn{1, 5},
          .module_hv = 0,
          .features0 = 0x226F3F0FBF,
          .updates_left = 5};
}

inline CatalogRelease listed_release(Version version) {
  return {.version = version,
          .min_running = {1, 5, 1},
          .seamldr_min = {{1, 5, 0}, {2, 0, 0}},
          .strictly_compatible_with = std::vector<Version>{{1, 5, 16}},
          .features0 = 0x10326F3F0FBF};
}

/// An image of that release, which fits the host above when it is of the 1.5 line and not older than 1.5.16.
inline Candidate candidate_of(const CatalogRelease& release) {
  return {.name = "tdx_module_" + to_string(release.version) + ".blob",
          .sigstruct = make_test_image().sigstruct,
          .version = release.version,
          .release = &release,
          .verification = verify(make_test_image().file(), test_options()).checks};
}

}  // namespace tdxctl::image
