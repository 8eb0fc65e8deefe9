// SPDX-License-Identifier: MIT
// Sources: intel/tdx-module 1.0, 1.5.25 (include/auto_gen_1_5/tdx_error_codes_defs.h), 1.5.34 and 2.0.18;
// Linux 7.3 arch/x86/include/asm/shared/tdx_errno.h.
#include "core/abi/operands.h"

#include <algorithm>

#include "core/abi/table.h"

namespace tdxctl::abi {
namespace {

constexpr Operand kOperands[] = {
    {0x00, "RAX", "register", "1.0", "The input given in RAX. This is the leaf/version word itself."},
    {0x01, "RCX", "register", "1.0", "The input given in RCX."},
    {0x02, "RDX", "register", "1.0", "The input given in RDX."},
    {0x03, "RBX", "register", "1.0", "The input given in RBX."},
    {0x04, "RSP", "register", "1.0",
     "Number kept for the stack pointer; never an input. Reserved in 1.0 and not defined in later headers.",
     "Only the 1.0 header leaves a place for it."},
    {0x05, "RBP", "register", "1.0", "The input given in RBP."},
    {0x06, "RSI", "register", "1.0", "The input given in RSI."},
    {0x07, "RDI", "register", "1.0", "The input given in RDI."},
    {0x08, "R8", "register", "1.0", "The input given in R8."},
    {0x09, "R9", "register", "1.0", "The input given in R9."},
    {0x0A, "R10", "register", "1.0", "The input given in R10."},
    {0x0B, "R11", "register", "1.0", "The input given in R11."},
    {0x0C, "R12", "register", "1.0", "The input given in R12."},
    {0x0D, "R13", "register", "1.0", "The input given in R13."},
    {0x0E, "R14", "register", "1.0", "The input given in R14."},
    {0x0F, "R15", "register", "1.0", "The input given in R15."},
    {0x40, "ATTRIBUTES", "td-params", "1.0", "The attributes word of TD_PARAMS."},
    {0x41, "XFAM", "td-params", "1.0", "The extended-features mask of TD_PARAMS."},
    {0x42, "EXEC_CONTROLS", "td-params", "1.0",
     "The execution-control / configuration flags word of TD_PARAMS (CONFIG_FLAGS in newer documents)."},
    {0x43, "EPTP_CONTROLS", "td-params", "1.0", "The EPT pointer controls of TD_PARAMS."},
    {0x44, "MAX_VCPUS", "td-params", "1.0", "The VCPU limit of TD_PARAMS."},
    {0x45, "CPUID_CONFIG", "td-params", "1.0", "The CPUID settings of TD_PARAMS."},
    {0x46, "TSC_FREQUENCY", "td-params", "1.0", "The virtual TSC rate of TD_PARAMS."},
    {0x47, "NUM_L2_VMS", "td-params", "1.5.01", "The number of L2 VMs of TD_PARAMS."},
    {0x48, "IA32_ARCH_CAPABILITIES_CONFIG", "td-params", "1.5.01",
     "The IA32_ARCH_CAPABILITIES setting of TD_PARAMS."},
    {0x5F, "PAGE", "memory-structure", "1.5.01", "A page taken from a list."},
    {0x60, "TDMR_INFO_PA", "memory-structure", "1.0",
     "One of the TDMR_INFO addresses given to TDH.SYS.CONFIG."},
    {0x61, "GPA_LIST_ENTRY", "memory-structure", "1.5.01", "An entry of a guest-page list."},
    {0x62, "MIG_BUFF_LIST_ENTRY", "memory-structure", "1.5.01", "An entry of a migration buffer list."},
    {0x63, "NEW_PAGE_LIST_ENTRY", "memory-structure", "1.5.01",
     "An entry of the list of new pages for an import."},
    {0x64, "KEYNAME", "memory-structure", "1.5.34 / 2.0.18", "The name of the key asked for (sealing).",
     "Exact first release not known."},
    {0x69, "MEM_SCAN_CONTEXT", "memory-structure", "1.5.34 / 2.0.18", "A context of the export memory scan.",
     "Exact first release not known."},
    {0x6A, "GPA_RANGE_LIST_ENTRY", "memory-structure", "1.5.34 / 2.0.18",
     "An entry of a list of guest ranges.", "Exact first release not known."},
    {0x6B, "GPA_LIST_INFO_ENTRY", "memory-structure", "1.5.34 / 2.0.18",
     "An entry of a list of guest-page-list descriptors.", "Exact first release not known."},
    {0x6C, "KEYSIZE_BITMAP", "memory-structure", "1.5.34 / 2.0.18",
     "The set of key sizes asked for (sealing).", "Exact first release not known."},
    {0x80, "TDR", "td-structure", "1.0", "The root page of a TD."},
    {0x81, "TDCX", "td-structure", "1.0", "A control page of a TD."},
    {0x82, "TDVPR", "td-structure", "1.0", "The root page of a VCPU."},
    {0x83, "TDVPX", "td-structure", "1.0", "An extra page of a VCPU (TDX 1.0).", "Gone after 1.0."},
    {0x84, "REG_PAGE", "td-structure", "1.5.01", "A regular private page."},
    {0x90, "TDCS", "td-structure", "1.0", "The control structure of a TD."},
    {0x91, "TDVPS", "td-structure", "1.0", "The control structure of a VCPU."},
    {0x92, "SEPT_TREE", "td-structure", "1.0", "The secure EPT of a TD as a whole (lock).",
     "Linux 7.3 and the 1.0 header call it SEPT.", "SEPT"},
    {0x93, "SEPT_ENTRY", "td-structure", "1.5.01", "One entry of a secure EPT (lock)."},
    {0xA8, "RTMR", "td-component", "1.0", "Run-time measurement registers."},
    {0xA9, "TD_EPOCH", "td-component", "1.0", "The TLB epoch of a TD."},
    {0xAA, "L2_VAPIC_GPA", "td-component", "1.5.01", "The virtual-APIC page address of an L2 VM."},
    {0xAB, "MIGSC", "td-component", "1.5.01", "A migration stream context."},
    {0xAC, "OP_STATE", "td-component", "1.5.01", "The operation state of a TD."},
    {0xAD, "MIG", "td-component", "1.5.01", "The migration context of a TD."},
    {0xAE, "SERVTD_BINDINGS", "td-component", "1.5.01", "The service-TD binding table of a TD."},
    {0xAF, "PASID_TRK", "td-component", "2.0", "The PASID tracking state (TDX Connect)."},
    {0xB0, "METADATA_FIELD", "td-component", "1.5.01", "A metadata field."},
    {0xB1, "NUM_VCPUS", "td-component", "1.5.09", "The number of VCPUs."},
    {0xB2, "CPUID_FIXED0_BITMAP", "td-component", "1.5.09", "The set of CPUID bits that must be 0."},
    {0xB8, "SYS", "module", "1.0", "The module-wide state (lock)."},
    {0xB9, "TDMR", "module", "1.0", "A TDMR (lock)."},
    {0xBA, "KOT", "module", "1.0", "The table of key-id owners."},
    {0xBB, "KET", "module", "1.0", "The key encryption table, i.e. the programmed keys of a package."},
    {0xBC, "WBCACHE", "module", "1.0", "The cache write-back operation of a package."},
    {0xBE, "MEM_SCAN_STATE", "module", "1.5.34 / 2.0.18", "The state of the export memory scan.",
     "Exact first release not known."},
    {0x100, "PASIDMT", "connect", "2.0", "The PASID metadata table (TDX Connect)."},
    {0x101, "MMIOMT", "connect", "2.0", "The MMIO metadata table (TDX Connect)."},
    {0x102, "SPDMMT", "connect", "2.0", "The SPDM metadata table (TDX Connect)."},
    {0x140, "DMAR", "connect", "2.0", "A DMA-remapping structure (TDX Connect)."},
};
static_assert(strictly_ascending(kOperands, [](const Operand& row) { return row.id; }));

}  // namespace

std::span<const Operand> operands() { return kOperands; }

const Operand* find_operand(std::uint32_t id) {
  const auto rows = operands();
  const auto row = std::lower_bound(rows.begin(), rows.end(), id,
                                    [](const Operand& operand, std::uint32_t n) { return operand.id < n; });
  return row != rows.end() && row->id == id ? &*row : nullptr;
}

}  // namespace tdxctl::abi
