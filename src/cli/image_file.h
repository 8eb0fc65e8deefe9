// SPDX-License-Identifier: MIT
// TDX module images as a person names them: reading them, and what is wrong with them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/envelope.h"
#include "core/image/verify.h"
#include "core/port/files.h"

namespace tdxctl::cli {

/// The bytes of an image. It comes in one file, a container, or in two beside each other: X.bin, the module,
/// and X.sigstruct; then either of them names it.
struct ImageFile {
  bool in_parts = false;
  std::vector<std::uint8_t> container;  ///< empty where it comes in two files
  std::vector<std::uint8_t> sigstruct;
  std::vector<std::uint8_t> module;
  std::optional<Error> missing;  ///< of two files: why the other one could not be read

  [[nodiscard]] std::size_t bytes() const { return container.size() + sigstruct.size() + module.size(); }
};

/// Errors: file_unreadable, not_permitted.
Result<ImageFile> read_image(Files& files, const std::string& path);

/// That images are judged by another key than Intel's; nothing where it is Intel's.
std::optional<Warning> warning_of_key(const image::Sha384& key, const std::string& key_file);

/// What of an image is in which file of two: the path without its extension, and the extension.
inline constexpr std::string_view kModuleExtension = ".bin";
inline constexpr std::string_view kSigstructExtension = ".sigstruct";

/// The key that has to have signed: its hash, or a public key or a hash in a file; Intel's where `key_file`
/// is empty. Errors: file_unreadable, not_permitted, bad_key.
Result<image::Sha384> read_key(Files& files, const std::string& key_file);

/// Rules that do not make an image damaged: who signed it, and what for.
inline constexpr ErrorId kRulesOfTrust[] = {ErrorId::image_key, ErrorId::image_debug_signed};

/// An image that was read and checked. It is moved, never copied: the report looks into the file.
struct ExaminedImage {
  ExaminedImage() = default;
  ExaminedImage(ExaminedImage&&) = default;
  ExaminedImage& operator=(ExaminedImage&&) = default;

  std::string path;
  std::optional<ImageFile> file;              ///< nothing where it could not be read
  std::optional<image::Verification> report;  ///< goes with the file
  std::optional<Error> error;                 ///< why it is no good
};

/// Reads and checks one image. Breaking a rule among `tolerated` leaves it good.
ExaminedImage examine(Files& files, const std::string& path, const image::VerifyOptions& options,
                      std::span<const ErrorId> tolerated);

/// The same for one that was read already; `path` is what it is called.
ExaminedImage judge(std::string path, ImageFile file, const image::VerifyOptions& options,
                    std::span<const ErrorId> tolerated);

/// The rules that an image breaks, other than those.
std::vector<const Check*> broken_rules(const image::Verification& report, std::span<const ErrorId> tolerated);

/// One error for several targets, or nothing when none failed: the gravest, where an image that is invalid is
/// graver than one that could not be read, and that graver than one that does not fit. Of equals the first.
std::optional<Error> sum_up(std::size_t targets, const std::vector<Error>& failures);

/// The errors of those that have one.
template <class Targets>
std::vector<Error> errors_of(const Targets& targets) {
  std::vector<Error> errors;
  for (const auto& target : targets) {
    if (target.error) errors.push_back(*target.error);
  }
  return errors;
}

}  // namespace tdxctl::cli
