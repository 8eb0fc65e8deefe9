// SPDX-License-Identifier: MIT
// A catalog as a person names it: a folder of images, with or without Intel's list of releases.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/image_file.h"
#include "core/image/fit.h"

namespace tdxctl::cli {

/// An image of a folder; its bytes are not kept.
struct ListedImage {
  std::string path;
  std::string_view form;  ///< as form_of
  std::size_t bytes = 0;
  image::Candidate candidate;
  std::optional<Error> error;  ///< why it is no good, wherever it may be used
};

/// It is moved, never copied: the candidates look into the catalog.
struct ImageFolder {
  ImageFolder() = default;
  ImageFolder(ImageFolder&&) = default;
  ImageFolder& operator=(ImageFolder&&) = default;

  std::string path;
  std::optional<std::string> mapping_file;  ///< nothing where there is none
  image::Catalog catalog;
  std::vector<ListedImage> images;    ///< by rising path
  std::vector<std::string> problems;  ///< what was left out, and why; one sentence each
  std::optional<Error> error;         ///< why the list of releases could not be used
  std::optional<Error> absent;        ///< why there are no images: the default folder need not be there

  /// The releases of the list of which no image is here.
  [[nodiscard]] std::vector<Version> releases_without_image() const;
};

inline constexpr std::string_view kMappingFile = "mapping_file.json";
inline constexpr std::size_t kMaxFolderImages = 1000;

/// Reads and checks every image of a catalog. `path` is a folder, or a list of releases (NAME.json) in the
/// folder of the images. In a folder of Intel's published layout only joined_files is looked at: the other
/// folders hold the same images in parts. Elsewhere the folders below count as well, four deep.
/// Errors: those of Files::list for the folder itself; no_images where it holds none, file_unreadable where
/// that is not known; those of reading and of parse_catalog where the list was named.
Result<ImageFolder> read_image_folder(Files& files, const std::string& path,
                                      const image::VerifyOptions& options);

/// The folder with the list of releases that goes with an image: its own, or one of the three above. Nothing
/// where there is none.
std::optional<std::string> folder_with_list(Files& files, const std::string& image_path);

/// "1.5.28", "1.5.28 (by its file name)", or nothing where the release is not known.
std::optional<std::string> release_of(const image::Candidate& candidate);

/// The image for the rules of fitting. The name of its file may tell its release; `catalog` has to outlive
/// it.
ListedImage list_image(const ExaminedImage& image, const image::Catalog& catalog);

}  // namespace tdxctl::cli
