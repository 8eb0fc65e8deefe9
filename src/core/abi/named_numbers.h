// SPDX-License-Identifier: MIT
// Names of small numbers that status details and registers hold. All answer an empty name for a number they
// do not know.
#pragma once

#include <cstdint>
#include <string_view>

namespace tdxctl::abi {

/// MSRs that the module checks at TDH.SYS.INIT and TDH.SYS.LP.INIT, and the few that a host reads for TDX.
/// Source: Intel SDM volume 4.
std::string_view msr_name(std::uint32_t index);

/// 0 = 4 KB, 1 = 2 MB, 2 = 1 GB.
std::string_view page_size_name(std::uint32_t level);

/// Operation state of a TD. Source: intel/tdx-module 1.5.25.
std::string_view td_op_state_name(std::uint32_t state);

/// State of a VCPU. Source: intel/tdx-module 1.5.25.
std::string_view vcpu_state_name(std::uint32_t state);

/// Basic VM exit reason. Source: Intel SDM volume 3, appendix C.
std::string_view vm_exit_reason_name(std::uint32_t reason);

}  // namespace tdxctl::abi
