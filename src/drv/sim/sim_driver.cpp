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
  return ranges_of(std::span(profile_.memory).first(profile_.nr_memory));
}

Result<std::vector<MemoryRange>> SimPlatform::cmrs() {
  return ranges_of(std::span(profile_.cmrs).first(profile_.nr_cmrs));
}

PlatformFacts SimPlatform::facts() {
  const auto no_kernel = fail(ErrorId::driver_unavailable, "a simulated machine runs no Linux",
                              "nothing to do: this is a fact of simulated machines");
  PlatformFacts facts;
  facts.cpu_vendor = "GenuineIntel";
  std::vector<Package> packages;
  for (std::uint32_t id = 0; id < profile_.packages; ++id) {
    packages.push_back({id, profile_.fms[id], profile_.lps / profile_.packages});
  }
  facts.packages = std::move(packages);
  facts.lps_online = profile_.lps;
  facts.lps_present = profile_.lps;
  facts.in_virtual_machine = false;
  facts.tdx_host_platform = profile_.boot != SEAM_BOOT_NO_SEAM;
  facts.partial_write_erratum = profile_.partial_write_erratum != 0;
  facts.seamret_invalidates_vmcs = profile_.seamret_keeps_vmcs == 0;
  facts.keyids = KeyIdPartition{profile_.mktme_keyids, profile_.tdx_keyids};
  facts.kernel_release = no_kernel;
  facts.kernel_command_line = no_kernel;
  facts.kernel_tdx_host = no_kernel;
  facts.kernel_owns_module = false;
  facts.kernel_disables_on_kexec = false;
  facts.kvm_tdx = no_kernel;
  facts.hibernation_possible = false;
  // The module keeps one private KeyID for itself; each TD uses one of the rest.
  if (profile_.tdx_keyids > 0) {
    const std::uint32_t in_use = profile_.boot == SEAM_BOOT_READY ? profile_.population.tds : 0;
    facts.hkids = HkidUse{in_use, profile_.tdx_keyids - 1u};
  } else {
    facts.hkids = fail(ErrorId::not_a_tdx_host, "the machine has no private KeyIDs");
  }
  return facts;
}

}  // namespace tdxctl
