// SPDX-License-Identifier: MIT
#include "core/image/catalog.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/abi/names.h"
#include "core/decode/number.h"

namespace tdxctl::image {
namespace {

using nlohmann::json;

// The member of an object, or nullptr.
const json* member(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found != object.end() ? &*found : nullptr;
}

const std::string* text_member(const json& object, const char* key) {
  const json* const value = member(object, key);
  return value != nullptr ? value->get_ptr<const std::string*>() : nullptr;
}

std::optional<Version> version_member(const json& object, const char* key) {
  const std::string* const text = text_member(object, key);
  return text != nullptr ? parse_version(*text) : std::nullopt;
}

// Nothing unless it is a list of nothing but versions.
std::optional<std::vector<Version>> version_list(const json& list) {
  if (!list.is_array() || list.size() > kMaxCatalogReleases) return std::nullopt;
  std::vector<Version> versions;
  for (const json& item : list) {
    const auto* const text = item.get_ptr<const std::string*>();
    const auto version = text != nullptr ? parse_version(*text) : std::nullopt;
    if (!version) return std::nullopt;
    versions.push_back(*version);
  }
  return versions;
}

// Reads one entry; what is wrong with it goes into problems, and nothing comes back where it cannot be used.
std::optional<CatalogRelease> read_release(const json& entry, std::size_t index,
                                           std::vector<std::string>& problems) {
  std::string name = "entry " + std::to_string(index + 1);
  const auto left_out = [&](std::string_view why) {
    problems.push_back(name + " is left out: " + std::string(why));
    return std::nullopt;
  };

  CatalogRelease release;
  const auto version = version_member(entry, "version");
  if (!version) return left_out("'version' is not a version");
  release.version = *version;
  name += " (" + to_string(*version) + ")";

  const auto min_running = version_member(entry, "min_module_version_for_td_preserving");
  if (!min_running) return left_out("'min_module_version_for_td_preserving' is not a version");
  if (*min_running > *version) return left_out("it could only replace modules newer than itself");
  release.min_running = *min_running;

  const json* const seamldr_min = member(entry, "min_seamldr_versions");
  auto seamldr_versions = seamldr_min != nullptr ? version_list(*seamldr_min) : std::nullopt;
  if (!seamldr_versions) return left_out("'min_seamldr_versions' is not a list of versions");
  if (seamldr_versions->empty())
    return left_out("'min_seamldr_versions' is empty, so no P-SEAMLDR could load it");
  release.seamldr_min = std::move(*seamldr_versions);

  if (const json* const strict = member(entry, "strict_compat_versions")) {
    release.strictly_compatible_with = version_list(*strict);
    if (!release.strictly_compatible_with) {
      problems.push_back(name + ": 'strict_compat_versions' is not a list of versions, so it is not known");
    } else if (std::erase_if(*release.strictly_compatible_with,
                             [&](const Version& v) { return v >= *version; }) > 0) {
      problems.push_back(name +
                         ": 'strict_compat_versions' names releases that are not older; those are ignored");
    }
  }
  if (const std::string* const features0 = text_member(entry, "tdx_feature0")) {
    if (const auto number = parse_number(*features0)) release.features0 = *number;
  }
  if (!release.features0) problems.push_back(name + ": 'tdx_feature0' is not a number, so it is not known");
  return release;
}

}  // namespace

const CatalogRelease* Catalog::find(const Version& version) const {
  const auto found = std::ranges::lower_bound(releases, version, {}, &CatalogRelease::version);
  return found != releases.end() && found->version == version ? &*found : nullptr;
}

Result<Catalog> parse_catalog(std::string_view text) {
  const auto invalid = [](std::string what) { return fail(ErrorId::catalog_invalid, std::move(what)); };
  if (text.size() > kMaxCatalogBytes) return invalid("the list of releases is longer than 1 MiB");
  const json root = json::parse(text, nullptr, false);
  if (root.is_discarded()) return invalid("the list of releases is not JSON");
  const json* const entries = member(root, "tdx_module_releases");
  if (entries == nullptr || !entries->is_array()) {
    return invalid("the list of releases has no list 'tdx_module_releases'");
  }
  if (entries->size() > kMaxCatalogReleases) {
    return invalid("the list of releases has more than " + std::to_string(kMaxCatalogReleases) + " entries");
  }

  Catalog catalog;
  const json* const header = member(root, "Header");
  const std::string* const form = header != nullptr ? text_member(*header, "Version") : nullptr;
  catalog.form = form != nullptr ? *form : "";
  if (!catalog.form.starts_with("1.")) {
    catalog.problems.push_back("the form is version " + abi::quoted(catalog.form) + ", read as '1.0'");
  }
  for (std::size_t i = 0; i < entries->size(); ++i) {
    auto release = read_release((*entries)[i], i, catalog.problems);
    if (!release) continue;
    const auto place =
        std::ranges::lower_bound(catalog.releases, release->version, {}, &CatalogRelease::version);
    if (place != catalog.releases.end() && place->version == release->version) {
      release->contradicted = place->contradicted;
      const bool contradicts = *release != *place;
      place->contradicted |= contradicts;
      catalog.problems.push_back("entry " + std::to_string(i + 1) + " (" + to_string(release->version) +
                                 ") " +
                                 (contradicts ? "contradicts another one: neither is believed"
                                              : "is left out: the release is listed already"));
    } else {
      catalog.releases.insert(place, std::move(*release));
    }
  }
  return catalog;
}

std::optional<Version> version_in_name(std::string_view file_name) {
  constexpr std::string_view kStart = "tdx_module_";
  if (!file_name.starts_with(kStart)) return std::nullopt;
  file_name.remove_prefix(kStart.size());
  const std::size_t end = file_name.rfind('.');
  return end != file_name.npos ? parse_version(file_name.substr(0, end)) : std::nullopt;
}

}  // namespace tdxctl::image
