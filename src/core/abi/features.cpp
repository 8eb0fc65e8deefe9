// SPDX-License-Identifier: MIT
// Sources: intel/tdx-module 1.5.25, 1.5.34 and 2.0.18 include/tdx_api_defs.h; Linux 7.3
// arch/x86/include/asm/tdx.h; TDX patch series on LKML for the kernel names that are not merged.
#include "core/abi/features.h"

#include <algorithm>
#include <cstddef>

#include "core/abi/names.h"

namespace tdxctl::abi {
namespace {

constexpr Feature kFeatures[] = {
    {0, "TD_MIGRATION", "Live migration of TDs."},
    {1, "TD_PRESERVING", "The module can be updated while TDs stay alive (update with handoff data).",
     "TDX_FEATURES0_TD_PRESERVING", KernelUse::in_7_3},
    {2, "SERVICE_TD", "Service TDs can be bound to other TDs."},
    {3, "TDG_VP_RDWR", "The guest may read and write its VCPU-scope metadata."},
    {4, "RELAXED_MEM_MNG_CONCURRENCY",
     "Memory-management calls of one TD may run side by side with fewer busy answers."},
    {5, "CPUID_VIRT_GUEST_CTRL", "The guest may control parts of CPUID virtualization."},
    {6, "TDXCONNECT", "TDX Connect: trusted device assignment (trusted I/O).", "TDX_FEATURES0_TDXCONNECT",
     KernelUse::patches,
     "Set only where the platform has it; no value in the binaries mapping file has it. Bits 6 and 32 are "
     "computed at run time in the 2.0 source.",
     "TDX_IO", "TDX_CONNECT"},
    {7, "TD_PARTITIONING", "A TD may run nested (L2) VMs."},
    {8, "LOCAL_ATTESTATION", "One TD can verify another TD's report on the same platform.", "",
     KernelUse::none, "Set only where the CPU has SEAMVERIFYREPORT."},
    {9, "TD_ENTRY_ENHANCEMENTS", "Additions to TD entry, such as telling the host about recoverable states."},
    {10, "HOST_PRIORITY_LOCKS", "Locks prefer the host over the guest."},
    {11, "CONFIG_IA32_ARCH_CAPABILITIES", "The host may configure the guest's IA32_ARCH_CAPABILITIES.", "",
     KernelUse::none, "The module source leaves it out on some early CPU steppings."},
    {12, "HW_SEALING", "Hardware-backed sealing keys for TDs."},
    {13, "RESERVED_13", "No public name."},
    {14, "RESERVED_14", "No public name."},
    {15, "RESERVED_15", "No public name."},
    {16, "PENDING_EPT_VIOLATION_V2",
     "Second form of choosing what happens when a guest touches a page it has not accepted."},
    {17, "FMS_CONFIG", "The host may configure the family/model/stepping shown to a TD."},
    {18, "NO_RBP_MOD", "The module can be told not to change RBP on TD entry and exit. Linux requires it.",
     "TDX_FEATURES0_NO_RBP_MOD", KernelUse::in_7_3, "Linux 7.3 will not use a module without it."},
    {19, "L2_TLB_INVD_OPT", "Optimized TLB invalidation for L2 VMs."},
    {20, "TOPOLOGY_ENUM", "The guest sees a topology that the host configures (x2APIC ids per VCPU).",
     "MD_FIELD_ID_FEATURES0_TOPOLOGY_ENUM", KernelUse::in_7_3,
     "KVM in Linux 7.3 calls it MD_FIELD_ID_FEATURES0_TOPOLOGY_ENUM.", "ENUM_TOPOLOGY"},
    {21, "PARTITIONED_TD_MIGRATION", "Live migration of TDs that have L2 VMs.", "", KernelUse::none,
     "The mapping file value for 2.0.08 lacks it although the 2.0.08 source sets it."},
    {22, "RESERVED_22", "No public name."},
    {23, "CLFLUSH_BEFORE_ALLOC",
     "The host must flush a page's cache lines before it gives the page to the module.",
     "TDX_FEATURES0_CLFLUSH_BEFORE_ALLOC", KernelUse::patches,
     "Kernel series only; the module source read has this bit as reserved."},
    {24, "EVENT_FILTERING", "Performance events of a TD can be filtered."},
    {25, "ICSSD", "TD attribute ICSSD is available."},
    {26, "FIXED_CTR12_PROF",
     "Fixed performance counters 1 and 2 may keep counting while the module runs, so that the host can "
     "profile it."},
    {27, "MAXPA_VIRT", "The guest's physical-address width can be made smaller.", "", KernelUse::none,
     "The mapping file value for 2.0.08 lacks it although the 2.0.08 source sets it."},
    {28, "APX", "Intel APX registers can be given to a TD.", "", KernelUse::none, "Depends on the CPU."},
    {29, "CPUID2_VIRT", "CPUID leaf 2 can be virtualized in the newer way."},
    {30, "VE_REDUCTION", "The guest can turn off many virtualization exceptions.", "", KernelUse::none,
     "The mapping file values for 2.0.04 and 2.0.08 have bit 31 and not bit 30."},
    {31, "ENHANCED_EVENT_FILTERING", "More forms of performance-event filters.", "", KernelUse::none,
     "The mapping file values for 2.0.04 and 2.0.08 have this bit; 2.0.05 has not."},
    {32, "TDX_CONNECT_PARTITIONING", "TDX Connect together with TD partitioning."},
    {33, "MAXGPA_VIRT", "The guest-physical width can be virtualized."},
    {34, "RESERVED_34", "No public name."},
    {35, "RESERVED_35", "No public name."},
    {36, "DYNAMIC_PAMT", "4 KB-level PAMT memory is given on demand instead of up front.",
     "TDX_FEATURES0_DYNAMIC_PAMT", KernelUse::patches,
     "Needs a switch in TDH.SYS.CONFIG (R8 bit 16) to be used."},
    {37, "FATAL_DIAGNOSTICS",
     "The module can leave information about its own fatal errors in a host buffer."},
    {38, "PAGE_RELEASE", "A guest can give pages back to the host."},
    {39, "EXT", "The module has an extension part with its own memory pool (TDH.EXT.*).", "TDX_FEATURES0_EXT",
     KernelUse::patches, "The module source read calls this bit \"nrx\" and the kernel series EXT.", "NRX"},
    {40, "ENHANCED_INTR_STATE", "More interrupt state is kept for a TD."},
    {41, "NON_BLOCKING_EXPORT",
     "Migration export that does not have to block guest writes (dirty-bit based).", "", KernelUse::none,
     "2.0.08 source calls it dirty_bit_based_export.", "DIRTY_BIT_BASED_EXPORT"},
    {42, "PERF_MASK", "Masking of performance counters."},
    {43, "SCAN_EXPORT_RESTORE", "Memory scan used by export and restore."},
    {44, "IMPORT_PAGE_STATUS", "Page-status reports during import.", "", KernelUse::none,
     "Set in the 2.0.08 source but not in the mapping file value for 2.0.08."},
    {45, "ENHANCED_INTR_VIRTUALIZATION", "Interrupt virtualization additions."},
    {46, "VE_INFO_INTR_STATE", "Virtualization-exception information also holds interruptibility state."},
    {47, "UPDATE_COMPATIBILITY",
     "The host can ask shutdown-for-update to refuse when work in flight would break.",
     "TDX_FEATURES0_UPDATE_COMPAT", KernelUse::patches, "", "UPDATE_COMPAT"},
    {48, "SERVTD_REBIND", "A service TD can be bound again."},
    {49, "TDID_VMID_REPORTING", "TD and VM identifiers are reported."},
    {50, "QUOTE", "The module can make quotes itself (TDH.QUOTE.*, DICE based).", "TDX_FEATURES0_QUOTE",
     KernelUse::patches, "Kernel series only; the module source read has this bit as reserved."},
    {51, "ENHANCED_DEMOTE_INTERRUPTIBILITY", "Splitting a large page is better interruptible."},
    {52, "DEBUG_RO_TD_MIGRATION", "Migration of read-only debug TDs."},
    {53, "SYS_DISABLE", "TDH.SYS.DISABLE is there.", "", KernelUse::none,
     "Linux 7.3 calls TDH.SYS.DISABLE without looking at this bit."},
    {54, "LIST_ERROR_COUNT", "Calls on lists report how many entries had an error."},
    {55, "RESERVED_55", "No public name."},
    {56, "SEALKEY_128", "128-bit sealing keys."},
    {57, "SEALKEY_256", "256-bit sealing keys."},
    {58, "RESERVED_58", "No public name."},
    {59, "RESERVED_59", "No public name."},
    {60, "RESERVED_60", "No public name."},
    {61, "RESERVED_61", "No public name."},
    {62, "RESERVED_62", "No public name."},
    {63, "RESERVED_63", "No public name."},
};

constexpr bool indexed_by_bit() {
  for (std::size_t i = 0; i < std::size(kFeatures); ++i) {
    if (kFeatures[i].bit != i) return false;
  }
  return std::size(kFeatures) == 64;
}
static_assert(indexed_by_bit());

constexpr bool is(std::uint8_t bit, std::string_view name) { return kFeatures[bit].name == name; }
static_assert(is(kFeatureTdPreserving, "TD_PRESERVING") && is(kFeatureConnect, "TDXCONNECT") &&
              is(kFeatureNoRbpMod, "NO_RBP_MOD") && is(kFeatureDynamicPamt, "DYNAMIC_PAMT") &&
              is(kFeatureExtensions, "EXT") && is(kFeatureUpdateCompatibility, "UPDATE_COMPATIBILITY") &&
              is(kFeatureQuote, "QUOTE") && is(kFeatureSysDisable, "SYS_DISABLE"));

std::string_view core_of(std::string_view name) {
  name = after_prefix(name, "TDX_FEATURES0").value_or(name);
  return after_prefix(name, "TDX").value_or(name);
}

}  // namespace

std::span<const Feature, 64> features() { return kFeatures; }

std::vector<std::string_view> feature_names(std::uint64_t features0) {
  std::vector<std::string_view> names;
  for (const Feature& feature : features()) {
    if ((features0 & feature.mask()) != 0) names.push_back(feature.name);
  }
  return names;
}

std::string feature_list(std::uint64_t features0) {
  std::string list;
  for (const std::string_view name : feature_names(features0)) {
    list += (list.empty() ? "" : ", ") + std::string(name);
  }
  return list.empty() ? "no features" : list;
}

const Feature* find_feature(std::string_view name) {
  const auto wanted = core_of(name);
  const auto is_wanted = [&](std::string_view candidate) { return same_name(core_of(candidate), wanted); };
  const auto row = std::find_if(std::begin(kFeatures), std::end(kFeatures), [&](const Feature& feature) {
    return is_wanted(feature.name) || is_wanted(feature.kernel_name) || is_wanted(feature.alias) ||
           is_wanted(feature.second_alias);
  });
  return row != std::end(kFeatures) ? row : nullptr;
}

}  // namespace tdxctl::abi
