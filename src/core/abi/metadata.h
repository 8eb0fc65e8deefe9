// SPDX-License-Identifier: MIT
// System-scope metadata fields: what TDH.SYS.RD and TDH.SYS.RDALL read, and the 64-bit ids that name them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/abi/bits.h"
#include "core/result.h"

namespace tdxctl::abi {

/// A field id, in parts. Nothing is lost: compose_field_id(parse_field_id(x)) == x for every x.
/// Source: intel/tdx-module 1.5.25 include/tdx_api_defs.h, the field-id union.
struct FieldId {
  std::uint32_t field_code;        ///< bits 23:0, number within the class
  std::uint8_t element_size_code;  ///< bits 33:32: 0, 1, 2, 3 for 1, 2, 4, 8 bytes
  std::uint8_t last_element;       ///< bits 37:34, elements minus 1; in a sequence header only
  std::uint16_t last_field;        ///< bits 46:38, fields minus 1; in a sequence header only
  bool step_by_two;                ///< bit 50: field codes step by 2 in a sequence
  bool write_mask_valid;           ///< bit 51
  std::uint8_t context;            ///< bits 54:52: 0 system, 1 TD, 2 VCPU
  std::uint8_t class_code;         ///< bits 61:56
  bool non_architectural;          ///< bit 63: may change between module generations
  std::uint64_t reserved;          ///< bits 31:24, 49:47, 55 and 62, in place

  bool operator==(const FieldId&) const = default;
  [[nodiscard]] constexpr unsigned element_bytes() const { return 1u << element_size_code; }
};

FieldId parse_field_id(std::uint64_t id);
std::uint64_t compose_field_id(const FieldId& id);

/// The id that stands for "none": all ones. TDH.SYS.RD with it asks for the first field.
inline constexpr std::uint64_t kNullFieldId = ~0ull;

/// Whether an id is the null id. Its context bits do not count.
bool is_null_field_id(std::uint64_t id);

/// How the value of a field is to be read.
enum class FieldFormat : std::uint8_t {
  count,
  dec,
  hex,
  boolean,
  bytes,
  bcd_date,
  cpu_fms,
  flags,
  features0,
  hpa,
  td_attributes,
  xfam,
  config_flags,
  cpuid_leaf,
  cpuid_mask,
};

std::string_view field_format_name(FieldFormat format);

/// Who may read a field besides the host. The host reads every field of the table and writes none.
enum class Readers : std::uint8_t { host, host_and_guest };

/// One field, or one array of fields. Field i of an array has the id of the row plus i x elements_per_field,
/// and element j of a field adds j.
struct MetadataField {
  std::uint64_t id;
  std::string_view name;
  std::uint16_t num_fields;
  std::uint16_t elements_per_field;
  FieldFormat format;
  Readers readers;
  std::string_view since;  ///< first release with it; empty where not known
  std::string_view description;
  std::string_view note{};
  std::string_view alias{};

  [[nodiscard]] constexpr std::uint32_t code() const { return static_cast<std::uint32_t>(field(id, 23, 0)); }
  [[nodiscard]] constexpr std::uint8_t class_code() const {
    return static_cast<std::uint8_t>(field(id, 61, 56));
  }
  [[nodiscard]] constexpr unsigned element_bytes() const { return 1u << field(id, 33, 32); }
  [[nodiscard]] constexpr unsigned num_elements() const { return 1u * num_fields * elements_per_field; }
};

/// All fields, by class and field code. Two rows share a code where its element size has changed; the newer
/// one is first.
std::span<const MetadataField> metadata_fields();

/// Name of a class of system-scope fields; empty where it is not known.
std::string_view metadata_class_name(std::uint8_t class_code);

/// Some elements of a field: all of an array, one of its fields, or one element.
struct FieldRef {
  const MetadataField* field;
  unsigned first;  ///< index of the first element, counted through the whole array
  unsigned count;  ///< elements

  /// The id of element i of this reference.
  [[nodiscard]] std::uint64_t id(unsigned i = 0) const { return field->id + first + i; }
};

/// "NAME", "NAME[i]" or "NAME[i][j]", the way find_metadata_field() takes it.
std::string to_name(const FieldRef& ref);

/// A field by name or alias, case and separators aside: "NAME" is the whole of it, "NAME[i]" one field of an
/// array, "NAME[i][j]" one element of a field that has several. Errors: unknown_name, with what is wrong: the
/// name, the form of the index, or its range.
Result<FieldRef> find_metadata_field(std::string_view name);

/// The single element that an id names. Only class and field code count, as in the module: size, increment
/// and non-architectural bits have changed between releases. Ids of another context than the system's name
/// nothing here.
std::optional<FieldRef> find_metadata_field(std::uint64_t id);

}  // namespace tdxctl::abi
