// SPDX-License-Identifier: MIT
// Reading global metadata by name, and what the module's features mean.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/drivers.h"

namespace tdxctl {

/// Field id of TDX_FEATURES0.
inline constexpr std::uint64_t kFeatures0Id = 0x0A00000300000008;

/// A batch answer with the driver that gave it.
template <class T>
struct Answer {
  T data;
  std::string_view driver;
};

/// The word TDX_FEATURES0 of the running module.
/// Errors: those of Module::read; seamcall_failed when the module refuses the field.
Result<Answer<std::uint64_t>> read_features0(Drivers& drivers);

/// Every element the module enumerates.
Result<Answer<std::vector<Field>>> read_all_metadata(Drivers& drivers, ReadAllMethod method);

/// The elements of the named fields: "TDX_FEATURES0", "CMR_BASE" (all of the array), "CMR_BASE[3]", or an id
/// as a number. Each asked name gives at least one answer, in the order asked. Errors: unknown_name,
/// bad_number.
Result<Answer<std::vector<FieldAnswer>>> read_metadata(Drivers& drivers, std::span<const std::string> names);

}  // namespace tdxctl
