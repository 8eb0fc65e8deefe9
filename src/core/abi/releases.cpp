// SPDX-License-Identifier: MIT
#include "core/abi/releases.h"

#include <algorithm>

#include "core/abi/table.h"

namespace tdxctl::abi {
namespace {

constexpr Release kReleases[] = {
    {"1.5.01", "1.5.01", "1.5.00", 0xf0fbf, ""},
    {"1.5.05", "1.5.01", "1.5.00 2.0.00", 0x1f0fbf, "1.5.01", "2024-01-29",
     "1cc6a17ab799e9a693fac7536be61c12ee1e0fabada82d0c999e08ccee2aa86de77b0870f558c570e7ffe55d6d47fa04"},
    {"1.5.06", "1.5.01", "1.5.00 2.0.00", 0x2e1f0fbf, ""},
    {"1.5.08", "1.5.01", "1.5.00 2.0.00", 0x22e1f0fbf, "1.5.06"},
    {"1.5.09", "1.5.01", "1.5.00 2.0.00", 0x26f1f0fbf, ""},
    {"1.5.13", "1.5.01", "1.5.00 2.0.00", 0x226f1f0fbf, "1.5.06 1.5.08"},
    {"1.5.16", "1.5.01", "1.5.00 2.0.00", 0x226f3f0fbf, ""},
    {"1.5.20", "1.5.01", "1.5.00 2.0.00", 0x10326f3f0fbf, "1.5.16"},
    {"1.5.24", "1.5.01", "1.5.00", 0xd1326f3f0fbf, "1.5.16 1.5.20"},
    {"1.5.25", "1.5.01", "2.0.00", 0xd1326f3f0fbf, "1.5.16 1.5.20 1.5.24"},
    {"1.5.28", "1.5.01", "1.5.00 2.0.00", 0x18d1326f3f0fbf, "1.5.16 1.5.20 1.5.24 1.5.25"},
    {"1.5.34", "1.5.01", "1.5.00 2.0.00", 0x15ad9326f3f1fbf, "1.5.16 1.5.20 1.5.24 1.5.25 1.5.28"},
    {"2.0.02", "2.0.02", "2.0.00", 0x22e1f0fbf, "", "2024-08-14",
     "685f891ea5c20e8fa27b151bf34bf3b50fbaf7143cc53662727cbdb167c0ad8385f1f6f3571539a91e104a1c96d75e04"},
    {"2.0.04", "2.0.04", "2.0.00", 0x26f1f0fbf, ""},
    {"2.0.05", "2.0.04", "2.0.00", 0x26f1f0fbf, "2.0.04"},
    {"2.0.08", "2.0.04", "2.0.00", 0x10326f3f0fbf, ""},
    {"2.0.12", "2.0.04", "2.0.00", 0x10326f3f0fbf, "2.0.08"},
    {"2.0.14", "2.0.04", "2.0.00", 0xd1326f3f0fbf, "2.0.08 2.0.12"},
    {"2.0.16", "2.0.04", "2.0.00", 0x18d1326f3f0fbf, "2.0.08 2.0.12 2.0.14"},
    {"2.0.18", "2.0.04", "2.0.00", 0x15ad9326f3f1fbf, "2.0.08 2.0.12 2.0.14 2.0.16"},
};

// All versions are spelled d.d.dd, so they sort as text.
static_assert(strictly_ascending(kReleases, [](const Release& row) { return row.version; }));

}  // namespace

std::span<const Release> releases() { return kReleases; }

const Release* find_release(std::string_view version) {
  const auto row = std::find_if(std::begin(kReleases), std::end(kReleases),
                                [&](const Release& release) { return release.version == version; });
  return row != std::end(kReleases) ? row : nullptr;
}

}  // namespace tdxctl::abi
