// SPDX-License-Identifier: MIT
#include "cli/cmd_metadata.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/commands.h"
#include "cli/field_value.h"
#include "cli/report.h"
#include "core/abi/bits.h"
#include "core/abi/metadata.h"
#include "core/abi/status.h"
#include "core/hex.h"
#include "core/metadata_read.h"
#include "core/module_answers.h"

namespace tdxctl::cli {
namespace {

bool refused(const FieldAnswer& answer) { return abi::bit(answer.status, 63); }

std::string status_name(std::uint64_t status) {
  const abi::StatusMatch match = abi::find_status(status, abi::Interface::tdx_module);
  return match.code == nullptr ? hex64(status) : std::string(match.code->name);
}

/// "CMR_BASE[3]", or the id where no table has the field.
std::string element_name(std::uint64_t id) {
  const auto field = abi::find_metadata_field(id);
  return field ? abi::to_name(*field) : hex64(id);
}

std::string value_hex(const FieldAnswer& answer) {
  return hex(answer.value, static_cast<int>(2 * abi::parse_field_id(answer.id).element_bytes()));
}

Json to_json(const FieldAnswer& answer) {
  const auto field = abi::find_metadata_field(answer.id);
  const bool has_value = !refused(answer);
  return {
      {"id", hex64(answer.id)},
      {"name", field ? Json(abi::to_name(*field)) : Json(nullptr)},
      {"value", has_value ? Json(value_hex(answer)) : Json(nullptr)},
      {"decoded", has_value && field ? field_value_json(*field->field, answer.value) : Json(nullptr)},
      {"status", hex64(answer.status)},
      {"status_name", status_name(answer.status)},
  };
}

std::string_view method_name(ReadAllMethod method) { return method == ReadAllMethod::rd ? "rd" : "rdall"; }

/// What the module refused to read, if anything.
std::optional<Error> refusal(const std::vector<FieldAnswer>& elements) {
  const auto count = static_cast<std::size_t>(std::ranges::count_if(elements, refused));
  if (count == 0) return std::nullopt;
  const auto first = std::ranges::find_if(elements, refused);
  Error error{ErrorId::field_not_available,
              "cannot read " + element_name(first->id) + ": " + status_name(first->status),
              {},
              SeamcallFailure{kReadLeaf, first->status}};
  if (elements.size() > 1)
    error.what += " (" + std::to_string(count) + " of " + counted(elements.size(), "element") + ")";
  return error;
}

Error with_suggestion(Error error, std::string_view typed) {
  if (error.id != ErrorId::unknown_name) return error;
  std::vector<std::string_view> names;
  for (const abi::MetadataField& field : abi::metadata_fields()) names.push_back(field.name);
  std::string upper(typed.substr(0, typed.find('[')));
  std::ranges::transform(upper, upper.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  const std::string_view close = closest(upper, names);
  error.hint = close.empty() || close == upper ? "'tdxctl metadata list' names every field"
                                               : "did you mean '" + std::string(close) + "'?";
  return error;
}

int run_list(Context& context) { return report_result(context, FieldTable{}); }

int run_get(Context& context, const std::vector<std::string>& names) {
  const auto drivers = context.drivers();
  if (!drivers) return report(context, drivers.error());
  auto answers = read_metadata(**drivers, names);
  if (!answers) {
    const auto wrong = std::ranges::find_if(
        names, [](const std::string& name) { return !abi::find_metadata_field(std::string_view(name)); });
    return report(context,
                  with_suggestion(answers.error(), wrong == names.end() ? std::string_view{} : *wrong));
  }
  Outcome outcome{.driver = answers->driver, .error = refusal(answers->data)};
  return report_result(context, FieldValues{std::move(answers->data), std::nullopt}, outcome);
}

int run_dump(Context& context, ReadAllMethod method) {
  const auto drivers = context.drivers();
  if (!drivers) return report(context, drivers.error());
  const auto fields = read_all_metadata(**drivers, method);
  if (!fields) return report(context, fields.error());
  FieldValues values{{}, method};
  for (const Field& field : fields->data) values.elements.push_back({field.id, field.value, 0});
  return report_result(context, values, {.driver = fields->driver});
}

}  // namespace

std::string to_text(FieldTable, const Style& style) {
  Columns rows(style);
  rows.row({{"id", Colour::bold},
            {"field", Colour::bold},
            {"elements", Colour::bold},
            {"description", Colour::bold}});
  for (const abi::MetadataField& field : abi::metadata_fields()) {
    rows.row({{hex64(field.id)},
              {std::string(field.name)},
              {std::to_string(field.num_elements())},
              {std::string(field.description)}});
  }
  return rows.str();
}

Json to_json(FieldTable) {
  Json fields = Json::array();
  for (const abi::MetadataField& field : abi::metadata_fields()) {
    fields.push_back({
        {"id", hex64(field.id)},
        {"name", field.name},
        {"alias", or_null(field.alias)},
        {"class", or_null(abi::metadata_class_name(field.class_code()))},
        {"format", abi::field_format_name(field.format)},
        {"element_bytes", field.element_bytes()},
        {"num_fields", field.num_fields},
        {"elements_per_field", field.elements_per_field},
        {"guest_readable", field.readers == abi::Readers::host_and_guest},
        {"since", or_null(field.since)},
        {"description", field.description},
        {"note", or_null(field.note)},
    });
  }
  return {{"fields", std::move(fields)}};
}

std::string to_text(const FieldValues& values, const Style& style) {
  Columns rows(style);
  for (const FieldAnswer& answer : values.elements) {
    const auto field = abi::find_metadata_field(answer.id);
    std::vector<Cell> cells = {{hex64(answer.id)}, {field ? abi::to_name(*field) : "unknown field"}};
    if (refused(answer)) {
      cells.push_back({status_name(answer.status), Colour::bad});
    } else {
      cells.push_back({value_hex(answer)});
      cells.push_back({field ? field_value_text(*field->field, answer.value) : std::string{}});
    }
    rows.row(std::move(cells));
  }
  return rows.str();
}

Json to_json(const FieldValues& values) {
  Json elements = Json::array();
  for (const FieldAnswer& answer : values.elements) elements.push_back(to_json(answer));
  return {
      {"method", values.method ? Json(method_name(*values.method)) : Json(nullptr)},
      {"count", values.elements.size()},
      {"elements", std::move(elements)},
  };
}

void add_metadata(CLI::App& verb, Context& context) {
  CLI::App* list = verb.add_subcommand("list", "show the table of known fields");
  on_run(*list, context, "metadata-list", [&context] { return run_list(context); });

  CLI::App* get = verb.add_subcommand("get", "read fields by name or id");
  const auto names = std::make_shared<std::vector<std::string>>();
  get->add_option("NAME|ID", *names, "NAME, one element as NAME[i], or an id as a number")
      ->required()
      ->type_name("");
  on_run(*get, context, "metadata-get", [&context, names] { return run_get(context, *names); });

  CLI::App* dump = verb.add_subcommand("dump", "read every field that the module enumerates");
  const auto method = std::make_shared<std::string>("rdall");
  dump->add_option("--method", *method, "enumerate by TDH.SYS.RD or by TDH.SYS.RDALL: rd or rdall")
      ->check(CLI::IsMember({"rd", "rdall"}).description(""))
      ->type_name("METHOD");
  on_run(*dump, context, "metadata-dump", [&context, method] {
    return run_dump(context, *method == "rd" ? ReadAllMethod::rd : ReadAllMethod::rdall);
  });
}

}  // namespace tdxctl::cli
