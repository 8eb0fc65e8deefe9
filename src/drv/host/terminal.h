// SPDX-License-Identifier: MIT
// The terminal that a person sits at.
#pragma once

#include <cstddef>

namespace tdxctl {

/// Columns of the terminal behind a descriptor; 0 where it is none, or does not say.
std::size_t terminal_columns(int fd);

}  // namespace tdxctl
