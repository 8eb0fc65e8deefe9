// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include "cli/cmd_update.h"
#include "cli/commands.h"
#include "cli/image_text.h"
#include "cli/report.h"

namespace tdxctl::cli {
namespace {

constexpr std::string_view kParts = "parts";
/// What Linux takes.
constexpr std::string_view kDefaultForm = "0x200";

std::optional<image::Format> format_named(std::string_view name) {
  for (const image::Format format : {image::Format::v0x100, image::Format::v0x200}) {
    if (to_string(format) == name) return format;
  }
  return std::nullopt;
}

std::vector<std::uint8_t> copy_of(image::Bytes bytes) { return {bytes.begin(), bytes.end()}; }

/// Whoever names one of the two files means both.
std::string without_extension_of_a_part(std::string name) {
  for (const std::string_view extension : {kModuleExtension, kSigstructExtension}) {
    if (name.size() > extension.size() && name.ends_with(extension)) {
      name.resize(name.size() - extension.size());
      break;
    }
  }
  return name;
}

/// The files that make up `out` in that form. Errors: usage.
Result<std::vector<NewFile>> files_of(const image::Parts& parts, const std::string& out,
                                      const std::string& form) {
  std::vector<NewFile> files;
  if (form == kParts) {
    const std::string name = without_extension_of_a_part(out);
    files.push_back({name + std::string(kModuleExtension), copy_of(parts.module)});
    files.push_back({name + std::string(kSigstructExtension), copy_of(parts.sigstruct)});
    return files;
  }
  auto container = image::build_container(*format_named(form), parts);
  if (!container) return fail(container.error());
  files.push_back({out, std::move(*container)});
  return files;
}

int run_convert(Context& context, const std::string& in, const std::string& out, const std::string& form) {
  const auto conversion = convert_image(context.files(), in, out, form);
  if (!conversion) return report(context, conversion.error());
  return report_result(context, *conversion, {.changed = conversion->changed});
}

}  // namespace

Result<Conversion> convert_image(Files& files, const std::string& in, const std::string& out,
                                 const std::string& form) {
  if (form != kParts && !format_named(form)) {
    return fail(ErrorId::usage, "--format: '" + form + "' is not a form of images",
                "forms are 0x100, 0x200 and parts");
  }
  const ExaminedImage image = examine(files, in, {}, kRulesOfTrust);
  if (image.error) return fail(*image.error);
  auto made = files_of(image.report->parts, out, form);
  if (!made) return fail(made.error());
  const auto changed = files.create(*made);
  if (!changed) return fail(changed.error());
  return Conversion{in, std::string(form_of(image)), form, std::move(*made), *changed};
}

std::string to_text(const Conversion& conversion, const Style& style) {
  Columns rows(style);
  for (const NewFile& file : conversion.files) {
    rows.row({{printable(file.path)}, {counted(file.content.size(), "byte")}});
  }
  return conversion.from_form + " to " + conversion.form +
         (conversion.changed ? ", written:\n" : ", there already, byte for byte:\n") + rows.str();
}

Json to_json(const Conversion& conversion) {
  Json files = Json::array();
  for (const NewFile& file : conversion.files) {
    files.push_back({{"path", file.path}, {"size_bytes", file.content.size()}});
  }
  return {
      {"from", {{"path", conversion.from}, {"form", conversion.from_form}}},
      {"form", conversion.form},
      {"files", std::move(files)},
  };
}

void add_update_convert(CLI::App& update, Context& context) {
  CLI::App* convert = update.add_subcommand("convert", "write an image in another form");
  struct Typed {
    std::string in;
    std::string out;
    std::string form{kDefaultForm};
  };
  const auto options = std::make_shared<Typed>();
  convert->add_option("IN", options->in, "image file, or NAME.bin beside NAME.sigstruct")
      ->required()
      ->type_name("");
  convert->add_option("OUT", options->out, "file to make; never replaced")->required()->type_name("");
  convert
      ->add_option("--format", options->form,
                   "0x200, which Linux takes and is the default; 0x100; or parts, OUT.bin and OUT.sigstruct")
      ->type_name("FORM");
  on_run(*convert, context, "update-convert",
         [&context, options] { return run_convert(context, options->in, options->out, options->form); });
}

}  // namespace tdxctl::cli
