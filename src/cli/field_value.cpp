// SPDX-License-Identifier: MIT
#include "cli/field_value.h"

#include <optional>

#include "cli/cpu_text.h"
#include "cli/text.h"
#include "core/abi/bits.h"
#include "core/decode/decode.h"
#include "core/hex.h"

namespace tdxctl::cli {
namespace {

/// The largest integer that every JSON reader keeps exactly.
constexpr std::uint64_t kLargestExact = (1ull << 53) - 1;

constexpr std::uint32_t kNoSubleaf = 0xFFFFFFFF;

/// "2024-01-31" from the number 20240131, or from the same digits packed as 0x20240131: sources differ, and
/// the two cannot be confused. Nothing for other numbers.
std::optional<std::string> date_text(std::uint64_t date) {
  std::string digits = date <= 99'991'231 ? std::to_string(date) : tdxctl::hex(date).substr(2);
  if (digits.size() != 8 || digits.find_first_of("abcdef") != std::string::npos) return std::nullopt;
  return digits.substr(0, 4) + "-" + digits.substr(4, 2) + "-" + digits.substr(6);
}

std::vector<std::string> bit_names(const BitsDecode& decoded) {
  std::vector<std::string> names;
  for (const BitItem& item : decoded.bits) {
    names.push_back(item.known() ? std::string(item.name) : "bit " + std::to_string(item.bit));
  }
  return names;
}

/// The words of which the names of the set bits say most.
std::optional<BitsDecode> decode_named_bits(const abi::MetadataField& field, std::uint64_t value) {
  switch (field.format) {
    case abi::FieldFormat::features0:
      return decode_feature_mask(value);
    case abi::FieldFormat::td_attributes:
      return decode_attributes(value);
    case abi::FieldFormat::xfam:
      return decode_xfam(value);
    case abi::FieldFormat::config_flags:
      return decode_config_flags(value);
    default:
      return std::nullopt;
  }
}

}  // namespace

Json field_value_json(const abi::MetadataField& field, std::uint64_t value) {
  using enum abi::FieldFormat;
  if (const auto bits = decode_named_bits(field, value)) return bit_names(*bits);
  switch (field.format) {
    case count:
    case dec:
    case bytes:
      return value <= kLargestExact ? Json(value) : Json(nullptr);
    case boolean:
      return value != 0;
    case bcd_date: {
      const auto date = date_text(value);
      return date ? Json(*date) : Json(nullptr);
    }
    case cpu_fms:
      return value == 0 ? Json(nullptr) : cpu_json(static_cast<std::uint32_t>(value));
    case cpuid_leaf: {
      if (value == abi::kNullFieldId) return nullptr;
      const auto subleaf = static_cast<std::uint32_t>(abi::field(value, 63, 32));
      return {{"leaf", tdxctl::hex(abi::field(value, 31, 0), 8)},
              {"subleaf", subleaf == kNoSubleaf ? Json(nullptr) : Json(tdxctl::hex(subleaf))}};
    }
    default:
      return nullptr;
  }
}

std::string field_value_text(const abi::MetadataField& field, std::uint64_t value) {
  using enum abi::FieldFormat;
  if (const auto bits = decode_named_bits(field, value)) return join(bit_names(*bits), " ");
  switch (field.format) {
    case count:
    case dec:
      return std::to_string(value);
    case bytes:
      return counted(value, "byte");
    case boolean:
      return value != 0 ? "yes" : "no";
    case bcd_date:
      return date_text(value).value_or("");
    case cpu_fms:
      return value == 0 ? "" : cpu_text(static_cast<std::uint32_t>(value));
    case cpuid_leaf: {
      if (value == abi::kNullFieldId) return "unused";
      const auto subleaf = static_cast<std::uint32_t>(abi::field(value, 63, 32));
      return "CPUID leaf " + tdxctl::hex(abi::field(value, 31, 0)) +
             (subleaf == kNoSubleaf ? "" : ", subleaf " + std::to_string(subleaf));
    }
    default:
      return {};
  }
}

}  // namespace tdxctl::cli
