// SPDX-License-Identifier: MIT
#include "core/decode/advice.h"

#include <algorithm>
#include <utility>

#include "core/abi/leaves.h"
#include "core/abi/table.h"

namespace tdxctl {
namespace {

namespace leaf = abi::leaf;

// By status, then leaf; kAnyLeaf sorts last.
constexpr Advice kModuleAdvice[] = {
    {0x0000081500000000, kAnyLeaf, "another processor of the package came first", "nothing to do"},
    {0x00000A0300000000, kAnyLeaf, "all of this TDMR is initialized already", "nothing to do"},
    {0x4000000100000000, kAnyLeaf, "the VCPU hit an error that it cannot get past",
     "destroy the TD; look for machine checks in the kernel log"},
    {0x4000000200000000, kAnyLeaf, "the TD hit an error that it cannot get past",
     "destroy the TD; look for machine checks in the kernel log"},
    {0x6000000200000000, kAnyLeaf, "the TD hit an error that it cannot get past",
     "destroy the TD; look for machine checks in the kernel log"},
    {0x6000000500000000, kAnyLeaf,
     "private memory of the TD was damaged, by a memory error or by a write from outside",
     "destroy the TD; look for machine checks in the kernel log"},
    {0x8000000300000000, kAnyLeaf, "an interrupt came before the call had finished, which is normal",
     "repeat the call with the registers that came back"},
    {0x8000000400000000, kAnyLeaf, "an interrupt came before the call had finished, which is normal",
     "repeat the call from the start"},
    {0x8000020000000000, kAnyLeaf, "another processor holds what the call needs", "repeat after a moment"},
    {0x8000020100000000, kAnyLeaf, "VCPUs have not left the previous TLB epoch yet",
     "kick the VCPUs out, then repeat"},
    {0x8000020200000000, leaf::kSysDisable, "other SEAMCALLs are still under way",
     "repeat; if it persists, stop the running TDs"},
    {0x8000020200000000, kAnyLeaf, "another SEAMCALL holds the module-wide lock", "repeat after a moment"},
    {0x8000020300000000, kAnyLeaf, "the CPU's random number generator had nothing to give",
     "repeat; if it persists, look for other heavy users of RDRAND and RDSEED, or faulty hardware"},
    {0x8000020600000000, kAnyLeaf, "an interrupt came while a lock was busy, which is normal",
     "repeat the call"},
    {0x8000030800000000, kAnyLeaf, "dynamic PAMT is on and this 2 MB range has no PAMT pages",
     "give the range its pages with TDH.PHYMEM.PAMT.ADD"},
    {0x8000051200000000, kAnyLeaf,
     "a TD is being built or migrated, and the update was asked not to disturb that",
     "wait until TD creation and migration have finished, then repeat"},
    {0x8000080000000000, leaf::kSysKeyConfig, "no random key could be made for this package",
     "repeat; if it persists, the package or its memory controller may be faulty"},
    {0x8000080000000000, kAnyLeaf, "no random key could be made, as a rule for lack of entropy", "repeat"},
    {0x8000081000000000, kAnyLeaf, "the TD's key is not programmed on every package",
     "run TDH.MNG.KEY.CONFIG on one processor of each package"},
    {0x8000081700000000, kAnyLeaf, "caches have not been written back on every package",
     "finish TDH.PHYMEM.CACHE.WB on each package, then repeat"},
    {0x8000082400000000, kAnyLeaf, "VCPUs of the TD are still tied to processors",
     "flush them there with TDH.VP.FLUSH, then repeat"},
    {0xC000000600000000, kAnyLeaf, "the registers given to go on are not those of the interrupted call",
     "start the operation anew"},
    {0xC000010000000000, leaf::kSysInit,
     "the module does not take this version of the call, or reserved inputs are set",
     "use version 0 with RCX = 0"},
    {0xC000010000000000, leaf::kSysTdmrInit, "the address is not the base of a TDMR that was configured",
     "give the base addresses that TDH.SYS.CONFIG was given"},
    {0xC000010000000000, leaf::kSysConfig,
     "the TDMR list (RCX, RDX), the HKID or PAMT mode (R8), the features (R9) or the version (RAX) was not "
     "accepted",
     "check the operand named; ask only for features that TDX_FEATURES0 has"},
    {0xC000010000000000, leaf::kSysShutdown,
     "the handoff version or the update-compatibility flag was not accepted",
     "give the module's own MODULE_HV; use the flag only where TDX_FEATURES0 has UPDATE_COMPATIBILITY"},
    {0xC000010000000000, leaf::kSysUpdate,
     "the new module does not take this version of the call or these features",
     "use version 0, or only features that the new module's TDX_FEATURES0 has"},
    {0xC000010000000000, leaf::kExtInit, "the module has no extension part",
     "check that TDX_FEATURES0 has EXT"},
    {0xC000010000000000, leaf::kExtMemAdd,
     "the module has no extension part, or a page given to it is not acceptable",
     "check that TDX_FEATURES0 has EXT; give pages of ordinary memory"},
    {0xC000010000000000, leaf::kSysDisable, "this module is too old to know TDH.SYS.DISABLE",
     "load a module whose TDX_FEATURES0 has SYS_DISABLE, or reboot through firmware instead of kexec"},
    {0xC000010000000000, kAnyLeaf,
     "an input was not accepted; operand RAX means that the module does not know the leaf or its version",
     "check the operand named; for RAX compare the module's release with the one that brought the leaf"},
    {0xC000010100000000, kAnyLeaf, "an address is outside the memory that TDX can use",
     "give memory that lies in a TDMR"},
    {0xC000030000000000, kAnyLeaf, "the page is not what the call needs it to be",
     "look at its owner and type with TDH.PHYMEM.PAGE.RDMD"},
    {0xC000040000000000, kAnyLeaf, "pages of the TD have not been reclaimed",
     "reclaim all pages of the TD before its root page"},
    {0xC000050000000000, kAnyLeaf, "TDH.SYS.INIT has been run since the module was loaded",
     "nothing to do; to start over, load the module again"},
    {0xC000050200000000, kAnyLeaf, "TDH.SYS.LP.INIT has not run on this processor",
     "bring all processors online and initialize them; Linux does this when TDX is first used"},
    {0xC000050300000000, kAnyLeaf, "this processor is initialized already", "nothing to do"},
    {0xC000050500000000, kAnyLeaf, "the module has not been brought up",
     "load kvm_intel, which has the kernel bring it up"},
    {0xC000050600000000, kAnyLeaf, "the module was shut down, as the first step of an update or for good",
     "finish the update by installing a module, or reboot"},
    {0xC000050700000000, kAnyLeaf, "this package has its key already, or TDH.SYS.CONFIG has not run",
     "run TDH.SYS.CONFIG first, and TDH.SYS.KEY.CONFIG once on each package"},
    {0xC000050800000000, kAnyLeaf, "the module is not in the state that the call needs",
     "look at the module's state with 'tdxctl status'"},
    {0xC000050900000000, kAnyLeaf, "the new module cannot take over what the old one left",
     "install a module whose handoff versions cover the old one's; TDs are lost once the module is "
     "configured anew"},
    {0xC000050A00000000, kAnyLeaf, "the module and its signature structure do not belong together",
     "use the image as published, with the signature structure of the same release"},
    {0xC000050B00000000, kAnyLeaf, "TDH.SYS.INIT has not run, or the module is configured already",
     "run TDH.SYS.INIT first"},
    {0xC000050C00000000, kAnyLeaf,
     "the module is configured already, or some processor of the machine has not run TDH.SYS.LP.INIT",
     "bring every processor online, those that Linux does not use too, and initialize each"},
    {0xC000050D00000000, kAnyLeaf, "the CPU microcode or the P-SEAMLDR is too old for this module",
     "update firmware and microcode, or use an older module"},
    {0xC000050F00000000, kAnyLeaf, "the CPU lacks a SEAM feature that was asked for",
     "update firmware and microcode, or do without the feature"},
    {0xC000051100000000, kAnyLeaf, "the module found its own cryptography broken",
     "reboot; if it persists, suspect the image or the hardware"},
    {0xC000082500000000, kAnyLeaf, "firmware gave TDX more key ids than this module can handle",
     "lower the number of TDX key ids in the firmware setup"},
    {0xC000090000000000, kAnyLeaf,
     "the CPU reports something that this module does not accept; RCX tells the leaf",
     "use a module released for this CPU; check firmware settings that hide CPU features"},
    {0xC000090100000000, kAnyLeaf, "firmware limits CPUID for very old systems",
     "turn off 'limit CPUID maximum' in the firmware setup"},
    {0xC000090200000000, kAnyLeaf, "processors of this machine report different features; RCX tells the leaf",
     "use the same CPU model, microcode and firmware settings on all packages"},
    {0xC000090300000000, kAnyLeaf, "the module is older than this CPU", "use a module released for this CPU"},
    {0xC000090400000000, kAnyLeaf, "the module cannot read this CPU's topology",
     "use a module released for this CPU; update firmware"},
    {0xC000090500000000, kAnyLeaf, "cache topology is not what the module can handle",
     "use a module released for this CPU; update firmware"},
    {0xC000090600000000, kAnyLeaf, "the machine has more packages than the module supports",
     "use a module released for this platform"},
    {0xC000090700000000, kAnyLeaf, "firmware left a setting that TDX needs turned off", "update firmware"},
    {0xC000090800000000, kAnyLeaf, "the CPU lacks a CPUID leaf that the module needs, or firmware hides it",
     "use a module released for this CPU; turn off CPUID limits in the firmware setup"},
    {0xC000091000000000, kAnyLeaf, "firmware did not lock the SMM range registers", "update firmware"},
    {0xC000091100000000, kAnyLeaf, "firmware set up the SMM range registers wrongly", "update firmware"},
    {0xC000091200000000, kAnyLeaf, "firmware reported SMM memory as usable for TDX", "update firmware"},
    {0xC000091300000000, kAnyLeaf, "the CPU cannot lock its SMM range registers", "this CPU cannot run TDX"},
    {0xC000091400000000, kAnyLeaf, "the CPU has no SMM range registers", "this CPU cannot run TDX"},
    {0xC000092000000000, kAnyLeaf, "firmware set the MSR differently on different processors",
     "update firmware; do not write the MSR from the OS before TDX is up"},
    {0xC000092100000000, kAnyLeaf, "firmware or the OS left the MSR at a value that the module refuses",
     "check the firmware setting behind it (x2APIC, energy filtering, TME); update firmware"},
    {0xC000093000000000, kAnyLeaf, "the CPU microcode lacks SEAMREPORT", "update microcode"},
    {0xC000093100000000, kAnyLeaf, "the CPU microcode lacks SEAMDB_GETREF", "update microcode"},
    {0xC000093200000000, kAnyLeaf, "the CPU microcode lacks SEAMDB_REPORT", "update microcode"},
    {0xC000093300000000, kAnyLeaf, "the CPU microcode lacks SEAMVERIFYREPORT", "update microcode"},
    {0xC0000A0000000000, kAnyLeaf, "this TDMR is not a multiple of 1 GB, or reaches outside physical memory",
     "align base and size to 1 GB and keep key id bits out of addresses"},
    {0xC0000A0100000000, kAnyLeaf, "this TDMR overlaps the one before it or comes before it",
     "give TDMRs by rising address"},
    {0xC0000A0200000000, kAnyLeaf, "part of this TDMR is memory that firmware did not offer for TDX",
     "cover every gap between CMRs with a reserved area; hot-added memory cannot be used"},
    {0xC0000A1000000000, kAnyLeaf, "the PAMT for this TDMR and page size is too small or not aligned to 4 KB",
     "size it by the entry size that the module reports, rounded up to 4 KB"},
    {0xC0000A1100000000, kAnyLeaf, "the PAMT for this TDMR and page size is not inside one CMR",
     "allocate it from memory that firmware offered for TDX"},
    {0xC0000A1200000000, kAnyLeaf,
     "the PAMT for this TDMR and page size runs into a PAMT or into memory of a TDMR",
     "reserve every PAMT in the TDMRs that it lies in"},
    {0xC0000A2000000000, kAnyLeaf, "this reserved area is not aligned to 4 KB or not inside its TDMR",
     "align it to 4 KB and keep it inside"},
    {0xC0000A2100000000, kAnyLeaf, "this reserved area overlaps the one before it or comes before it",
     "give reserved areas by rising offset, unused ones last"},
    {0xC0000A2200000000, kAnyLeaf, "firmware handed over a list of TDX memory that makes no sense",
     "update firmware"},
    {0xC0000C0000000000, kAnyLeaf, "this module does not have the field",
     "list the fields it has with 'tdxctl metadata list'; a newer module may have this one"},
    {0xC0000C0200000000, kAnyLeaf, "the host may not read this field", "nothing to do"},
    {0xC0000C0400000000, kAnyLeaf,
     "one page was not enough for all fields, which is normal for TDH.SYS.RDALL",
     "call again from the field id in R8"},
    {0xC0000F4600000000, kAnyLeaf, "TDX Connect was not turned on when the module was brought up",
     "bring the module up with TDX Connect among the features"},
};

// Compared as whole words.
constexpr Advice kLoaderAdvice[] = {
    {0x8000000000000000, kAnyLeaf,
     "the loader does not know the call, or the parameters, a page address or the image do not suit it",
     "use an image made for this loader; on update a module must have been running"},
    {0x8000000000000003, kAnyLeaf,
     "this processor was called twice, another operation is open, or no updates are left",
     "look at the updates left; an install that was begun must be finished on every processor"},
    {0x8000000000000004, kAnyLeaf,
     "what the old module left is missing, or of a version that the new one cannot take",
     "choose a module whose handoff versions cover the old one's"},
    {0x8000000000000005, kAnyLeaf, "keys and caches of the old module are still in use",
     "reboot; loaders that have SEAMLDR.CLEANUP can also clean up in place"},
    {0x8000000000000006, kAnyLeaf,
     "the image is of another line than the running module (security version, major part)",
     "choose a module of the running line"},
    {0x8000000000010002, kAnyLeaf, "the memory that firmware set aside for SEAM is too small for this module",
     "update firmware, or use a smaller module"},
    {0x8000000000010003, kAnyLeaf, "a processor id beyond 1023, or no entropy on the loader's first call",
     "repeat; if it persists, reboot and update firmware"},
    {0x8000000000010004, kAnyLeaf, "the CPU of at least one package is not on the module's list",
     "choose a release whose CPU list has every package's CPU"},
    {0x8000000000020000, kAnyLeaf,
     "the signature structure is damaged, signed by another key, of a debug build, or older than the running "
     "one",
     "fetch the image again from its publisher; do not go back in security version"},
    {0x8000000000020001, kAnyLeaf, "the image is damaged, or not the one that was signed",
     "fetch the image again from its publisher"},
    {0x8000000000030000, kAnyLeaf, "an interrupt came before SEAMLDR.CLEANUP had finished, which is normal",
     "repeat the call on the same processor"},
    {0x8000000000030001, kAnyLeaf, "the CPU's random number generator had nothing to give",
     "repeat on the same processor"},
};

constexpr Advice kSoftwareAdvice[] = {
    {0x8000FF0000000006, kAnyLeaf, "the CPU refused the instruction: VMX is off, or the CPU has no SEAM",
     "load kvm_intel, or check that the CPU supports TDX"},
    {0x8000FF000000000D, kAnyLeaf, "firmware has not set TDX up", "turn on TDX in the firmware setup"},
    {0x8000FF00FFFF0000, kAnyLeaf,
     "nobody answered: no module or loader is there, it was shut down, or the loader is busy on another "
     "processor",
     "check that firmware loaded the module; after a failed update, reboot"},
};

constexpr auto status_and_leaf = [](const Advice& row) { return std::pair(row.status, row.leaf); };
static_assert(abi::strictly_ascending(kModuleAdvice, status_and_leaf) &&
              abi::strictly_ascending(kLoaderAdvice, status_and_leaf) &&
              abi::strictly_ascending(kSoftwareAdvice, status_and_leaf));

}  // namespace

std::span<const Advice> advice_rows(abi::Interface interface) {
  switch (interface) {
    case abi::Interface::tdx_module:
      return kModuleAdvice;
    case abi::Interface::p_seamldr:
      return kLoaderAdvice;
    case abi::Interface::software:
      return kSoftwareAdvice;
    case abi::Interface::np_seamldr:
      break;
  }
  return {};
}

const Advice* find_advice(abi::Interface interface, std::uint64_t status, std::optional<std::uint16_t> leaf) {
  const auto rows = advice_rows(interface);
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const Advice& advice) {
    return advice.status == status && (advice.leaf == kAnyLeaf || advice.leaf == leaf);
  });
  return row != rows.end() ? &*row : nullptr;
}

}  // namespace tdxctl
