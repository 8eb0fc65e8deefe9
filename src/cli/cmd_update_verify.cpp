// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/cmd_update.h"
#include "cli/commands.h"
#include "cli/image_text.h"
#include "cli/report.h"
#include "core/image/hex_digits.h"

namespace tdxctl::cli {
namespace {

/// "valid", "incompatible" or "invalid"; empty where it could not be read.
std::string_view verdict_of(const ExaminedImage& image) {
  if (!image.error) return "valid";
  switch (error_info(image.error->id).error_class) {
    case ErrorClass::image_invalid:
      return "invalid";
    case ErrorClass::image_incompatible:
      return "incompatible";
    default:
      return {};
  }
}

std::string headline(std::string_view verdict, const Style& style) {
  if (verdict == "valid") return style.paint(Colour::good, "valid");
  if (verdict == "incompatible") return style.paint(Colour::warn, "valid, but not for production");
  return style.paint(Colour::bad, "NOT valid");
}

std::string counts_text(const std::vector<Check>& checks) {
  const auto with = [&](Verdict verdict) { return std::ranges::count(checks, verdict, &Check::verdict); };
  std::string text = std::to_string(with(Verdict::ok)) + " hold";
  if (with(Verdict::bad) > 0) text += ", " + std::to_string(with(Verdict::bad)) + " broken";
  if (with(Verdict::skipped) > 0) text += ", " + std::to_string(with(Verdict::skipped)) + " not checked";
  return text;
}

std::string describe(const ExaminedImage& image, const VerifyReport& report, const Style& style) {
  const std::string_view verdict = verdict_of(image);
  if (verdict.empty()) return printable(image.error->what) + "\n";

  const bool intel = report.key_hash == image::kIntelKeyHash;
  Columns rows(style, 2);
  if (verdict != "invalid") {
    const image::Identity identity = identity_of(image);
    rows.row({{"release"}, {release_text(identity) + ", " + certainty_text(identity)}});
    rows.row({{"MRSEAM"}, {image::hex_digits(*image.report->seamhash), Colour::bold}});
    rows.row({{"signed by"}, {intel ? "Intel's key" : "the key given"}});
  }
  rows.row({{"rules"}, {counts_text(image.report->checks)}});
  return printable(image.path) + ": " + headline(verdict, style) + "\n" + rows.str() +
         (report.all_rules ? checks_text(image.report->checks, style)
                           : rules_text(broken_rules(*image.report, {}), style));
}

Json image_json(const ExaminedImage& image) {
  Json checks = Json::array();
  Json seamhash = nullptr;
  if (image.report) {
    checks = to_json(image.report->checks);
    if (image.report->seamhash) seamhash = image::hex_digits(*image.report->seamhash);
  }
  return {
      {"path", image.path},
      {"form", or_null(form_of(image))},
      {"verdict", or_null(verdict_of(image))},
      {"identity", image.report ? to_json(identity_of(image)) : Json(nullptr)},
      {"module_sha384", std::move(seamhash)},
      {"checks", std::move(checks)},
      {"error", error_or_null(image.error)},
  };
}

int run_verify(Context& context, const std::vector<std::string>& paths, const std::string& key_file,
               bool all_rules) {
  auto verified = verify_images(context.files(), paths, key_file);
  if (!verified) return report(context, verified.error());
  verified->all_rules = all_rules;
  if (paths.size() == 1 && !verified->images.front().file) {
    return report(context, *verified->images.front().error);
  }
  Outcome outcome{.error = sum_up(paths.size(), errors_of(verified->images))};
  if (const auto warning = warning_of_key(verified->key_hash, key_file)) outcome.warnings.push_back(*warning);
  return report_result(context, *verified, outcome);
}

}  // namespace

Result<VerifyReport> verify_images(Files& files, const std::vector<std::string>& paths,
                                   const std::string& key_file) {
  const auto key = read_key(files, key_file);
  if (!key) return fail(key.error());
  VerifyReport report;
  report.key_hash = *key;
  for (const std::string& path : paths) {
    report.images.push_back(examine(files, path, {.key_hash = *key}, {}));
  }
  return report;
}

std::string to_text(const VerifyReport& report, const Style& style) {
  std::string text;
  for (const ExaminedImage& image : report.images) text += describe(image, report, style);
  return text;
}

Json to_json(const VerifyReport& report) {
  Json images = Json::array();
  for (const ExaminedImage& image : report.images) images.push_back(image_json(image));
  return {
      {"key_sha384", image::hex_digits(report.key_hash)},
      {"intel_key", report.key_hash == image::kIntelKeyHash},
      {"images", std::move(images)},
  };
}

void add_update_verify(CLI::App& update, Context& context) {
  CLI::App* verify = update.add_subcommand("verify", "prove that images are whole and signed");
  struct Typed {
    std::vector<std::string> paths;
    std::string key_file;
    bool all_rules = false;
  };
  const auto options = std::make_shared<Typed>();
  verify->add_option("IMAGE", options->paths, "image file, or NAME.bin beside NAME.sigstruct")
      ->required()
      ->type_name("");
  verify->add_option("--key", options->key_file, "public key in a file, or its SHA-384, in place of Intel's")
      ->type_name("KEY");
  verify->add_flag("--all", options->all_rules, "also show the rules that hold");
  on_run(*verify, context, "update-verify", [&context, options] {
    return run_verify(context, options->paths, options->key_file, options->all_rules);
  });
}

}  // namespace tdxctl::cli
