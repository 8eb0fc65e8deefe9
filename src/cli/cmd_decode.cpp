// SPDX-License-Identifier: MIT
#include "cli/cmd_decode.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/commands.h"
#include "cli/decoded.h"
#include "cli/output.h"
#include "cli/report.h"
#include "core/decode/number.h"
#include "core/decode/scan.h"
#include "core/hex.h"

namespace tdxctl::cli {
namespace {

/// A long kernel log; more than that is a mistake.
constexpr std::size_t kLargestInput = 64u << 20;

struct Kind {
  std::string_view name;
  Decoded (*decode)(std::uint64_t word);
};
constexpr Kind kKinds[] = {
    {"status", [](std::uint64_t word) -> Decoded { return decode_status(word, abi::Interface::tdx_module); }},
    {"seamldr-status",
     [](std::uint64_t word) -> Decoded { return decode_status(word, abi::Interface::p_seamldr); }},
    {"np-seamldr-status",
     [](std::uint64_t word) -> Decoded { return decode_status(word, abi::Interface::np_seamldr); }},
    {"rax", [](std::uint64_t word) -> Decoded { return decode_rax(word); }},
    {"field", [](std::uint64_t word) -> Decoded { return decode_field_id(word); }},
    {"features", [](std::uint64_t word) -> Decoded { return decode_feature_mask(word); }},
    {"attributes", [](std::uint64_t word) -> Decoded { return decode_attributes(word); }},
    {"xfam", [](std::uint64_t word) -> Decoded { return decode_xfam(word); }},
    {"config-flags", [](std::uint64_t word) -> Decoded { return decode_config_flags(word); }},
    {"td-ctls", [](std::uint64_t word) -> Decoded { return decode_td_ctls(word); }},
    {"sys-attributes", [](std::uint64_t word) -> Decoded { return decode_sys_attributes(word); }},
};

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) names.emplace_back(kind.name);
  return names;
}

std::string_view likelihood_name(Likelihood likelihood) {
  switch (likelihood) {
    case Likelihood::certain:
      return "certain";
    case Likelihood::likely:
      return "likely";
    case Likelihood::possible:
      return "possible";
    case Likelihood::remote:
      return "remote";
  }
  return {};
}

std::vector<Guess> readings_of(std::uint64_t word, const std::string& as) {
  const auto* kind = std::ranges::find(kKinds, std::string_view(as), &Kind::name);
  if (kind == std::end(kKinds)) return guess(word);
  return {Guess{Likelihood::certain, "as asked", kind->decode(word)}};
}

/// What `decode` was given.
struct DecodeOptions {
  std::vector<std::string> values;
  std::string as;
};

/// Appends the numbers of standard input, and says what the reader should know about them.
Result<std::vector<Warning>> append_stdin(const std::string& as, std::vector<DecodedNumber>& numbers) {
  const auto text = read_stdin(kLargestInput);
  if (!text) return fail(text.error());
  ScanResult scan = scan_text(*text);
  std::vector<Warning> warnings;
  if (scan.findings.empty()) {
    warnings.push_back({"nothing_found", "standard input has no number that TDX explains"});
  }
  if (scan.truncated) {
    warnings.push_back(
        {"findings_truncated", "only the first " + std::to_string(kMaxFindings) + " numbers are explained"});
  }
  for (FoundNumber& finding : scan.findings) {
    auto readings = as.empty() ? std::vector<Guess>{{Likelihood::certain, "by its place in the text",
                                                     std::move(finding.decoded)}}
                               : readings_of(finding.word, as);
    numbers.push_back({std::string(finding.text), Place{finding.line, finding.column}, std::move(readings)});
  }
  return warnings;
}

int run_decode(Context& context, const DecodeOptions& options) {
  DecodedNumbers decoded;
  Outcome outcome;
  for (const std::string& value : options.values) {
    if (value == "-") {
      auto warnings = append_stdin(options.as, decoded.numbers);
      if (!warnings) return report(context, warnings.error());
      std::ranges::move(*warnings, std::back_inserter(outcome.warnings));
      continue;
    }
    const auto word = parse_number(value);
    if (!word) return report(context, word.error());
    decoded.numbers.push_back({value, std::nullopt, readings_of(*word, options.as)});
  }
  return report_result(context, decoded, outcome);
}

/// "could also be rax (TDH.SYS.RD)": readings that are worth a look.
std::string alternatives_text(const DecodedNumber& number) {
  std::vector<std::string> phrases;
  for (std::size_t i = 1; i < number.readings.size(); ++i) {
    const Guess& reading = number.readings[i];
    if (reading.likelihood == Likelihood::remote) continue;
    phrases.push_back(std::string(kind_of(reading.decoded)) + " (" + title_of(reading.decoded) + ")");
  }
  return phrases.empty() ? "" : "  could also be " + join(phrases, ", ") + ": see --as\n";
}

Json reading_json(const Guess& reading) {
  return {{"likelihood", likelihood_name(reading.likelihood)},
          {"reason", reading.reason},
          {"decoded", to_json(reading.decoded)}};
}

}  // namespace

std::string to_text(const DecodedNumbers& decoded, const Style& style) {
  std::string text;
  for (const DecodedNumber& number : decoded.numbers) {
    const Guess& best = number.readings.front();
    if (number.place) text += "line " + std::to_string(number.place->line) + ": ";
    text += printable(number.input) + "  " + style.paint(Colour::faint, kind_of(best.decoded)) + "  " +
            style.paint(is_known(best.decoded) ? Colour::bold : Colour::warn, title_of(best.decoded)) + "\n";
    if (best.likelihood > Likelihood::likely) text += "  a guess: " + std::string(best.reason) + "\n";
    text += details_of(best.decoded, style) + alternatives_text(number);
  }
  return text;
}

Json to_json(const DecodedNumbers& decoded) {
  Json numbers = Json::array();
  for (const DecodedNumber& number : decoded.numbers) {
    Json readings = Json::array();
    for (const Guess& reading : number.readings) readings.push_back(reading_json(reading));
    numbers.push_back({{"input", number.input},
                       {"line", number.place ? Json(number.place->line) : Json(nullptr)},
                       {"column", number.place ? Json(number.place->column) : Json(nullptr)},
                       {"readings", std::move(readings)}});
  }
  return {{"numbers", std::move(numbers)}};
}

void add_decode(CLI::App& verb, Context& context) {
  const auto options = std::make_shared<DecodeOptions>();
  verb.add_option("VALUE", options->values, "number, or - to read text such as dmesg from standard input")
      ->required()
      ->type_name("");
  verb.add_option("--as", options->as, "what the numbers are: " + join(kind_names(), ", "))
      ->check(CLI::IsMember(kind_names()).description(""))
      ->type_name("KIND");
  on_run(verb, context, "decode", [&context, options] { return run_decode(context, *options); });
}

}  // namespace tdxctl::cli
