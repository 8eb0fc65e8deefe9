// SPDX-License-Identifier: MIT
// What every target needs: claims that hold for any input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace tdxctl::fuzz {

/// Unlike assert, also in release builds.
inline void check(bool claim) {
  if (!claim) std::abort();
}

}  // namespace tdxctl::fuzz
