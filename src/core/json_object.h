// SPDX-License-Identifier: MIT
// JSON that people write and tdxctl reads: nothing that says a thing twice, or that is nested for no reason.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "core/result.h"

namespace tdxctl {

/// A whole text as one JSON object. What is nested deeper than `depth` is not kept. `subject` is what the
/// text is, as in "the machine is not JSON: line 3, column 7". Errors: `id`, also where a member is given
/// twice or there is a NUL character, at which the library would silently stop.
Result<nlohmann::ordered_json> parse_json_object(std::string_view text, int depth, ErrorId id,
                                                 std::string_view subject);

}  // namespace tdxctl
