// SPDX-License-Identifier: MIT
#include "core/port/platform.h"

namespace tdxctl {

Result<std::vector<MemoryRange>> Platform::memory() {
  return fail(ErrorId::driver_unavailable, "nothing tells where this machine has memory");
}

Result<std::vector<MemoryRange>> Platform::cmrs() {
  return fail(ErrorId::driver_unavailable, "only the TDX module tells the CMRs of this machine");
}

Result<PciTsm> Platform::pci_tsm() {
  return fail(ErrorId::driver_unavailable, "nothing tells of this machine's PCI devices");
}

Result<std::string> Platform::boot_id() {
  return fail(ErrorId::driver_unavailable, "nothing tells one boot of this machine from another");
}

}  // namespace tdxctl
