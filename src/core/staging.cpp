// SPDX-License-Identifier: MIT
#include "core/staging.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/image/hex_digits.h"
#include "core/rfc3339.h"

namespace tdxctl {
namespace {

using nlohmann::json;

constexpr std::string_view kManifestForm = "tdxctl.staged/1";
constexpr std::size_t kMaxManifestBytes = 65536;
constexpr std::size_t kMaxWantedBytes = 64;

std::string document_of(const StagedImage& about) {
  return std::string(kStagedFolder) + "/" + image::hex_digits(about.sha384) + ".img";
}

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string manifest_text(const StagedImage& about) {
  const nlohmann::ordered_json manifest = {
      {"schema", kManifestForm},
      {"image", image::hex_digits(about.sha384) + ".img"},
      {"size_bytes", about.bytes},
      {"sha384", image::hex_digits(about.sha384)},
      {"mrseam", image::hex_digits(about.seamhash)},
      {"key_sha384", image::hex_digits(about.key_sha384)},
      {"version", about.version ? json(to_string(*about.version)) : json(nullptr)},
      {"version_by_name", about.version_by_name},
      {"source", about.source},
      {"staged_at", rfc3339(about.staged_at)},
  };
  // The path of a file can be anything but UTF-8.
  return manifest.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

/// Nothing where the text is no manifest of ours.
std::optional<StagedImage> parse_manifest(std::string_view text) {
  const json manifest = json::parse(text, nullptr, false);
  if (!manifest.is_object()) return std::nullopt;
  const auto text_of = [&](const char* key) -> std::string {
    const auto member = manifest.find(key);
    return member != manifest.end() && member->is_string() ? member->get<std::string>() : std::string();
  };
  StagedImage about;
  const auto staged_at = parse_rfc3339(text_of("staged_at"));
  const auto size = manifest.find("size_bytes");
  const bool whole = text_of("schema") == kManifestForm && staged_at && size != manifest.end() &&
                     size->is_number_unsigned() && image::parse_hex_digits(text_of("sha384"), about.sha384) &&
                     image::parse_hex_digits(text_of("mrseam"), about.seamhash) &&
                     image::parse_hex_digits(text_of("key_sha384"), about.key_sha384);
  if (!whole) return std::nullopt;
  about.bytes = size->get<std::uint64_t>();
  about.version = parse_version(text_of("version"));
  const auto by_name = manifest.find("version_by_name");
  about.version_by_name = by_name != manifest.end() && by_name->is_boolean() && by_name->get<bool>();
  about.source = text_of("source");
  about.staged_at = *staged_at;
  return about;
}

tl::unexpected<Error> damaged(const std::string& what, const std::string& hint = {}) {
  return fail(ErrorId::store_damaged, what, hint);
}

}  // namespace

Result<bool> stage_image(Store& store, image::Bytes file, StagedImage& about) {
  about.sha384 = image::sha384(file);
  about.bytes = file.size();
  const auto before = read_staged(store);
  if (before && *before && (*before)->sha384 == about.sha384 && read_staged_image(store, **before)) {
    about = **before;
    return false;
  }
  if (const auto written = store.write(document_of(about), file); !written) return fail(written.error());
  const std::string manifest = manifest_text(about);
  if (const auto written = store.write(kManifest, bytes_of(manifest)); !written) return fail(written.error());
  if (const auto tidied = tidy_staged(store); !tidied) return fail(tidied.error());
  return true;
}

Result<std::optional<StagedImage>> read_staged(Store& store) {
  const auto bytes = store.read(kManifest, kMaxManifestBytes);
  if (!bytes) return fail(bytes.error());
  if (!*bytes) return std::optional<StagedImage>();
  const std::string_view text(reinterpret_cast<const char*>((*bytes)->data()), (*bytes)->size());
  auto about = parse_manifest(text);
  if (!about) return damaged("the manifest of the staged image makes no sense");
  return about;
}

Result<std::vector<std::uint8_t>> read_staged_image(Store& store, const StagedImage& about) {
  auto bytes = store.read(document_of(about), image::kMaxFileBytes);
  if (!bytes) return fail(bytes.error());
  if (!*bytes) return damaged("the staged image is gone");
  if (image::sha384(**bytes) != about.sha384) return damaged("the staged image is not what was staged");
  return std::move(**bytes);
}

Result<bool> discard_staged(Store& store) {
  const auto removed = store.remove(kManifest);
  if (!removed) return fail(removed.error());
  const auto tidied = tidy_staged(store);
  if (!tidied) return fail(tidied.error());
  return *removed;
}

Result<std::size_t> tidy_staged(Store& store) {
  const auto staged = read_staged(store);
  // What a damaged manifest means nobody knows: everything stays for a person to look at.
  if (!staged)
    return staged.error().id == ErrorId::store_damaged ? Result<std::size_t>(0) : fail(staged.error());
  const auto names = store.list(kStagedFolder);
  if (!names) return fail(names.error());
  std::size_t removed = 0;
  for (const std::string& name : *names) {
    const std::string document = std::string(kStagedFolder) + "/" + name;
    if (document == kManifest || (*staged && document == document_of(**staged))) continue;
    const auto gone = store.remove(document);
    if (!gone) return fail(gone.error());
    ++removed;
  }
  return removed;
}

Result<std::optional<Version>> read_wanted(Store& store) {
  const auto bytes = store.read(kWanted, kMaxWantedBytes);
  if (!bytes) return fail(bytes.error());
  if (!*bytes) return std::optional<Version>();
  std::string_view text(reinterpret_cast<const char*>((*bytes)->data()), (*bytes)->size());
  if (text.ends_with('\n')) text.remove_suffix(1);
  const auto version = parse_version(text);
  if (!version) {
    return damaged("the wanted release is not a version",
                   "say it again, with 'tdxctl update wanted VERSION' or 'tdxctl update wanted --clear'");
  }
  return version;
}

Result<bool> set_wanted(Store& store, const std::optional<Version>& version) {
  if (!version) return store.remove(kWanted);
  const auto before = read_wanted(store);
  if (before && *before == version) return false;
  const std::string text = to_string(*version) + "\n";
  if (const auto written = store.write(kWanted, bytes_of(text)); !written) return fail(written.error());
  return true;
}

}  // namespace tdxctl
