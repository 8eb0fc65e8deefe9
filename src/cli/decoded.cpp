// SPDX-License-Identifier: MIT
#include "cli/decoded.h"

#include <array>

#include "core/hex.h"

namespace tdxctl::cli {
namespace {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;  // clang 14 does not deduce it by itself

std::string_view status_kind(abi::Interface interface) {
  switch (interface) {
    case abi::Interface::p_seamldr:
      return "seamldr-status";
    case abi::Interface::np_seamldr:
      return "np-seamldr-status";
    case abi::Interface::tdx_module:
    case abi::Interface::software:
      break;
  }
  return "status";
}

/// The word of --as for each word of named bits.
std::string_view bits_kind(const BitsDecode& bits) {
  struct Kind {
    std::string_view what;
    std::string_view kind;
  };
  static const std::array<Kind, 6> kinds{{
      {decode_feature_mask(0).what, "features"},
      {decode_attributes(0).what, "attributes"},
      {decode_xfam(0).what, "xfam"},
      {decode_config_flags(0).what, "config-flags"},
      {decode_td_ctls(0).what, "td-ctls"},
      {decode_sys_attributes(0).what, "sys-attributes"},
  }};
  for (const Kind& row : kinds) {
    if (row.what == bits.what) return row.kind;
  }
  return "bits";
}

std::string leaf_names(const CallDecode& call) {
  std::vector<std::string> names;
  for (const abi::Leaf& leaf : call.leaves) names.emplace_back(leaf.name);
  return join(names, " or ");
}

std::string named(const Item& item) {
  std::string text = std::to_string(item.value);
  if (item.value > 9) text = hex(item.value) + " (" + text + ")";
  return item.name.empty() ? text : std::string(item.name) + " (" + hex(item.value) + ")";
}

/// Rows of "label  text", leaving out those without text.
class Facts {
 public:
  explicit Facts(const Style& style) : rows_(style, 2) {}

  void add(std::string_view label, std::string_view text) {
    if (!text.empty()) rows_.row({{std::string(label), Colour::faint}, {std::string(text)}});
  }
  void add(const std::vector<Item>& items) {
    for (const Item& item : items) add(item.what, named(item));
  }
  [[nodiscard]] std::string str() const { return rows_.str(); }

