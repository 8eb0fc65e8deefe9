// SPDX-License-Identifier: MIT
// What the low 32 bits of a completion status hold. The form depends on the code; every form is one row of
// parts.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tdxctl::abi {

/// Form of the low half of a status.
enum class Details : std::uint8_t {
  none_seen,  ///< the module puts no data there
  unknown,    ///< not established in public
  zero,       ///< always 0
  depends,    ///< VM exit reason after TDH.VP.ENTER, number of failed list entries after calls on page lists,
              ///< else 0
  part_of_code,  ///< belongs to the code (host software, P-SEAMLDR)
  operand_id,
  msr_index,
  cpuid_leaf,
  vmcs_field_encoding,
  td_field_code,
  page_level,
  td_op_state,
  vcpu_state,
  list_index,
  page_index,
  entry_number,
  binding_slot,
  smrr_index,
  package_number,
  x2apic_id,
  max_hkids,
  vm_exit_reason,
  constant_ffff,
  vm_and_level,
  list_position,  ///< 0 unless the code was raised from a list
  tdmr,
  tdmr_and_page_size,
  pamt_overlap,
  tdmr_and_reserved_area,
  smrr_and_cmr,
};

/// Which table names the number in a part.
enum class NamedBy : std::uint8_t {
  nothing,
  operands,
  msrs,
  page_sizes,
  td_op_states,
  vcpu_states,
  vm_exit_reasons
};

/// One number in the low half: bits high:low of the status.
struct DetailsPart {
  std::uint8_t high;
  std::uint8_t low;
  std::string_view what;
  NamedBy named_by = NamedBy::nothing;
};

/// The numbers of a form, in the order to be told. Empty for forms without any.
/// Source: intel/tdx-module 1.5.25, the places that make each code.
std::span<const DetailsPart> details_parts(Details details);

/// The name of a number in a part; empty where there is none.
std::string_view name_in(NamedBy table, std::uint32_t number);

}  // namespace tdxctl::abi
