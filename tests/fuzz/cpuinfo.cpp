// SPDX-License-Identifier: MIT
// /proc/cpuinfo and lists of CPUs, as a recorded tree may hold them.
#include "drv/host/cpuinfo.h"

#include <algorithm>
#include <string_view>

#include "check.h"
#include "drv/host/cpu_list.h"

using namespace tdxctl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const CpuInfo info = parse_cpuinfo(text);
  std::uint64_t lps = 0;
  for (const Package& package : info.packages) lps += package.lps_online;
  fuzz::check(lps == info.lps_online);
  fuzz::check(std::ranges::is_sorted(info.packages, {}, &Package::id));
  fuzz::check(std::ranges::adjacent_find(info.packages, {}, &Package::id) == info.packages.end());
  (void)has_word(info.flags, "tdx_host_platform");
  (void)has_word(text, text.substr(0, size / 2));
  (void)count_cpu_list(text);
  return 0;
}
