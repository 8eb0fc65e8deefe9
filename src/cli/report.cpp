// SPDX-License-Identifier: MIT
#include "cli/report.h"

#include <chrono>

#include "cli/exit_codes.h"
#include "cli/output.h"
#include "core/abi/leaves.h"
#include "core/abi/status.h"
#include "core/hex.h"

namespace tdxctl::cli {
namespace {

void tell_error(const Error& error) {
  std::string text = "tdxctl: " + sentence(error) + "\n";
  if (!error.hint_text().empty()) text += "hint: " + printable(error.hint_text()) + "\n";
  write_stderr(text);
}

void tell_warnings(const std::vector<Warning>& warnings) {
  for (const Warning& warning : warnings)
    write_stderr("tdxctl: warning: " + printable(warning.message) + "\n");
}

/// A simulated machine is never taken for this one.
std::string banner(const Context& context) {
  if (context.machine.empty()) return {};
  return "simulated machine '" + printable(context.machine) + "': nothing here is about this host\n";
}

/// What failed and changed the state of the machine has changed it.
std::optional<bool> has_changed(const Outcome& outcome) {
  const bool by_error =
      outcome.error && error_info(outcome.error->id).error_class == ErrorClass::state_changed;
  return outcome.changed && by_error ? true : outcome.changed;
}

/// A result that cannot be written, and what came of the run where that is more than a result: nobody may
/// take a change for a run that did nothing. Nothing more goes to standard output. Gives the exit code.
int report_unwritten(const Error& why, const Outcome& outcome) {
  if (!has_changed(outcome).value_or(false)) {
    tell_error(why);
    return exit_code(why);
  }
  if (outcome.error) tell_error(*outcome.error);
  const Error error{
      ErrorId::report_unwritten,
      (outcome.error ? "something was changed before that failed" : "what was asked for was done") +
          std::string(", and the report of it is lost: ") + why.what};
  tell_error(error);
  return exit_code(error);
}

}  // namespace

std::string sentence(const Error& error) {
  std::string text = printable(error.what);
  if (error.seamcall) {
    const abi::CallWord call = abi::parse_call_word(error.seamcall->rax_in);
    const abi::StatusMatch match = abi::find_status(error.seamcall->status, call.interface());
    const bool said = match.code == nullptr || match.interface == abi::Interface::software;
    if (!said && text.find(match.code->name) == std::string::npos) {
      const std::string number = hex64(error.seamcall->status);
      const auto at = text.find(number);
      // Beside its number, or at the end of a sentence that has it not.
      text.insert(at == std::string::npos ? text.size() : at + number.size(),
                  " (" + std::string(match.code->name) + ")");
    }
  }
  return text;
}

int report_json(const Context& context, Json data, const Outcome& outcome) {
  Envelope envelope{
      .verb = context.verb,
      .driver = outcome.driver,
      .machine = context.machine,
      .changed = has_changed(outcome),
      .data = std::move(data),
      .warnings = outcome.warnings,
      .error = outcome.error ? &*outcome.error : nullptr,
  };
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const Result<void> written =
      write_stdout(serialise(to_json(std::move(envelope), now), stdout_is_terminal()));
  if (!written) return report_unwritten(written.error(), outcome);
  return outcome.error ? exit_code(*outcome.error) : 0;
}

int report_text(const Context& context, std::string_view text, const Outcome& outcome) {
  if (!context.options.quiet) {
    const Result<void> written = text.empty() ? Result<void>{} : write_stdout(banner(context).append(text));
    if (!written) return report_unwritten(written.error(), outcome);
    tell_warnings(outcome.warnings);
    if (outcome.error) tell_error(*outcome.error);
  }
  return outcome.error ? exit_code(*outcome.error) : 0;
}

void tell_before(const Context& context, std::vector<Warning>& warnings) {
  tell_warnings(warnings);
  if (!context.options.json) warnings.clear();
}

int report(const Context& context, const Error& error) {
  if (context.options.json) return report_json(context, nullptr, {.error = error});
  tell_error(error);
  return exit_code(error);
}

}  // namespace tdxctl::cli
