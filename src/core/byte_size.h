// SPDX-License-Identifier: MIT
// Sizes of memory for people.
#pragma once

#include <cstdint>
#include <string>

namespace tdxctl {

/// "4 KiB", "1.5 GiB", "64 TiB": in the largest unit of which there is at least one, with one decimal where
/// it is not whole. Rounded down.
std::string byte_size(std::uint64_t bytes);

}  // namespace tdxctl
