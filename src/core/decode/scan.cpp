// SPDX-License-Identifier: MIT
#include "core/decode/scan.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "core/abi/bits.h"
#include "core/abi/names.h"
#include "core/decode/number.h"

namespace tdxctl {
namespace {

using abi::Interface;

/// What the words before a number say about it.
enum class Expect : std::uint8_t {
  anything,
  status,
  call,
  field_id,
  features,
  attributes,
  xfam,
  config_flags,
  reg,
};

struct Keyword {
  std::string_view word;
  Expect expect;
};

constexpr Keyword kKeywords[] = {
    {"SEAMCALL", Expect::call},
    {"leaf", Expect::call},
    {"failed", Expect::status},
    {"status", Expect::status},
    {"error", Expect::status},
    {"err", Expect::status},
    {"returned", Expect::status},
    {"ret", Expect::status},
    {"result", Expect::status},
    {"field", Expect::field_id},
    {"field_id", Expect::field_id},
    {"metadata", Expect::field_id},
    {"features0", Expect::features},
    {"TDX_FEATURES0", Expect::features},
    {"attributes", Expect::attributes},
    {"XFAM", Expect::xfam},
    {"CONFIG_FLAGS", Expect::config_flags},
};

/// Words that begin like this make a line one about TDX.
constexpr std::string_view kTopics[] = {"TDX", "TDH", "SEAMCALL", "SEAMLDR", "P_SEAMLDR", "TDMR", "PAMT"};

// Longer words are names of nothing here, and looking at them would cost time.
constexpr std::size_t kLongestWord = 40;

// Linux prints registers on the lines right after a failure.
constexpr std::size_t kRegisterLines = 4;

constexpr bool is_word_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
}

/// Calls visit(word, offset) for each run of word characters, without dots at its ends.
template <class Visit>
void for_each_word(std::string_view line, Visit visit) {
  for (std::size_t i = 0; i < line.size();) {
    if (!is_word_char(line[i]) || line[i] == '.') {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < line.size() && is_word_char(line[end])) ++end;
    std::string_view word = line.substr(i, end - i);
    while (word.ends_with('.')) word.remove_suffix(1);
    if (!word.empty() && word.size() <= kLongestWord) visit(word, i);
    i = end;
  }
}

bool is_hex_number(std::string_view word) { return word.starts_with("0x") || word.starts_with("0X"); }

/// Who was called: the leaf where it is known, or the interface alone.
struct Callee {
  std::optional<Interface> called{};
  std::optional<std::uint16_t> leaf{};
};

std::optional<Callee> callee_named(std::string_view word) {
  const bool loader_word = abi::after_prefix(word, "SEAMLDR") || abi::after_prefix(word, "P_SEAMLDR");
  if (!loader_word && !abi::after_prefix(word, "TDH")) return std::nullopt;
  // Linux spells the loader's leaves with a P in front.
  const auto leaf = abi::find_leaf(loader_word ? abi::after_prefix(word, "P").value_or(word) : word);
  if (leaf.leaf != nullptr) return Callee{leaf.interface, leaf.leaf->number};
  return Callee{loader_word ? Interface::p_seamldr : Interface::tdx_module, std::nullopt};
}

class Scanner {
 public:
  explicit Scanner(std::size_t max_findings) : max_findings_(max_findings) {}

  void scan_line(std::string_view line, std::size_t number) {
    if (line.find("0x") == line.npos && line.find("0X") == line.npos) return;
    line_ = number;
    expect_ = Expect::anything;
    about_tdx_ = false;
    callee_ = {};
    for_each_word(line, [&](std::string_view word, std::size_t) { note_topic(word); });
    for_each_word(line, [&](std::string_view word, std::size_t offset) {
      if (is_hex_number(word)) {
        take_number(word, offset);
      } else {
        take_word(word);
      }
    });
  }

  [[nodiscard]] bool full() const { return result_.truncated; }
  ScanResult take() { return std::move(result_); }

 private:
  // First pass: a leaf or topic may stand after the number.
  void note_topic(std::string_view word) {
    if (std::any_of(std::begin(kTopics), std::end(kTopics),
                    [&](std::string_view topic) { return abi::after_prefix(word, topic).has_value(); })) {
      about_tdx_ = true;
    }
    if (const auto named = callee_named(word); named && !callee_.leaf) callee_ = *named;
  }

  void take_word(std::string_view word) {
    if (const auto named = callee_named(word)) {
      if (named->leaf) callee_ = *named;
      expect_ = Expect::anything;
    } else if (const auto reg = register_name(word); !reg.empty()) {
      reg_ = reg;
      expect_ = Expect::reg;
    } else if (const auto* row = std::find_if(std::begin(kKeywords), std::end(kKeywords),
                                              [&](const Keyword& k) { return abi::same_name(k.word, word); });
               row != std::end(kKeywords)) {
      expect_ = row->expect;
    }
  }