 private:
  Columns rows_;
};

std::string status_flags(const abi::StatusWord& word) {
  std::vector<std::string> flags = {word.error ? "error" : "no error"};
  if (word.non_recoverable) flags.emplace_back("non-recoverable: repeating the call will not help");
  if (word.fatal) flags.emplace_back("fatal");
  if (word.host_hint) flags.emplace_back("the host can act to get past it");
  if (word.reserved != 0) flags.push_back("reserved bits 59:48 = " + hex(word.reserved));
  return join(flags, ", ");
}

std::string status_class(const StatusDecode& status) {
  const abi::StatusWord& word = *status.layout;
  return (status.class_name.empty() ? "unknown" : std::string(status.class_name)) + " (" +
         hex(word.class_code) + "), number " + hex(word.details_l1) + ", details " + hex(word.details_l2, 8);
}

std::string details_text(const StatusDecode& status, const Style& style) {
  Facts facts(style);
  if (status.code != nullptr) {
    facts.add("meaning", status.code->meaning);
    facts.add("note", status.code->note);
    facts.add("also called", status.code->alias);
  }
  if (status.fatal_added) facts.add("fatal bit", "added by the module at run time");
  if (status.layout) {
    facts.add("flags", status_flags(*status.layout));
    facts.add("class", status_class(status));
  }
  facts.add(status.details);
  if (status.advice != nullptr) {
    facts.add("cause", status.advice->cause);
    facts.add("fix", status.advice->fix);
  }
  return facts.str();
}

std::string details_text(const CallDecode& call, const Style& style) {
  Facts facts(style);
  facts.add("called", call.call.to_p_seamldr ? "P-SEAMLDR" : "TDX module");
  facts.add("leaf", std::to_string(call.call.leaf) + " (" + hex(call.call.leaf) + ")");
  facts.add("version",
            std::to_string(call.call.version) + (call.version_known ? "" : ", which no known leaf takes"));
  if (call.call.reserved != 0)
    facts.add("reserved", hex64(call.call.reserved) + " set: the call will be refused");
  for (const abi::Leaf& leaf : call.leaves) {
    facts.add(leaf.name, std::string(leaf.summary) + " " +
                             (leaf.effect == abi::Effect::changes ? "Changes state." : "Changes nothing."));
    facts.add("known from", abi::standing_text(leaf.standing));
    facts.add("since", leaf.since);
    facts.add("note", leaf.note);
  }
  return facts.str();
}

std::string details_text(const FieldIdDecode& field, const Style& style) {
  Facts facts(style);
  if (field.field) {
    facts.add("meaning", field.field->field->description);
    facts.add("note", field.field->field->note);
    facts.add("format", abi::field_format_name(field.field->field->format));
    facts.add("since", field.field->field->since);
  }
  if (field.null) return facts.str();
  facts.add("context", field.context_name.empty() ? "undefined (" + std::to_string(field.id.context) + ")"
                                                  : std::string(field.context_name));
  facts.add("class", (field.class_name.empty() ? "unknown" : std::string(field.class_name)) + " (" +
                         hex(field.id.class_code) + "), field code " + hex(field.id.field_code));
  facts.add("element", counted(field.id.element_bytes(), "byte"));
  if (field.sequence_header) {
    facts.add("sequence", counted(field.id.last_field + 1u, "field") + " of " +
                              counted(field.id.last_element + 1u, "element"));
  }
  if (field.id.non_architectural) facts.add("stability", "may change between module generations");
  if (field.id.write_mask_valid) facts.add("write mask", "stands before each value of a write list");
  if (field.id.reserved != 0) facts.add("reserved", hex64(field.id.reserved) + " set");
  return facts.str();
}

std::string details_text(const BitsDecode& bits, const Style& style) {
  Columns rows(style, 2);
  for (const BitItem& item : bits.bits) {
    rows.row({{"bit " + std::to_string(item.bit), Colour::faint},
              item.known() ? Cell{std::string(item.name)} : Cell{"unknown", Colour::warn},
              {std::string(item.meaning)}});
  }
  std::string text = rows.str();
  for (const std::string_view remark : bits.remarks) text += "  " + std::string(remark) + "\n";
  return text;
}

std::string details_text(const RegisterDecode& reg, const Style& style) {
  Facts facts(style);
  facts.add(reg.items);
  return facts.str();
}

Json items_json(const std::vector<Item>& items) {
  Json list = Json::array();
  for (const Item& item : items) {
    list.push_back({{"what", item.what}, {"value", hex(item.value)}, {"name", or_null(item.name)}});
  }
  return list;
}

Json layout_json(const StatusDecode& status) {
  if (!status.layout) return nullptr;
  const abi::StatusWord& word = *status.layout;
  return {
      {"error", word.error},
      {"non_recoverable", word.non_recoverable},
      {"fatal", word.fatal},
      {"host_recoverability_hint", word.host_hint},
      {"reserved", hex(word.reserved)},
      {"class_code", word.class_code},
      {"class_name", or_null(status.class_name)},
      {"details_l1", word.details_l1},
      {"details_l2", hex(word.details_l2, 8)},
  };
}

Json parts_json(const StatusDecode& status) {
  const abi::StatusCode* code = status.code;
  const Advice* advice = status.advice;
  return {
      {"interface", abi::interface_name(status.interface)},
      {"name", code == nullptr ? Json(nullptr) : Json(code->name)},
      {"alias", code == nullptr ? Json(nullptr) : or_null(code->alias)},
      {"meaning", code == nullptr ? Json(nullptr) : or_null(code->meaning)},
      {"note", code == nullptr ? Json(nullptr) : or_null(code->note)},
      {"error", status.error},
      {"fatal_added", status.fatal_added},
      {"layout", layout_json(status)},
      {"details", items_json(status.details)},
      {"cause", advice == nullptr ? Json(nullptr) : or_null(advice->cause)},
      {"fix", advice == nullptr ? Json(nullptr) : or_null(advice->fix)},
  };
}

Json parts_json(const CallDecode& call) {
  Json leaves = Json::array();
  for (const abi::Leaf& leaf : call.leaves) {
    leaves.push_back({
        {"name", leaf.name},
        {"group", leaf.group},
        {"summary", leaf.summary},
        {"changes_state", leaf.effect == abi::Effect::changes},
        {"highest_version", leaf.highest_version()},
        {"known_from", abi::standing_text(leaf.standing)},
        {"since", or_null(leaf.since)},
        {"version1_since", or_null(leaf.version1_since)},
        {"note", or_null(leaf.note)},
    });
  }
  return {
      {"interface", abi::interface_name(call.call.interface())},
      {"leaf", call.call.leaf},
      {"version", call.call.version},
      {"version_known", call.version_known},
      {"reserved", hex64(call.call.reserved)},
      {"leaves", std::move(leaves)},
  };
}

Json parts_json(const FieldIdDecode& field) {
  const abi::MetadataField* row = field.field ? field.field->field : nullptr;
  return {
      {"name", or_null(field.name)},
      {"null_id", field.null},
      {"sequence_header", field.sequence_header},
      {"context", or_null(field.context_name)},
      {"context_code", field.id.context},
      {"class_name", or_null(field.class_name)},
      {"class_code", field.id.class_code},
      {"field_code", field.id.field_code},
      {"element_bytes", field.id.element_bytes()},
      {"fields", field.id.last_field + 1u},
      {"elements_per_field", field.id.last_element + 1u},
      {"step_by_two", field.id.step_by_two},
      {"write_mask_valid", field.id.write_mask_valid},
      {"non_architectural", field.id.non_architectural},
      {"reserved", hex64(field.id.reserved)},
      {"format", row == nullptr ? Json(nullptr) : Json(abi::field_format_name(row->format))},
      {"meaning", row == nullptr ? Json(nullptr) : Json(row->description)},
      {"since", row == nullptr ? Json(nullptr) : or_null(row->since)},
      {"note", row == nullptr ? Json(nullptr) : or_null(row->note)},
  };
}

Json parts_json(const BitsDecode& bits) {
  Json list = Json::array();
  for (const BitItem& item : bits.bits) {
    list.push_back({{"bit", item.bit},
                    {"name", or_null(item.name)},
                    {"meaning", or_null(item.meaning)},
                    {"group", or_null(item.group)}});
  }
  return {
      {"what", bits.what},
      {"bits", std::move(list)},
      {"unknown_bits", hex64(bits.unknown)},
      {"remarks", bits.remarks},
  };
}

Json parts_json(const RegisterDecode& reg) {
  return {{"register", reg.reg}, {"what", reg.what}, {"items", items_json(reg.items)}};
}

std::uint64_t word_of(const Decoded& decoded) {
  return std::visit([](const auto& each) { return each.word; }, decoded);
}

}  // namespace

std::string_view kind_of(const Decoded& decoded) {
  return std::visit(Overloaded{
                        [](const StatusDecode& status) { return status_kind(status.interface); },
                        [](const CallDecode&) { return std::string_view("rax"); },
                        [](const FieldIdDecode&) { return std::string_view("field"); },
                        [](const BitsDecode& bits) { return bits_kind(bits); },
                        [](const RegisterDecode&) { return std::string_view("register"); },
                    },
                    decoded);
}

bool is_known(const Decoded& decoded) {
  return std::visit(Overloaded{
                        [](const RegisterDecode&) { return true; },
                        [](const auto& each) { return each.known(); },
                    },
                    decoded);
}

std::string title_of(const Decoded& decoded) {
  return std::visit(
      Overloaded{
          [](const StatusDecode& status) {
            if (status.code != nullptr) return std::string(status.code->name);
            return std::string(status.interface == abi::Interface::tdx_module ? "unknown status"
                                                                              : "unknown P-SEAMLDR status");
          },
          [](const CallDecode& call) { return call.leaves.empty() ? "unknown leaf" : leaf_names(call); },
          [](const FieldIdDecode& field) {
            if (field.null) return std::string("null field id, which stands for none");
            return field.name.empty() ? std::string("unknown field") : field.name;
          },
          [](const BitsDecode& bits) {
            return std::string(bits.what) + ", " + counted(bits.bits.size(), "bit") + " set";
          },
          [](const RegisterDecode& reg) { return std::string(reg.reg) + ": " + std::string(reg.what); },
      },
      decoded);
}

std::string details_of(const Decoded& decoded, const Style& style) {
  return std::visit([&](const auto& each) { return details_text(each, style); }, decoded);
}

Json to_json(const Decoded& decoded) {
  Json json = {{"kind", kind_of(decoded)}, {"word", hex64(word_of(decoded))}, {"known", is_known(decoded)}};
  json.update(std::visit([](const auto& each) { return parts_json(each); }, decoded));
  return json;
}

}  // namespace tdxctl::cli
