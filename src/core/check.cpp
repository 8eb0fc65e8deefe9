// SPDX-License-Identifier: MIT
#include "core/check.h"

#include <algorithm>

namespace tdxctl {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return "ok";
    case Verdict::bad:
      return "bad";
    case Verdict::skipped:
      return "skipped";
    case Verdict::unknown:
      return "unknown";
  }
  return "";
}

const Check* first_with(Verdict verdict, std::span<const Check> checks) {
  const auto found = std::ranges::find(checks, verdict, &Check::verdict);
  return found != checks.end() ? &*found : nullptr;
}

Error to_error(const Check& check) {
  return {check.id(),
          "expected that " + std::string(check.rule->text) + ", found: " + check.evidence,
          check.hint,
          {}};
}

}  // namespace tdxctl
