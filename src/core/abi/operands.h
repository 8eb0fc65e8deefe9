// SPDX-License-Identifier: MIT
// Operand ids: what the low half of an operand error points at.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tdxctl::abi {

struct Operand {
  std::uint32_t id;
  std::string_view name;
  std::string_view kind;  ///< "register", "td-params", "module", ...
  std::string_view since;
  std::string_view meaning;
  std::string_view note{};
  std::string_view alias{};
};

/// All operand ids, rising.
std::span<const Operand> operands();

/// Ids that code asks about by itself.
inline constexpr std::uint32_t kOperandR11 = 11;

/// The row of an id; null where it is not known.
const Operand* find_operand(std::uint32_t id);

}  // namespace tdxctl::abi
