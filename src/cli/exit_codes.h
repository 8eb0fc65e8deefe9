// SPDX-License-Identifier: MIT
// The exit codes of the program: one table, shown by tdxctl-exit-codes(7).
#pragma once

#include <optional>
#include <string_view>

#include "core/error.h"

namespace tdxctl::cli {

struct ExitCode {
  int code;
  std::optional<ErrorClass> error_class;  ///< none where no error leads to the code
  std::string_view meaning;
};

inline constexpr ExitCode kExitCodes[] = {
    {0, std::nullopt, "done, or nothing to do"},
    {1, ErrorClass::failed, "unexpected failure"},
    {2, ErrorClass::usage, "usage"},
    {3, ErrorClass::not_supported, "not supported here"},
    {4, ErrorClass::denied, "not permitted"},
    {5, ErrorClass::busy, "busy, try again"},
    {6, ErrorClass::image_invalid, "image invalid"},
    {7, ErrorClass::image_incompatible, "image valid but not compatible"},
    {8, ErrorClass::refused, "refused by a check"},
    {9, ErrorClass::state_changed, "failed, and the state of the machine changed"},
    {10, std::nullopt, "problems found"},
    {11, ErrorClass::time_limit, "time limit reached, nothing lost"},
};

constexpr int exit_code(ErrorClass error_class) {
  for (const ExitCode& row : kExitCodes) {
    if (row.error_class == error_class) return row.code;
  }
  return 1;
}

inline int exit_code(const Error& error) { return exit_code(error_info(error.id).error_class); }

constexpr bool exit_codes_are_in_order() {
  int next = 0;
  for (const ExitCode& row : kExitCodes) {
    if (row.code != next++) return false;
  }
  return true;
}
static_assert(exit_codes_are_in_order());
static_assert(exit_code(ErrorClass::failed) == 1 && exit_code(ErrorClass::time_limit) == 11);

}  // namespace tdxctl::cli
