// SPDX-License-Identifier: MIT
// What a plan for bringing the TDX module up is made from: facts of a machine, its own or read from a file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bringup/range.h"
#include "core/port/module.h"
#include "core/port/platform.h"
#include "core/version.h"

namespace tdxctl::bringup {

/// Limits of the module. The defaults are those of every public module source.
/// Source: intel/tdx-module, metadata fields of class 17.
struct ModuleLimits {
  std::uint32_t max_tdmrs = 64;
  std::uint32_t max_reserved_per_tdmr = 16;
  std::uint32_t pamt_4k_entry_bytes = 16;
  std::uint32_t pamt_2m_entry_bytes = 16;
  std::uint32_t pamt_1g_entry_bytes = 16;
  std::uint32_t pamt_bitmap_entry_bits = 1;  ///< of a 4 KiB page under dynamic PAMT
  std::uint32_t dynamic_pamt_hkid_bits = 4;  ///< least KeyID bits under dynamic PAMT

  bool operator==(const ModuleLimits&) const = default;
};

/// Facts of a machine. Anything but the memory may be unknown.
struct Machine {
  std::vector<MemoryRange> memory;
  std::optional<std::vector<Range>> cmrs{};
  std::optional<ModuleLimits> limits{};
  std::optional<std::uint64_t> features0{};
  std::optional<Version> module_version{};
  std::optional<ModuleState> module_state{};
  std::optional<std::vector<Package>> packages{};
  std::optional<std::uint32_t> lps_online{};
  std::optional<std::uint32_t> lps_present{};
  std::optional<KeyIdPartition> keyids{};
  std::optional<bool> kernel_owns_module{};
  std::optional<bool> hibernation_possible{};
  std::optional<bool> partial_write_erratum{};
  std::optional<std::uint64_t> extension_pool_bytes{};  ///< what the configured module says that it needs
};

}  // namespace tdxctl::bringup
