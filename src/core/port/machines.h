// SPDX-License-Identifier: MIT
// Port: the simulated machines. Implemented in drv/sim.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/version.h"

namespace tdxctl {

/// What a machine file holds: a built-in machine, and what is different about this one.
struct MachineSpec {
  std::string profile;
  std::optional<std::uint32_t> packages;
  std::optional<std::uint32_t> lps;
  std::optional<std::string> boot;  ///< one of Machines::boot_states()
  std::optional<Version> module;
  std::optional<Version> seamldr;
  std::optional<std::uint64_t> features0;
  std::optional<std::uint32_t> updates;  ///< updates left after power on
  std::optional<std::uint32_t> tds;      ///< alive after power on; each has some private memory
  std::string trusted_key;  ///< SHA-384 that an image's key may have beside Intel's, 96 hex digits; or empty
  std::string faults;       ///< the fault table in its text form; empty for none
};

/// A range of physical memory. Modelled, so that its address is nobody's secret.
struct MachineRange {
  std::uint64_t base = 0;
  std::uint64_t bytes = 0;
};

/// A machine with all its values in effect.
struct MachineView {
  std::string name;  ///< as it was asked for: a built-in name or a path
  MachineSpec spec;
  std::uint32_t fms = 0;
  std::uint32_t packages = 0;
  std::uint32_t lps = 0;
  std::string boot;
  Version module;
  Version seamldr;
  std::uint64_t features0 = 0;
  std::uint32_t updates = 0;
  std::uint32_t tds = 0;
  std::uint32_t mktme_keyids = 0;
  std::uint32_t tdx_keyids = 0;
  bool seamret_invalidates_vmcs = false;
  bool partial_write_erratum = false;
  std::vector<MachineRange> cmrs;
};

class Machines {
 public:
  virtual ~Machines() = default;

  /// Names of the built-in machines, the default one first.
  [[nodiscard]] virtual std::vector<std::string_view> builtin() = 0;

  /// Words that MachineSpec::boot takes.
  [[nodiscard]] virtual std::vector<std::string_view> boot_states() = 0;

  /// A built-in name, or the path of a machine file (anything with a '/' or that ends in ".json").
  /// Errors: no_such_machine, file_unreadable, profile_invalid, profile_limit.
  [[nodiscard]] virtual Result<MachineSpec> load(std::string_view name_or_path) = 0;

  /// Checks a spec against the model's limits and shows all its values.
  /// Errors: no_such_machine, profile_invalid, profile_limit.
  [[nodiscard]] virtual Result<MachineView> view(std::string_view name, const MachineSpec& spec) = 0;

  /// Writes a new machine file; an existing one is never replaced.
  /// Errors: those of view, file_exists, file_unwritable.
  [[nodiscard]] virtual Result<void> save(const std::string& path, const MachineSpec& spec) = 0;

  /// Switches the machine of a file off and on: what runs have changed about it is lost. False where nothing
  /// was. Errors: those of load, busy while a run changes it, file_unwritable.
  [[nodiscard]] virtual Result<bool> reset(const std::string& path) = 0;
};

}  // namespace tdxctl
