// SPDX-License-Identifier: MIT
// What the verbs of 'update' say in the same words: rules, releases, forms of images.
#pragma once

#include <string>

#include "cli/check_text.h"
#include "cli/envelope.h"
#include "cli/image_file.h"
#include "cli/text.h"
#include "core/image/identify.h"

namespace tdxctl::cli {

/// "0x100", "0x200" or "parts"; empty for a file that is no image.
std::string_view form_of(const ExaminedImage& image);

/// Broken rules, one row each: id, what must hold, what was found.
std::string rules_text(const std::vector<const Check*>& broken, const Style& style);

/// Null where all is well.
Json error_or_null(const std::optional<Error>& error);

/// "1.5.05", "1.5.06 or 1.5.08", or "unknown".
std::string release_text(const image::Identity& identity);

/// "certain: the hash is that of the release".
std::string certainty_text(const image::Identity& identity);

/// {"by", "certain", "line", "releases": [{"version", "version_parts"}]}.
Json to_json(const image::Identity& identity);

/// The release of an image. Certain only where the image keeps every rule: an image can say what it likes.
image::Identity identity_of(const ExaminedImage& image);

}  // namespace tdxctl::cli
