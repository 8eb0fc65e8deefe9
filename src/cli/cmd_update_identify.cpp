// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "cli/cmd_update.h"
#include "cli/commands.h"
#include "cli/image_text.h"
#include "cli/report.h"
#include "core/image/hex_digits.h"

namespace tdxctl::cli {
namespace {

using Kind = Identification::Kind;
using image::IdentifiedBy;
using image::Identity;

constexpr std::size_t kMrseamDigits = 2 * std::tuple_size_v<image::Sha384>;
/// So many digits in a row are meant as a hash, and not as the name of a file.
constexpr std::size_t kDigitsOfAHash = 32;

constexpr std::string_view kWhatToGive =
    "give an MRSEAM of 96 hexadecimal digits, an SVN such as 1.5, or an image file";

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::mrseam:
      return "MRSEAM";
    case Kind::svn:
      return "SVN";
    case Kind::image:
      return "image";
  }
  return {};
}

std::string_view json_name(Kind kind) {
  return kind == Kind::mrseam ? "mrseam" : kind == Kind::svn ? "svn" : "image";
}

/// The digits of what was meant as a hash, without 0x; nothing for any other text.
std::optional<std::string_view> digits_of_hash(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  const bool all_hex = text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  if (!all_hex || text.size() < kDigitsOfAHash) return std::nullopt;
  return text;
}

/// "1.5": two numbers below 256.
std::optional<image::Svn> parse_svn(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto number = [](std::string_view digits, std::uint8_t& value) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc{} && end == digits.data() + digits.size();
  };
  image::Svn svn;
  if (!number(text.substr(0, dot), svn.major) || !number(text.substr(dot + 1), svn.minor))
    return std::nullopt;
  return svn;
}

void identify_hash(std::string_view digits, Identification& found) {
  found.kind = Kind::mrseam;
  image::Sha384 mrseam;
  if (image::parse_hex_digits(digits, mrseam)) {
    found.identity = image::identify_mrseam(mrseam, image::published_images());
    return;
  }
  found.error = {ErrorId::usage,
                 "'" + found.target + "' has " + std::to_string(digits.size()) +
                     " hexadecimal digits, and an MRSEAM has " + std::to_string(kMrseamDigits),
                 std::string(kWhatToGive),
                 {}};
}

void identify_file(Files& files, Identification& found) {
  found.kind = Kind::image;
  const ExaminedImage image = examine(files, found.target, {}, kRulesOfTrust);
  found.identity = identity_of(image);
  found.error = image.error;
  if (!image.file && found.error->id == ErrorId::file_unreadable) found.error->hint = kWhatToGive;
}

Identification identify(Files& files, const std::string& target) {
  Identification found{.target = target};
  if (const auto digits = digits_of_hash(target)) {
    identify_hash(*digits, found);
  } else if (const auto svn = parse_svn(target)) {
    found.kind = Kind::svn;
    found.identity = image::identify_svn(*svn, image::published_images());
  } else {
    identify_file(files, found);
  }
  if (!found.error && found.identity.how == IdentifiedBy::nothing) {
    found.error = {ErrorId::unknown_name,
                   "no release is known for the " + std::string(to_string(found.kind)) + " '" + target + "'",
                   "it may be newer than this tdxctl, or not published",
                   {}};
  }
  return found;
}

int run_identify(Context& context, const std::vector<std::string>& targets) {
  const IdentifyReport found = identify_targets(context.files(), targets);
  if (targets.size() == 1 && found.targets.front().error)
    return report(context, *found.targets.front().error);
  return report_result(context, found, {.error = sum_up(targets.size(), errors_of(found.targets))});
}

}  // namespace

IdentifyReport identify_targets(Files& files, const std::vector<std::string>& targets) {
  IdentifyReport report;
  for (const std::string& target : targets) report.targets.push_back(identify(files, target));
  return report;
}

std::string to_text(const IdentifyReport& report, const Style& style) {
  Columns rows(style);
  for (const Identification& found : report.targets) {
    if (found.error) {
      rows.row({{printable(found.target)}, {"unknown", Colour::bad}, {printable(found.error->what)}});
    } else {
      rows.row({{printable(found.target)},
                {release_text(found.identity), Colour::bold},
                {certainty_text(found.identity)}});
    }
  }
  return rows.str();
}

Json to_json(const IdentifyReport& report) {
  Json targets = Json::array();
  for (const Identification& found : report.targets) {
    targets.push_back({{"target", found.target},
                       {"kind", json_name(found.kind)},
                       {"identity", to_json(found.identity)},
                       {"error", error_or_null(found.error)}});
  }
  return {{"targets", std::move(targets)}};
}

void add_update_identify(CLI::App& update, Context& context) {
  CLI::App* identify = update.add_subcommand("identify", "say which release this is");
  const auto targets = std::make_shared<std::vector<std::string>>();
  identify->add_option("TARGET", *targets, "MRSEAM, SVN such as 1.5, or image file")
      ->required()
      ->type_name("");
  on_run(*identify, context, "update-identify",
         [&context, targets] { return run_identify(context, *targets); });
}

}  // namespace tdxctl::cli
