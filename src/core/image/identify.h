// SPDX-License-Identifier: MIT
// Which release a hash, an SVN or an image belongs to.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/image/sha384.h"
#include "core/image/sigstruct.h"
#include "core/version.h"

namespace tdxctl::image {

/// A release and what tells its image from others; unknown parts are empty.
struct KnownImage {
  Version version;
  std::optional<Sha384> seamhash;
  std::optional<Svn> svn;
  std::optional<std::chrono::year_month_day> date;
};

/// The published releases, with what is recorded of them. A caller may add images of its own that it
/// verified.
std::vector<KnownImage> published_images();

/// "1.5" or "2.0"; empty where the major SVN is of no known line.
std::string_view line_of(const Svn& svn);

enum class IdentifiedBy : std::uint8_t {
  nothing,     ///< no release is known that fits
  seamhash,    ///< the image is that of the release, bit for bit
  build_info,  ///< the signed image itself says so
  svn_date,    ///< SVN and date agree with the release
  svn,         ///< the SVN agrees; neighbouring releases can share one
  svn_order,   ///< the SVN lies between those of known releases
};

std::string_view to_string(IdentifiedBy how);

struct Identity {
  IdentifiedBy how = IdentifiedBy::nothing;
  std::vector<Version> releases;  ///< what it can be, rising; exactly one where `certain`
  bool certain = false;
  std::string_view line;  ///< as line_of; empty where nothing tells
};

/// MRSEAM of SEAMLDR.INFO or of a TD report, which is the SEAMHASH of the running module.
Identity identify_mrseam(const Sha384& mrseam, std::span<const KnownImage> known);

Identity identify_svn(const Svn& svn, std::span<const KnownImage> known);

/// The release that a sigstruct describes. Trust it as far as the signature was checked.
Identity identify_image(const Sigstruct& sigstruct, std::span<const KnownImage> known);

/// Whether nothing that is known speaks against an image being that release: not its line, and not the hash,
/// the SVN or the order of the SVNs of known releases. For a name, which can lie.
bool may_be(const Version& version, const Sigstruct& sigstruct, std::span<const KnownImage> known);

}  // namespace tdxctl::image
