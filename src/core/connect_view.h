// SPDX-License-Identifier: MIT
// What this host has of TDX Connect, and what stands in the way.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/check.h"
#include "core/drivers.h"
#include "core/host_status.h"

namespace tdxctl {

/// What the Extensions of the module need, as a configured module tells.
struct ExtensionNeed {
  bool required = false;         ///< a feature that is on needs them
  std::uint64_t pool_bytes = 0;  ///< memory that is still to be added
};

/// Errors: those of read_metadata(); field_not_available where the module does not tell, as before it is
/// configured.
Result<ExtensionNeed> read_extension_need(Drivers& drivers);

/// Features with which the driver brought the module up that there is now; nothing where it was somebody
/// else, or nobody. Source: Module::brought_up().
std::optional<std::uint64_t> features_switched_on(Drivers& drivers);

/// Whether one of those that were switched on is that one, or is built on it.
bool is_switched_on(std::uint64_t features, std::uint8_t feature);

struct ConnectView {
  HostStatus status;
  Result<std::optional<std::uint64_t>> brought_up;  ///< see Module::brought_up()
  Result<ExtensionNeed> extensions;
  Result<PciTsm> pci;
  std::vector<Check> checks;  ///< what trusted I/O takes, link by link
};

/// Never fails as a whole: what could not be seen carries its reason.
ConnectView read_connect(Drivers& drivers);

/// Whether an optional feature is on. Nothing where that cannot be told.
std::optional<bool> is_enabled(const ConnectView& view, std::uint8_t feature);

}  // namespace tdxctl
