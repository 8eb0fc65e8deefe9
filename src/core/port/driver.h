// SPDX-License-Identifier: MIT
// Port: one way to reach a TDX host, and what it can do here.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "core/port/loader.h"
#include "core/port/module.h"
#include "core/port/platform.h"
#include "core/result.h"

namespace tdxctl {

class Driver {
 public:
  virtual ~Driver() = default;

  /// "native", "helper" or "sim": the name that JSON shows.
  [[nodiscard]] virtual std::string_view name() const = 0;

  /// A port, or the reason why this driver cannot offer it on this machine. Nothing is opened before it is
  /// asked for; the driver keeps ownership.
  [[nodiscard]] virtual Result<Module*> module() = 0;
  [[nodiscard]] virtual Result<Loader*> loader() = 0;

  /// MSRs of the platform, where the driver reaches them.
  [[nodiscard]] virtual Result<PlatformMsrs> msrs() = 0;
};

}  // namespace tdxctl
