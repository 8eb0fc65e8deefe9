// SPDX-License-Identifier: MIT
// The MSRs that tell a host what it needs to know about TDX.
#pragma once

#include <cstdint>

#include "core/abi/bits.h"
#include "core/port/platform.h"

namespace tdxctl::abi {

inline constexpr std::uint32_t kMsrKeyIdPartitioning = 0x87;  ///< IA32_MKTME_KEYID_PARTITIONING
inline constexpr std::uint32_t kMsrVmxBasic = 0x480;          ///< IA32_VMX_BASIC

/// IA32_VMX_BASIC: SEAMRET from the P-SEAMLDR leaves the current VMCS alone.
inline constexpr unsigned kVmxBasicSeamretKeepsVmcsBit = 60;

/// Source: Linux arch/x86/virt/vmx/tdx/tdx.c.
constexpr KeyIdPartition parse_keyid_partitioning(std::uint64_t value) {
  return {static_cast<std::uint32_t>(field(value, 31, 0)), static_cast<std::uint32_t>(field(value, 63, 32))};
}

}  // namespace tdxctl::abi
