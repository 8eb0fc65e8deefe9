// SPDX-License-Identifier: MIT
#include "core/abi/leaves.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>

#include "core/abi/bits.h"
#include "unit/core/abi/reference.h"

namespace tdxctl::abi {
namespace {

using test::reference;
using test::text;

struct ReferenceLeaf {
  Interface interface;
  std::uint16_t number;
  nlohmann::json row;
};

std::vector<ReferenceLeaf> reference_leaves() {
  std::vector<ReferenceLeaf> out;
  for (const auto& row : reference("seamcall-leaves")) {
    // P-SEAMLDR rows give the whole of RAX, as text.
    const std::uint64_t rax = test::hex(row.at("leaf_hex"));
    const auto call = parse_call_word(rax);
    EXPECT_EQ(interface_name(call.interface()), row.at("interface").get<std::string>());
    out.push_back({call.interface(), call.leaf, row});
  }
  return out;
}

const Leaf* row_for(const ReferenceLeaf& wanted) {
  for (const Leaf& leaf : find_leaves(wanted.interface, wanted.number)) {
    if (leaf.name == wanted.row.at("name").get<std::string>()) return &leaf;
  }
  return nullptr;
}

TEST(Leaves, EveryReferenceRowIsInTheTable) {
  const std::map<std::string, Standing> standings = {
      {"dispatched in public source", Standing::dispatched},
      {"number only, never dispatched", Standing::number_only},
      {"number only in the public source read", Standing::number_only},
      {"specification only", Standing::specification_only},
      {"kernel patches only", Standing::kernel_patches_only},
      {"used by Linux 7.3; module source with it not public", Standing::called_by_linux},
      {"debug builds only", Standing::debug_builds_only},
      {"in public source", Standing::loader_source},
  };
  for (const auto& wanted : reference_leaves()) {
    SCOPED_TRACE(wanted.row.at("name").get<std::string>());
    const Leaf* leaf = row_for(wanted);
    ASSERT_NE(leaf, nullptr);
    EXPECT_EQ(leaf->group, text(wanted.row, "class"));
    EXPECT_EQ(leaf->highest_version(), wanted.row.at("versions").back().get<int>());
    EXPECT_EQ(leaf->version1_since,
              wanted.row.contains("version_since") ? text(wanted.row.at("version_since"), "1") : "");
    EXPECT_EQ(leaf->since, text(wanted.row, "since"));
    EXPECT_EQ(leaf->standing, standings.at(wanted.row.at("status")));
    EXPECT_EQ(leaf->summary, text(wanted.row, "summary"));
    EXPECT_EQ(leaf->note, text(wanted.row, "note"));
  }
}

TEST(Leaves, EveryTableRowIsInTheReference) {
  const auto wanted = reference_leaves();
  EXPECT_EQ(leaves(Interface::tdx_module).size() + leaves(Interface::p_seamldr).size(), wanted.size());
  for (const auto interface : {Interface::tdx_module, Interface::p_seamldr}) {
    for (const Leaf& leaf : leaves(interface)) {
      EXPECT_EQ(std::count_if(wanted.begin(), wanted.end(),
                              [&](const ReferenceLeaf& row) {
                                return row.interface == interface && row.number == leaf.number &&
                                       row.row.at("name") == std::string(leaf.name);
                              }),
                1)
          << leaf.name;
    }
  }
}

// The reference marks only some read-only leaves, so the names have to bear the rest out.
TEST(Leaves, OnlyLeavesThatReadAreSaidToChangeNothing) {
  const auto reads_by_name = [](std::string_view name) {
    const auto last = name.substr(name.rfind('.') + 1);
    return last == "RD" || last == "RDM" || last == "RDALL" || last == "RDMD" || last == "READ" ||
           last == "INFO" || last == "GETREG" || last == "SEAMINFO";
  };
  for (const auto interface : {Interface::tdx_module, Interface::p_seamldr}) {
    for (const Leaf& leaf : leaves(interface)) {
      EXPECT_EQ(leaf.effect == Effect::reads, reads_by_name(leaf.name)) << leaf.name;
      if (leaf.note.starts_with("Read-only")) {
        EXPECT_EQ(leaf.effect, Effect::reads) << leaf.name;
      }
    }
  }
}

TEST(Leaves, NumbersWithTwoOwnersKeepBoth) {
  const std::map<std::uint16_t, std::pair<std::string, std::string>> both = {
      {42, {"TDH.MEM.SEPT.WR", "TDH.SYS.RDM"}},
      {128, {"TDH.IOMMU.SETREG", "TDH.IOMMU.SETUP"}},
      {129, {"TDH.IOMMU.GETREG", "TDH.IOMMU.CLEAR"}},
      {135, {"TDH.IDE.STREAM.IDEKMREQ", "TDH.IDE.STREAM.KM"}},
  };
  for (unsigned number = 0; number <= 0xFFFF; ++number) {
    const auto owners = find_leaves(Interface::tdx_module, static_cast<std::uint16_t>(number));
    const auto pair = both.find(static_cast<std::uint16_t>(number));
    if (pair == both.end()) {
      EXPECT_LE(owners.size(), 1u) << number;
    } else {
      ASSERT_EQ(owners.size(), 2u) << number;
      EXPECT_EQ(owners[0].name, pair->second.first);
      EXPECT_EQ(owners[1].name, pair->second.second);
    }
  }
}

TEST(Leaves, InterfacesThatAreNotCalledHaveNone) {
  EXPECT_TRUE(leaves(Interface::np_seamldr).empty());
  EXPECT_TRUE(find_leaves(Interface::software, 0).empty());
}

TEST(FindLeaf, TakesEverySpellingAndNoOther) {
  for (const auto interface : {Interface::tdx_module, Interface::p_seamldr}) {
    for (const Leaf& leaf : leaves(interface)) {
      std::string kernel_spelling(leaf.name);
      std::replace(kernel_spelling.begin(), kernel_spelling.end(), '.', '_');
      EXPECT_EQ(find_leaf(leaf.name).leaf, &leaf);
      EXPECT_EQ(find_leaf(kernel_spelling).leaf, &leaf) << kernel_spelling;
      EXPECT_EQ(find_leaf(leaf.name).interface, interface);
    }
  }
  EXPECT_EQ(find_leaf("tdh.sys.init").leaf->number, 33);
  for (const char* unknown : {"", "TDH", "TDH.SYS", "TDH.SYS.INITIAL", "SEAMLDR", "33", "..."}) {
    EXPECT_EQ(find_leaf(unknown).leaf, nullptr) << unknown;
  }
}

TEST(Leaves, EveryStandingHasText) {
  for (const auto interface : {Interface::tdx_module, Interface::p_seamldr}) {
    for (const Leaf& leaf : leaves(interface)) EXPECT_FALSE(standing_text(leaf.standing).empty());
  }
}

TEST(CallWord, PartsStandWhereTheAbiPutsThem) {
  EXPECT_EQ(parse_call_word(0x1002D), (CallWord{45, 1, false, 0}));
  EXPECT_EQ(parse_call_word(0x8000000000000001), (CallWord{1, 0, true, 0}));
  EXPECT_EQ(parse_call_word(0x0000000101000021), (CallWord{33, 0, false, 0x0000000101000000}));
  EXPECT_EQ(parse_call_word(1ull << 62).reserved, 1ull << 62);
}

TEST(CallWord, ComposeUndoesParse) {
  std::mt19937_64 random(1);  // fixed seed: the same words on every run
  for (int i = 0; i < 10000; ++i) {
    const std::uint64_t word = random();
    EXPECT_EQ(compose_call_word(parse_call_word(word)), word);
  }
  for (unsigned n = 0; n < 64; ++n) EXPECT_EQ(compose_call_word(parse_call_word(mask(n, n))), mask(n, n));
}

}  // namespace
}  // namespace tdxctl::abi
