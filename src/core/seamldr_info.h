// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>

#include "core/port/loader.h"

namespace tdxctl {

/// Bytes of SEAMLDR_INFO.
inline constexpr std::size_t kSeamldrInfoBytes = 256;

/// Reads SEAMLDR_INFO as the P-SEAMLDR wrote it.
/// Source: P-SEAMLDR interface, SEAMLDR.INFO; Linux arch/x86/include/asm/seamldr.h.
SeamldrInfo parse_seamldr_info(std::span<const std::uint8_t, kSeamldrInfoBytes> bytes);

}  // namespace tdxctl
