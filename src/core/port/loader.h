// SPDX-License-Identifier: MIT
// Port: the P-SEAMLDR, which loads and updates the TDX module. Implemented in drv/helper, drv/native and
// drv/sim.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/port/clock.h"
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
  bool module_ready = false;     ///< SEAMCALLs to a TDX module are allowed
  bool module_measured = false;  ///< MRSEAM and SVN are those of a module that is there
  std::uint8_t svn_minor = 0;
  std::uint8_t svn_major = 0;
  std::array<std::uint8_t, 48> mrseam{};  ///< SEAMHASH of the running module
  std::uint64_t features0 = 0;
};

/// Which module the machine has after somebody tried to update it.
enum class UpdateOutcome : std::uint8_t {
  old_module,  ///< the one from before runs on: nothing was lost
  new_module,
  no_module,  ///< none that can be used: the TDs cannot run
  unknown,
};

std::string_view to_string(UpdateOutcome outcome);

/// Where an update begins; anything but its start takes up one that did not come to its end.
enum class UpdateFrom : std::uint8_t {
  start,    ///< TDH.SYS.SHUTDOWN
  install,  ///< SEAMLDR.INSTALL: the old module is shut down, or the image is to follow a new one
  init,     ///< TDH.SYS.INIT: the new module is loaded; there is no image to give
  load,     ///< there is no module, nor TDs: SEAMLDR.INSTALL of one that begins anew, and nothing behind it
};

/// A step of an update that was finished: "shutdown", "install", "init", "lp-init", "update", "extensions";
/// or "upload", where a driver cannot tell them apart.
struct UpdateStep {
  std::string_view name;
  std::chrono::nanoseconds duration{};
};

/// An update that was begun, however it ended.
struct UpdateAttempt {
  UpdateOutcome outcome = UpdateOutcome::unknown;
  std::vector<UpdateStep> steps{};  ///< in their order
  std::optional<Error> error{};     ///< why it is not the new module
};

/// How an update is waited for, by a driver that has to wait.
struct UpdateWait {
  Clock& clock;
  Clock::Duration limit{};
  /// Called now and then with what whoever makes the update calls its state, such as "transferring"; may be
  /// empty.
  std::function<void(std::string_view state, Clock::Duration elapsed)> show{};
};

class Loader {
 public:
  virtual ~Loader() = default;

  [[nodiscard]] virtual Result<Version> version() = 0;

  /// Updates that are possible before the next reboot; 0 also when updates are not supported.
  [[nodiscard]] virtual Result<std::uint32_t> updates_left() = 0;

  /// Errors: seamcall_*, seamldr_failed, seamret_vmcs_refused, driver_unavailable.
  [[nodiscard]] virtual Result<SeamldrInfo> info() = 0;

  /// Whether update() could start here and now. Errors: driver_unavailable with the reason, busy.
  [[nodiscard]] virtual Result<void> can_update() {
    return fail(ErrorId::driver_unavailable, "this driver does not update the TDX module");
  }

  /// Replaces the running module by that of an image of the form 0x200 while TDs stay alive, takes up an
  /// update that did not come to its end, or loads a module where there is none. The caller has checked all
  /// that can be checked. What was begun is an attempt and never an error; one that takes longer than the
  /// limit goes on by itself, and its outcome is unknown. A load that succeeded has no error, and is
  /// `no_module` until that is brought up. Errors, where nothing was begun: driver_unavailable,
  /// not_permitted, busy.
  [[nodiscard]] virtual Result<UpdateAttempt> update(UpdateFrom /*from*/,
                                                     std::span<const std::uint8_t> /*image*/,
                                                     const UpdateWait& /*wait*/) {
    return fail(ErrorId::driver_unavailable, "this driver does not update the TDX module");
  }
};

}  // namespace tdxctl
