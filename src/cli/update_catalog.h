// SPDX-License-Identifier: MIT
// What the verbs that judge images by a host have in common: their options, the catalog beside the host, and
// how they show both.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"
#include "cli/envelope.h"
#include "cli/image_folder.h"
#include "cli/text.h"
#include "core/update_host.h"

namespace CLI {
class App;
}

namespace tdxctl::cli {

struct CatalogOptions {
  std::string catalog;   ///< as typed; empty for the folder that packages and people put images in
  std::string key_file;  ///< in place of Intel's key
  bool strict = false;   ///< insist on strict compatibility
};

/// Gives a verb --catalog, --key and --strict.
void add_catalog_options(CLI::App& verb, CatalogOptions& options);

/// A folder of images, and the host that they are to fit.
struct CatalogView {
  UpdateHost host;
  ImageFolder folder;
  image::FitOptions fit;
  std::optional<Warning> other_key{};  ///< the images are judged by another key than Intel's
};

/// Reads both. What no driver tells about the running module comes from the catalog where that has its image.
/// The default folder need not be there, or hold an image. Errors: those of Context::drivers, read_key and
/// read_image_folder.
Result<CatalogView> view_catalog(Context& context, const CatalogOptions& options);

/// What no driver tells about the running module, from its image and its row in the folder.
void complete_from_folder(UpdateHost& host, const ImageFolder& folder);

/// The folder that is used unless another is named, below --root.
std::string default_catalog(const Options& options);

/// The default folder without its images, and why.
ImageFolder absent_catalog(const Options& options, Error why);

/// Who told the facts: one driver, "several", or nothing.
std::string_view driver_of(const UpdateHost& host);

/// "TDX module 1.5.16 (SVN 1.5), P-SEAMLDR 1.5.03, 4 updates left; 2 packages, ...".
std::string host_line(const UpdateHost& host);

/// What could not be seen and why, one row each; empty where all was seen.
std::string unseen_rows(const UpdateHost& host, const Style& style);
Json to_json(const UpdateHost& host);

/// The catalog itself, without its images.
Json catalog_json(const ImageFolder& folder);

/// The key that is not Intel's and the problems of the catalog, as warnings.
std::vector<Warning> warnings_of(const ImageFolder& folder, const std::optional<Warning>& other_key);

/// {"path", "form", "size_bytes", "version", "version_parts", "version_by_name", "svn", "date", "error"}.
Json to_json(const ListedImage& image);

/// The path as it lies in the folder.
std::string_view path_in(const ImageFolder& folder, const ListedImage& image);

/// The reasons that speak against an image: for one that is no good only what is wrong with it.
std::vector<Check> reasons_against(const std::vector<Check>& checks);

/// "image_other_line: running is 1.5.16, the image is 2.0.18".
std::string reason_text(const Check& reason);

}  // namespace tdxctl::cli
