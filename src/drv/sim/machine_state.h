// SPDX-License-Identifier: MIT
// A simulated machine that outlives the run: FILE.state beside its machine file.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"

extern "C" {
#include "kmod/logic/host.h"
}

namespace tdxctl {

/// What a machine was left as. RAM that is not part of the model's state is not kept.
struct SavedMachine {
  std::uint64_t next_page = 0;       ///< page number that is handed out next
  tdxctl_bring_up bring_up{};        ///< what the helper has brought up, or was about to
  std::vector<std::uint64_t> state;  ///< the model's state
};

class MachineState {
 public:
  /// `made_from`: the text of the machine file without its faults. A state of a machine that was made from
  /// another text is not taken.
  MachineState(const std::string& machine_path, std::string made_from);
  ~MachineState();
  MachineState(const MachineState&) = delete;
  MachineState& operator=(const MachineState&) = delete;

  /// Nothing where the machine was never changed. Errors: profile_invalid, file_unreadable, not_permitted.
  [[nodiscard]] Result<std::optional<SavedMachine>> load() const;

  /// Keeps other runs from changing the machine as long as this object lives. Errors: busy, file_unreadable,
  /// not_permitted.
  [[nodiscard]] Result<void> claim();
  [[nodiscard]] bool claimed() const { return lock_ >= 0; }

  /// Whether another run is changing the machine right now.
  [[nodiscard]] bool claimed_by_another() const;

  /// Replaces what was saved: the new state is whole and on disk, or the old one is. Errors: file_unwritable,
  /// not_permitted.
  [[nodiscard]] Result<void> save(std::uint64_t next_page, const tdxctl_bring_up& bring_up,
                                  std::span<const std::uint64_t> state) const;

  /// The file beside a machine file.
  static std::string path_for(const std::string& machine_path) { return machine_path + ".state"; }

 private:
  std::string machine_path_;
  std::string made_from_;
  int lock_ = -1;
};

}  // namespace tdxctl
