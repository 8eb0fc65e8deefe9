// SPDX-License-Identifier: MIT
// Decoded words for people and for JSON.
#pragma once

#include <string>
#include <string_view>

#include "cli/envelope.h"
#include "cli/text.h"
#include "core/decode/guess.h"

namespace tdxctl::cli {

/// The word that --as takes for what this is: "status", "rax", "field", ...
std::string_view kind_of(const Decoded& decoded);

/// Whether tables explain the word.
bool is_known(const Decoded& decoded);

/// One line: what the word is.
std::string title_of(const Decoded& decoded);

/// The lines below the title.
std::string details_of(const Decoded& decoded, const Style& style);

Json to_json(const Decoded& decoded);

}  // namespace tdxctl::cli
