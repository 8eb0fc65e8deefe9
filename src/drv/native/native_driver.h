// SPDX-License-Identifier: MIT
// What Linux itself offers: the tdx_host device of 7.2 and later.
#pragma once

#include <memory>
#include <string>

#include "core/port/driver.h"
#include "core/port/platform.h"
#include "drv/host/root.h"

namespace tdxctl {

/// Source: Linux Documentation/ABI/testing/sysfs-devices-faux-tdx-host.
class NativeDriver : public Driver {
 public:
  /// The platform's facts word the reason when there is no tdx_host device; it must outlive the driver.
  NativeDriver(Root root, Platform& platform);
  ~NativeDriver() override;

  [[nodiscard]] std::string_view name() const override { return "native"; }
  [[nodiscard]] Result<Module*> module() override;
  [[nodiscard]] Result<Loader*> loader() override;
  [[nodiscard]] Result<PlatformMsrs> msrs() override;

 private:
  class NativeModule;
  class NativeLoader;

  /// Why there is no tdx_host device; nothing when there is one.
  [[nodiscard]] Result<void> available() const;

  Root root_;
  Platform& platform_;
  std::unique_ptr<NativeModule> module_;
  std::unique_ptr<NativeLoader> loader_;
};

}  // namespace tdxctl
