// SPDX-License-Identifier: MIT
// The one status table that is too long to live beside the look-ups.
#pragma once

#include <span>

#include "core/abi/status.h"

namespace tdxctl::abi {

/// All codes of the TDX module, by class and number within the class.
std::span<const StatusCode> module_status_codes();

}  // namespace tdxctl::abi
