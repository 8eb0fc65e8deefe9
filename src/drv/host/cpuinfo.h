// SPDX-License-Identifier: MIT
// What /proc/cpuinfo tells about packages, flags and errata.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/port/platform.h"

namespace tdxctl {

struct CpuInfo {
  std::string vendor;
  std::vector<Package> packages;  ///< by rising id; fms is 0 where family or model are not shown
  std::uint32_t lps_online = 0;
  std::string flags;  ///< of the first LP, space separated
  std::string bugs;
};

/// Never fails: what the text does not say stays empty.
CpuInfo parse_cpuinfo(std::string_view text);

/// Whether a space-separated list has the word.
bool has_word(std::string_view list, std::string_view word);

}  // namespace tdxctl
