// SPDX-License-Identifier: MIT
// The image that waits to be applied, and the release that a host is meant to run.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/image/container.h"
#include "core/image/sha384.h"
#include "core/port/store.h"
#include "core/version.h"

namespace tdxctl {

/// What is said of a staged image beside it.
struct StagedImage {
  std::string source;  ///< the path that it came from
  std::optional<Version> version;
  bool version_by_name = false;  ///< nothing but the name of the file told it
  image::Sha384 seamhash{};      ///< the MRSEAM that the module will have
  image::Sha384 key_sha384{};    ///< hash of the key that signed it
  image::Sha384 sha384{};        ///< of the image as it lies in the store
  std::uint64_t bytes = 0;
  std::chrono::sys_seconds staged_at{};
};

/// An image is a document of its own, named by its hash; the manifest is what stages it. So a run that is
/// killed at any point leaves the old image staged or the new one, and nothing between.
inline constexpr std::string_view kStagedFolder = "staged";
inline constexpr std::string_view kManifest = "staged/manifest.json";
inline constexpr std::string_view kWanted = "wanted";

/// Puts an image of the form 0x200 into the store in place of what is staged; fills in sha384 and bytes.
/// False where this very image is staged already. Errors: those of Store.
Result<bool> stage_image(Store& store, image::Bytes file, StagedImage& about);

/// What is staged, if anything. Errors: those of Store; store_damaged where the manifest makes no sense.
Result<std::optional<StagedImage>> read_staged(Store& store);

/// The bytes of a staged image. Errors: those of Store; store_damaged where they are not those of the
/// manifest.
Result<std::vector<std::uint8_t>> read_staged_image(Store& store, const StagedImage& about);

/// Unstages whatever is there, damaged or not. False where nothing was. Errors: those of Store.
Result<bool> discard_staged(Store& store);

/// Removes what interrupted runs left beside the staged image; gives how many documents that were. The lock
/// has to be held. Errors: those of Store.
Result<std::size_t> tidy_staged(Store& store);

/// The release that the host is meant to run, if anybody said. Errors: those of Store; store_damaged.
Result<std::optional<Version>> read_wanted(Store& store);

/// Sets it, or clears it with nothing. False where it was so already. Errors: those of Store.
Result<bool> set_wanted(Store& store, const std::optional<Version>& version);

}  // namespace tdxctl
