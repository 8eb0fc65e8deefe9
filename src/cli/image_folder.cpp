// SPDX-License-Identifier: MIT
#include "cli/image_folder.h"

#include <algorithm>
#include <array>
#include <map>

#include "cli/image_text.h"

namespace tdxctl::cli {
namespace {

constexpr int kDeepest = 4;
constexpr std::string_view kPublishedImages = "joined_files";
constexpr std::array<std::string_view, 4> kExtensions = {".blob", ".img", kModuleExtension,
                                                         kSigstructExtension};

bool is_image_name(std::string_view name) {
  return std::ranges::any_of(kExtensions, [&](std::string_view each) { return name.ends_with(each); });
}

bool holds(const std::vector<FolderEntry>& entries, std::string_view name, bool folder) {
  return std::ranges::any_of(
      entries, [&](const FolderEntry& entry) { return entry.name == name && entry.is_folder == folder; });
}

/// A sigstruct beside its module: the module names both.
bool is_second_of_two(const std::vector<FolderEntry>& entries, const std::string& name) {
  if (!name.ends_with(kSigstructExtension)) return false;
  std::string module = name.substr(0, name.size() - kSigstructExtension.size());
  module += kModuleExtension;
  return holds(entries, module, false);
}

class Search {
 public:
  Search(Files& files, ImageFolder& folder) : files_(files), folder_(folder) {}

  void look_into(const std::string& path, const std::vector<FolderEntry>& entries, int depth) {
    for (const FolderEntry& entry : entries) {
      const std::string below = path + "/" + entry.name;
      if (entry.is_folder) {
        look_below(below, depth + 1);
      } else if (is_image_name(entry.name) && !is_second_of_two(entries, entry.name)) {
        found_.push_back(below);
      }
    }
  }

  void look_below(const std::string& path, int depth) {
    if (depth > kDeepest) {
      folder_.problems.push_back("'" + path + "' is left out: it lies too deep");
      return;
    }
    const auto entries = files_.list(path);
    if (!entries) {
      folder_.problems.push_back(entries.error().what);
      return;
    }
    look_into(path, *entries, depth);
  }

  [[nodiscard]] std::vector<std::string> found() {
    if (found_.size() > kMaxFolderImages) {
      folder_.problems.push_back(std::to_string(found_.size() - kMaxFolderImages) +
                                 " images are left out: only the first " + std::to_string(kMaxFolderImages) +
                                 " are looked at");
      found_.resize(kMaxFolderImages);
    }
    return std::move(found_);
  }

 private:
  Files& files_;
  ImageFolder& folder_;
  std::vector<std::string> found_;
};

/// Errors: those of reading and of parse_catalog.
Result<image::Catalog> read_catalog(Files& files, const std::string& path) {
  const auto bytes = files.read(path, image::kMaxCatalogBytes);
  if (!bytes) return fail(bytes.error());
  auto catalog = image::parse_catalog({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  if (catalog) return catalog;
  Error error = catalog.error();
  error.what = "'" + path + "': " + error.what;
  return fail(std::move(error));
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string_view last_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// Finds the list of releases in the folder and reads it.
void add_catalog(Files& files, const std::vector<FolderEntry>& entries, ImageFolder& folder) {
  if (!holds(entries, kMappingFile, false)) return;
  folder.mapping_file = folder.path + "/" + std::string(kMappingFile);
  auto catalog = read_catalog(files, *folder.mapping_file);
  if (catalog) {
    folder.catalog = std::move(*catalog);
  } else {
    folder.error = catalog.error();
  }
}

/// Of two releases with the same bytes one name is wrong, and nobody here knows which.
void name_one_module_under_two_names(ImageFolder& folder) {
  std::map<image::Sha384, const ListedImage*> seen;
  for (const ListedImage& image : folder.images) {
    if (image.error || !image.candidate.version_by_name) continue;
    const auto [first, is_new] = seen.try_emplace(image.candidate.sigstruct->seamhash, &image);
    if (is_new || first->second->candidate.version == image.candidate.version) continue;
    folder.problems.push_back("'" + first->second->path + "' and '" + image.path +
                              "' are the same module: the name of one of them is wrong");
  }
}

}  // namespace

std::vector<Version> ImageFolder::releases_without_image() const {
  std::vector<Version> missing;
  for (const image::CatalogRelease& release : catalog.releases) {
    const auto is_release = [&](const ListedImage& image) {
      return image.candidate.version == release.version;
    };
    if (std::ranges::none_of(images, is_release)) missing.push_back(release.version);
  }
  return missing;
}

std::optional<std::string> release_of(const image::Candidate& candidate) {
  if (!candidate.version) return std::nullopt;
  return to_string(*candidate.version) + (candidate.version_by_name ? " (by its file name)" : "");
}

ListedImage list_image(const ExaminedImage& image, const image::Catalog& catalog) {
  ListedImage listed{.path = image.path,
                     .form = form_of(image),
                     .bytes = image.file ? image.file->bytes() : 0,
                     .candidate = {.name = std::string(last_name(image.path))},
                     .error = image.error};
  if (!image.report) return listed;
  image::Candidate& candidate = listed.candidate;
  candidate.sigstruct = image.report->sigstruct;
  candidate.verification = image.report->checks;
  if (!candidate.sigstruct) return listed;

  const image::Identity identity = identity_of(image);
  candidate.named = image::version_in_name(candidate.name);
  if (identity.certain) {
    candidate.version = identity.releases.front();
  } else if (candidate.named &&
             image::may_be(*candidate.named, *candidate.sigstruct, image::published_images())) {
    candidate.version = candidate.named;
    candidate.version_by_name = true;
  }
  if (candidate.version) candidate.release = catalog.find(*candidate.version);
  return listed;
}

Result<ImageFolder> read_image_folder(Files& files, const std::string& path,
                                      const image::VerifyOptions& options) {
  ImageFolder folder;
  const bool list_named = path.ends_with(".json");
  folder.path = list_named ? parent_of(path) : path;
  while (folder.path.size() > 1 && folder.path.ends_with('/')) folder.path.pop_back();
  if (list_named) {
    auto catalog = read_catalog(files, path);
    if (!catalog) return fail(catalog.error());
    folder.mapping_file = path;
    folder.catalog = std::move(*catalog);
  }

  const auto entries = files.list(folder.path);
  if (!entries) return fail(entries.error());
  if (!list_named) add_catalog(files, *entries, folder);
  Search search(files, folder);
  if (folder.mapping_file && holds(*entries, kPublishedImages, true)) {
    search.look_below(folder.path + "/" + std::string(kPublishedImages), 1);
  } else {
    search.look_into(folder.path, *entries, 0);
  }
  const std::vector<std::string> paths = search.found();
  if (paths.empty()) {
    // What could not be looked at may hold one.
    if (!folder.problems.empty()) return fail(ErrorId::file_unreadable, folder.problems.front());
    return fail(ErrorId::no_images, "there is no image in '" + folder.path + "'");
  }
  for (const std::string& each : paths) {
    folder.images.push_back(list_image(examine(files, each, options, {}), folder.catalog));
  }
  name_one_module_under_two_names(folder);
  return folder;
}

std::optional<std::string> folder_with_list(Files& files, const std::string& image_path) {
  std::string folder = parent_of(image_path);
  for (int above = 0; above <= 3; ++above) {
    const auto entries = files.list(folder);
    if (entries && holds(*entries, kMappingFile, false)) return folder;
    folder += "/..";
  }
  return std::nullopt;
}

}  // namespace tdxctl::cli
