// SPDX-License-Identifier: MIT
// The options that every verb takes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace tdxctl::cli {

struct Options {
  bool json = false;
  bool quiet = false;  ///< no text on standard output: the exit code answers
  bool version = false;
  int verbosity = 0;
  std::string driver = "auto";  ///< as typed
  std::string root = "/";
};

enum class DriverKind : std::uint8_t { automatic, native, helper, sim };

/// What --driver and --root ask for.
struct DriverChoice {
  DriverKind kind = DriverKind::automatic;
  std::string
      machine;  ///< with sim: a built-in name or the path of a machine file; empty for the default machine
  std::string root;
};

/// Reads --driver auto|native|helper|sim[=MACHINE].
/// Errors: usage.
Result<DriverChoice> parse_driver(const Options& options);

}  // namespace tdxctl::cli
