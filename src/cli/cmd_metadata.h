// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/envelope.h"
#include "cli/text.h"
#include "core/port/module.h"

namespace tdxctl::cli {

/// The table of known fields, which needs no host.
struct FieldTable {};
std::string to_text(FieldTable, const Style& style);
Json to_json(FieldTable);

/// Elements that were read, in the order read.
struct FieldValues {
  std::vector<FieldAnswer> elements;
  std::optional<ReadAllMethod> method;  ///< how they were enumerated; nothing when they were named
};
std::string to_text(const FieldValues& values, const Style& style);
Json to_json(const FieldValues& values);

}  // namespace tdxctl::cli
