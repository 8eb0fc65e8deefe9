// SPDX-License-Identifier: MIT
// Facts that any process can read: /proc, /sys, /boot, /dev/cpu, below a root directory.
#pragma once

#include <optional>

#include "core/port/platform.h"
#include "drv/host/root.h"

namespace tdxctl {

/// Source of the paths: Linux Documentation/ABI and Documentation/arch/x86/tdx.rst.
class HostPlatform : public Platform {
 public:
  explicit HostPlatform(Root root) : root_(std::move(root)) {}
  /// Reads the machine on the first call only.
  [[nodiscard]] PlatformFacts facts() override;
  [[nodiscard]] Result<HkidUse> hkids() override;
  [[nodiscard]] Result<std::vector<MemoryRange>> memory() override;
  [[nodiscard]] Result<PciTsm> pci_tsm() override;
  [[nodiscard]] Result<std::string> boot_id() override;

 private:
  [[nodiscard]] PlatformFacts read() const;

  Root root_;
  std::optional<PlatformFacts> facts_;
};

}  // namespace tdxctl
