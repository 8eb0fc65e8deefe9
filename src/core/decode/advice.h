// SPDX-License-Identifier: MIT
// Why a status comes up in practice and what an administrator can do about it. The wording is ours, not the
// architecture's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/abi/interface.h"

namespace tdxctl {

struct Advice {
  std::uint64_t status;  ///< low half zero for statuses of the TDX module
  std::uint16_t leaf;    ///< the leaf it is about, or kAnyLeaf
  std::string_view cause;
  std::string_view fix;
};

inline constexpr std::uint16_t kAnyLeaf = 0xFFFF;

/// All advice on the statuses of one party, by status.
std::span<const Advice> advice_rows(abi::Interface interface);

/// Advice on a status that a table of `interface` names (low half cleared for the TDX module); for a
/// particular leaf where there is any, else for the status in general. Null where there is nothing useful to
/// say.
const Advice* find_advice(abi::Interface interface, std::uint64_t status, std::optional<std::uint16_t> leaf);

}  // namespace tdxctl
