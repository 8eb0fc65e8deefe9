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
  Result<bool> kvm_tdx;                   ///< KVM can run TDs now: kvm_intel is loaded, and its parameter tdx is on
  Result<HkidUse> hkids;
};

class Platform {
 public:
  virtual ~Platform() = default;
  [[nodiscard]] virtual PlatformFacts facts() = 0;

  /// HKIDs in use right now. The other facts stay as they are while a program runs.
  [[nodiscard]] virtual Result<HkidUse> hkids() { return facts().hkids; }
};

}  // namespace tdxctl
