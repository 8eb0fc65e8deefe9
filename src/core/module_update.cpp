// SPDX-License-Identifier: MIT
#include "core/port/module_update.h"

#include "core/port/loader.h"

namespace tdxctl {

std::string_view to_string(UpdateStep step) {
  switch (step) {
    case UpdateStep::ask:
      return "ask";
    case UpdateStep::shutdown:
      return "shutdown";
    case UpdateStep::install:
      return "install";
    case UpdateStep::init:
      return "init";
    case UpdateStep::lp_init:
      return "lp-init";
    case UpdateStep::update:
      return "update";
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

Result<void> Loader::stage(std::span<const std::uint8_t> /*sigstruct*/,
                           std::span<const std::uint8_t> /*module*/) {
  return fail(ErrorId::driver_unavailable, "this driver cannot take a module image in parts");
}

Result<UpdateOutcome> Loader::apply(UpdateStep /*first*/) {
  return fail(ErrorId::driver_unavailable, "this driver cannot apply a staged module image");
}

}  // namespace tdxctl
