// SPDX-License-Identifier: MIT
// The one place that says what came of a run: result or error, as text or as JSON, and the exit code.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"
#include "cli/envelope.h"

namespace tdxctl::cli {

/// What goes with a result.
struct Outcome {
  std::string_view driver{};  ///< who answered; empty when no driver was asked
  std::vector<Warning> warnings{};
  std::optional<bool> changed{};  ///< of actions: whether anything is different now
  std::optional<Error> error{};   ///< what part of the work failed, though there is a result
};

/// What an error says, safe to show; the status of a SEAMCALL by its name.
std::string sentence(const Error& error);

/// Prints an error without a result and gives its exit code.
int report(const Context& context, const Error& error);

/// Prints a result that is text, if there is any, then its warnings and error; with --quiet nothing of it.
int report_text(const Context& context, std::string_view text, const Outcome& outcome);

/// Prints warnings before a question is asked. Text does not repeat them at the end; JSON has them in its
/// object.
void tell_before(const Context& context, std::vector<Warning>& warnings);

/// Prints data in the envelope.
int report_json(const Context& context, Json data, const Outcome& outcome);

/// Prints a result by its to_text(result, style) or its to_json(result), and gives the exit code.
template <class T>
int report_result(const Context& context, const T& result, const Outcome& outcome = {}) {
  if (context.options.json) return report_json(context, to_json(result), outcome);
  return report_text(context, to_text(result, context.style()), outcome);
}

}  // namespace tdxctl::cli
