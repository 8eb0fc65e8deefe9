// SPDX-License-Identifier: MIT
#include "core/decode/guess.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "core/abi/releases.h"
#include "core/abi/status.h"

namespace tdxctl {
namespace {

// What a reading says in a word or two, for comparison.
std::string gist(const Decoded& decoded) {
  if (const auto* status = std::get_if<StatusDecode>(&decoded)) {
    return status->known() ? std::string(status->code->name) : "unknown status";
  }
  if (const auto* call = std::get_if<CallDecode>(&decoded)) return std::string(call->leaves.front().name);
  if (const auto* id = std::get_if<FieldIdDecode>(&decoded)) return id->null ? "null id" : id->name;
  if (const auto* bits = std::get_if<BitsDecode>(&decoded)) return std::string(bits->what);
  return "register";
}

TEST(Guess, PutsTheLikeliestReadingFirst) {
  const std::pair<std::uint64_t, const char*> cases[] = {
      {0xC000010000000000, "TDX_OPERAND_INVALID"},
      {0xE000010000000001, "TDX_OPERAND_INVALID"},
      {0x8000020300000000, "TDX_RND_NO_ENTROPY"},
      {0x4000000200000000, "TDX_NON_RECOVERABLE_TD"},
      {0x0000081500000000, "TDX_KEY_CONFIGURED"},
      {0x8000FF00FFFF0000, "TDX_SEAMCALL_VMFAILINVALID"},
      {0x8000FF0000000099, "unknown status"},
      {0x8000000000020001, "SEAMLDR_EBADHASH"},
      {0x8000000000010002, "SEAMLDR_ENOMEM"},
      {0x8000000000000000, "SEAMLDR_EBADPARAM"},
      {0x8000000000000001, "SEAMLDR.INSTALL"},
      {0x0000000000000000, "TDX_SUCCESS"},
      {0x21, "TDH.SYS.INIT"},
      {0x1002D, "TDH.SYS.CONFIG"},
      {0x0A00000300000008, "TDX_FEATURES0"},  // its id, not a mask
      {0x9000000300000083, "CMR_BASE[3]"},
      {0x8A00000300000008, "TDX_FEATURES0"},
      {~0ull, "null id"},
      {0x226f1f0fbf, "TDX_FEATURES0"},
      {0x226f1f0fff, "TDX_FEATURES0"},
      {0x602E7, "XFAM"},
      {0x10000000, "ATTRIBUTES"},
      {0xC0000AFF00000000, "unknown status"},
      {0x8000000000000777, "unknown status"},
      {0x123456789ABCDEF0, "unknown status"},
  };
  for (const auto& [word, first] : cases)
    EXPECT_EQ(gist(guess(word).front().decoded), first) << std::hex << word;
}

TEST(Guess, OffersTheOtherReadingsToo) {
  const auto readings = guess(0x8000000000000003);
  ASSERT_GE(readings.size(), 2u);
  EXPECT_EQ(gist(readings[0].decoded), "SEAMLDR_EBADCALL");
  EXPECT_EQ(gist(readings[1].decoded), "SEAMLDR.SEAMINFO");
}

TEST(Guess, IsSureOfEveryErrorInTheTables) {
  for (const auto interface :
       {abi::Interface::tdx_module, abi::Interface::p_seamldr, abi::Interface::software}) {
    for (const auto& code : abi::status_codes(interface)) {
      if (!abi::parse_status(code.value).error) continue;
      const auto best = guess(code.value).front();
      EXPECT_EQ(best.likelihood, Likelihood::certain) << code.name;
      EXPECT_EQ(gist(best.decoded), code.name);
    }
  }
}

TEST(Guess, IsSureOfPublishedFeatureMasks) {
  for (const auto& release : abi::releases()) {
    const auto best = guess(release.features0).front();
    EXPECT_EQ(best.likelihood, Likelihood::certain) << release.version;
    EXPECT_TRUE(std::holds_alternative<BitsDecode>(best.decoded));
  }
}

TEST(Guess, AlwaysHasAnAnswerWithAReasonInOrder) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 5000; ++i) {
    const std::uint64_t word = random() >> (random() % 64);
    const auto readings = guess(word);
    ASSERT_FALSE(readings.empty()) << word;
    for (std::size_t n = 0; n < readings.size(); ++n) {
      EXPECT_FALSE(readings[n].reason.empty());
      if (n > 0) {
        EXPECT_LE(readings[n - 1].likelihood, readings[n].likelihood) << word;
      }
    }
  }
}

}  // namespace
}  // namespace tdxctl
