// SPDX-License-Identifier: MIT
// Replacing the TDX module, and proving afterwards what came of it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/drivers.h"
#include "core/image/sha384.h"
#include "core/port/clock.h"
#include "core/update_plan.h"

namespace tdxctl {

/// What the new module has to be.
struct UpdateGoal {
  std::optional<Version> version;  ///< nothing where nobody knows which release the image is
  image::Sha384 seamhash{};
};

struct UpdateRun {
  UpdateFrom from = UpdateFrom::start;
  std::span<const std::uint8_t> image{};  ///< of the form 0x200; empty where none is to be given
  std::optional<UpdateGoal> goal{};       ///< nothing where nobody knows
  /// Of the module that is replaced, where that is gone and only the history knows them.
  std::optional<std::uint64_t> old_features0{};
};

/// What a host showed of itself, before or after.
struct UpdateView {
  std::optional<Version> module{};
  std::optional<image::Sha384> mrseam{};
  std::optional<std::uint64_t> features0{};
  std::optional<std::uint32_t> hkids_in_use{};
  std::optional<std::uint32_t> updates_left{};
};

struct UpdateReport {
  UpdateAttempt attempt{};
  UpdateView before{};
  UpdateView after{};
  std::vector<Check> checks{};   ///< what had to be true afterwards
  std::optional<Error> error{};  ///< nothing where the new module runs and all of that is true
};

/// Looks at a host anew, whatever was read of it before.
UpdateView look_at(Drivers& drivers);

/// What has to be true where the new module is said to run; the first of it that is not becomes the report's
/// error, where it has none.
void prove_update(UpdateReport& report, const UpdateRun& run);

/// Has the loader replace the module, or go on with that, and reads back what came of it. The plan refused
/// nothing. That every call succeeded proves nothing: a mismatch afterwards is an error. Errors, where
/// nothing was begun: those of Loader::update.
Result<UpdateReport> apply_update(Drivers& drivers, Loader& loader, const UpdateRun& run,
                                  const UpdateWait& wait);

}  // namespace tdxctl
