// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "cli/envelope.h"
#include "cli/text.h"
#include "core/disable.h"

namespace tdxctl::cli {

/// What `disable --plan` shows.
std::string to_text(const DisablePlan& plan, const Style& style);
Json to_json(const DisablePlan& plan);

/// What `disable` shows: the plan only as JSON, since a person has confirmed it.
std::string to_text(const DisableResult& result, const Style& style);
Json to_json(const DisableResult& result);

/// "2.3 s, 1024 calls, 1000 interrupted, 23 busy".
std::string progress_text(const DisableProgress& progress);

}  // namespace tdxctl::cli
