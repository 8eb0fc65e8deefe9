// SPDX-License-Identifier: MIT
#include "cli/check_text.h"

namespace tdxctl::cli {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kVerdictWidth = std::string_view("skipped").size();

std::string folded(std::span<const Check> checks, const Style& style) {
  constexpr std::size_t kTextColumn = kIndent + kVerdictWidth + 2;
  std::string text;
  for (const Check& check : checks) {
    const std::string verdict(to_string(check.verdict));
    text.append(kIndent, ' ').append(style.paint(colour_of(check.verdict), verdict));
    text.append(kVerdictWidth + 2 - verdict.size(), ' ').append(check.name()).append("\n");
    text +=
        wrapped(std::string(check.rule->text) + ": " + printable(check.evidence), kTextColumn, style.width);
  }
  return text;
}

}  // namespace

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
  Columns rows(style, kIndent);
  for (const Check& check : checks) {
    rows.row({{std::string(to_string(check.verdict)), colour_of(check.verdict)},
              {std::string(check.name())},
              {std::string(check.rule->text)},
              {printable(check.evidence)}});
  }
  return style.width == 0 || rows.width() <= style.width ? rows.str() : folded(checks, style);
}

}  // namespace tdxctl::cli
