// SPDX-License-Identifier: MIT
#include "core/module_answers.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "core/abi/status.h"
#include "core/hex.h"

namespace tdxctl {
namespace {

constexpr std::uint64_t kFirstField = 0x00000C0B00000000;
constexpr std::uint64_t kLpInitNotDone = 0xC000050200000000;
constexpr std::uint64_t kNotReady = 0xC000050500000000;
constexpr std::uint64_t kShutdown = 0xC000050600000000;
constexpr std::uint64_t kBusy = 0x8000020200000000;
constexpr std::uint64_t kNoEntropy = 0x8000020300000000;
constexpr std::uint64_t kOperandInvalidRcx = 0xC000010000000001;
constexpr std::uint64_t kPageRdmd = 24;
constexpr std::uint64_t kSeamldrInfo = 1ull << 63;

// One letter per answer of the gate, in this order.
constexpr std::uint64_t kGates[] = {kOperandInvalidRcx,
                                    kNotReady,
                                    kShutdown,
                                    abi::kSeamcallVmfailInvalid,
                                    abi::kSeamcallUd,
                                    abi::kSeamcallGp,
                                    kBusy,
                                    kNoEntropy,
                                    0};

// R ready, I initialising, N not initialised, D disabling, S shut down, L not loaded; u #UD, g #GP; r the
// read and f the gate failed in a way that tells no state.
struct Row {
  std::uint64_t read;
  const char* name;
  std::string_view outcomes;
};
constexpr Row kRows[] = {
    {kFirstField, "FirstField", "RISLugfff"}, {kLpInitNotDone, "LpInitNotDone", "RNSLugfff"},
    {kShutdown, "Shutdown", "RrSLugfff"},     {kBusy, "Busy", "RDSLugfff"},
    {kNoEntropy, "NoEntropy", "RrSLugfff"},   {abi::kSeamcallVmfailInvalid, "VmfailInvalid", "LLLLLLLLL"},
    {abi::kSeamcallUd, "Ud", "uuuuuuuuu"},    {abi::kSeamcallGp, "Gp", "ggggggggg"},
};

char letter(const Result<ModuleState>& judged) {
  if (judged) {
    switch (*judged) {
      case ModuleState::ready:
        return 'R';
      case ModuleState::initialising:
        return 'I';
      case ModuleState::not_initialised:
        return 'N';
      case ModuleState::disabling:
        return 'D';
      case ModuleState::shut_down:
        return 'S';
      case ModuleState::not_loaded:
        return 'L';
    }
  }
  switch (judged.error().id) {
    case ErrorId::seamcall_ud:
      return 'u';
    case ErrorId::seamcall_gp:
      return 'g';
    case ErrorId::seamcall_failed:
    case ErrorId::module_state:
      return judged.error().seamcall->rax_in == kReadLeaf ? 'r' : 'f';
    default:
      return '?';
  }
}

class EveryRead : public testing::TestWithParam<Row> {};

TEST_P(EveryRead, WithEveryGateGivesItsState) {
  std::string outcomes;
  for (const std::uint64_t gate : kGates) outcomes += letter(judge_module_state(GetParam().read, gate));
  EXPECT_EQ(outcomes, GetParam().outcomes);
}

INSTANTIATE_TEST_SUITE_P(Pairs, EveryRead, testing::ValuesIn(kRows),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(JudgeModuleState, DetailsDoNotMatter) {
  EXPECT_EQ(*judge_module_state(kLpInitNotDone | 0x1234, kNotReady | 0x5678), ModuleState::not_initialised);
  EXPECT_EQ(*judge_module_state(kFirstField | 0x1234, kNotReady | 0x5678), ModuleState::initialising);
  EXPECT_EQ(*judge_module_state(kFirstField, kShutdown | 0x5678), ModuleState::shut_down);
}

TEST(JudgeModuleState, AFailureCarriesTheCallAndItsStatus) {
  const auto judged = judge_module_state(kFirstField, kBusy);
  ASSERT_FALSE(judged);
  ASSERT_TRUE(judged.error().seamcall);
  EXPECT_EQ(judged.error().seamcall->rax_in, kPageRdmd);
  EXPECT_EQ(judged.error().seamcall->status, kBusy);
}

TEST(ModuleStateText, EveryStateHasItsOwnWord) {
  std::set<std::string_view> words;
  for (const auto state : {ModuleState::not_initialised, ModuleState::initialising, ModuleState::ready,
                           ModuleState::disabling, ModuleState::shut_down, ModuleState::not_loaded}) {
    EXPECT_FALSE(to_string(state).empty());
    EXPECT_TRUE(words.insert(to_string(state)).second) << to_string(state);
  }
}

TEST(InstructionFailed, KnowsTheThreeWaysAndNoOther) {
  for (const auto& code : abi::status_codes(abi::Interface::software)) {
    const bool one_of_three = code.value == abi::kSeamcallUd || code.value == abi::kSeamcallGp ||
                              code.value == abi::kSeamcallVmfailInvalid;
    EXPECT_EQ(instruction_failed(code.value), one_of_three) << code.name;
  }
  for (const std::uint64_t status : {std::uint64_t{0}, kFirstField, kBusy, abi::kSeamcallUd + 1}) {
    EXPECT_FALSE(instruction_failed(status)) << hex64(status);
  }
}

TEST(SeamcallError, TheThreeFailuresOfTheInstructionDifferInEverything) {
  std::set<ErrorId> ids;
  std::set<std::string> sentences;
  std::set<std::string_view> hints;
  for (const std::uint64_t status : {abi::kSeamcallUd, abi::kSeamcallGp, abi::kSeamcallVmfailInvalid}) {
    const Error error = seamcall_error(kReadLeaf, status);
    EXPECT_TRUE(ids.insert(error.id).second) << error.what;
    EXPECT_TRUE(sentences.insert(error.what).second) << error.what;
    EXPECT_TRUE(hints.insert(error.hint_text()).second) << error.hint_text();
    EXPECT_NE(error.what.find("the TDX module"), std::string::npos) << error.what;
  }
}

TEST(SeamcallError, SaysWhoWasCalled) {
  for (const std::uint64_t status : {abi::kSeamcallUd, abi::kSeamcallGp, abi::kSeamcallVmfailInvalid}) {
    const Error error = seamcall_error(kSeamldrInfo, status);
    EXPECT_NE(error.what.find("the P-SEAMLDR"), std::string::npos) << error.what;
    EXPECT_EQ(error.what.find("TDX module"), std::string::npos) << error.what;
    EXPECT_EQ(error.id, seamcall_error(kReadLeaf, status).id);
  }
}

TEST(SeamcallError, ACompletionStatusBelongsToWhoWasCalled) {
  const Error module = seamcall_error(kReadLeaf, kBusy);
  EXPECT_EQ(module.id, ErrorId::seamcall_failed);
  EXPECT_NE(module.what.find("TDH.SYS.RD"), std::string::npos) << module.what;
  EXPECT_NE(module.what.find(hex64(kBusy)), std::string::npos) << module.what;

  const Error loader = seamcall_error(kSeamldrInfo, 0x8000000000000003);
  EXPECT_EQ(loader.id, ErrorId::seamldr_failed);
  EXPECT_NE(loader.what.find("SEAMLDR.INFO"), std::string::npos) << loader.what;
}

TEST(SeamcallError, AStatusOfTheModulesStateIsNoFailureOfTheCall) {
  const Error error = seamcall_error(kReadLeaf, kLpInitNotDone);
  EXPECT_EQ(error.id, ErrorId::module_state);
  EXPECT_NE(error.what.find(hex64(kLpInitNotDone)), std::string::npos) << error.what;
  EXPECT_EQ(seamcall_error(kSeamldrInfo, kLpInitNotDone).id, ErrorId::seamldr_failed);
}

TEST(SeamcallError, AnUnknownLeafIsShownAsItWasCalled) {
  const Error error = seamcall_error(0x1FFFF, kBusy);
  EXPECT_NE(error.what.find("0x1ffff"), std::string::npos) << error.what;
  ASSERT_TRUE(error.seamcall);
  EXPECT_EQ(error.seamcall->rax_in, 0x1FFFFu);
}

}  // namespace
}  // namespace tdxctl
