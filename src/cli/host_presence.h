// SPDX-License-Identifier: MIT
// The first line of `status`: is there TDX here, and is it ready.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/host_status.h"

namespace tdxctl::cli {

enum class Presence : std::uint8_t {
  ready,      ///< the TDX module answers all leaves
  not_ready,  ///< TDX is on, and the module is not there or not ready
  absent,     ///< nothing here uses or offers TDX
  unknown,    ///< it could not be seen
};

std::string_view to_string(Presence presence);

struct PresenceVerdict {
  Presence presence;
  std::string reason;
};

/// A fact that was not permitted to be read never counts as an absent one.
PresenceVerdict judge_presence(const HostStatus& status);

}  // namespace tdxctl::cli
