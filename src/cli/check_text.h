// SPDX-License-Identifier: MIT
// How checks are shown, the same in every verb.
#pragma once

#include <span>
#include <string>

#include "cli/envelope.h"
#include "cli/text.h"
#include "core/check.h"

namespace tdxctl::cli {

/// {"id", "rule", "verdict", "evidence", "seamldr_error"}.
Json to_json(const Check& check);
Json to_json(std::span<const Check> checks);

Colour colour_of(Verdict verdict);

/// One row each: verdict, id, what must hold, what was found. On a terminal that is too narrow for that, what
/// must hold and what was found are below the id.
std::string checks_text(std::span<const Check> checks, const Style& style);

}  // namespace tdxctl::cli
