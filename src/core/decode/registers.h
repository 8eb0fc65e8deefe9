// SPDX-License-Identifier: MIT
// Output registers that explain a status.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/abi/interface.h"
#include "core/decode/decode.h"

namespace tdxctl {

/// A register after a call, and what it tells.
struct RegisterDecode {
  std::string_view reg;  ///< "RCX", "R8"
  std::uint64_t word;
  std::string_view what;
  std::vector<Item> items;
};

/// The call that came back, and how.
struct CallOutcome {
  abi::Interface called;
  std::uint16_t leaf;
  std::uint64_t status;
};

/// The register that a name means ("rcx", "R08"), in its usual spelling; empty for other words.
std::string_view register_name(std::string_view text);

/// What a register holds after a call that ended in this way; nothing where it explains nothing.
/// Source: intel/tdx-module 1.5.25 tdh_sys_init.c, tdh_sys_lp_init.c and tdh_sys_rdall.c; intel/tdx-loader
/// seamldr_install.c.
std::optional<RegisterDecode> decode_output_register(const CallOutcome& outcome, std::string_view reg,
                                                     std::uint64_t word);

}  // namespace tdxctl
