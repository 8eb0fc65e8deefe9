// SPDX-License-Identifier: MIT
#include "cli/check_text.h"

namespace tdxctl::cli {
Colour colour_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return Colour::good;
    case Verdict::bad:
      return Colour::bad;
    case Verdict::skipped:
    case Verdict::unknown:
      break;
  }
  return Colour::warn;
}

Json to_json(const Check& check) {
  return {
      {"id", check.name()},
      {"rule", check.rule->text},
      {"verdict", to_string(check.verdict)},
      {"evidence", check.evidence},
      {"seamldr_error", or_null(check.rule->seamldr_error)},
  };
}

Json to_json(std::span<const Check> checks) {
  Json list = Json::array();
  for (const Check& check : checks) list.push_back(to_json(check));
  return list;
}

std::string checks_text(std::span<const Check> checks, const Style& style) {
  Columns rows(style, 2);
  for (const Check& check : checks) {
    rows.row({{std::string(to_string(check.verdict)), colour_of(check.verdict)},
              {std::string(check.name())},
              {std::string(check.rule->text)},
              {printable(check.evidence)}});
  }
  return rows.str();
}

}  // namespace tdxctl::cli
