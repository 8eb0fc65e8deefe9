// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "cli/envelope.h"
#include "cli/text.h"
#include "core/port/machines.h"

namespace tdxctl::cli {

struct MachineList {
  std::vector<MachineView> machines;
  bool detailed = false;  ///< text shows all of each machine instead of one line
};
std::string to_text(const MachineList& list, const Style& style);
Json to_json(const MachineList& list);

std::string to_text(const MachineView& machine, const Style& style);
Json to_json(const MachineView& machine);

/// A machine file that was written.
struct NewMachine {
  std::string path;
  MachineView machine;
};
std::string to_text(const NewMachine& made, const Style& style);
Json to_json(const NewMachine& made);

/// A machine file whose state was thrown away.
struct MachineReset {
  std::string path;
  bool was_changed;
};
std::string to_text(const MachineReset& reset, const Style& style);
Json to_json(const MachineReset& reset);

}  // namespace tdxctl::cli
