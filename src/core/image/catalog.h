// SPDX-License-Identifier: MIT
// Intel's list of module releases, mapping_file.json. It is input with a date: releases are added and values
// corrected, and the list of strictly compatible releases came without a new version of the form.
// Source: intel/confidential-computing.tdx.tdx-module.binaries.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/version.h"

namespace tdxctl::image {

struct CatalogRelease {
  Version version;
  Version min_running;               ///< oldest running module that it can replace while TDs stay alive
  std::vector<Version> seamldr_min;  ///< oldest P-SEAMLDR, one for each line of them
  /// Running releases from which nothing changes that a TD or the host could notice. The meaning is inferred;
  /// nothing in a list of the old form.
  std::optional<std::vector<Version>> strictly_compatible_with;
  std::optional<std::uint64_t> features0;
  bool contradicted =
      false;  ///< another row says something else of the same release: neither can be believed

  friend bool operator==(const CatalogRelease&, const CatalogRelease&) = default;
};

struct Catalog {
  std::string form;                      ///< version of the form, such as "1.0"
  std::vector<CatalogRelease> releases;  ///< by rising version, each once
  std::vector<std::string> problems;     ///< what was left out, and why; one sentence each

  /// The row of a release, or nullptr.
  [[nodiscard]] const CatalogRelease* find(const Version& version) const;
};

inline constexpr std::size_t kMaxCatalogBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMaxCatalogReleases = 1000;

/// Reads either form of the list. An entry that makes no sense is left out and named; the others stay.
/// Errors: catalog_invalid, when the text as a whole is no such list.
Result<Catalog> parse_catalog(std::string_view json);

/// The version in a file name of the published layout, such as "tdx_module_1.5.05.blob". A hint only: names
/// can lie.
std::optional<Version> version_in_name(std::string_view file_name);

}  // namespace tdxctl::image
