// SPDX-License-Identifier: MIT
#include "core/decode/registers.h"

#include <algorithm>
#include <iterator>

#include "core/abi/bits.h"
#include "core/abi/leaves.h"
#include "core/abi/names.h"

namespace tdxctl {
namespace {

constexpr std::string_view kRegisters[] = {"RAX", "RCX", "RDX", "RBX", "RBP", "RSI", "RDI", "R8",
                                           "R9",  "R10", "R11", "R12", "R13", "R14", "R15"};

/// How a register is to be taken apart.
enum class Form : std::uint8_t { cpuid_leaf, eax_ebx, ecx_edx, field_id, can_call_again };

struct Row {
  abi::Interface called;
  std::uint16_t leaf;
  std::uint64_t status;  ///< low half zero; kAnyError for all errors of the leaf
  std::string_view reg;
  std::string_view what;
  Form form;
};

constexpr std::uint64_t kAnyError = ~0ull;
constexpr std::uint64_t kIncorrectCpuidValue = 0xC000090000000000;
constexpr std::uint64_t kInconsistentCpuidField = 0xC000090200000000;
constexpr std::uint64_t kMetadataListOverflow = 0xC0000C0400000000;

constexpr auto kModule = abi::Interface::tdx_module;
constexpr auto kLoader = abi::Interface::p_seamldr;
namespace leaf = abi::leaf;

constexpr Row kRows[] = {
    {kModule, leaf::kSysInit, kIncorrectCpuidValue, "RCX", "CPUID leaf that is not acceptable",
     Form::cpuid_leaf},
    {kModule, leaf::kSysInit, kIncorrectCpuidValue, "RDX", "bits that were checked", Form::eax_ebx},
    {kModule, leaf::kSysInit, kIncorrectCpuidValue, "R8", "bits that were checked", Form::ecx_edx},
    {kModule, leaf::kSysInit, kIncorrectCpuidValue, "R9", "values that were expected", Form::eax_ebx},
    {kModule, leaf::kSysInit, kIncorrectCpuidValue, "R10", "values that were expected", Form::ecx_edx},
    {kModule, leaf::kSysLpInit, kInconsistentCpuidField, "RCX", "CPUID leaf that differs", Form::cpuid_leaf},
    {kModule, leaf::kSysLpInit, kInconsistentCpuidField, "RDX", "bits that must be equal", Form::eax_ebx},
    {kModule, leaf::kSysLpInit, kInconsistentCpuidField, "R8", "bits that must be equal", Form::ecx_edx},
    {kModule, leaf::kSysRdall, kMetadataListOverflow, "R8", "field id to go on from", Form::field_id},
    {kLoader, leaf::kSeamldrInstall, kAnyError, "RDX", "state after the failure", Form::can_call_again},
};

std::vector<Item> take_apart(std::uint64_t word, Form form) {
  const std::uint64_t low = abi::field(word, 31, 0);
  const std::uint64_t high = abi::field(word, 63, 32);
  switch (form) {
    case Form::cpuid_leaf:
      return {{"leaf", low, {}}, {"subleaf", high, high == 0xFFFFFFFF ? "none" : ""}};
    case Form::eax_ebx:
      return {{"EAX", low, {}}, {"EBX", high, {}}};
    case Form::ecx_edx:
      return {{"ECX", low, {}}, {"EDX", high, {}}};
    case Form::field_id: {
      const auto field = abi::find_metadata_field(word);
      return {{"field id", word, field ? field->field->name : std::string_view{}}};
    }
    case Form::can_call_again:
      return {{"RDX", word,
               word == 0   ? "recoverable: the old module is still loaded"
               : word == 1 ? "not recoverable: no module is loaded"
                           : ""}};
  }
  return {};
}

bool applies(const Row& row, const CallOutcome& outcome, std::string_view reg) {
  if (row.called != outcome.called || row.leaf != outcome.leaf || row.reg != reg) return false;
  if (row.status == kAnyError) return abi::bit(outcome.status, 63);
  return row.status == (outcome.status & abi::mask(63, 32));
}

}  // namespace

std::string_view register_name(std::string_view text) {
  // Linux prints R8 and R9 with two digits.
  if (text.size() == 3 && text[1] == '0' && (text[2] == '8' || text[2] == '9')) {
    return text[0] == 'R' || text[0] == 'r' ? (text[2] == '8' ? "R8" : "R9") : "";
  }
  const auto row = std::find_if(std::begin(kRegisters), std::end(kRegisters),
                                [&](std::string_view name) { return abi::same_name(name, text); });
  return row != std::end(kRegisters) ? *row : std::string_view{};
}

std::optional<RegisterDecode> decode_output_register(const CallOutcome& outcome, std::string_view reg,
                                                     std::uint64_t word) {
  const auto row = std::find_if(std::begin(kRows), std::end(kRows),
                                [&](const Row& candidate) { return applies(candidate, outcome, reg); });
  if (row == std::end(kRows)) return std::nullopt;
  return RegisterDecode{
      .reg = row->reg, .word = word, .what = row->what, .items = take_apart(word, row->form)};
}

}  // namespace tdxctl
