// SPDX-License-Identifier: MIT
#include "core/abi/named_numbers.h"

#include <algorithm>
#include <span>

#include "core/abi/table.h"

namespace tdxctl::abi {
namespace {

constexpr NamedNumber kMsrs[] = {
    {0x3A, "IA32_FEATURE_CONTROL"},
    {0x3B, "IA32_TSC_ADJUST"},
    {0x87, "IA32_MKTME_KEYID_PARTITIONING"},
    {0x98, "IA32_WBINVDP"},
    {0x99, "IA32_WBNOINVDP"},
    {0x9A, "IA32_INTR_PENDING"},
    {0xBC, "IA32_MISC_PACKAGE_CTLS"},
    {0xBD, "IA32_XAPIC_DISABLE_STATUS"},
    {0xCF, "IA32_CORE_CAPABILITIES"},
    {0xFE, "IA32_MTRRCAP"},
    {0x10A, "IA32_ARCH_CAPABILITIES"},
    {0x1A0, "IA32_MISC_ENABLE"},
    {0x1F2, "IA32_SMRR_PHYSBASE"},
    {0x1F3, "IA32_SMRR_PHYSMASK"},
    {0x345, "IA32_PERF_CAPABILITIES"},
    {0x480, "IA32_VMX_BASIC"},
    {0x481, "IA32_VMX_PINBASED_CTLS"},
    {0x482, "IA32_VMX_PROCBASED_CTLS"},
    {0x483, "IA32_VMX_EXIT_CTLS"},
    {0x484, "IA32_VMX_ENTRY_CTLS"},
    {0x485, "IA32_VMX_MISC"},
    {0x486, "IA32_VMX_CR0_FIXED0"},
    {0x487, "IA32_VMX_CR0_FIXED1"},
    {0x488, "IA32_VMX_CR4_FIXED0"},
    {0x489, "IA32_VMX_CR4_FIXED1"},
    {0x48A, "IA32_VMX_VMCS_ENUM"},
    {0x48B, "IA32_VMX_PROCBASED_CTLS2"},
    {0x48C, "IA32_VMX_EPT_VPID_CAP"},
    {0x48D, "IA32_VMX_TRUE_PINBASED_CTLS"},
    {0x48E, "IA32_VMX_TRUE_PROCBASED_CTLS"},
    {0x48F, "IA32_VMX_TRUE_EXIT_CTLS"},
    {0x490, "IA32_VMX_TRUE_ENTRY_CTLS"},
    {0x491, "IA32_VMX_VMFUNC"},
    {0x492, "IA32_VMX_PROCBASED_CTLS3"},
    {0x493, "IA32_VMX_EXIT_CTLS2"},
    {0x981, "IA32_TME_CAPABILITY"},
    {0x982, "IA32_TME_ACTIVATE"},
};
static_assert(strictly_ascending(kMsrs, number_of));

constexpr NamedNumber kPageSizes[] = {{0, "4 KB"}, {1, "2 MB"}, {2, "1 GB"}};
static_assert(strictly_ascending(kPageSizes, number_of));

constexpr NamedNumber kTdOpStates[] = {
    {0, "uninitialized"}, {1, "initialized"}, {2, "runnable"},       {3, "live export"},
    {4, "paused export"}, {5, "post export"}, {6, "memory import"},  {7, "state import"},
    {8, "post import"},   {9, "live import"}, {10, "failed import"}, {11, "start import"},
};
static_assert(strictly_ascending(kTdOpStates, number_of));

constexpr NamedNumber kVcpuStates[] = {
    {0, "uninitialized"}, {2, "ready"}, {4, "active"}, {8, "disabled"}, {16, "importing"}};
static_assert(strictly_ascending(kVcpuStates, number_of));

constexpr NamedNumber kVmExitReasons[] = {
    {0, "exception or NMI"},
    {1, "external interrupt"},
    {2, "triple fault"},
    {3, "INIT signal"},
    {4, "start-up IPI"},
    {5, "I/O SMI"},
    {6, "other SMI"},
    {7, "interrupt window"},
    {8, "NMI window"},
    {9, "task switch"},
    {10, "CPUID"},
    {11, "GETSEC"},
    {12, "HLT"},
    {13, "INVD"},
    {14, "INVLPG"},
    {15, "RDPMC"},
    {16, "RDTSC"},
    {17, "RSM"},
    {18, "VMCALL"},
    {19, "VMCLEAR"},
    {20, "VMLAUNCH"},
    {21, "VMPTRLD"},
    {22, "VMPTRST"},
    {23, "VMREAD"},
    {24, "VMRESUME"},
    {25, "VMWRITE"},
    {26, "VMXOFF"},
    {27, "VMXON"},
    {28, "control-register access"},
    {29, "MOV DR"},
    {30, "I/O instruction"},
    {31, "RDMSR"},
    {32, "WRMSR"},
    {33, "VM entry failed: invalid guest state"},
    {34, "VM entry failed: MSR loading"},
    {36, "MWAIT"},
    {37, "monitor trap flag"},
    {39, "MONITOR"},
    {40, "PAUSE"},
    {41, "VM entry failed: machine check"},
    {43, "TPR below threshold"},
    {44, "APIC access"},
    {45, "virtualized EOI"},
    {46, "access to GDTR or IDTR"},
    {47, "access to LDTR or TR"},
    {48, "EPT violation"},
    {49, "EPT misconfiguration"},
    {50, "INVEPT"},
    {51, "RDTSCP"},
    {52, "VMX-preemption timer"},
    {53, "INVVPID"},
    {54, "WBINVD or WBNOINVD"},
    {55, "XSETBV"},
    {56, "APIC write"},
    {57, "RDRAND"},
    {58, "INVPCID"},
    {59, "VMFUNC"},
    {60, "ENCLS"},
    {61, "RDSEED"},
    {62, "page-modification log full"},
    {63, "XSAVES"},
    {64, "XRSTORS"},
    {65, "PCONFIG"},
    {66, "SPP-related event"},
    {67, "UMWAIT"},
    {68, "TPAUSE"},
    {69, "LOADIWKEY"},
    {70, "ENCLV"},
    {72, "ENQCMD PASID translation"},
    {73, "ENQCMDS PASID translation"},
    {74, "bus lock"},
    {75, "instruction timeout"},
    {76, "SEAMCALL"},
    {77, "TDCALL"},
    {78, "RDMSRLIST"},
    {79, "WRMSRLIST"},
};
static_assert(strictly_ascending(kVmExitReasons, number_of));

std::string_view look_up(std::span<const NamedNumber> rows, std::uint32_t number) {
  const auto row =
      std::lower_bound(rows.begin(), rows.end(), number,
                       [](const NamedNumber& entry, std::uint32_t n) { return entry.number < n; });
  return row != rows.end() && row->number == number ? row->name : std::string_view{};
}

}  // namespace

std::string_view msr_name(std::uint32_t index) { return look_up(kMsrs, index); }
std::string_view page_size_name(std::uint32_t level) { return look_up(kPageSizes, level); }
std::string_view td_op_state_name(std::uint32_t state) { return look_up(kTdOpStates, state); }
std::string_view vcpu_state_name(std::uint32_t state) { return look_up(kVcpuStates, state); }
std::string_view vm_exit_reason_name(std::uint32_t reason) { return look_up(kVmExitReasons, reason); }

}  // namespace tdxctl::abi
