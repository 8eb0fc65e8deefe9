// SPDX-License-Identifier: MIT
// Every way in which tdxctl can fail: one cause, one id, one class, one hint.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tdxctl {

/// What a caller does about an error. The exit codes of the program follow from this alone.
enum class ErrorClass : std::uint8_t {
  failed,              ///< unexpected; report it
  usage,               ///< the call itself is wrong
  not_supported,       ///< CPU, kernel, module or driver lacks what is asked
  denied,              ///< not permitted
  busy,                ///< try again
  image_invalid,       ///< a module image is broken or not authentic
  image_incompatible,  ///< a module image is sound but does not fit here
  refused,             ///< a check said no
  state_changed,       ///< failed, and the machine is not as it was
  time_limit,          ///< time limit reached, nothing lost
};

/// One id per cause. Scripts key on the name, people read the sentence and the hint.
enum class ErrorId : std::uint8_t {
  internal,
  usage,
  bad_number,
  unknown_name,
  no_such_machine,
  file_exists,
  profile_invalid,
  profile_limit,
  file_unreadable,
  file_unwritable,
  folder_missing,
  not_permitted,
  driver_unavailable,
  helper_not_loaded,
  helper_mismatch,
  helper_failed,
  kernel_without_tdx_host,
  not_a_tdx_host,
  seamcall_ud,
  seamcall_gp,
  seamcall_vmfailinvalid,
  seamcall_failed,
  seamldr_failed,
  seamret_vmcs_refused,
  module_state,
  field_not_available,
  feature_missing,
  bad_key,
  no_images,
  catalog_invalid,
  store_damaged,
  image_too_short,
  image_version,
  image_magic,
  image_reserved,
  image_length,
  image_module_offset,
  image_sigstruct_pages,
  image_sigstruct_length,
  image_sigstruct_padding,
  image_module_missing,
  image_module_too_large,
  image_module_unaligned,
  image_checksum,
  image_sigstruct_reserved,
  image_sigstruct_build_info,
  image_sigstruct_header_type,
  image_sigstruct_header_length,
  image_sigstruct_header_version,
  image_sigstruct_key_size,
  image_sigstruct_exponent_size,
  image_sigstruct_modulus_size,
  image_sigstruct_vendor,
  image_sigstruct_module_type,
  image_sigstruct_attributes,
  image_sigstruct_size,
  image_sigstruct_cpu_count,
  image_sigstruct_exponent,
  image_sigstruct_handoff_versions,
  image_sigstruct_gdt_idt_alignment,
  image_sigstruct_gdt_idt_pair,
  image_sigstruct_svn_major,
  image_sigstruct_gdt_idt_outside,
  image_sigstruct_fault_wrapper_outside,
  image_sigstruct_cpu_list_empty,
  image_sigstruct_cpu_list_padding,
  image_sigstruct_date,
  image_sigstruct_entry_outside,
  image_key,
  image_signature,
  image_seamhash,
  image_elf_magic,
  image_elf_class,
  image_elf_byte_order,
  image_elf_version,
  image_elf_sections,
  image_elf_rela_table,
  image_elf_rela_type,
  image_elf_rela_offset,
  image_elf_rela_addend,
  image_debug_signed,
  other_key,
  image_wrong_name,
  image_other_module,
  image_not_verified,
  image_cpu_not_listed,
  image_seamldr_too_old,
  image_other_line,
  image_older_version,
  image_running_too_old,
  image_not_strict,
  image_svn_line,
  image_svn_lower,
  image_handoff_version,
  image_features_lost,
  image_already_running,
  image_not_pinned,
  image_passed_over,
  image_duplicate,
  no_image_fits,
  image_fit_unknown,
  no_updates_left,
  module_cannot_disable,
  tds_in_use,
  tds_unknown,
  confirmation_needed,
  declined,
  disable_unfinished,
  disable_not_confirmed,
  time_limit,
  interrupted,
  no_updater,
  module_not_ready,
  module_cannot_update,
  lp_offline,
  kernel_owns_module,
  td_build_unguarded,
  nothing_staged,
  td_being_built,
  module_busy,
  update_had_no_effect,
  update_failed,
  update_unproven,
  update_wrong_module,
  update_wrong_mrseam,
  update_lost_features,
  update_lost_tds,
  update_not_counted,
  update_unfinished,
  report_unwritten,
  module_lost,
  nothing_to_recover,
  memory_map_invalid,
  machine_invalid,
  module_not_pending,
  module_without_keys,
  hibernation_possible,
  too_few_keyids,
  extensions_erratum,
  dynamic_pamt_hkids,
  ram_outside_cmrs,
  tdmr_limit,
  reserved_area_limit,
  pamt_room,
  extension_room,
  tsm_missing,
  tee_io_missing,
  device_not_connected,
  module_features_differ,
  update_broken_off,
  no_pamt_memory,
  memory_map_differs,
  wall_clock_refused,
  bring_up_failed,
  bring_up_without_keys,
  bring_up_not_undone,
  bring_up_not_taken_back,
  bring_up_interrupted,
  bring_up_not_ready,
  bring_up_wrong_features,
  bring_up_wrong_pamts,
  bring_up_wrong_pool,
  busy,
};

struct ErrorInfo {
  ErrorId id;
  std::string_view name;  ///< the `error.id` of JSON
  ErrorClass error_class;
  std::string_view hint;  ///< what to do next; empty where only the caller can know
};

/// The row of an id. Every id has one.
const ErrorInfo& error_info(ErrorId id);

/// What a SEAMCALL answered when it was the cause.
struct SeamcallFailure {
  std::uint64_t rax_in;  ///< leaf, version and target, as called
  std::uint64_t status;  ///< completion status, or a software-defined one
};

struct Error {
  ErrorId id;
  std::string what;    ///< one sentence for a person; never parsed
  std::string hint{};  ///< overrides the row's hint when not empty
  std::optional<SeamcallFailure> seamcall{};

  [[nodiscard]] std::string_view hint_text() const { return hint.empty() ? error_info(id).hint : hint; }
};

}  // namespace tdxctl
