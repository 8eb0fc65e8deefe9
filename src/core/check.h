// SPDX-License-Identifier: MIT
// One rule, and what checking it showed. A report is a list of these; none of them stops the others.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace tdxctl {

enum class Verdict : std::uint8_t {
  ok,
  bad,
  skipped,  ///< does not count; the evidence says why
  unknown,  ///< a fact of the host or of the catalog is missing; never as good as ok
};

std::string_view to_string(Verdict verdict);

struct Rule {
  ErrorId id;             ///< also names the rule in output
  std::string_view text;  ///< what must hold, as a statement
  /// What the P-SEAMLDR answers when it is broken, such as "SEAMLDR_EBADSIG"; empty where it does not look.
  std::string_view seamldr_error{};
};

struct Check {
  const Rule* rule;
  Verdict verdict;
  std::string evidence;  ///< what was found, or why nothing could be
  std::string hint{};    ///< what to do about it, where the row of the id does not say that

  [[nodiscard]] ErrorId id() const { return rule->id; }
  [[nodiscard]] std::string_view name() const { return error_info(rule->id).name; }
};

/// What a test of one rule returns.
struct Finding {
  Verdict verdict;
  std::string evidence;
  std::string hint{};  ///< as in Check
};

inline Finding ok(std::string evidence) { return {Verdict::ok, std::move(evidence)}; }
inline Finding bad(std::string evidence) { return {Verdict::bad, std::move(evidence)}; }
inline Finding skipped(std::string reason) { return {Verdict::skipped, std::move(reason)}; }
inline Finding unknown(std::string reason) { return {Verdict::unknown, std::move(reason)}; }
inline Finding unknown(const Error& why) {
  return {Verdict::unknown, why.what, std::string(why.hint_text())};
}
inline Finding holds(bool held, std::string evidence) {
  return {held ? Verdict::ok : Verdict::bad, std::move(evidence)};
}

/// A row of a table of rules about one kind of subject.
template <class Subject>
struct RuleRow {
  Rule rule;
  Finding (*test)(const Subject& subject);
};

/// Checks every row, in order.
template <class Subject>
void run_rules(std::span<const RuleRow<Subject>> rows, const Subject& subject, std::vector<Check>& checks) {
  for (const RuleRow<Subject>& row : rows) {
    Finding finding = row.test(subject);
    checks.push_back({&row.rule, finding.verdict, std::move(finding.evidence), std::move(finding.hint)});
  }
}

/// Notes for every row that it could not be checked.
template <class Subject>
void skip_rules(std::span<const RuleRow<Subject>> rows, std::string_view reason, std::vector<Check>& checks) {
  for (const RuleRow<Subject>& row : rows) {
    checks.push_back({&row.rule, Verdict::skipped, std::string(reason)});
  }
}

/// The first check with that verdict, or nullptr.
const Check* first_with(Verdict verdict, std::span<const Check> checks);

/// A broken rule as the error that it is.
Error to_error(const Check& check);

}  // namespace tdxctl
