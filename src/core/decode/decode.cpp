// SPDX-License-Identifier: MIT
#include "core/decode/decode.h"

#include <algorithm>

#include "core/abi/bits.h"
#include "core/abi/features.h"

namespace tdxctl {
namespace {

// The form of the low half, once the leaf has settled what depends on it.
abi::Details details_form(const abi::StatusCode& code, std::optional<std::uint16_t> leaf) {
  if (code.details == abi::Details::depends && leaf == abi::leaf::kVpEnter)
    return abi::Details::vm_exit_reason;
  return code.details;
}

std::vector<Item> decode_details(std::uint64_t word, abi::Details form) {
  const std::uint64_t low_half = abi::field(word, 31, 0);
  if (form == abi::Details::part_of_code) return {};
  if (form == abi::Details::list_position && low_half == 0) return {};

  std::vector<Item> items;
  std::uint64_t explained = 0;
  for (const abi::DetailsPart& part : abi::details_parts(form)) {
    const std::uint64_t value = abi::field(word, part.high, part.low);
    items.push_back({part.what, value, abi::name_in(part.named_by, static_cast<std::uint32_t>(value))});
    explained |= abi::mask(part.high, part.low);
  }
  // Bits that the form does not speak of are shown rather than dropped.
  if ((low_half & ~explained) != 0) items.push_back({"other details", low_half & ~explained, {}});
  return items;
}

constexpr std::string_view context_name(std::uint8_t context) {
  constexpr std::string_view kNames[] = {"system", "TD", "VCPU"};
  return context < std::size(kNames) ? kNames[context] : std::string_view{};
}

BitsDecode decode_bits(std::uint64_t word, const abi::BitWord& names) {
  BitsDecode out{.word = word, .what = names.name, .bits = {}, .unknown = 0, .remarks = {}};
  for (std::uint8_t n = 0; n < 64; ++n) {
    if (!abi::bit(word, n)) continue;
    const abi::NamedBit* row = names.find(n);
    const abi::BitGroup* group = names.group_of(n);
    out.bits.push_back({.bit = n,
                        .name = row != nullptr ? row->name : std::string_view{},
                        .meaning = row != nullptr ? row->meaning : std::string_view{},
                        .group = group != nullptr ? group->name : std::string_view{}});
    if (row == nullptr) out.unknown |= abi::mask(n, n);
  }
  return out;
}

}  // namespace

StatusDecode decode_status(std::uint64_t word, abi::Interface called, std::optional<std::uint16_t> leaf) {
  const abi::StatusMatch match = abi::find_status(word, called);
  StatusDecode out{.word = word,
                   .interface = match.interface,
                   .code = match.code,
                   .error = abi::bit(word, 63),
                   .fatal_added = match.fatal_added,
                   .layout = std::nullopt,
                   .class_name = {},
                   .details = {},
                   .advice = nullptr};
  const bool is_loader =
      match.interface == abi::Interface::p_seamldr || match.interface == abi::Interface::np_seamldr;
  if (!is_loader) {
    out.layout = abi::parse_status(word);
    out.class_name = abi::status_class_name(out.layout->class_code);
  }
  if (out.code != nullptr) {
    out.details = decode_details(word, details_form(*out.code, leaf));
    out.advice = find_advice(match.interface, out.code->value, leaf);
  } else if (!is_loader) {
    out.details = decode_details(word, abi::Details::unknown);
  }
  return out;
}

CallDecode decode_rax(std::uint64_t word) {
  const abi::CallWord call = abi::parse_call_word(word);
  const auto leaves = abi::find_leaves(call.interface(), call.leaf);
  const bool version_known = std::any_of(leaves.begin(), leaves.end(), [&](const abi::Leaf& leaf) {
    return call.version <= leaf.highest_version();
  });
  return {.word = word, .call = call, .leaves = leaves, .version_known = version_known};
}

FieldIdDecode decode_field_id(std::uint64_t word) {
  const abi::FieldId id = abi::parse_field_id(word);
  FieldIdDecode out{.word = word,
                    .id = id,
                    .null = abi::is_null_field_id(word),
                    .sequence_header = false,
                    .context_name = context_name(id.context),
                    .class_name = {},
                    .field = abi::find_metadata_field(word),
                    .name = {}};
  if (out.null) return out;
  out.sequence_header = id.last_element != 0 || id.last_field != 0;
  if (id.context == 0) out.class_name = abi::metadata_class_name(id.class_code);
  if (out.field) out.name = abi::to_name(*out.field);
  return out;
}

BitsDecode decode_feature_mask(std::uint64_t word) {
  BitsDecode out{.word = word, .what = "TDX_FEATURES0", .bits = {}, .unknown = 0, .remarks = {}};
  for (const abi::Feature& feature : abi::features()) {
    if (!abi::bit(word, feature.bit)) continue;
    const bool reserved = feature.reserved();
    out.bits.push_back({.bit = feature.bit,
                        .name = reserved ? std::string_view{} : feature.name,
                        .meaning = reserved ? std::string_view{} : feature.meaning,
                        .group = {}});
    if (reserved) out.unknown |= feature.mask();
  }
  return out;
}

BitsDecode decode_attributes(std::uint64_t word) { return decode_bits(word, abi::td_attributes()); }

BitsDecode decode_xfam(std::uint64_t word) {
  BitsDecode out = decode_bits(word, abi::xfam());
  for (BitItem& item : out.bits) {
    if (abi::bit(abi::kXfamUser, item.bit)) item.group = "user";
    if (abi::bit(abi::kXfamSupervisor, item.bit)) item.group = "supervisor";
  }
  for (const abi::XfamGroup& group : abi::xfam_groups()) {
    const std::uint64_t set = word & group.mask;
    if (set != 0 && set != group.mask) out.remarks.push_back(group.all_or_none);
    if (set != 0 && (word & group.needs) != group.needs) out.remarks.push_back(group.needs_text);
  }
  return out;
}

BitsDecode decode_config_flags(std::uint64_t word) { return decode_bits(word, abi::config_flags()); }
BitsDecode decode_td_ctls(std::uint64_t word) { return decode_bits(word, abi::td_ctls()); }
BitsDecode decode_sys_attributes(std::uint64_t word) { return decode_bits(word, abi::sys_attributes()); }

}  // namespace tdxctl
