// SPDX-License-Identifier: MIT
#include "core/abi/details.h"

#include "core/abi/named_numbers.h"
#include "core/abi/operands.h"

namespace tdxctl::abi {
namespace {

constexpr DetailsPart kOperand[] = {{31, 0, "operand", NamedBy::operands}};
constexpr DetailsPart kMsr[] = {{31, 0, "MSR", NamedBy::msrs}};
constexpr DetailsPart kCpuidLeaf[] = {{31, 0, "CPUID leaf"}};
constexpr DetailsPart kVmcsField[] = {{31, 0, "VMCS field encoding"}};
constexpr DetailsPart kTdField[] = {{31, 0, "TD metadata field code"}};
constexpr DetailsPart kPageLevel[] = {{31, 0, "page size", NamedBy::page_sizes}};
constexpr DetailsPart kTdOpState[] = {{31, 0, "TD operation state", NamedBy::td_op_states}};
constexpr DetailsPart kVcpuState[] = {{31, 0, "VCPU state", NamedBy::vcpu_states}};
constexpr DetailsPart kListIndex[] = {{31, 0, "list index"}};
constexpr DetailsPart kPageIndex[] = {{31, 0, "page index"}};
constexpr DetailsPart kEntryNumber[] = {{31, 0, "entry number"}};
constexpr DetailsPart kBindingSlot[] = {{31, 0, "binding slot"}};
constexpr DetailsPart kSmrr[] = {{31, 0, "SMRR index"}};
constexpr DetailsPart kPackage[] = {{31, 0, "package number"}};
constexpr DetailsPart kX2apicId[] = {{31, 0, "x2APIC id"}};
constexpr DetailsPart kMaxHkids[] = {{31, 0, "largest supported number of HKIDs"}};
constexpr DetailsPart kVmExit[] = {{15, 0, "VM exit reason", NamedBy::vm_exit_reasons},
                                   {31, 16, "VM exit flags"}};
constexpr DetailsPart kConstant[] = {{31, 0, "constant"}};
constexpr DetailsPart kVmAndLevel[] = {{31, 16, "VM number"}, {15, 0, "level"}};
constexpr DetailsPart kListPosition[] = {{15, 0, "list position"}, {31, 16, "list marker"}};
constexpr DetailsPart kTdmr[] = {{7, 0, "TDMR index"}};
constexpr DetailsPart kTdmrAndPageSize[] = {{7, 0, "TDMR index"},
                                            {15, 8, "PAMT page size", NamedBy::page_sizes}};
constexpr DetailsPart kPamtOverlap[] = {{7, 0, "TDMR index"},
                                        {15, 8, "PAMT page size", NamedBy::page_sizes},
                                        {23, 16, "index of the TDMR it runs into"}};
constexpr DetailsPart kTdmrAndReservedArea[] = {{7, 0, "TDMR index"}, {15, 8, "reserved area index"}};
constexpr DetailsPart kSmrrAndCmr[] = {{7, 0, "SMRR index"}, {15, 8, "CMR index"}};

}  // namespace

std::span<const DetailsPart> details_parts(Details details) {
  switch (details) {
    case Details::none_seen:
    case Details::unknown:
    case Details::zero:
    case Details::depends:
    case Details::part_of_code:
      return {};
    case Details::operand_id:
      return kOperand;
    case Details::msr_index:
      return kMsr;
    case Details::cpuid_leaf:
      return kCpuidLeaf;
    case Details::vmcs_field_encoding:
      return kVmcsField;
    case Details::td_field_code:
      return kTdField;
    case Details::page_level:
      return kPageLevel;
    case Details::td_op_state:
      return kTdOpState;
    case Details::vcpu_state:
      return kVcpuState;
    case Details::list_index:
      return kListIndex;
    case Details::page_index:
      return kPageIndex;
    case Details::entry_number:
      return kEntryNumber;
    case Details::binding_slot:
      return kBindingSlot;
    case Details::smrr_index:
      return kSmrr;
    case Details::package_number:
      return kPackage;
    case Details::x2apic_id:
      return kX2apicId;
    case Details::max_hkids:
      return kMaxHkids;
    case Details::vm_exit_reason:
      return kVmExit;
    case Details::constant_ffff:
      return kConstant;
    case Details::vm_and_level:
      return kVmAndLevel;
    case Details::list_position:
      return kListPosition;
    case Details::tdmr:
      return kTdmr;
    case Details::tdmr_and_page_size:
      return kTdmrAndPageSize;
    case Details::pamt_overlap:
      return kPamtOverlap;
    case Details::tdmr_and_reserved_area:
      return kTdmrAndReservedArea;
    case Details::smrr_and_cmr:
      return kSmrrAndCmr;
  }
  return {};
}

std::string_view name_in(NamedBy table, std::uint32_t number) {
  switch (table) {
    case NamedBy::nothing:
      return {};
    case NamedBy::operands: {
      const Operand* operand = find_operand(number);
      return operand != nullptr ? operand->name : std::string_view{};
    }
    case NamedBy::msrs:
      return msr_name(number);
    case NamedBy::page_sizes:
      return page_size_name(number);
    case NamedBy::td_op_states:
      return td_op_state_name(number);
    case NamedBy::vcpu_states:
      return vcpu_state_name(number);
    case NamedBy::vm_exit_reasons:
      return vm_exit_reason_name(number);
  }
  return {};
}

}  // namespace tdxctl::abi