  void take_number(std::string_view text, std::size_t offset) {
    const auto word = parse_number(text);
    if (!word) return;
    auto decoded = explain(*word);
    expect_ = Expect::anything;
    if (!decoded) return;
    if (result_.findings.size() == max_findings_) {
      result_.truncated = true;
      return;
    }
    result_.findings.push_back({line_, offset + 1, text, *word, std::move(*decoded)});
  }

  std::optional<Decoded> explain(std::uint64_t word) {
    if (!about_tdx_) return explain_alone(word);
    switch (expect_) {
      case Expect::status:
        return explain_status(word);
      case Expect::call:
        return explain_call(word);
      case Expect::field_id:
        return explain_field_id(word);
      case Expect::features:
        return decode_feature_mask(word);
      case Expect::attributes:
        return decode_attributes(word);
      case Expect::xfam:
        return decode_xfam(word);
      case Expect::config_flags:
        return decode_config_flags(word);
      case Expect::reg:
        return explain_register(word);
      case Expect::anything:
        break;
    }
    return explain_unlabelled(word);
  }

  // A call word in the log names who answers the rest of the line.
  std::optional<Decoded> explain_call(std::uint64_t word) {
    CallDecode call = decode_rax(word);
    if (call.call.reserved != 0) return explain_status(word);
    callee_ = {call.call.interface(), call.call.leaf};
    return call;
  }

  std::optional<Decoded> explain_status(std::uint64_t word) {
    // "failed: 0x13" is somebody else's error number.
    if (abi::field(word, 63, 32) == 0 && word != 0) return std::nullopt;
    StatusDecode status = decode_status(word, interface_for(word), callee_.leaf);
    const bool laid_out = status.error && (!status.layout || status.layout->reserved == 0);
    if (!status.known() && !laid_out) return std::nullopt;
    note_outcome(status);
    return status;
  }

  // Small numbers after "field" are VMCS encodings and the like.
  static std::optional<Decoded> explain_field_id(std::uint64_t word) {
    if (abi::field(word, 63, 32) == 0) return std::nullopt;
    return decode_field_id(word);
  }

  std::optional<Decoded> explain_unlabelled(std::uint64_t word) {
    if (callee_.called) {
      StatusDecode status = decode_status(word, *callee_.called, callee_.leaf);
      if (status.known() && status.error) {
        note_outcome(status);
        return status;
      }
    }
    auto guesses = guess(word);
    if (word == 0 || guesses.front().likelihood != Likelihood::certain) return std::nullopt;
    return std::move(guesses.front().decoded);
  }

  // On a line that does not speak of TDX only an error of the module or the host software is distinctive
  // enough.
  static std::optional<Decoded> explain_alone(std::uint64_t word) {
    StatusDecode status = decode_status(word, Interface::tdx_module);
    if (!status.known() || !status.error) return std::nullopt;
    return status;
  }

  std::optional<Decoded> explain_register(std::uint64_t word) {
    if (reg_ == "RAX") return explain_unlabelled(word);
    if (!outcome_ || line_ - outcome_line_ > kRegisterLines) return std::nullopt;
    auto decoded = decode_output_register(*outcome_, reg_, word);
    if (!decoded) return std::nullopt;
    return std::move(*decoded);
  }

  // With no callee on the line the value itself has to tell.
  [[nodiscard]] Interface interface_for(std::uint64_t word) const {
    if (callee_.called) return *callee_.called;
    const bool loader = abi::find_status(word, Interface::tdx_module).code == nullptr &&
                        abi::find_status(word, Interface::p_seamldr).code != nullptr;
    return loader ? Interface::p_seamldr : Interface::tdx_module;
  }

  void note_outcome(const StatusDecode& status) {
    outcome_.reset();
    if (!callee_.called || !callee_.leaf) return;
    outcome_ = CallOutcome{*callee_.called, *callee_.leaf, status.word};
    outcome_line_ = line_;
  }

  ScanResult result_{{}, false};
  std::size_t max_findings_;
  std::size_t line_ = 0;
  Expect expect_ = Expect::anything;
  bool about_tdx_ = false;
  Callee callee_{};
  std::string_view reg_{};
  std::optional<CallOutcome> outcome_{};
  std::size_t outcome_line_ = 0;
};

}  // namespace

ScanResult scan_text(std::string_view text, std::size_t max_findings) {
  Scanner scanner(max_findings);
  std::size_t number = 0;
  while (!text.empty() && !scanner.full()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    scanner.scan_line(text.substr(0, end), ++number);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return scanner.take();
}

}  // namespace tdxctl
