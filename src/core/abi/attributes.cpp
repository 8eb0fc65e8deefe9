// SPDX-License-Identifier: MIT
// Sources: intel/tdx-module 1.5.25, 1.5.34 and 2.0.18 (include/tdx_api_defs.h, src/common/x86_defs);
// Linux 7.3 arch/x86/include/asm/shared/tdx.h and arch/x86/include/asm/fpu/types.h.
#include "core/abi/attributes.h"

#include <algorithm>

#include "core/abi/bits.h"
#include "core/abi/table.h"

namespace tdxctl::abi {
namespace {

constexpr NamedBit kTdAttributes[] = {
    {0, "DEBUG", "The host may read and write the TD's memory and state; such a TD gives no protection."},
    {4, "HGS_PLUS_PROF", "Hardware-guided-scheduling profiling of the TD is allowed.", "",
     "The module source counts bits 5:4 as one group."},
    {5, "PERF_PROF", "Performance-counter profiling of the TD by the host is allowed.", "",
     "The module source counts bits 5:4 as one group."},
    {6, "PMT_PROF", "Profiling by platform monitoring technology is allowed.", "1.5.16"},
    {16, "ICSSD", "The TD gets the ICSSD behaviour (see feature bit 25).", "1.5.06"},
    {17, "SERVTDEXT", "The TD takes part in extended service-TD use.", "1.5.28"},
    {27, "LASS", "Linear address space separation is available to the TD.", "1.5.05"},
    {28, "SEPT_VE_DISABLE",
     "A guest access to a page it has not accepted goes to the host and not to the guest as #VE."},
    {29, "MIGRATABLE", "The TD can be migrated."},
    {30, "PKS", "Supervisor protection keys are available to the TD."},
    {31, "KL", "Key Locker is available to the TD."},
    {62, "TPA", "The TD is a TDX Connect provisioning agent.", "1.5.13"},
    {63, "PERFMON", "Performance monitoring counters are available to the TD."},
};

// The letters are those of module 1.5.06 and later.
constexpr BitGroup kTdAttributeGroups[] = {
    {3, 0, "TUD", "Bits that make the TD untrusted (debug)."},
    {15, 4, "TUP", "Bits about profiling, which also lower trust."},
    {31, 16, "security",
     "Bits that affect security but leave the TD trusted (the source splits the reserved ones into 22:17 and "
     "26:23)."},
    {63, 32, "OTHER", "Bits that do not affect security."},
};

constexpr NamedBit kXfam[] = {
    {0, "X87", "x87 floating point."},
    {1, "SSE", "SSE registers."},
    {2, "AVX", "AVX upper halves."},
    {3, "MPX_BNDREGS", "MPX bound registers."},
    {4, "MPX_BNDCSR", "MPX bound configuration."},
    {5, "AVX512_OPMASK", "AVX-512 mask registers."},
    {6, "AVX512_ZMM_HI256", "AVX-512 upper halves."},
    {7, "AVX512_HI16_ZMM", "AVX-512 registers 16 to 31."},
    {8, "PT", "Processor trace."},
    {9, "PKRU", "User protection keys."},
    {10, "PASID", "PASID / ENQCMD."},
    {11, "CET_U", "User control-flow enforcement."},
    {12, "CET_S", "Supervisor control-flow enforcement."},
    {13, "HDC", "Hardware duty cycling."},
    {14, "UINTR", "User interrupts."},
    {15, "LBR", "Last branch records."},
    {16, "HWP", "Hardware p-states."},
    {17, "AMX_XTILECFG", "AMX tile configuration."},
    {18, "AMX_XTILEDATA", "AMX tile data."},
    {19, "APX", "APX registers R16 to R31."},
};

constexpr XfamGroup kXfamGroups[] = {
    {"AVX512", mask(7, 5), mask(2, 2), "the AVX-512 bits (7:5) go together", "AVX-512 needs AVX (bit 2)"},
    {"CET", mask(12, 11), 0, "the CET bits (12:11) go together", ""},
    {"AMX", mask(18, 17), 0, "the AMX bits (18:17) go together", ""},
};

constexpr NamedBit kConfigFlags[] = {
    {0, "GPAW", "0: guest-physical shared bit at position 47; 1: at position 51.", "1.5.01"},
    {1, "FLEXIBLE_PENDING_VE", "The guest may itself choose the behaviour for unaccepted pages.", "1.5.01"},
    {2, "NO_RBP_MOD", "The module leaves RBP alone on TD entry and exit.", "1.5.01"},
    {3, "MAXPA_VIRT", "The guest sees the physical-address width that the host chose.", "1.5.06"},
    {4, "MAXGPA_VIRT", "The guest-physical width is virtualized.", "1.5.08"},
    {5, "TDX_CONNECT", "The TD may have trusted devices.", "1.5.20"},
    {6, "PAGE_RELEASE", "The guest may give pages back.", "1.5.20"},
    {7, "SEALING", "The TD may derive sealing keys.", "1.5.34 / 2.0.18"},
};

constexpr NamedBit kTdCtls[] = {
    {0, "PENDING_VE_DISABLE", "Guest choice for unaccepted pages."},
    {1, "ENUM_TOPOLOGY", "The guest uses the host-configured topology."},
    {2, "VIRT_CPUID2", "CPUID leaf 2 is virtualized."},
    {3, "REDUCE_VE", "Many virtualization exceptions are off."},
    {63, "LOCK", "The guest can no longer change this word."},
};

constexpr NamedBit kSysAttributes[] = {
    {31, "DEBUG_MODULE", "The module is debug-signed."},
};

constexpr auto bit_of = [](const NamedBit& row) { return row.bit; };
static_assert(strictly_ascending(kTdAttributes, bit_of) && strictly_ascending(kXfam, bit_of) &&
              strictly_ascending(kConfigFlags, bit_of) && strictly_ascending(kTdCtls, bit_of));
static_assert((kXfamUser & kXfamSupervisor) == 0);
static_assert(strictly_ascending(kTdAttributeGroups, [](const BitGroup& group) { return group.low; }));

constexpr BitWord kTdAttributesWord{"ATTRIBUTES", 64, kTdAttributes, kTdAttributeGroups};
constexpr BitWord kXfamWord{"XFAM", 64, kXfam, {}};
constexpr BitWord kConfigFlagsWord{"CONFIG_FLAGS", 64, kConfigFlags, {}};
constexpr BitWord kTdCtlsWord{"TD_CTLS", 64, kTdCtls, {}};
constexpr BitWord kSysAttributesWord{"SYS_ATTRIBUTES", 32, kSysAttributes, {}};

}  // namespace

const NamedBit* BitWord::find(unsigned bit) const {
  const auto row =
      std::find_if(bits.begin(), bits.end(), [&](const NamedBit& named) { return named.bit == bit; });
  return row != bits.end() ? &*row : nullptr;
}

const BitGroup* BitWord::group_of(unsigned bit) const {
  const auto group = std::find_if(groups.begin(), groups.end(),
                                  [&](const BitGroup& row) { return row.low <= bit && bit <= row.high; });
  return group != groups.end() ? &*group : nullptr;
}

const BitWord& td_attributes() { return kTdAttributesWord; }
const BitWord& xfam() { return kXfamWord; }
const BitWord& config_flags() { return kConfigFlagsWord; }
const BitWord& td_ctls() { return kTdCtlsWord; }
const BitWord& sys_attributes() { return kSysAttributesWord; }

std::span<const XfamGroup> xfam_groups() { return kXfamGroups; }

}  // namespace tdxctl::abi
