// SPDX-License-Identifier: MIT
// Built-in machines and machine files, and what the model is powered on with.
#pragma once

#include "core/port/machines.h"

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

class SimMachines : public Machines {
 public:
  [[nodiscard]] std::vector<std::string_view> builtin() override;
  [[nodiscard]] std::vector<std::string_view> boot_states() override;
  [[nodiscard]] Result<MachineSpec> load(std::string_view name_or_path) override;
  [[nodiscard]] Result<MachineView> view(std::string_view name, const MachineSpec& spec) override;
  [[nodiscard]] Result<void> save(const std::string& path, const MachineSpec& spec) override;
};

}  // namespace tdxctl
