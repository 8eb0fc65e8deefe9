// SPDX-License-Identifier: MIT
// The value of a metadata element, read as its field says.
#pragma once

#include <cstdint>
#include <string>

#include "cli/envelope.h"
#include "core/abi/metadata.h"

namespace tdxctl::cli {

/// A number, a boolean, a date, a list of names or an object, by the format of the field; null where the bits
/// are all that there is to say.
Json field_value_json(const abi::MetadataField& field, std::uint64_t value);

/// The same in words; empty where the bits are all that there is to say.
std::string field_value_text(const abi::MetadataField& field, std::uint64_t value);

}  // namespace tdxctl::cli
