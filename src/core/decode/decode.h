// SPDX-License-Identifier: MIT
// What a 64-bit word of TDX means, taken apart into plain structs. Nothing here renders, reads a device or
// fails: a word that no table knows still gives its bit layout. Names and sentences point into the tables and
// live for ever.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/abi/attributes.h"
#include "core/abi/interface.h"
#include "core/abi/leaves.h"
#include "core/abi/metadata.h"
#include "core/abi/status.h"
#include "core/decode/advice.h"

namespace tdxctl {

/// A number inside a word: what it is, its value, and its name where it has one.
struct Item {
  std::string_view what;
  std::uint64_t value;
  std::string_view name;

  bool operator==(const Item&) const = default;
};

/// A completion status.
struct StatusDecode {
  std::uint64_t word;
  abi::Interface interface;     ///< whose code it is: the one called, or software when no answer came
  const abi::StatusCode* code;  ///< null: unknown
  bool error;
  bool fatal_added;  ///< named only after clearing bit 61, which the module can add at run time
  /// The layout of the TDX module. Absent for the loaders' codes, which are plain numbers.
  std::optional<abi::StatusWord> layout;
  std::string_view class_name;  ///< empty without a layout, or for a class that is not known
  std::vector<Item> details;    ///< what the low half holds
  const Advice* advice;         ///< null where there is nothing useful to say

  [[nodiscard]] bool known() const { return code != nullptr; }
};

/// Decode what a SEAMCALL to `called` put in RAX. The leaf sharpens what depends on it: the low half of
/// TDX_SUCCESS, advice. Source: the rule of abi::find_status().
StatusDecode decode_status(std::uint64_t word, abi::Interface called,
                           std::optional<std::uint16_t> leaf = std::nullopt);

/// The word in RAX that makes a call.
struct CallDecode {
  std::uint64_t word;
  abi::CallWord call;
  std::span<const abi::Leaf> leaves;  ///< none, one, or two where public sources disagree on the number
  bool version_known;                 ///< some owner of the number takes this version

  [[nodiscard]] bool known() const { return !leaves.empty() && version_known && call.reserved == 0; }
};

CallDecode decode_rax(std::uint64_t word);

/// A metadata field id.
struct FieldIdDecode {
  std::uint64_t word;
  abi::FieldId id;
  bool null;                           ///< the id that stands for "none"
  bool sequence_header;                ///< covers several elements, as in a metadata list
  std::string_view context_name;       ///< "system", "TD", "VCPU"; empty for contexts that are not defined
  std::string_view class_name;         ///< of system-scope classes; empty where not known
  std::optional<abi::FieldRef> field;  ///< the element, or the first one of a sequence
  std::string name;                    ///< "CMR_BASE[3]"; empty where unknown

  [[nodiscard]] bool known() const { return null || (field.has_value() && id.reserved == 0); }
};

FieldIdDecode decode_field_id(std::uint64_t word);

/// One bit that is set.
struct BitItem {
  std::uint8_t bit;
  std::string_view name;  ///< empty for a reserved bit
  std::string_view meaning;
  std::string_view group;  ///< "TUD", "user", ...; empty where words have none

  [[nodiscard]] bool known() const { return !name.empty(); }
};

/// A word of named bits.
struct BitsDecode {
  std::uint64_t word;
  std::string_view what;                  ///< "TDX_FEATURES0", "XFAM", ...
  std::vector<BitItem> bits;              ///< set bits, rising
  std::uint64_t unknown;                  ///< set bits without a public name
  std::vector<std::string_view> remarks;  ///< rules that the word breaks

  [[nodiscard]] bool known() const { return unknown == 0; }
};

BitsDecode decode_feature_mask(std::uint64_t word);
BitsDecode decode_attributes(std::uint64_t word);
BitsDecode decode_xfam(std::uint64_t word);
BitsDecode decode_config_flags(std::uint64_t word);
BitsDecode decode_td_ctls(std::uint64_t word);
BitsDecode decode_sys_attributes(std::uint64_t word);

}  // namespace tdxctl
