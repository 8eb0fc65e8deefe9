// SPDX-License-Identifier: MIT
// The kernel helper, tdxctl.ko, by ioctls on its device.
#pragma once

#include <memory>
#include <string>

#include "drv/uapi/uapi_driver.h"

namespace tdxctl {

class HelperDriver : public Driver {
 public:
  HelperDriver();
  /// With its device elsewhere than at /dev/tdxctl.
  explicit HelperDriver(std::string device_path);
  ~HelperDriver() override;

  [[nodiscard]] std::string_view name() const override { return "helper"; }
  [[nodiscard]] Result<Module*> module() override;
  [[nodiscard]] Result<Loader*> loader() override;
  [[nodiscard]] Result<PlatformMsrs> msrs() override;

 private:
  struct Device;

  /// Opens the device on first use.
  /// Errors: helper_not_loaded, not_permitted, helper_failed.
  [[nodiscard]] Result<Device*> device();

  std::string device_path_;
  std::unique_ptr<Device> device_;
};

}  // namespace tdxctl
