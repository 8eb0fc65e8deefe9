// SPDX-License-Identifier: MIT
#include "drv/uapi/apply_outcome.h"

namespace tdxctl {

std::string_view to_string(ApplyStep step) {
  switch (step) {
    case ApplyStep::ask:
      return "ask";
    case ApplyStep::shutdown:
      return "shutdown";
    case ApplyStep::install:
      return "install";
    case ApplyStep::init:
      return "init";
    case ApplyStep::lp_init:
      return "lp-init";
    case ApplyStep::update:
      return "update";
    case ApplyStep::extensions:
      return "extensions";
  }
  return {};
}

std::string_view to_string(ModulePresence presence) {
  switch (presence) {
    case ModulePresence::unknown:
      return "unknown";
    case ModulePresence::none:
      return "none";
    case ModulePresence::unfinished:
      return "unfinished";
    case ModulePresence::shut_down:
      return "shut-down";
    case ModulePresence::not_ready:
      return "not-ready";
    case ModulePresence::ready:
      return "ready";
  }
  return {};
}

}  // namespace tdxctl
