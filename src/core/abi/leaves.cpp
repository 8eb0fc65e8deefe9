// SPDX-License-Identifier: MIT
// Leaf tables. Sources: intel/tdx-module 1.0, 1.5.25, 1.5.34 and 2.0.18 include/tdx_api_defs.h and
// src/vmm_dispatcher/; intel/tdx-loader p-seam-loader/include/pseamldr_api_defs.h; Linux 7.3
// arch/x86/virt/vmx/tdx/; TDX patch series on LKML.
#include "core/abi/leaves.h"

#include <algorithm>

#include "core/abi/bits.h"
#include "core/abi/names.h"

namespace tdxctl::abi {
namespace {

constexpr Leaf kModuleLeaves[] = {
    {0, "TDH.VP.ENTER", "vcpu", "", "1.0", Effect::changes, Standing::dispatched,
     "Run a VCPU until it exits to the host.", "Never useful from an administration tool."},
    {1, "TDH.MNG.ADDCX", "td-management", "", "1.0", Effect::changes, Standing::dispatched,
     "Give a TD one more control (TDCX) page."},
    {2, "TDH.MEM.PAGE.ADD", "memory", "", "1.0", Effect::changes, Standing::dispatched,
     "Copy a page into a TD that is being built."},
    {3, "TDH.MEM.SEPT.ADD", "memory", "1.5.01", "1.0", Effect::changes, Standing::dispatched,
     "Add a secure-EPT page; version 1 also takes pages for L2 VMs."},
    {4, "TDH.VP.ADDCX", "vcpu", "", "1.0", Effect::changes, Standing::dispatched,
     "Give a VCPU one more control page."},
    {5, "TDH.MEM.PAGE.RELOCATE", "memory", "", "1.0", Effect::changes, Standing::dispatched,
     "Move a guest page to another physical page."},
    {6, "TDH.MEM.PAGE.AUG", "memory", "", "1.0", Effect::changes, Standing::dispatched,
     "Map a fresh page for a running TD to accept."},
    {7, "TDH.MEM.RANGE.BLOCK", "memory", "", "1.0", Effect::changes, Standing::dispatched,
     "Block a secure-EPT entry so that no new translations are made."},
    {8, "TDH.MNG.KEY.CONFIG", "td-management", "", "1.0", Effect::changes, Standing::dispatched,
     "Program a TD's memory key on the package of the calling processor."},
    {9, "TDH.MNG.CREATE", "td-management", "", "1.0", Effect::changes, Standing::dispatched,
     "Make a TD root page and give it a key id."},
    {10, "TDH.VP.CREATE", "vcpu", "", "1.0", Effect::changes, Standing::dispatched, "Make a VCPU root page."},
    {11, "TDH.MNG.RD", "td-management", "1.5.01", "1.0", Effect::reads, Standing::dispatched,
     "Read a TD-scope metadata field; version 1 also gives the next readable field id."},
    {12, "TDH.MEM.RD", "memory", "", "1.0", Effect::reads, Standing::dispatched,
     "Read 8 bytes of a debug TD's memory."},
    {13, "TDH.MNG.WR", "td-management", "", "1.0", Effect::changes, Standing::dispatched,
     "Write a TD-scope metadata field."},
    {14, "TDH.MEM.WR", "memory", "", "1.0", Effect::changes, Standing::dispatched,
     "Write 8 bytes of a debug TD's memory."},
    {15, "TDH.MEM.PAGE.DEMOTE", "memory", "", "1.0", Effect::changes, Standing::dispatched,
     "Split a large guest page."},
    {16, "TDH.MR.EXTEND", "td-management", "", "1.0", Effect::changes, Standing::dispatched,
     "Add 256 bytes of a page to the build-time measurement."},
    {17, "TDH.MR.FINALIZE", "td-management", "", "1.0", Effect::changes, Standing::dispatched,
     "Close the build-time measurement and make the TD runnable."},
    {18, "TDH.VP.FLUSH", "vcpu", "", "1.0", Effect::changes, Standing::dispatched,
     "Flush a VCPU out of the calling processor."},
    {19, "TDH.MNG.VPFLUSHDONE", "td-management", "", "1.0", Effect::changes, Standing::dispatched,
     "Confirm that all VCPUs of a TD are flushed; the first step of freeing its key."},
    {20, "TDH.MNG.KEY.FREEID", "td-management", "", "1.0", Effect::changes, Standing::dispatched,
     "Give back a TD's key id after cache write-back."},
    {21, "TDH.MNG.INIT", "td-management", "", "1.0", Effect::changes, Standing::dispatched,
     "Set up a TD from TD_PARAMS."},
    {22, "TDH.VP.INIT", "vcpu", "1.5.05", "1.0", Effect::changes, Standing::dispatched,
     "Set up a VCPU; version 1 also takes its x2APIC id."},
    {23, "TDH.MEM.PAGE.PROMOTE", "memory", "1.5.01", "1.0", Effect::changes, Standing::dispatched,
     "Merge small guest pages into a large one."},
    {24, "TDH.PHYMEM.PAGE.RDMD", "memory", "", "1.0", Effect::reads, Standing::dispatched,
     "Report what the module knows about a physical page: type, owner, size, epoch.", "Read-only."},
    {25, "TDH.MEM.SEPT.RD", "memory", "", "1.0", Effect::reads, Standing::dispatched,
     "Read a secure-EPT entry.", "Read-only."},
    {26, "TDH.VP.RD", "vcpu", "1.5.01", "1.0", Effect::reads, Standing::dispatched,
     "Read a VCPU-scope metadata field; version 1 also gives the next readable field id."},
    {27, "TDH.MNG.KEY.RECLAIMID", "td-management", "", "1.0", Effect::changes, Standing::dispatched,
     "Kept for old hosts; does nothing useful.", "Legacy leaf."},
    {28, "TDH.PHYMEM.PAGE.RECLAIM", "memory", "", "1.0", Effect::changes, Standing::dispatched,
     "Take a page back from a TD that is being torn down."},
    {29, "TDH.MEM.PAGE.REMOVE", "memory", "", "1.0", Effect::changes, Standing::dispatched,
     "Unmap a page from a TD."},
    {30, "TDH.MEM.SEPT.REMOVE", "memory", "1.5.01", "1.0", Effect::changes, Standing::dispatched,
     "Remove an empty secure-EPT page; version 1 handles L2 pages."},
    {31, "TDH.SYS.KEY.CONFIG", "system", "", "1.0", Effect::changes, Standing::dispatched,
     "Program the module's own memory key on the package of the calling processor; once per package after "
     "TDH.SYS.CONFIG.",
     "May answer TDX_KEY_GENERATION_FAILED or busy; repeat."},
    {32, "TDH.SYS.INFO", "system", "", "1.0", Effect::reads, Standing::dispatched,
     "Fill in the fixed-layout TDSYSINFO_STRUCT and the CMR list. The older way to enumerate; TDH.SYS.RD is "
     "the newer.",
     "Read-only. Not used by Linux 7.3."},
    {33, "TDH.SYS.INIT", "system", "1.5.13", "1.0", Effect::changes, Standing::dispatched,
     "Start module initialization, once per load. Version 1 takes the fatal-error-diagnostics settings."},
    {34, "TDH.SYS.RD", "system", "", "1.5.01", Effect::reads, Standing::dispatched,
     "Read one system-scope metadata field and learn the id of the next one.",
     "Read-only. Needs TDH.SYS.LP.INIT on the calling processor."},
    {35, "TDH.SYS.LP.INIT", "system", "", "1.0", Effect::changes, Standing::dispatched,
     "Initialize the calling logical processor; once on each."},
    {36, "TDH.SYS.TDMR.INIT", "system", "", "1.0", Effect::changes, Standing::dispatched,
     "Initialize the next part of a TDMR's PAMT; repeat until the returned address reaches the end."},
    {37, "TDH.SYS.RDALL", "system", "", "1.5.01", Effect::reads, Standing::dispatched,
     "Dump system-scope metadata as a list into a 4 KB page.",
     "Read-only. TDX_METADATA_LIST_OVERFLOW means \"page full, go on from R8\"."},
    {38, "TDH.MEM.TRACK", "memory", "", "1.0", Effect::changes, Standing::dispatched,
     "Advance a TD's TLB epoch."},
    {39, "TDH.MEM.RANGE.UNBLOCK", "memory", "", "1.0", Effect::changes, Standing::dispatched,
     "Undo a block."},
    {40, "TDH.PHYMEM.CACHE.WB", "memory", "", "1.0", Effect::changes, Standing::dispatched,
     "Write back caches on the calling package; interruptible."},
    {41, "TDH.PHYMEM.PAGE.WBINVD", "memory", "", "1.0", Effect::changes, Standing::dispatched,
     "Write back and drop the cache lines of one page."},
    {42, "TDH.MEM.SEPT.WR", "memory", "", "1.0", Effect::changes, Standing::number_only,
     "A name with a number only; no released dispatcher handles it.",
     "The later ABI specification appears to reuse 42 for TDH.SYS.RDM."},
    {42, "TDH.SYS.RDM", "system", "", "", Effect::reads, Standing::specification_only,
     "By its name, reads several system metadata fields at once.",
     "Seen only by name and number. Conflicts with the older name TDH.MEM.SEPT.WR for 42."},
    {43, "TDH.VP.WR", "vcpu", "", "1.0", Effect::changes, Standing::dispatched,
     "Write a VCPU-scope metadata field."},
    {44, "TDH.SYS.LP.SHUTDOWN", "system", "", "1.0", Effect::changes, Standing::dispatched,
     "Shut the module down on the calling processor.", "The one leaf that still works after shutdown."},
    {45, "TDH.SYS.CONFIG", "system", "1.5.34 / 2.0.18", "1.0", Effect::changes, Standing::dispatched,
     "Configure the module: TDMRs, the module's own key id, dynamic PAMT. Version 1 adds a word of optional "
     "features to turn on.",
     "The use of R11 is seen only in kernel patches."},
    {46, "TDH.MNG.RDM", "td-management", "", "", Effect::reads, Standing::specification_only,
     "By its name, reads several TD metadata fields at once.", "Seen only by name and number."},
    {47, "TDH.MNG.WRM", "td-management", "", "", Effect::changes, Standing::specification_only,
     "By its name, writes several TD metadata fields at once.", "Seen only by name and number."},
    {48, "TDH.SERVTD.BIND", "service-td", "", "1.5.01", Effect::changes, Standing::dispatched,
     "Bind a service TD to a TD."},
    {49, "TDH.SERVTD.PREBIND", "service-td", "", "1.5.01", Effect::changes, Standing::dispatched,
     "Reserve a service-TD slot by measurement, before the service TD exists."},
    {50, "TDH.VP.RDM", "vcpu", "", "", Effect::reads, Standing::specification_only,
     "By its name, reads several VCPU metadata fields at once.", "Seen only by name and number."},
    {51, "TDH.VP.WRM", "vcpu", "", "", Effect::changes, Standing::specification_only,
     "By its name, writes several VCPU metadata fields at once.", "Seen only by name and number."},
    {52, "TDH.SYS.SHUTDOWN", "system", "", "1.5.01", Effect::changes, Standing::dispatched,
     "Stop the module and write handoff data for the next one.",
     "After it, only TDH.SYS.LP.SHUTDOWN is answered until a module is installed."},
    {53, "TDH.SYS.UPDATE", "system", "1.5.24", "1.5.01", Effect::changes, Standing::dispatched,
     "In the new module, take over from the handoff data. Version 1 takes feature bits to turn on."},
    {54, "TDH.SYS.S4.END", "system", "", "", Effect::changes, Standing::specification_only,
     "By its name, ends the return from hibernation (S4).", "Seen only by name and number."},
    {58, "TDH.PHYMEM.PAMT.ADD", "memory", "", "1.5.20", Effect::changes, Standing::dispatched,
     "Under dynamic PAMT, give a 2 MB range its two PAMT pages.",
     "On the 2.0 line since the sources of 2.0.04/2.0.08."},
    {59, "TDH.PHYMEM.PAMT.REMOVE", "memory", "", "1.5.20", Effect::changes, Standing::dispatched,
     "Take the two PAMT pages of a 2 MB range back."},
    {60, "TDH.EXT.INIT", "extension", "", "", Effect::changes, Standing::kernel_patches_only,
     "Start the extension part of the module once its memory pool is full; repeat while interrupted.",
     "Goes with feature bit 39. No inputs. Also in the third-party header of the ABI specification."},
    {61, "TDH.EXT.MEM.ADD", "extension", "", "", Effect::changes, Standing::kernel_patches_only,
     "Give pages to the memory pool of the extension part; repeat with the returned RCX while interrupted.",
     "Needs MEMORY_POOL_REQUIRED_PAGES pages in all."},
    {64, "TDH.EXPORT.ABORT", "migration", "", "1.5.01", Effect::changes, Standing::dispatched,
     "Give up an export session."},
    {65, "TDH.EXPORT.BLOCKW", "migration", "1.5.34 / 2.0.18", "1.5.01", Effect::changes, Standing::dispatched,
     "Block writes to a list of pages."},
    {66, "TDH.EXPORT.RESTORE", "migration", "1.5.34 / 2.0.18", "1.5.01", Effect::changes,
     Standing::dispatched, "Undo export state of a list of pages after an abort."},
    {68, "TDH.EXPORT.MEM", "migration", "1.5.34 / 2.0.18", "1.5.01", Effect::changes, Standing::dispatched,
     "Export a list of pages."},
    {69, "TDH.SYS.DISABLE", "system", "", "", Effect::changes, Standing::called_by_linux,
     "Turn the module off for good so that its memory can be given back (kexec, shutdown).",
     "No inputs. Repeat while it answers interrupted-resumable or system-busy. Goes with feature bit 53."},
    {70, "TDH.EXPORT.PAUSE", "migration", "", "1.5.01", Effect::changes, Standing::dispatched,
     "Pause the TD at the source."},
    {71, "TDH.EXPORT.TRACK", "migration", "", "1.5.01", Effect::changes, Standing::dispatched,
     "End a migration epoch at the source with a token."},
    {72, "TDH.EXPORT.STATE.IMMUTABLE", "migration", "", "1.5.01", Effect::changes, Standing::dispatched,
     "Start an export and write the unchanging TD state."},
    {73, "TDH.EXPORT.STATE.TD", "migration", "", "1.5.01", Effect::changes, Standing::dispatched,
     "Export the changing TD state."},
    {74, "TDH.EXPORT.STATE.VP", "migration", "", "1.5.01", Effect::changes, Standing::dispatched,
     "Export a VCPU's state."},
    {75, "TDH.EXPORT.UNBLOCKW", "migration", "", "1.5.01", Effect::changes, Standing::dispatched,
     "Undo a write block."},
    {80, "TDH.IMPORT.ABORT", "migration", "", "1.5.01", Effect::changes, Standing::dispatched,
     "Give up an import session."},
    {81, "TDH.IMPORT.END", "migration", "", "1.5.01", Effect::changes, Standing::dispatched,
     "End an import."},
    {82, "TDH.IMPORT.COMMIT", "migration", "", "1.5.01", Effect::changes, Standing::dispatched,
     "Let the imported TD run."},
    {83, "TDH.IMPORT.MEM", "migration", "1.5.34 / 2.0.18", "1.5.01", Effect::changes, Standing::dispatched,
     "Import a list of pages."},
    {84, "TDH.IMPORT.TRACK", "migration", "", "1.5.01", Effect::changes, Standing::dispatched,
     "Take in a migration epoch token."},
    {85, "TDH.IMPORT.STATE.IMMUTABLE", "migration", "", "1.5.01", Effect::changes, Standing::dispatched,
     "Start an import from the unchanging TD state."},
    {86, "TDH.IMPORT.STATE.TD", "migration", "", "1.5.01", Effect::changes, Standing::dispatched,
     "Import the changing TD state."},
    {87, "TDH.IMPORT.STATE.VP", "migration", "", "1.5.01", Effect::changes, Standing::dispatched,
     "Import a VCPU's state."},
    {92, "TDH.MEM.SCAN.RANGE", "migration", "", "1.5.34 / 2.0.18", Effect::changes, Standing::dispatched,
     "Scan one guest range for pages left to export.",
     "Exact first release not known; wording follows the names."},
    {93, "TDH.MEM.SCAN.COMP", "migration", "", "1.5.34 / 2.0.18", Effect::changes, Standing::dispatched,
     "Complete an export memory scan.", "Exact first release not known; wording follows the names."},
    {94, "TDH.MEM.SCAN.CONFIG", "migration", "", "1.5.34 / 2.0.18", Effect::changes, Standing::dispatched,
     "Set up an export memory scan.", "Exact first release not known; wording follows the names."},
    {95, "TDH.MEM.SCAN.RESET", "migration", "", "1.5.34 / 2.0.18", Effect::changes, Standing::dispatched,
     "Drop the state of an export memory scan.", "Exact first release not known; wording follows the names."},
    {96, "TDH.MIG.STREAM.CREATE", "migration", "", "1.5.01", Effect::changes, Standing::dispatched,
     "Add a migration stream to a TD."},
    {97, "TDH.SERVTD.REBIND", "service-td", "", "1.5.28 / 2.0.16", Effect::changes, Standing::number_only,
     "Bind a service TD again after it has changed.",
     "Goes with feature bit 48. Not handled by the 2.0.18 dispatcher."},
    {98, "TDH.QUOTE.GET", "quoting", "", "", Effect::changes, Standing::kernel_patches_only,
     "Make a quote for a TD inside the module."},
    {100, "TDH.QUOTE.INIT", "quoting", "", "", Effect::changes, Standing::kernel_patches_only,
     "Set up quoting inside the module.",
     "No inputs. Goes with feature bit 50. MAX_QUOTE_SIZE is good after it."},
    {128, "TDH.IOMMU.SETREG", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Write a register of a trusted IOMMU.", "Kernel series use number 128 for TDH.IOMMU.SETUP."},
    {128, "TDH.IOMMU.SETUP", "connect", "", "", Effect::changes, Standing::kernel_patches_only,
     "Set up a trusted IOMMU with its metadata pages.", "Takes over the number of TDH.IOMMU.SETREG."},
    {129, "TDH.IOMMU.GETREG", "connect", "", "2.0.02", Effect::reads, Standing::dispatched,
     "Read a register of a trusted IOMMU.", "Kernel series use number 129 for TDH.IOMMU.CLEAR."},
    {129, "TDH.IOMMU.CLEAR", "connect", "", "", Effect::changes, Standing::kernel_patches_only,
     "Undo the set-up of a trusted IOMMU and get the pages back.",
     "Takes over the number of TDH.IOMMU.GETREG."},
    {130, "TDH.SPDM.CREATE", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Make an SPDM session object for a device."},
    {131, "TDH.SPDM.DELETE", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Delete an SPDM session object."},
    {132, "TDH.IDE.STREAM.CREATE", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Make a PCIe IDE stream."},
    {133, "TDH.IDE.STREAM.BLOCK", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Block an IDE stream before deletion."},
    {134, "TDH.IDE.STREAM.DELETE", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Delete an IDE stream."},
    {135, "TDH.IDE.STREAM.IDEKMREQ", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Get the next IDE key-management request for the device.",
     "Kernel series use number 135 for TDH.IDE.STREAM.KM."},
    {135, "TDH.IDE.STREAM.KM", "connect", "", "", Effect::changes, Standing::kernel_patches_only,
     "Step IDE key management for a stream.", "Takes over the number of TDH.IDE.STREAM.IDEKMREQ."},
    {136, "TDH.IDE.STREAM.IDEKMRSP", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Hand in the device's IDE key-management response."},
    {137, "TDH.DEVIF.CREATE", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Make a device-interface object."},
    {138, "TDH.DEVIF.REMOVE", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Remove a device-interface object."},
    {139, "TDH.DEVIF.REQUEST", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Get the next TDISP request for the device."},
    {140, "TDH.DEVIF.RESPONSE", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Hand in the device's TDISP response."},
    {142, "TDH.SPDM.CONNECT", "connect", "", "", Effect::changes, Standing::kernel_patches_only,
     "Open the SPDM session to a device; repeated while messages are carried."},
    {143, "TDH.SPDM.DISCONNECT", "connect", "", "", Effect::changes, Standing::kernel_patches_only,
     "Close the SPDM session."},
    {144, "TDH.SPDM.MNG", "connect", "", "", Effect::changes, Standing::kernel_patches_only,
     "Management steps on an SPDM session (heartbeat, key refresh, device information)."},
    {150, "TDH.DMAR.ADD", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Add a trusted DMA-remapping entry or table."},
    {151, "TDH.DMAR.BLOCK", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Block a trusted DMA-remapping entry."},
    {152, "TDH.DMAR.READ", "connect", "", "2.0.02", Effect::reads, Standing::dispatched,
     "Read a trusted DMA-remapping entry."},
    {153, "TDH.DMAR.REMOVE", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Remove a trusted DMA-remapping entry."},
    {154, "TDH.MMIO.MT.ADD", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Add an MMIO metadata page."},
    {155, "TDH.MMIO.MT.SET", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Set an MMIO metadata entry."},
    {156, "TDH.MMIO.MT.RD", "connect", "", "2.0.02", Effect::reads, Standing::dispatched,
     "Read an MMIO metadata entry."},
    {157, "TDH.MMIO.MT.REMOVE", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Remove an MMIO metadata page."},
    {158, "TDH.MMIO.MAP", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Map a device MMIO page into a TD."},
    {159, "TDH.MMIO.BLOCK", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Block a mapped MMIO page."},
    {160, "TDH.MMIO.UNMAP", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Unmap a device MMIO page."},
    {161, "TDH.IQ.INV.REQUEST", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Queue an IOMMU invalidation."},
    {162, "TDH.IQ.INV.PROCESS", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Process queued IOMMU invalidations."},
    {163, "TDH.MEM.SHARED.SEPT.WR", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Write a shared-half entry of a TD's EPT.",
     "The third-party header of the ABI specification lists it for the 1.5 line too. Versions above 0 are "
     "accepted in the 2.0.08 source."},
    {164, "TDH.DEVIF.MT.ADD", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Add a device-interface metadata page."},
    {165, "TDH.DEVIF.MT.REMOVE", "connect", "", "2.0.02", Effect::changes, Standing::dispatched,
     "Remove a device-interface metadata page."},
    {166, "TDH.DEVIF.MT.RD", "connect", "", "2.0.02", Effect::reads, Standing::dispatched,
     "Read a device-interface metadata entry."},
    {254, "TDDEBUGCONFIG", "system", "", "1.0", Effect::changes, Standing::debug_builds_only,
     "Debug tracing control, only in debug builds of the module."},
};

// The P-SEAMLDR compares the whole of RAX, so its leaves have no versions.
constexpr Leaf kLoaderLeaves[] = {
    {0, "SEAMLDR.INFO", "system", "", "", Effect::reads, Standing::loader_source,
     "Report the loader's version, remaining updates and the measurement of the loaded module.",
     "Read-only."},
    {1, "SEAMLDR.INSTALL", "system", "", "", Effect::changes, Standing::loader_source,
     "Install or update the TDX module. Called on every logical processor, one after another."},
    {2, "SEAMLDR.SHUTDOWN", "system", "", "", Effect::changes, Standing::loader_source,
     "Shut the persistent loader down; called on every logical processor.", "Not used by Linux 7.3."},
    {3, "SEAMLDR.SEAMINFO", "system", "", "", Effect::reads, Standing::loader_source,
     "Copy out the first 2 KB of the loader's system-information table (platform facts checked at boot, such "
     "as convertible memory).",
     "Read-only. Not used by Linux 7.3."},
    {4, "SEAMLDR.CLEANUP", "system", "", "", Effect::changes, Standing::loader_source,
     "Run cleanup left over from the old module.",
     "Absent from the older (TDX 1.0) public loader. Advertised by SEAMLDR features word bit 1."},
    {254, "SEAMLDR.TDDEBUGCONFIG", "system", "", "", Effect::changes, Standing::debug_builds_only,
     "Debug tracing control, only in debug builds of the loader.",
     "The 1.0 source writes the number with one hex digit too few."},
};

// Two owners of a number stand side by side, the published module source first.
constexpr bool by_number_then_standing(std::span<const Leaf> rows) {
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const Leaf& a = rows[i - 1];
    const Leaf& b = rows[i];
    if (a.number > b.number) return false;
    if (a.number == b.number && (a.standing >= b.standing || a.name == b.name)) return false;
  }
  return true;
}
static_assert(by_number_then_standing(kModuleLeaves) && by_number_then_standing(kLoaderLeaves));

constexpr bool is(std::span<const Leaf> rows, std::uint16_t number, std::string_view name) {
  for (const Leaf& row : rows) {
    if (row.name == name) return row.number == number;
  }
  return false;
}
static_assert(is(kModuleLeaves, leaf::kVpEnter, "TDH.VP.ENTER") &&
              is(kModuleLeaves, leaf::kSysKeyConfig, "TDH.SYS.KEY.CONFIG") &&
              is(kModuleLeaves, leaf::kSysInit, "TDH.SYS.INIT") &&
              is(kModuleLeaves, leaf::kSysRd, "TDH.SYS.RD") &&
              is(kModuleLeaves, leaf::kSysLpInit, "TDH.SYS.LP.INIT") &&
              is(kModuleLeaves, leaf::kSysTdmrInit, "TDH.SYS.TDMR.INIT") &&
              is(kModuleLeaves, leaf::kSysRdall, "TDH.SYS.RDALL") &&
              is(kModuleLeaves, leaf::kSysConfig, "TDH.SYS.CONFIG") &&
              is(kModuleLeaves, leaf::kSysShutdown, "TDH.SYS.SHUTDOWN") &&
              is(kModuleLeaves, leaf::kSysUpdate, "TDH.SYS.UPDATE") &&
              is(kModuleLeaves, leaf::kExtInit, "TDH.EXT.INIT") &&
              is(kModuleLeaves, leaf::kExtMemAdd, "TDH.EXT.MEM.ADD") &&
              is(kModuleLeaves, leaf::kSysDisable, "TDH.SYS.DISABLE") &&
              is(kLoaderLeaves, leaf::kSeamldrInfo, "SEAMLDR.INFO") &&
              is(kLoaderLeaves, leaf::kSeamldrInstall, "SEAMLDR.INSTALL"));

constexpr std::uint64_t kReserved = mask(31, 24) | mask(62, 32);

}  // namespace

std::string_view standing_text(Standing standing) {
  switch (standing) {
    case Standing::dispatched:
      return "in the published module source";
    case Standing::number_only:
      return "only a number in the published module source";
    case Standing::specification_only:
      return "only in the ABI specification";
    case Standing::kernel_patches_only:
      return "only in Linux patch series";
    case Standing::called_by_linux:
      return "called by Linux; not in published module source";
    case Standing::debug_builds_only:
      return "only in debug builds";
    case Standing::loader_source:
      return "in the published P-SEAMLDR source";
  }
  return {};
}

std::span<const Leaf> leaves(Interface interface) {
  if (interface == Interface::tdx_module) return kModuleLeaves;
  if (interface == Interface::p_seamldr) return kLoaderLeaves;
  return {};
}

std::span<const Leaf> find_leaves(Interface interface, std::uint16_t number) {
  const auto rows = leaves(interface);
  const auto first = std::lower_bound(rows.begin(), rows.end(), number,
                                      [](const Leaf& leaf, std::uint16_t n) { return leaf.number < n; });
  const auto last = std::find_if(first, rows.end(), [&](const Leaf& leaf) { return leaf.number != number; });
  return rows.subspan(static_cast<std::size_t>(first - rows.begin()), static_cast<std::size_t>(last - first));
}

LeafRef find_leaf(std::string_view name) {
  for (const auto interface : {Interface::tdx_module, Interface::p_seamldr}) {
    for (const Leaf& leaf : leaves(interface)) {
      if (same_name(leaf.name, name)) return {interface, &leaf};
    }
  }
  return {Interface::tdx_module, nullptr};
}

CallWord parse_call_word(std::uint64_t rax) {
  return {.leaf = static_cast<std::uint16_t>(field(rax, 15, 0)),
          .version = static_cast<std::uint8_t>(field(rax, 23, 16)),
          .to_p_seamldr = bit(rax, 63),
          .reserved = rax & kReserved};
}

std::uint64_t compose_call_word(const CallWord& call) {
  return place(call.leaf, 15, 0) | place(call.version, 23, 16) | place(call.to_p_seamldr, 63, 63) |
         (call.reserved & kReserved);
}

}  // namespace tdxctl::abi
