// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace tdxctl {

/// How many CPUs a list such as "0-3,8,10-11" names, as sysfs writes them.
/// Errors: file_unreadable for anything else.
Result<std::uint32_t> count_cpu_list(std::string_view list);

}  // namespace tdxctl
