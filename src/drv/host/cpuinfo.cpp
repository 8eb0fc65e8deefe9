// SPDX-License-Identifier: MIT
#include "drv/host/cpuinfo.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/abi/fms.h"

namespace tdxctl {
namespace {

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view strip(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// One "processor" block. Kernels print "physical id" after the model, so the block is judged at its end.
struct Lp {
  bool seen = false;
  std::optional<std::uint32_t> family{};
  std::optional<std::uint32_t> model{};
  std::optional<std::uint32_t> stepping{};
  std::optional<std::uint32_t> package{};  ///< a kernel without SMP shows none
};

std::uint32_t fms_of(const Lp& lp) {
  if (!lp.family || !lp.model) return 0;
  return abi::compose_fms(*lp.family, *lp.model, lp.stepping.value_or(0));
}

void add(CpuInfo& info, const Lp& lp) {
  if (!lp.seen) return;
  ++info.lps_online;
  const std::uint32_t id = lp.package.value_or(0);
  auto at = std::ranges::lower_bound(info.packages, id, {}, &Package::id);
  if (at == info.packages.end() || at->id != id) at = info.packages.insert(at, {id, fms_of(lp), 0});
  ++at->lps_online;
}

}  // namespace

CpuInfo parse_cpuinfo(std::string_view text) {
  CpuInfo info;
  Lp lp;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));

    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view key = strip(line.substr(0, colon));
    const std::string_view value = strip(line.substr(colon + 1));
    if (key == "processor") {
      add(info, lp);
      lp = {.seen = true};
    } else if (key == "cpu family") {
      lp.family = number(value);
    } else if (key == "model") {
      lp.model = number(value);
    } else if (key == "stepping") {
      lp.stepping = number(value);
    } else if (key == "physical id") {
      lp.package = number(value);
    } else if (key == "vendor_id" && info.vendor.empty()) {
      info.vendor = value;
    } else if (key == "flags" && info.flags.empty()) {
      info.flags = value;
    } else if (key == "bugs" && info.bugs.empty()) {
      info.bugs = value;
    }
  }
  add(info, lp);
  return info;
}

bool has_word(std::string_view list, std::string_view word) {
  for (auto at = list.find(word); at != std::string_view::npos; at = list.find(word, at + 1)) {
    const bool starts = at == 0 || list[at - 1] == ' ';
    const auto end = at + word.size();
    if (starts && (end == list.size() || list[end] == ' ')) return true;
  }
  return false;
}

}  // namespace tdxctl
