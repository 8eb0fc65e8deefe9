// SPDX-License-Identifier: MIT
#include "core/image/identify.h"

#include <algorithm>
#include <array>

#include "core/abi/releases.h"
#include "core/abi/table.h"
#include "core/image/hex_digits.h"

namespace tdxctl::image {
namespace {

struct SvnOfRelease {
  std::string_view version;
  Svn svn;
};

// Source: sigstructs of the published images.
constexpr SvnOfRelease kSvns[] = {{"1.5.05", {1, 5}}, {"2.0.02", {3, 3}}};
static_assert(abi::strictly_ascending(kSvns, [](const SvnOfRelease& row) { return row.version; }));

struct Line {
  std::uint8_t svn_major;
  std::string_view name;
  std::uint16_t major;
  std::uint16_t minor;
};

// Source: sigstructs of the published images.
constexpr Line kLines[] = {{1, "1.5", 1, 5}, {3, "2.0", 2, 0}};

const Line* find_line(const Svn& svn) {
  const auto line = std::ranges::find(kLines, svn.major, &Line::svn_major);
  return line != std::end(kLines) ? line : nullptr;
}

std::string_view line_of(const Version& version) {
  for (const Line& line : kLines) {
    if (line.major == version.major && line.minor == version.minor) return line.name;
  }
  return {};
}

std::vector<Version> versions_where(std::span<const KnownImage> known, auto fits) {
  std::vector<Version> versions;
  for (const KnownImage& image : known) {
    if (fits(image)) versions.push_back(image.version);
  }
  std::ranges::sort(versions);
  versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
  return versions;
}

// The minor SVN never falls from release to release of a line, so each known one bounds the others.
bool order_allows(const Version& version, const Svn& svn, std::span<const KnownImage> known) {
  return std::ranges::all_of(known, [&](const KnownImage& other) {
    if (!other.svn || other.svn->major != svn.major) return true;
    if (other.version <= version && other.svn->minor > svn.minor) return false;
    return !(other.version >= version && other.svn->minor < svn.minor);
  });
}

std::optional<std::chrono::year_month_day> parse_date(std::string_view text) {
  if (text.size() != 10) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t digits) {
    unsigned value = 0;
    for (const char c : text.substr(at, digits)) value = value * 10 + static_cast<unsigned>(c - '0');
    return value;
  };
  return std::chrono::year(static_cast<int>(number(0, 4))) / static_cast<int>(number(5, 2)) /
         static_cast<int>(number(8, 2));
}

}  // namespace

std::vector<KnownImage> published_images() {
  std::vector<KnownImage> images;
  for (const abi::Release& release : abi::releases()) {
    const auto version = parse_version(release.version);
    if (!version) continue;
    KnownImage image = {*version, std::nullopt, std::nullopt, parse_date(release.build_date)};
    Sha384 hash;
    if (parse_hex_digits(release.seamhash, hash)) image.seamhash = hash;
    const auto svn = std::ranges::find(kSvns, release.version, &SvnOfRelease::version);
    if (svn != std::end(kSvns)) image.svn = svn->svn;
    images.push_back(image);
  }
  return images;
}

std::string_view line_of(const Svn& svn) {
  const Line* const line = find_line(svn);
  return line != nullptr ? line->name : std::string_view{};
}

std::string_view to_string(IdentifiedBy how) {
  constexpr std::array<std::string_view, 6> kNames = {"nothing",  "seamhash", "build_info",
                                                      "svn_date", "svn",      "svn_order"};
  return kNames[static_cast<std::size_t>(how)];
}

Identity identify_mrseam(const Sha384& mrseam, std::span<const KnownImage> known) {
  auto releases = versions_where(known, [&](const KnownImage& image) { return image.seamhash == mrseam; });
  if (releases.empty()) return {};
  const bool certain = releases.size() == 1;
  const std::string_view line = line_of(releases.front());
  return {IdentifiedBy::seamhash, std::move(releases), certain, line};
}

Identity identify_svn(const Svn& svn, std::span<const KnownImage> known) {
  const Line* const line = find_line(svn);
  if (line == nullptr) return {};
  if (auto same = versions_where(known, [&](const KnownImage& image) { return image.svn == svn; });
      !same.empty()) {
    return {IdentifiedBy::svn, std::move(same), false, line->name};
  }
  auto possible = versions_where(known, [&](const KnownImage& image) {
    return !image.svn && line_of(image.version) == line->name && order_allows(image.version, svn, known);
  });
  const IdentifiedBy how = possible.empty() ? IdentifiedBy::nothing : IdentifiedBy::svn_order;
  return {how, std::move(possible), false, line->name};
}

Identity identify_image(const Sigstruct& sigstruct, std::span<const KnownImage> known) {
  Identity by_hash = identify_mrseam(sigstruct.seamhash, known);
  if (by_hash.certain) return by_hash;
  const Svn its_svn = svn(sigstruct);
  if (const auto info = build_info(sigstruct); info && its_svn.major != 1) {
    return {IdentifiedBy::build_info, {info->version}, true, line_of(its_svn)};
  }
  Identity by_svn = identify_svn(its_svn, known);
  const auto signed_on = date(sigstruct);
  auto same_day = versions_where(known, [&](const KnownImage& image) {
    return signed_on && image.date == signed_on && line_of(image.version) == line_of(its_svn) &&
           (!image.svn || *image.svn == its_svn);
  });
  if (same_day.empty()) return by_svn;
  return {IdentifiedBy::svn_date, std::move(same_day), false, line_of(its_svn)};
}

bool may_be(const Version& version, const Sigstruct& sigstruct, std::span<const KnownImage> known) {
  const Svn its_svn = svn(sigstruct);
  if (line_of(version) != line_of(its_svn) || !order_allows(version, its_svn, known)) return false;
  return std::ranges::all_of(known, [&](const KnownImage& image) {
    return image.version != version || ((!image.seamhash || *image.seamhash == sigstruct.seamhash) &&
                                        (!image.svn || *image.svn == its_svn));
  });
}

}  // namespace tdxctl::image
