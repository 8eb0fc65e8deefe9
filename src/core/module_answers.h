// SPDX-License-Identifier: MIT
// What the answers of SEAMCALLs say about the module: one place for every driver.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/abi/leaves.h"
#include "core/port/module.h"
#include "core/result.h"

namespace tdxctl {

/// RAX of TDH.SYS.RD, which reads one element of metadata.
inline constexpr std::uint64_t kReadLeaf = abi::leaf::kSysRd;

/// The state that follows from the two statuses of a probe: TDH.SYS.RD of the first field, and
/// TDH.PHYMEM.PAGE.RDMD of an address that is never valid, of which only a ready module looks at the operand.
/// Errors: seamcall_ud, seamcall_gp, seamcall_failed for an answer that no state gives.
/// Source: TDX module dispatcher (docs/model.md), Intel TDX Module ABI Reference.
Result<ModuleState> judge_module_state(std::uint64_t read_status, std::uint64_t gate_status);

/// The error of a SEAMCALL that did not do what was asked. `rax_in` as called: bit 63 says whose numbering
/// `status` has.
Error seamcall_error(std::uint64_t rax_in, std::uint64_t status);

/// Whether the instruction itself failed, so that there is no completion status.
bool instruction_failed(std::uint64_t status);

}  // namespace tdxctl
