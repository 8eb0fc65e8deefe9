// SPDX-License-Identifier: MIT
#include "cli/cmd_decode.h"

#include <gtest/gtest.h>

#include "cli/decoded.h"
#include "core/hex.h"

namespace tdxctl::cli {
namespace {

constexpr abi::Interface kInterfaces[] = {abi::Interface::tdx_module, abi::Interface::p_seamldr,
                                          abi::Interface::np_seamldr};

TEST(DecodedStatus, NamesEveryRowOfTheTables) {
  for (const abi::Interface interface : kInterfaces) {
    for (const abi::StatusCode& code : abi::status_codes(interface)) {
      const Decoded decoded = decode_status(code.value, interface);
      EXPECT_TRUE(is_known(decoded)) << code.name;
      EXPECT_EQ(title_of(decoded), code.name);
      EXPECT_EQ(to_json(decoded)["name"], code.name);
      EXPECT_NE(details_of(decoded, Style{}).find(code.meaning), std::string::npos) << code.name;
    }
  }
}

TEST(DecodedCall, NamesEveryLeaf) {
  for (const abi::Interface interface : {abi::Interface::tdx_module, abi::Interface::p_seamldr}) {
    for (const abi::Leaf& leaf : abi::leaves(interface)) {
      const std::uint64_t rax = leaf.number | (interface == abi::Interface::p_seamldr ? 1ull << 63 : 0);
      const Decoded decoded = decode_rax(rax);
      EXPECT_TRUE(is_known(decoded)) << leaf.name;
      EXPECT_NE(title_of(decoded).find(leaf.name), std::string::npos);
      EXPECT_EQ(kind_of(decoded), "rax");
    }
  }
}

TEST(DecodedField, NamesEveryField) {
  for (const abi::MetadataField& field : abi::metadata_fields()) {
    const Decoded decoded = decode_field_id(field.id);
    EXPECT_TRUE(is_known(decoded)) << field.name;
    EXPECT_EQ(to_json(decoded)["kind"], "field");
    // Two rows may share a code; the id then names the newer one.
    const auto newest = abi::find_metadata_field(field.id);
    ASSERT_TRUE(newest);
    EXPECT_TRUE(title_of(decoded).starts_with(newest->field->name)) << title_of(decoded);
  }
}

TEST(DecodedBits, HaveTheirOwnKind) {
  EXPECT_EQ(kind_of(decode_feature_mask(1)), "features");
  EXPECT_EQ(kind_of(decode_attributes(1)), "attributes");
  EXPECT_EQ(kind_of(decode_xfam(3)), "xfam");
  EXPECT_EQ(kind_of(decode_config_flags(1)), "config-flags");
  EXPECT_EQ(kind_of(decode_td_ctls(1)), "td-ctls");
  EXPECT_EQ(kind_of(decode_sys_attributes(1)), "sys-attributes");
}

TEST(DecodedUnknown, ShowsTheLayoutOfTheBits) {
  const Decoded decoded = decode_status(0xC000AB1200000034, abi::Interface::tdx_module);
  EXPECT_FALSE(is_known(decoded));
  EXPECT_EQ(title_of(decoded), "unknown status");
  const Json json = to_json(decoded);
  EXPECT_TRUE(json["name"].is_null());
  EXPECT_EQ(json["layout"]["error"], true);
  EXPECT_EQ(json["layout"]["non_recoverable"], true);
  EXPECT_EQ(json["layout"]["class_code"], 0xAB);
  EXPECT_EQ(json["layout"]["details_l1"], 0x12);
  EXPECT_EQ(json["layout"]["details_l2"], "0x00000034");
  const std::string text = details_of(decoded, Style{});
  EXPECT_NE(text.find("unknown (0xab), number 0x12, details 0x00000034"), std::string::npos) << text;
}

TEST(DecodedUnknown, IsNeverSilentAboutAnyWord) {
  for (unsigned bit = 0; bit < 64; ++bit) {
    const std::uint64_t word = 1ull << bit;
    for (const Decoded& decoded :
         {Decoded(decode_status(word, abi::Interface::tdx_module)), Decoded(decode_rax(word)),
          Decoded(decode_field_id(word)), Decoded(decode_feature_mask(word)),
          Decoded(decode_attributes(word)), Decoded(decode_xfam(word))}) {
      EXPECT_FALSE(title_of(decoded).empty());
      EXPECT_FALSE(details_of(decoded, Style{}).empty()) << title_of(decoded) << " " << hex64(word);
      EXPECT_EQ(to_json(decoded)["word"], hex64(word));
    }
  }
}

TEST(DecodedNumbers, SayWhereANumberStood) {
  const DecodedNumbers decoded{{{"0x22", Place{3, 10}, {{Likelihood::certain, "why", decode_rax(0x22)}}}}};
  EXPECT_TRUE(to_text(decoded, Style{}).starts_with("line 3: 0x22  rax  TDH.SYS.RD\n"));
  const Json json = to_json(decoded);
  EXPECT_EQ(json["numbers"][0]["line"], 3);
  EXPECT_EQ(json["numbers"][0]["column"], 10);
  EXPECT_EQ(json["numbers"][0]["readings"][0]["decoded"]["leaf"], 0x22);
}

TEST(DecodedNumbers, MarkAGuess) {
  const DecodedNumbers decoded{{{"7", std::nullopt, guess(0x1234567800000000)}}};
  ASSERT_GT(decoded.numbers[0].readings.front().likelihood, Likelihood::likely);
  EXPECT_NE(to_text(decoded, Style{}).find("\n  a guess: "), std::string::npos);
}

}  // namespace
}  // namespace tdxctl::cli
