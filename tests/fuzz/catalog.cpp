// SPDX-License-Identifier: MIT
// Lists of releases, of either form.
#include "core/image/catalog.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "check.h"
#include "core/hex.h"

using namespace tdxctl;
using image::Catalog, image::CatalogRelease;
using nlohmann::json;

namespace {

json to_json(const std::vector<Version>& versions) {
  json list = json::array();
  for (const Version& version : versions) list.push_back(to_string(version));
  return list;
}

json to_json(const Catalog& catalog) {
  json entries = json::array();
  for (const CatalogRelease& release : catalog.releases) {
    json entry = {{"version", to_string(release.version)},
                  {"min_module_version_for_td_preserving", to_string(release.min_running)},
                  {"min_seamldr_versions", to_json(release.seamldr_min)}};
    if (release.strictly_compatible_with) {
      entry["strict_compat_versions"] = to_json(*release.strictly_compatible_with);
    }
    if (release.features0) entry["tdx_feature0"] = hex64(*release.features0);
    entries.push_back(std::move(entry));
  }
  return {{"Header", {{"Version", catalog.form}}}, {"tdx_module_releases", std::move(entries)}};
}

void check_release(const Catalog& catalog, const CatalogRelease& release) {
  fuzz::check(catalog.find(release.version) == &release);
  fuzz::check(release.min_running <= release.version);
  fuzz::check(!release.seamldr_min.empty());
  if (const auto& strict = release.strictly_compatible_with) {
    fuzz::check(std::ranges::all_of(*strict, [&](const Version& each) { return each < release.version; }));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto version = image::version_in_name(text)) {
    fuzz::check(image::version_in_name("tdx_module_" + to_string(*version) + ".blob") == version);
  }
  const auto catalog = image::parse_catalog(text);
  if (!catalog) return 0;
  fuzz::check(catalog->releases.size() <= image::kMaxCatalogReleases);
  fuzz::check(std::ranges::is_sorted(catalog->releases, {}, &CatalogRelease::version));
  for (const CatalogRelease& release : catalog->releases) check_release(*catalog, release);
  const json printed = to_json(*catalog);
  const auto again = image::parse_catalog(printed.dump());
  fuzz::check(again && to_json(*again) == printed);
  return 0;
}
