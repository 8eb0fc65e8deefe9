// SPDX-License-Identifier: MIT
#include "core/abi/attributes.h"

#include <gtest/gtest.h>

#include <string>

#include "core/abi/bits.h"
#include "unit/core/abi/reference.h"

namespace tdxctl::abi {
namespace {

using test::text;

void expect_same_bits(const BitWord& word, const nlohmann::json& wanted) {
  EXPECT_EQ(word.width, wanted.at("width").get<int>());
  ASSERT_EQ(word.bits.size(), wanted.at("bits").size());
  for (const auto& row : wanted.at("bits")) {
    SCOPED_TRACE(row.at("name").get<std::string>());
    const NamedBit* named = word.find(row.at("bit").get<unsigned>());
    ASSERT_NE(named, nullptr);
    EXPECT_EQ(mask(named->bit, named->bit), test::hex(row.at("mask")));
    EXPECT_EQ(named->name, text(row, "name"));
    EXPECT_EQ(named->meaning, text(row, "meaning"));
    EXPECT_EQ(named->since, text(row, row.contains("since") ? "since" : "first_seen"));
    EXPECT_EQ(named->note, text(row, "note"));
  }
}

TEST(Attributes, WordsHaveTheBitsOfTheReference) {
  const auto wanted = test::reference("attributes-xfam");
  const std::pair<const BitWord&, const char*> words[] = {{td_attributes(), "td_attributes"},
                                                          {xfam(), "xfam"},
                                                          {config_flags(), "config_flags"},
                                                          {td_ctls(), "td_ctls"},
                                                          {sys_attributes(), "sys_attributes"}};
  for (const auto& [word, key] : words) {
    SCOPED_TRACE(key);
    expect_same_bits(word, wanted.at(key));
  }
}

TEST(Attributes, GroupsAreThoseOfTheReference) {
  const auto wanted = test::reference("attributes-xfam").at("td_attributes").at("groups");
  ASSERT_EQ(td_attributes().groups.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const BitGroup& group = td_attributes().groups[i];
    EXPECT_EQ(std::to_string(group.high) + ":" + std::to_string(group.low), text(wanted[i], "bits"));
    EXPECT_EQ(group.name, text(wanted[i], "name"));
    EXPECT_EQ(group.meaning, text(wanted[i], "meaning"));
  }
  EXPECT_EQ(td_attributes().group_of(3)->name, "TUD");
  EXPECT_EQ(td_attributes().group_of(4)->name, "TUP");
  EXPECT_EQ(td_attributes().group_of(63)->name, "OTHER");
  EXPECT_EQ(xfam().group_of(0), nullptr);
}

TEST(Xfam, MasksAndGroupsAreThoseOfTheReference) {
  const auto wanted = test::reference("attributes-xfam").at("xfam");
  EXPECT_EQ(kXfamUser, test::hex(wanted.at("user_mask")));
  EXPECT_EQ(kXfamSupervisor, test::hex(wanted.at("supervisor_mask")));
  EXPECT_EQ(kXfamFixed0InPublicSource, test::hex(wanted.at("fixed0_in_public_source")));
  EXPECT_EQ(kXfamFixed1InPublicSource, test::hex(wanted.at("fixed1_in_public_source")));
  for (const auto& row : wanted.at("bits")) {
    const auto n = row.at("bit").get<unsigned>();
    EXPECT_EQ(bit(kXfamFixed0InPublicSource, n), row.at("allowed_by_public_fixed0").get<bool>()) << n;
    EXPECT_EQ(bit(kXfamFixed1InPublicSource, n), row.at("forced_by_public_fixed1").get<bool>()) << n;
  }
  ASSERT_EQ(xfam_groups().size(), wanted.at("groups").size());
  for (std::size_t i = 0; i < xfam_groups().size(); ++i) {
    std::uint64_t bits = 0;
    for (const auto& n : wanted.at("groups")[i].at("bits"))
      bits |= mask(n.get<unsigned>(), n.get<unsigned>());
    EXPECT_EQ(xfam_groups()[i].name, text(wanted.at("groups")[i], "name"));
    EXPECT_EQ(xfam_groups()[i].mask, bits);
  }
}

TEST(SatisfiesFixedBits, TakesEachFreeBitEitherWay) {
  constexpr std::uint64_t fixed0 = 0b1110;
  constexpr std::uint64_t fixed1 = 0b0010;
  for (std::uint64_t word = 0; word < 16; ++word) {
    EXPECT_EQ(satisfies_fixed_bits(word, fixed0, fixed1), !bit(word, 0) && bit(word, 1)) << word;
  }
}

}  // namespace
}  // namespace tdxctl::abi
