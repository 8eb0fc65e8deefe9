// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/envelope.h"
#include "cli/text.h"
#include "core/host_status.h"

namespace tdxctl::cli {

/// A fact of the status that has no value: its path in the JSON data, and why.
struct Unseen {
  std::string_view fact;
  const Error* why;
};
std::vector<Unseen> unseen_facts(const HostStatus& status);

std::string to_text(const HostStatus& status, const Style& style);
Json to_json(const HostStatus& status);

}  // namespace tdxctl::cli
