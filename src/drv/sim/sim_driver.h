// SPDX-License-Identifier: MIT
// The simulated machine as a driver and a platform. Only ever chosen by name.
#pragma once

#include <memory>
#include <utility>

#include "core/port/driver.h"
#include "core/port/platform.h"
#include "drv/sim/sim_host.h"
#include "drv/uapi/uapi_driver.h"

namespace tdxctl {

class SimDriver : public Driver {
 public:
  explicit SimDriver(std::shared_ptr<SimHost> host)
      : host_(std::move(host)), module_(*host_), loader_(*host_) {}

  SimDriver(const seam_profile& profile, const seam_faults& faults)
      : SimDriver(std::make_shared<SimHost>(profile, faults)) {}

  [[nodiscard]] std::string_view name() const override { return "sim"; }
  [[nodiscard]] Result<Module*> module() override { return &module_; }
  [[nodiscard]] Result<Loader*> loader() override { return &loader_; }
  [[nodiscard]] Result<PlatformMsrs> msrs() override { return read_msrs(*host_); }

 private:
  std::shared_ptr<SimHost> host_;
  UapiModule module_;
  UapiLoader loader_;
};

/// What a process on the modelled machine would see. It runs no Linux: facts of a kernel are absent, with
/// that reason.
class SimPlatform : public Platform {
 public:
  explicit SimPlatform(std::shared_ptr<const SimHost> host) : host_(std::move(host)) {}
  [[nodiscard]] PlatformFacts facts() override;
  [[nodiscard]] Result<std::vector<MemoryRange>> memory() override;
  [[nodiscard]] Result<std::vector<MemoryRange>> cmrs() override;
  [[nodiscard]] bool is_simulated() const override { return true; }

 private:
  std::shared_ptr<const SimHost> host_;
};

}  // namespace tdxctl
