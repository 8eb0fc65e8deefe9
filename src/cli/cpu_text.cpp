// SPDX-License-Identifier: MIT
#include "cli/cpu_text.h"

#include <algorithm>

#include "cli/text.h"
#include "core/abi/bits.h"
#include "core/abi/fms.h"
#include "core/hex.h"

namespace tdxctl::cli {
namespace {

struct Signature {
  std::uint32_t family;
  std::uint32_t model;
  std::uint32_t stepping;
};

/// Source: Intel SDM, CPUID leaf 01H.
constexpr Signature signature(std::uint32_t fms) {
  const auto part = [fms](unsigned high, unsigned low) {
    return static_cast<std::uint32_t>(abi::field(fms, high, low));
  };
  const std::uint32_t family = part(11, 8);
  const bool long_model = family == 6 || family == 15;
  return {family == 15 ? family + part(27, 20) : family, part(7, 4) + (long_model ? part(19, 16) << 4 : 0),
          part(3, 0)};
}
static_assert(signature(0x806F8).model == 0x8F && signature(0xA00F11).family == 0x19);

}  // namespace

std::string cpu_text(std::uint32_t fms) {
  const Signature cpu = signature(fms);
  const std::string numbers = "family " + std::to_string(cpu.family) + ", model " +
                              std::to_string(cpu.model) + ", stepping " + std::to_string(cpu.stepping);
  const abi::TdxCpu* row = abi::find_tdx_cpu(fms);
  return row == nullptr ? numbers : std::string(row->name) + " (" + numbers + ")";
}

Json cpu_json(std::uint32_t fms) {
  const Signature cpu = signature(fms);
  const abi::TdxCpu* row = abi::find_tdx_cpu(fms);
  return {
      {"fms", hex(fms, 8)},
      {"family", cpu.family},
      {"model", cpu.model},
      {"stepping", cpu.stepping},
      {"cpu_name", row == nullptr ? Json(nullptr) : Json(row->name)},
  };
}

std::string packages_text(const std::vector<Package>& packages) {
  std::vector<std::pair<std::string, std::size_t>> kinds;
  for (const Package& package : packages) {
    const std::string cpu = cpu_text(package.fms);
    const auto kind = std::ranges::find(kinds, cpu, [](const auto& each) { return each.first; });
    if (kind == kinds.end()) {
      kinds.emplace_back(cpu, 1);
    } else {
      ++kind->second;
    }
  }
  std::vector<std::string> phrases;
  for (const auto& [cpu, count] : kinds) phrases.push_back(counted(count, "package") + ", " + cpu);
  return join(phrases, "; ");
}

Json packages_json(const Result<std::vector<Package>>& packages) {
  if (!packages) return nullptr;
  Json list = Json::array();
  for (const Package& package : *packages) {
    Json row = {{"id", package.id}};
    row.update(cpu_json(package.fms));
    row["lps_online"] = package.lps_online;
    list.push_back(std::move(row));
  }
  return list;
}

}  // namespace tdxctl::cli
