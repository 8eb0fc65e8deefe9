// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace tdxctl::image {

/// A digest, in its normal order.
using Sha384 = std::array<std::uint8_t, 48>;

Sha384 sha384(std::span<const std::uint8_t> bytes);

}  // namespace tdxctl::image
