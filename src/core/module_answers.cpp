// SPDX-License-Identifier: MIT
#include "core/module_answers.h"

#include "core/abi/bits.h"
#include "core/abi/leaves.h"
#include "core/abi/status.h"
#include "core/hex.h"

namespace tdxctl {
namespace {

/// Class of the statuses that tell the module's state: not initialised, not ready, shut down.
constexpr std::uint64_t kClassModuleState = 5;
constexpr std::uint64_t status_class(std::uint64_t status) { return abi::field(status, 47, 40); }

constexpr std::uint64_t kPhymemPageRdmd = 24;

std::string call_name(std::uint64_t rax_in) {
  const auto call = abi::parse_call_word(rax_in);
  const auto rows = abi::find_leaves(call.interface(), call.leaf);
  return rows.empty() ? "SEAMCALL " + hex(rax_in) : std::string(rows.front().name);
}

}  // namespace

std::string_view to_string(ModuleState state) {
  switch (state) {
    case ModuleState::not_initialised:
      return "not-initialised";
    case ModuleState::initialising:
      return "initialising";
    case ModuleState::ready:
      return "ready";
    case ModuleState::disabling:
      return "disabling";
    case ModuleState::shut_down:
      return "shut-down";
    case ModuleState::not_loaded:
      return "not-loaded";
  }
  return {};
}

std::string_view to_string(BringUpStep step) {
  switch (step) {
    case BringUpStep::init:
      return "init";
    case BringUpStep::lp_init:
      return "lp-init";
    case BringUpStep::config:
      return "config";
    case BringUpStep::key_config:
      return "key-config";
    case BringUpStep::tdmr_init:
      return "tdmr-init";
    case BringUpStep::ext_mem_add:
      return "ext-mem-add";
    case BringUpStep::ext_init:
      return "ext-init";
    case BringUpStep::quote_init:
      return "quote-init";
  }
  return {};
}

bool instruction_failed(std::uint64_t status) {
  return status == abi::kSeamcallUd || status == abi::kSeamcallGp || status == abi::kSeamcallVmfailInvalid;
}

Error seamcall_error(std::uint64_t rax_in, std::uint64_t status) {
  const SeamcallFailure failure{rax_in, status};
  const bool to_p_seamldr = abi::parse_call_word(rax_in).to_p_seamldr;
  const std::string callee = to_p_seamldr ? "the P-SEAMLDR" : "the TDX module";
  const std::string call = call_name(rax_in);
  switch (status) {
    case abi::kSeamcallUd:
      return {
          ErrorId::seamcall_ud,
          "cannot call " + callee + ": SEAMCALL raised #UD, the CPU is not in VMX operation or has no TDX",
          {},
          failure};
    case abi::kSeamcallGp:
      return {ErrorId::seamcall_gp,
              "cannot call " + callee + ": SEAMCALL raised #GP, the BIOS has not enabled SEAM",
              {},
              failure};
    case abi::kSeamcallVmfailInvalid:
      return {ErrorId::seamcall_vmfailinvalid,
              "cannot call " + callee + ": SEAMCALL failed with VMfailInvalid, " +
                  (to_p_seamldr ? "it is not loaded or another LP is calling it" : "no module is loaded"),
              {},
              failure};
    default:
      if (!to_p_seamldr && status_class(status) == kClassModuleState) {
        return {ErrorId::module_state,
                "the TDX module is not in a state to answer " + call + ": status " + hex64(status),
                {},
                failure};
      }
      return {to_p_seamldr ? ErrorId::seamldr_failed : ErrorId::seamcall_failed,
              call + " failed with status " + hex64(status),
              {},
              failure};
  }
}

Result<ModuleState> judge_module_state(std::uint64_t read_status, std::uint64_t gate_status) {
  if (read_status == abi::kSeamcallVmfailInvalid) return ModuleState::not_loaded;
  if (instruction_failed(read_status)) return fail(seamcall_error(kReadLeaf, read_status));

  // The gate is asked second, so its failure of the instruction means that the module went away in between.
  if (gate_status == abi::kSeamcallVmfailInvalid) return ModuleState::not_loaded;
  if (instruction_failed(gate_status)) return fail(seamcall_error(kPhymemPageRdmd, gate_status));

  switch (abi::without_details(gate_status)) {
    case abi::status::kSysShutdown:
      return ModuleState::shut_down;
    case abi::status::kSysNotReady:
      if (abi::without_details(read_status) == abi::status::kSysLpInitNotDone)
        return ModuleState::not_initialised;
      if (abi::without_details(read_status) == abi::status::kSysBusy) return ModuleState::disabling;
      if (abi::bit(read_status, 63)) return fail(seamcall_error(kReadLeaf, read_status));
      return ModuleState::initialising;
    case abi::status::kOperandInvalid:
      return ModuleState::ready;
    default:
      return fail(seamcall_error(kPhymemPageRdmd, gate_status));
  }
}

}  // namespace tdxctl
