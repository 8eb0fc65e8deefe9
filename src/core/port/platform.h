// SPDX-License-Identifier: MIT
// Port: what any process can see of the machine. Implemented in drv/host and drv/sim.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace tdxctl {

/// One CPU package, as CPUID.1.EAX of its LPs describes it.
struct Package {
  std::uint32_t id = 0;
  std::uint32_t fms = 0;  ///< family, model and stepping in the form of CPUID.1.EAX
  std::uint32_t lps_online = 0;
};

/// Split of the KeyIDs, MSR IA32_MKTME_KEYID_PARTITIONING.
struct KeyIdPartition {
  std::uint32_t mktme = 0;
  std::uint32_t tdx = 0;  ///< private KeyIDs, the module's own one included
};

/// Facts that only ring 0 can read. Unknown on CPUs without the MSR.
struct PlatformMsrs {
  std::optional<KeyIdPartition> keyids;
  std::optional<bool> seamret_invalidates_vmcs;
};

/// HKIDs that TDs use, from the misc cgroup controller.
struct HkidUse {
  std::uint32_t in_use = 0;
  std::uint32_t total = 0;
};

/// A range of RAM, bytes base to base + bytes - 1.
struct MemoryRange {
  std::uint64_t base = 0;
  std::uint64_t bytes = 0;
  std::optional<std::uint32_t> node{};  ///< NUMA node

  [[nodiscard]] std::uint64_t end() const { return base + bytes; }
  bool operator==(const MemoryRange&) const = default;
};

/// A PCI device that has to do with trusted I/O, as Linux's PCI TSM layer shows it.
/// Source: Linux Documentation/ABI/testing/sysfs-bus-pci, sysfs-class-tsm; PCI Express Base
/// Specification 6.1, Device Capabilities register.
struct PciTsmDevice {
  std::string address;            ///< "0000:5e:00.0"
  Result<bool> tee_io;            ///< the function says that it supports TEE-IO
  bool accepted = false;          ///< the platform's TSM driver takes it
  Result<std::string> connected;  ///< name of the TSM that it has a session with; empty for none
  Result<std::string> dsm;        ///< address of its device security manager
  Result<std::string> bound;      ///< TSM that a guest's interface is bound with; empty for none
};

/// TSMs of the platform and devices that support TEE-IO or that a TSM accepts.
struct PciTsm {
  std::vector<std::string> tsms;  ///< "tsm0"
  std::vector<PciTsmDevice> devices;
  std::size_t devices_seen = 0;       ///< PCI functions that were looked at
  std::size_t capability_unseen = 0;  ///< of which it could not be read whether they support TEE-IO
};

/// Every fact is a value or the reason why it could not be seen: unknown is never a default.
struct PlatformFacts {
  Result<std::string> cpu_vendor;
  Result<std::vector<Package>> packages;
  Result<std::uint32_t> lps_online;
  Result<std::uint32_t> lps_present;
  Result<bool> in_virtual_machine;
  Result<bool> tdx_host_platform;         ///< Linux and BIOS agree that this is a TDX host
  Result<bool> partial_write_erratum;     ///< tdx_pw_mce: Sapphire and Emerald Rapids
  Result<bool> seamret_invalidates_vmcs;  ///< seamret_invd_vmcs
  Result<KeyIdPartition> keyids;
  Result<std::string> kernel_release;
  Result<std::string> kernel_command_line;
  Result<bool> kernel_tdx_host;           ///< CONFIG_INTEL_TDX_HOST
  Result<bool> kernel_owns_module;        ///< Linux itself initialised the TDX module
  Result<bool> kernel_disables_on_kexec;  ///< Linux calls TDH.SYS.DISABLE on kexec by itself
  Result<bool> kvm_tdx;  ///< KVM can run TDs now: kvm_intel is loaded, and its parameter tdx is on
  Result<HkidUse> hkids;
  Result<bool> hibernation_possible;  ///< Linux offers to hibernate, which TDX does not survive
};

class Platform {
 public:
  virtual ~Platform() = default;
  [[nodiscard]] virtual PlatformFacts facts() = 0;

  /// HKIDs in use right now. The other facts stay as they are while a program runs.
  [[nodiscard]] virtual Result<HkidUse> hkids() { return facts().hkids; }

  /// RAM that the OS uses, in rising order.
  /// Errors: not_permitted; driver_unavailable where nothing tells.
  [[nodiscard]] virtual Result<std::vector<MemoryRange>> memory();

  /// Convertible memory ranges, where something else than the module tells. Errors: driver_unavailable.
  [[nodiscard]] virtual Result<std::vector<MemoryRange>> cmrs();

  /// Errors: driver_unavailable where there is no PCI, or nothing tells.
  [[nodiscard]] virtual Result<PciTsm> pci_tsm();

  /// Whether this is a simulated machine, so that nothing here is about the real one.
  [[nodiscard]] virtual bool is_simulated() const { return false; }

  /// Names this boot; another one has another name. Errors: driver_unavailable where nothing tells.
  /// Source: Linux Documentation/admin-guide/sysctl/kernel.rst, random.
  [[nodiscard]] virtual Result<std::string> boot_id();
};

}  // namespace tdxctl
