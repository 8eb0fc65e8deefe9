// SPDX-License-Identifier: MIT
// The one JSON object that every run with --json prints; its schema is dist/schema/envelope.json.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/version.h"

namespace tdxctl::cli {

using Json = nlohmann::ordered_json;

/// Something that the user should know and that did not stop the verb.
struct Warning {
  std::string_view id;
  std::string message;
};

struct Envelope {
  std::string_view verb;
  std::string_view driver;        ///< empty: no driver answered
  std::string_view machine;       ///< of the driver sim; empty otherwise
  std::optional<bool> changed{};  ///< of actions only
  Json data = nullptr;
  std::vector<Warning> warnings{};
  const Error* error = nullptr;
};

Json to_json(Envelope envelope, std::chrono::sys_seconds now);

/// Text of an object: on several lines for a terminal, on one otherwise, a line feed after it. Bytes that are
/// not UTF-8 become U+FFFD.
std::string serialise(const Json& json, bool pretty);

/// {"id", "exit_code", "message", "hint", "seamcall"}.
Json to_json(const Error& error);

/// The version as a string, and its parts beside it.
Json version_parts(const Version& version);

/// The value, or null where there is none.
template <class T>
Json or_null(const Result<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}
template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

/// The text of the value, or null where there is none: of a Result or a std::optional.
template <class T>
Json text_or_null(const T& value) {
  return value ? Json(to_string(*value)) : Json(nullptr);
}

/// The text, or null where there is none.
inline Json or_null(std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); }

}  // namespace tdxctl::cli
