// SPDX-License-Identifier: MIT
// Built-in machines and machine files, and what the model is powered on with.
#pragma once

#include <memory>

#include "core/port/machines.h"
#include "drv/sim/sim_host.h"

extern "C" {
#include "seam/fault.h"
#include "seam/profile.h"
}

namespace tdxctl {

/// What the model is powered on with.
struct SimSetup {
  seam_profile profile;
  seam_faults faults;
};

/// Applies a spec to its built-in profile and checks the result.
/// Errors: no_such_machine, profile_invalid, profile_limit.
Result<SimSetup> make_setup(const MachineSpec& spec);

/// The machine of a built-in name as it is after power on, or that of a machine file as its last run left it.
/// Errors: those of Machines::load and Machines::view, and of MachineState::load.
Result<std::shared_ptr<SimHost>> power_on(std::string_view name_or_path);

class SimMachines : public Machines {
 public:
  [[nodiscard]] std::vector<std::string_view> builtin() override;
  [[nodiscard]] std::vector<std::string_view> boot_states() override;
  [[nodiscard]] Result<MachineSpec> load(std::string_view name_or_path) override;
  [[nodiscard]] Result<MachineView> view(std::string_view name, const MachineSpec& spec) override;
  [[nodiscard]] Result<void> save(const std::string& path, const MachineSpec& spec) override;
  [[nodiscard]] Result<bool> reset(const std::string& path) override;
};

}  // namespace tdxctl
