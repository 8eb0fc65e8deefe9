// SPDX-License-Identifier: MIT
// Port: the P-SEAMLDR, which loads and updates the TDX module. Implemented in drv/helper, drv/native and
// drv/sim.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/result.h"
#include "core/version.h"

namespace tdxctl {

/// SEAMLDR_INFO, the parts that mean something to the host.
/// Source: P-SEAMLDR interface, SEAMLDR.INFO.
struct SeamldrInfo {
  Version version;
  std::uint32_t build_date = 0;  ///< decimal digits yyyymmdd
  std::uint16_t build_number = 0;
  bool debug = false;
  std::uint32_t updates_left = 0;
  bool module_ready = false;  ///< SEAMCALLs to a TDX module are allowed
  std::uint8_t svn_minor = 0;
  std::uint8_t svn_major = 0;
  std::array<std::uint8_t, 48> mrseam{};  ///< SEAMHASH of the running module
  std::uint64_t features0 = 0;
};

class Loader {
 public:
  virtual ~Loader() = default;

  [[nodiscard]] virtual Result<Version> version() = 0;

  /// Updates that are possible before the next reboot; 0 also when updates are not supported.
  [[nodiscard]] virtual Result<std::uint32_t> updates_left() = 0;

  /// Errors: seamcall_*, seamldr_failed, seamret_vmcs_refused, driver_unavailable.
  [[nodiscard]] virtual Result<SeamldrInfo> info() = 0;
};

}  // namespace tdxctl
