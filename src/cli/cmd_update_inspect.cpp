// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include "cli/cmd_update.h"
#include "cli/commands.h"
#include "cli/cpu_text.h"
#include "cli/image_text.h"
#include "cli/report.h"
#include "core/hex.h"
#include "core/image/hex_digits.h"

namespace tdxctl::cli {
namespace {

using image::Sigstruct;
using image::Verification;

// The sigstruct counts its pages minus one.
unsigned stored_pages(std::uint32_t stored) { return stored + 1; }

std::string pages_text(std::uint32_t stored) { return counted(stored_pages(stored), "page"); }

std::size_t module_offset(const ExaminedImage& image) {
  return static_cast<std::size_t>(image.report->parts.module.data() - image.file->container.data());
}

/// Nothing where there is no module or no sigstruct to compare it with.
std::optional<bool> module_has_seamhash(const Verification& report) {
  if (!report.seamhash || !report.sigstruct) return std::nullopt;
  return *report.seamhash == report.sigstruct->seamhash;
}

bool has_intel_key(const Sigstruct& sigstruct) {
  return image::key_hash(sigstruct.modulus) == image::kIntelKeyHash;
}

std::uint16_t checksum_of(const ImageFile& file) {
  std::vector<Check> checks;
  return image::check_container(file.container, checks).checksum;
}

// --- text ---

std::string form_text(const ExaminedImage& image) {
  const std::string size = counted(image.file->bytes(), "byte");
  if (image.file->in_parts) return "module and sigstruct in files of their own, together " + size;
  if (!image.report->format) return "not known, " + size;
  return std::string(form_of(image)) + ", " + size + ", checksum " + hex(checksum_of(*image.file), 4);
}

std::string module_text(const ExaminedImage& image) {
  const image::Bytes module = image.report->parts.module;
  if (module.empty()) return "none to be found";
  std::string text =
      std::to_string(module.size()) + " bytes, " + counted(module.size() / image::kPageBytes, "page");
  if (!image.file->in_parts) text += ", at byte " + std::to_string(module_offset(image));
  return text;
}

std::string cpus_text(const Sigstruct& sigstruct) {
  std::vector<std::string> names;
  for (const std::uint32_t fms : image::cpus(sigstruct)) {
    names.push_back(image::cpu_name(fms) + " (" + hex(fms) + ")");
  }
  return names.empty() ? "none listed" : join(names, ", ");
}

std::string handoff_text(const Sigstruct& s) {
  return "version " + std::to_string(s.module_hv) + ", reads " + std::to_string(s.min_update_hv) +
         " and later; " + pages_text(s.handoff_pages) + "; no_downgrade " + std::to_string(s.no_downgrade);
}

void add_sigstruct(Columns& rows, const Verification& report) {
  const Sigstruct& s = *report.sigstruct;
  const auto date = image::date(s);
  const std::string_view line = image::line_of(image::svn(s));
  rows.row({{"SVN"},
            {to_string(image::svn(s)) + (line.empty() ? "" : ", of the " + std::string(line) + " line")}});
  rows.row({{"date"}, {date ? image::to_string(*date) : hex(s.date_bcd, 8) + ", which is no date"}});
  rows.row({{"MRSEAM"}, {image::hex_digits(s.seamhash), Colour::bold}});
  if (module_has_seamhash(report) == false) {
    rows.row({{""}, {"the module itself has " + image::hex_digits(*report.seamhash), Colour::bad}});
  }
  rows.row({{"made for"}, image::is_debug(s) ? Cell{"debugging", Colour::warn} : Cell{"production"}});
  rows.row({{"key"}, {has_intel_key(s) ? "Intel's" : image::hex_digits(image::key_hash(s.modulus))}});
  rows.row({{"CPUs"}, {cpus_text(s)}});
  rows.row({{"handoff"}, {handoff_text(s)}});
  rows.row(
      {{"memory"},
       {"global data " + pages_text(s.global_data_pages) + "; per LP: stack " + pages_text(s.stack_pages) +
        ", TLS " + pages_text(s.tls_pages) + ", keyhole " + pages_text(s.keyhole_pages)}});
  rows.row({{"offsets"},
            {"entry " + hex(s.rip_offset) + ", GDT and IDT " + hex(s.gdt_idt_offset) + ", fault wrappers " +
             hex(s.fault_wrapper_offset)}});
  if (const auto build = image::build_info(s)) {
    rows.row({{"build"}, {to_string(build->version) + ", number " + std::to_string(build->build_number)}});
  }
}

std::string describe(const ExaminedImage& image, const Style& style) {
  if (!image.file) return printable(image.error->what) + "\n";
  const image::Identity identity = identity_of(image);
  Columns rows(style, 2);
  rows.row({{"form"}, {form_text(image)}});
  rows.row({{"module"}, {module_text(image)}});
  rows.row({{"release"}, {release_text(identity) + ", " + certainty_text(identity)}});
  if (image.report->sigstruct) {
    add_sigstruct(rows, *image.report);
  } else {
    rows.row({{"sigstruct"}, {"none to be found"}});
  }
  std::string text = style.paint(Colour::bold, printable(image.path)) + "\n" + rows.str();
  // What is not there cannot be damaged.
  if (image.file->missing) {
    text += style.paint(Colour::bad, "  incomplete: ") + printable(image.file->missing->what) + "\n";
  } else if (image.error) {
    text += style.paint(Colour::bad, "  damaged:") + "\n" +
            rules_text(broken_rules(*image.report, kRulesOfTrust), style);
  }
  return text;
}

// --- JSON ---

Json sigstruct_json(const Sigstruct& s) {
  const auto date = image::date(s);
  const auto build = image::build_info(s);
  const image::Svn svn = image::svn(s);
  Json cpus = Json::array();
  for (const std::uint32_t fms : image::cpus(s)) cpus.push_back(cpu_json(fms));
  Json build_json = nullptr;
  if (build) {
    build_json = {{"version", to_string(build->version)},
                  {"version_parts", version_parts(build->version)},
                  {"build_number", build->build_number},
                  {"unknown", hex(build->unknown, 4)}};
  }
  return {
      {"header_type", s.header_type},
      {"header_dwords", s.header_dwords},
      {"header_version", hex(s.header_version, 8)},
      {"module_type", hex(s.module_type, 8)},
      {"debug", image::is_debug(s)},
      {"vendor", hex(s.vendor, 8)},
      {"date", date ? Json(image::to_string(*date)) : Json(nullptr)},
      {"date_bcd", hex(s.date_bcd, 8)},
      {"size_dwords", s.size_dwords},
      {"key_dwords", s.key_dwords},
      {"modulus_dwords", s.modulus_dwords},
      {"exponent_dwords", s.exponent_dwords},
      {"key_sha384", image::hex_digits(image::key_hash(s.modulus))},
      {"intel_key", has_intel_key(s)},
      {"exponent", s.exponent},
      {"seamhash", image::hex_digits(s.seamhash)},
      {"svn", to_string(svn)},
      {"svn_parts", {{"major", svn.major}, {"minor", svn.minor}}},
      {"attributes", hex64(s.attributes)},
      {"rip_offset", hex(s.rip_offset, 8)},
      {"stack_pages_per_lp", stored_pages(s.stack_pages)},
      {"tls_pages_per_lp", stored_pages(s.tls_pages)},
      {"keyhole_pages_per_lp", stored_pages(s.keyhole_pages)},
      {"global_data_pages", stored_pages(s.global_data_pages)},
      {"max_tdmrs", s.max_tdmrs},
      {"max_reserved_per_tdmr", s.max_reserved_per_tdmr},
      {"pamt_entry_bytes_4k", s.pamt_entry_bytes_4k},
      {"pamt_entry_bytes_2m", s.pamt_entry_bytes_2m},
      {"pamt_entry_bytes_1g", s.pamt_entry_bytes_1g},
      {"module_hv", s.module_hv},
      {"min_update_hv", s.min_update_hv},
      {"no_downgrade", s.no_downgrade},
      {"handoff_pages", stored_pages(s.handoff_pages)},
      {"gdt_idt_offset", hex(s.gdt_idt_offset, 8)},
      {"fault_wrapper_offset", hex(s.fault_wrapper_offset, 8)},
      {"build", std::move(build_json)},
      {"cpu_count", s.cpu_count},
      {"cpus", std::move(cpus)},
  };
}

Json module_json(const ExaminedImage& image) {
  const image::Bytes module = image.report->parts.module;
  if (module.empty()) return nullptr;
  const auto has_seamhash = module_has_seamhash(*image.report);
  return {
      {"size_bytes", module.size()},
      {"pages", module.size() / image::kPageBytes},
      {"offset_bytes", image.file->in_parts ? Json(nullptr) : Json(module_offset(image))},
      {"sha384", image::hex_digits(*image.report->seamhash)},
      {"is_seamhash", has_seamhash ? Json(*has_seamhash) : Json(nullptr)},
  };
}

Json image_json(const ExaminedImage& image) {
  Json json = {{"path", image.path},
               {"form", or_null(form_of(image))},
               {"size_bytes", nullptr},
               {"checksum", nullptr},
               {"identity", nullptr},
               {"module", nullptr},
               {"sigstruct", nullptr},
               {"broken_rules", Json::array()},
               {"error", error_or_null(image.error)}};
  if (!image.file) return json;
  json["size_bytes"] = image.file->bytes();
  if (image.report->format) json["checksum"] = hex(checksum_of(*image.file), 4);
  json["identity"] = to_json(identity_of(image));
  json["module"] = module_json(image);
  if (image.report->sigstruct) json["sigstruct"] = sigstruct_json(*image.report->sigstruct);
  for (const Check* check : broken_rules(*image.report, kRulesOfTrust)) {
    json["broken_rules"].push_back(to_json(*check));
  }
  return json;
}

int run_inspect(Context& context, const std::vector<std::string>& paths) {
  const Inspection inspection = inspect_images(context.files(), paths);
  if (paths.size() == 1 && !inspection.images.front().file) {
    return report(context, *inspection.images.front().error);
  }
  return report_result(context, inspection, {.error = sum_up(paths.size(), errors_of(inspection.images))});
}

}  // namespace

Inspection inspect_images(Files& files, const std::vector<std::string>& paths) {
  Inspection inspection;
  for (const std::string& path : paths) {
    inspection.images.push_back(examine(files, path, {}, kRulesOfTrust));
  }
  return inspection;
}

std::string to_text(const Inspection& inspection, const Style& style) {
  std::string text;
  for (const ExaminedImage& image : inspection.images) text += describe(image, style);
  return text;
}

Json to_json(const Inspection& inspection) {
  Json images = Json::array();
  for (const ExaminedImage& image : inspection.images) images.push_back(image_json(image));
  return {{"images", std::move(images)}};
}

void add_update_inspect(CLI::App& update, Context& context) {
  CLI::App* inspect = update.add_subcommand("inspect", "show what images say about themselves");
  const auto paths = std::make_shared<std::vector<std::string>>();
  inspect->add_option("IMAGE", *paths, "image file, or NAME.bin beside NAME.sigstruct")
      ->required()
      ->type_name("");
  on_run(*inspect, context, "update-inspect", [&context, paths] { return run_inspect(context, *paths); });
}

}  // namespace tdxctl::cli
