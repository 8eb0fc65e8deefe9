// SPDX-License-Identifier: MIT
// Which driver serves which operation.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/port/driver.h"
#include "core/port/platform.h"

namespace tdxctl {

/// What a driver can be asked for; each has its own order of preference.
enum class Operation : std::uint8_t { versions, state, metadata, seamldr_info, disable, update, bring_up };

/// A port and the name of the driver behind it.
template <class Port>
struct Served {
  Port* port;
  std::string_view driver;
};

/// One row of the capability report.
struct Capability {
  std::string_view driver;
  std::string_view name;   ///< "module" or "loader"
  Result<void> available;  ///< or the reason why not
};

/// The drivers that a run may use. A driver that was asked for by name stands alone.
class Drivers {
 public:
  Drivers(std::unique_ptr<Platform> platform, std::vector<std::unique_ptr<Driver>> drivers);

  [[nodiscard]] Platform& platform() { return *platform_; }

  /// The first driver in the operation's order of preference that can serve it.
  /// Errors: the reason of the last driver that was asked.
  [[nodiscard]] Result<Served<Module>> module(Operation operation);
  [[nodiscard]] Result<Served<Loader>> loader(Operation operation);

  /// The first driver that could update the TDX module. Linux comes first: what it knows of the module stays
  /// right. Errors: the reason of the last driver that was asked.
  [[nodiscard]] Result<Served<Loader>> updater();

  /// MSRs from the first driver that reaches them.
  [[nodiscard]] Result<PlatformMsrs> msrs();

  [[nodiscard]] std::vector<Capability> capabilities();

 private:
  template <class Port, class Get>
  Result<Served<Port>> first(Operation operation, Get get);

  std::unique_ptr<Platform> platform_;
  std::vector<std::unique_ptr<Driver>> drivers_;
};

}  // namespace tdxctl
