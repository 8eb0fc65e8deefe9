// SPDX-License-Identifier: MIT
// Family, model and stepping of a CPU in the form of CPUID.1.EAX, and the CPUs that have hosted TDX.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/abi/bits.h"
#include "core/abi/table.h"

namespace tdxctl::abi {

/// CPUID.1.EAX without its stepping: what module images and errata go by.
constexpr std::uint32_t without_stepping(std::uint32_t fms) { return fms & ~0xFu; }

/// Source: Intel SDM, CPUID leaf 01H: the extended family counts only when the family is 15, the extended
/// model when it is 6 or 15.
constexpr std::uint32_t compose_fms(std::uint32_t family, std::uint32_t model, std::uint32_t stepping) {
  const std::uint32_t base_family = family < 15 ? family : 15;
  return static_cast<std::uint32_t>(place(stepping, 3, 0) | place(model & 0xF, 7, 4) |
                                    place(base_family, 11, 8) | place(model >> 4, 19, 16) |
                                    place(family - base_family, 27, 20));
}
static_assert(compose_fms(6, 0x8F, 8) == 0x806F8 && compose_fms(0x19, 1, 1) == 0xA00F11);

/// A CPU that Intel ships TDX modules for.
struct TdxCpu {
  std::uint32_t fms;  ///< without stepping
  std::string_view name;
  /// A host write of less than a cache line to private memory poisons the line; Linux calls it tdx_pw_mce.
  bool partial_write_erratum;
};

// Source: CPU lists of the published module images; Linux arch/x86/virt/vmx/tdx/tdx.c for the erratum.
inline constexpr TdxCpu kTdxCpus[] = {
    {0x806F0, "Sapphire Rapids", true},   {0xA06D0, "Granite Rapids", false},
    {0xA06E0, "Granite Rapids-D", false}, {0xA06F0, "Sierra Forest", false},
    {0xC06F0, "Emerald Rapids", true},
};
static_assert(strictly_ascending(kTdxCpus, [](const TdxCpu& row) { return row.fms; }));

/// The row of a CPU, or nullptr. The stepping does not matter.
constexpr const TdxCpu* find_tdx_cpu(std::uint32_t fms) {
  for (const TdxCpu& row : kTdxCpus) {
    if (row.fms == without_stepping(fms)) return &row;
  }
  return nullptr;
}

}  // namespace tdxctl::abi
