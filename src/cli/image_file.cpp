// SPDX-License-Identifier: MIT
#include "cli/image_file.h"

#include <algorithm>

#include "cli/text.h"
#include "core/image/hex_digits.h"
#include "core/image/key.h"

namespace tdxctl::cli {
namespace {

using image::FileKind;

// Twice the largest image: what is appended to one is still seen as that, and a disk that was named by
// mistake is not read.
constexpr std::size_t kReadLimitBytes = 2 * image::kMaxFileBytes;
constexpr std::size_t kMaxKeyFileBytes = 65536;

/// A damaged sigstruct is still known by its name.
FileKind kind_of(const std::string& path, image::Bytes bytes) {
  const FileKind kind = image::detect_kind(bytes);
  return kind == FileKind::unknown && path.ends_with(kSigstructExtension) ? FileKind::sigstruct : kind;
}

std::string with_extension(const std::string& path, std::string_view extension) {
  const auto slash = path.rfind('/');
  const auto dot = path.rfind('.');
  const bool has_extension = dot != std::string::npos && (slash == std::string::npos || dot > slash);
  return path.substr(0, has_extension ? dot : std::string::npos).append(extension);
}

/// The other of two files; says what it is for where it cannot be read.
void read_other(Files& files, const std::string& path, std::vector<std::uint8_t>& bytes, ImageFile& image) {
  auto other = files.read(path, kReadLimitBytes);
  if (other) {
    bytes = std::move(*other);
    return;
  }
  image.missing = other.error();
  image.missing->hint = "a module and its sigstruct lie beside each other, as NAME" +
                        std::string(kModuleExtension) + " and NAME" + std::string(kSigstructExtension);
}

bool is_in(ErrorId id, std::span<const ErrorId> ids) { return std::ranges::find(ids, id) != ids.end(); }

/// Of the broken rules the one that says most. In a file that is something else it is that of the version,
/// and otherwise one that makes the image invalid before one that it merely does not fit.
int weight(const Check& check, bool is_other_file) {
  if (is_other_file && check.id() == ErrorId::image_version) return 2;
  return error_info(check.id()).error_class == ErrorClass::image_invalid ? 1 : 0;
}

std::optional<Error> broken_rule(const std::string& path, const image::Verification& report,
                                 bool is_other_file, std::span<const ErrorId> tolerated) {
  const std::vector<const Check*> broken = broken_rules(report, tolerated);
  if (broken.empty()) return std::nullopt;
  const auto weight_here = [&](const Check* check) { return weight(*check, is_other_file); };
  Error error = to_error(**std::ranges::max_element(broken, {}, weight_here));
  error.what = "'" + path + "': " + error.what;
  if (broken.size() > 1) error.what += "; " + counted(broken.size() - 1, "more rule") + " broken";
  return error;
}

int gravity(const Error& error) {
  switch (error_info(error.id).error_class) {
    case ErrorClass::image_invalid:
      return 2;
    case ErrorClass::image_incompatible:
      return 0;
    default:
      return 1;
  }
}

}  // namespace

Result<ImageFile> read_image(Files& files, const std::string& path) {
  auto bytes = files.read(path, kReadLimitBytes);
  if (!bytes) return fail(bytes.error());
  ImageFile image;
  switch (kind_of(path, *bytes)) {
    case FileKind::module:
      image.in_parts = true;
      image.module = std::move(*bytes);
      read_other(files, with_extension(path, kSigstructExtension), image.sigstruct, image);
      break;
    case FileKind::sigstruct:
      image.in_parts = true;
      image.sigstruct = std::move(*bytes);
      read_other(files, with_extension(path, kModuleExtension), image.module, image);
      break;
    case FileKind::container:
    case FileKind::unknown:
      image.container = std::move(*bytes);
      break;
  }
  return image;
}

Result<image::Sha384> read_key(Files& files, const std::string& key_file) {
  if (key_file.empty()) return image::kIntelKeyHash;
  if (image::Sha384 hash; image::parse_hex_digits(key_file, hash)) return hash;
  const auto bytes = files.read(key_file, kMaxKeyFileBytes);
  if (!bytes) return fail(bytes.error());
  auto key = image::parse_key({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  if (!key) {
    Error error = key.error();
    error.what = "'" + key_file + "': " + error.what;
    return fail(std::move(error));
  }
  return key;
}

std::optional<Warning> warning_of_key(const image::Sha384& key, const std::string& key_file) {
  if (key == image::kIntelKeyHash) return std::nullopt;
  return Warning{"other_key",
                 "checked against the key in '" + key_file + "': no P-SEAMLDR of Intel's takes it"};
}

ExaminedImage examine(Files& files, const std::string& path, const image::VerifyOptions& options,
                      std::span<const ErrorId> tolerated) {
  auto file = read_image(files, path);
  if (file) return judge(path, std::move(*file), options, tolerated);
  ExaminedImage examined;
  examined.path = path;
  examined.error = file.error();
  return examined;
}

ExaminedImage judge(std::string path, ImageFile file, const image::VerifyOptions& options,
                    std::span<const ErrorId> tolerated) {
  ExaminedImage examined;
  examined.path = std::move(path);
  const ImageFile& image = examined.file.emplace(std::move(file));
  examined.report = image.in_parts ? image::verify_parts(image.sigstruct, image.module, options)
                                   : image::verify(image.container, options);
  const bool is_other_file = !image.in_parts && !examined.report->format;
  examined.error =
      image.missing ? image.missing : broken_rule(examined.path, *examined.report, is_other_file, tolerated);
  return examined;
}

std::vector<const Check*> broken_rules(const image::Verification& report,
                                       std::span<const ErrorId> tolerated) {
  std::vector<const Check*> broken;
  for (const Check& check : report.checks) {
    if (check.verdict == Verdict::bad && !is_in(check.id(), tolerated)) broken.push_back(&check);
  }
  return broken;
}

std::optional<Error> sum_up(std::size_t targets, const std::vector<Error>& failures) {
  if (failures.empty()) return std::nullopt;
  Error error = *std::ranges::max_element(failures, {}, gravity);
  if (targets > 1) {
    error.what = std::to_string(failures.size()) + " of " + std::to_string(targets) +
                 " failed; the gravest: " + error.what;
  }
  return error;
}

}  // namespace tdxctl::cli
