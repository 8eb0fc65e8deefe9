// SPDX-License-Identifier: MIT
#include "cli/image_text.h"

#include <utility>

namespace tdxctl::cli {
namespace {

using image::IdentifiedBy;
using image::Identity;

std::string_view reason_text(IdentifiedBy how) {
  switch (how) {
    case IdentifiedBy::nothing:
      return "no release is known that fits";
    case IdentifiedBy::seamhash:
      return "the hash is that of the release";
    case IdentifiedBy::build_info:
      return "the image says so itself";
    case IdentifiedBy::svn_date:
      return "SVN and date are those of the release";
    case IdentifiedBy::svn:
      return "releases can share an SVN";
    case IdentifiedBy::svn_order:
      return "the SVN lies between those of other releases";
  }
  return {};
}

}  // namespace

std::string_view form_of(const ExaminedImage& image) {
  if (!image.file) return {};
  if (image.file->in_parts) return "parts";
  return image.report->format ? image::to_string(*image.report->format) : std::string_view{};
}

std::string rules_text(const std::vector<const Check*>& broken, const Style& style) {
  Columns rows(style, 2);
  for (const Check* check : broken) {
    rows.row(
        {{std::string(check->name()), Colour::bad}, {std::string(check->rule->text)}, {check->evidence}});
  }
  return rows.str();
}

Json error_or_null(const std::optional<Error>& error) { return error ? to_json(*error) : Json(nullptr); }

std::string release_text(const Identity& identity) {
  if (identity.releases.empty()) return "unknown";
  std::vector<std::string> names;
  for (const Version& version : identity.releases) names.push_back(to_string(version));
  const std::string last = std::move(names.back());
  names.pop_back();
  return names.empty() ? last : join(names, ", ") + " or " + last;
}

std::string certainty_text(const Identity& identity) {
  const std::string reason(reason_text(identity.how));
  if (identity.how == IdentifiedBy::nothing) {
    return identity.line.empty() ? reason : reason + "; it is of the " + std::string(identity.line) + " line";
  }
  return (identity.certain ? "certain: " : "not certain: ") + reason;
}

Json to_json(const Identity& identity) {
  Json releases = Json::array();
  for (const Version& version : identity.releases) {
    releases.push_back({{"version", to_string(version)}, {"version_parts", version_parts(version)}});
  }
  return {
      {"by", image::to_string(identity.how)},
      {"certain", identity.certain},
      {"line", or_null(identity.line)},
      {"releases", std::move(releases)},
  };
}

Identity identity_of(const ExaminedImage& image) {
  if (!image.report || !image.report->sigstruct) return {};
  Identity identity = image::identify_image(*image.report->sigstruct, image::published_images());
  identity.certain = identity.certain && image.report->sound();
  return identity;
}

}  // namespace tdxctl::cli
