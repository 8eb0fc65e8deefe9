// SPDX-License-Identifier: MIT
// Words whose bits have names: TD ATTRIBUTES, XFAM, configuration flags, TD_CTLS and the module's own
// attributes.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tdxctl::abi {

struct NamedBit {
  std::uint8_t bit;
  std::string_view name;
  std::string_view meaning;
  std::string_view since{};  ///< first release with it; empty where not known
  std::string_view note{};
};

/// Bits high:low that belong together.
struct BitGroup {
  std::uint8_t high;
  std::uint8_t low;
  std::string_view name;
  std::string_view meaning;
};

/// One word: its bits by rising number, and its groups. Bits without a row are reserved.
struct BitWord {
  std::string_view name;
  std::uint8_t width;
  std::span<const NamedBit> bits;
  std::span<const BitGroup> groups;

  /// The row of a bit; null for a reserved one.
  [[nodiscard]] const NamedBit* find(unsigned bit) const;
  /// The group of a bit; null where it is in none.
  [[nodiscard]] const BitGroup* group_of(unsigned bit) const;
};

const BitWord& td_attributes();
const BitWord& xfam();
const BitWord& config_flags();
const BitWord& td_ctls();
const BitWord& sys_attributes();

/// XFAM has the bit numbers of XCR0 joined with those of IA32_XSS.
inline constexpr std::uint64_t kXfamUser = 0x602FF;
inline constexpr std::uint64_t kXfamSupervisor = 0x1FD00;

/// What the published 1.5.25 module allows and insists on; a running module narrows FIXED0 to what its CPU
/// has.
inline constexpr std::uint64_t kXfamFixed0InPublicSource = 0x6DBE7;
inline constexpr std::uint64_t kXfamFixed1InPublicSource = 0x3;

/// XFAM components that are given all or none. Source: intel/tdx-module 1.5.25 src/common/helpers/helpers.c.
struct XfamGroup {
  std::string_view name;
  std::uint64_t mask;
  std::uint64_t needs;  ///< further bits that must be set with it
  std::string_view all_or_none;
  std::string_view needs_text;
};
std::span<const XfamGroup> xfam_groups();

/// Whether a word satisfies a FIXED0/FIXED1 pair: a bit 0 in fixed0 must be 0, a bit 1 in fixed1 must be 1.
/// Source: intel/tdx-module 1.5.25 src/vmm_dispatcher/api_calls/tdh_mng_init.c; Linux 7.3
/// arch/x86/kvm/vmx/tdx.c.
constexpr bool satisfies_fixed_bits(std::uint64_t word, std::uint64_t fixed0, std::uint64_t fixed1) {
  return (word & ~fixed0) == 0 && (fixed1 & ~word) == 0;
}

}  // namespace tdxctl::abi
