// SPDX-License-Identifier: MIT
#include "drv/sim/sim_driver.h"

#include <span>

namespace tdxctl {
namespace {

std::vector<MemoryRange> ranges_of(std::span<const seam_range> ranges) {
  std::vector<MemoryRange> memory;
  for (const seam_range& range : ranges) memory.push_back({range.base, range.size, std::nullopt});
  return memory;
}

}  // namespace

Result<std::vector<MemoryRange>> SimPlatform::memory() {
  return ranges_of(std::span(host_->profile().memory).first(host_->profile().nr_memory));
}

Result<std::vector<MemoryRange>> SimPlatform::cmrs() {
  return ranges_of(std::span(host_->profile().cmrs).first(host_->profile().nr_cmrs));
}

PlatformFacts SimPlatform::facts() {
  const auto no_kernel = fail(ErrorId::driver_unavailable, "a simulated machine runs no Linux",
                              "nothing to do: this is a fact of simulated machines");
  const seam_profile& profile = host_->profile();
  PlatformFacts facts;
  facts.cpu_vendor = "GenuineIntel";
  std::vector<Package> packages;
  for (std::uint32_t id = 0; id < profile.packages; ++id) {
    packages.push_back({id, profile.fms[id], profile.lps / profile.packages});
  }
  facts.packages = std::move(packages);
  facts.lps_online = profile.lps;
  facts.lps_present = profile.lps;
  facts.in_virtual_machine = false;
  facts.tdx_host_platform = profile.boot != SEAM_BOOT_NO_SEAM;
  facts.partial_write_erratum = profile.partial_write_erratum != 0;
  facts.seamret_invalidates_vmcs = profile.seamret_keeps_vmcs == 0;
  facts.keyids = KeyIdPartition{profile.mktme_keyids, profile.tdx_keyids};
  facts.kernel_release = no_kernel;
  facts.kernel_command_line = no_kernel;
  facts.kernel_tdx_host = no_kernel;
  facts.kernel_owns_module = false;
  facts.kernel_disables_on_kexec = false;
  facts.kvm_tdx = no_kernel;
  facts.hibernation_possible = false;
  // The module keeps one private KeyID for itself; each TD uses one of the rest.
  if (profile.tdx_keyids > 0) {
    facts.hkids = HkidUse{host_->tds(), profile.tdx_keyids - 1u};
  } else {
    facts.hkids = fail(ErrorId::not_a_tdx_host, "the machine has no private KeyIDs");
  }
  return facts;
}

}  // namespace tdxctl
