// SPDX-License-Identifier: MIT
// Every check that an update could fail at later, run before anything is touched. What applies an image runs
// the very same ones.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/drivers.h"
#include "core/image/fit.h"
#include "core/update_host.h"

namespace tdxctl {

struct PlanOptions {
  image::FitOptions fit{};
  bool require_no_tds = false;  ///< refuse while a TD exists, though an update keeps TDs alive
};

struct UpdatePlan {
  std::vector<Check> checks;         ///< of the image, of its fit, and of the host, in this order
  std::size_t image_checks{};        ///< so many of them are about the image alone
  std::string_view driver{};         ///< who would do it; empty where nobody can
  std::optional<Error> no_driver{};  ///< why nobody can
  bool up_to_date = false;           ///< the image is the running release: there is nothing to do

  /// The first rule that is broken, or else the first that could not be checked; nothing where the update may
  /// go ahead. Being up to date is no refusal.
  [[nodiscard]] std::optional<Error> refusal() const;
};

/// `updater`: that of the drivers, or why there is none.
/// Sources: the order of the calls of an update in Linux 7.3 arch/x86/virt/vmx/tdx/seamldr.c;
/// intel/tdx-loader for what fails when.
UpdatePlan plan_update(const image::Candidate& candidate, const UpdateHost& host,
                       const Result<Served<Loader>>& updater, const PlanOptions& options);

}  // namespace tdxctl
