// SPDX-License-Identifier: MIT
// The form of a machine file: what is read, what is refused, and that nothing hostile gets further than that.
#include "drv/sim/machine_file.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

namespace tdxctl {
namespace {

std::string machine(const std::string& members) {
  return R"({"schema": "tdxctl.machine/1", "profile": "granite-rapids")" + members + "}";
}

auto members_of(const MachineSpec& spec) {
  return std::tie(spec.profile, spec.packages, spec.lps, spec.boot, spec.module, spec.seamldr, spec.features0,
                  spec.updates, spec.tds, spec.trusted_key, spec.faults);
}

TEST(ParseMachine, ReadsEveryMember) {
  const auto spec = parse_machine(
      machine(R"(, "packages": 2, "lps": 8, "boot": "loaded", "module": "1.5.28", "seamldr": "2.0.00",)"
              R"( "features0": "0x61f0fbf", "updates": 7, "tds": 3, "faults": "seamcall=34,outcome=ud")"));
  ASSERT_TRUE(spec) << spec.error().what;
  EXPECT_EQ(spec->profile, "granite-rapids");
  EXPECT_EQ(spec->packages, 2u);
  EXPECT_EQ(spec->lps, 8u);
  EXPECT_EQ(spec->boot, "loaded");
  EXPECT_EQ(spec->module, (Version{1, 5, 28}));
  EXPECT_EQ(spec->seamldr, (Version{2, 0, 0}));
  EXPECT_EQ(spec->features0, 0x61F0FBFu);
  EXPECT_EQ(spec->updates, 7u);
  EXPECT_EQ(spec->tds, 3u);
  EXPECT_EQ(spec->faults, "seamcall=34,outcome=ud");
}

TEST(ParseMachine, WhatIsNotGivenIsNotMadeUp) {
  const auto spec = parse_machine(machine(""));
  ASSERT_TRUE(spec);
  MachineSpec bare;
  bare.profile = "granite-rapids";
  EXPECT_EQ(members_of(*spec), members_of(bare));
}

TEST(PrintMachine, IsReadAsTheSameSpec) {
  MachineSpec full;
  full.profile = "emerald-rapids";
  full.packages = 4;
  full.lps = 0xFFFFFFFF;
  full.boot = "no-vmx";
  full.module = Version{1, 5, 5};
  full.seamldr = Version{65535, 0, 1};
  full.features0 = ~0ull;
  full.updates = 0;
  full.tds = 1;
  full.trusted_key = "0123";
  full.faults = "seamcall=34,\"outcome\"=ud\n# a \\ comment\twith \xC3\xA4";
  MachineSpec bare;
  bare.profile = "x";
  for (const MachineSpec& spec : {full, bare}) {
    const auto read = parse_machine(print_machine(spec));
    ASSERT_TRUE(read) << print_machine(spec);
    EXPECT_EQ(members_of(*read), members_of(spec));
  }
}

TEST(PrintMachine, TextThatIsNotUtf8IsStillWrittenAsJson) {
  MachineSpec spec;
  spec.profile = "granite-rapids";
  spec.faults = "# caf\xE9";
  const auto read = parse_machine(print_machine(spec));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->faults, "# caf\xEF\xBF\xBD");
}

struct Refused {
  const char* name;
  std::string text;
  const char* because;  ///< part of the sentence
};

std::string nested(std::size_t depth, const char* open, const char* close) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += open;
  for (std::size_t i = 0; i < depth; ++i) text += close;
  return text;
}

const Refused kRefused[] = {
    {"Empty", "", "not JSON"},
    {"NoJson", "granite-rapids", "not JSON"},
    {"TrailingText", machine("") + "x", "not JSON"},
    {"TwoObjects", machine("") + machine(""), "not JSON"},
    {"Comment", "// a comment\n" + machine(""), "not JSON"},
    {"TrailingComma", machine(","), "not JSON"},
    {"NotUtf8", machine(", \"faults\": \"\xFF\""), "not JSON"},
    {"LoneSurrogate", machine(R"(, "faults": "\ud800")"), "not JSON"},
    {"NulByte", machine(std::string(", \"lps\": 4\0", 11)), "not JSON"},
    {"Null", "null", "not a JSON object"},
    {"Array", "[" + machine("") + "]", "not a JSON object"},
    {"Number", "1", "not a JSON object"},
    {"NoSchema", R"({"profile": "granite-rapids"})", "'schema'"},
    {"OtherSchema", R"({"schema": "tdxctl.machine/2", "profile": "granite-rapids"})", "'schema'"},
    {"SchemaOfOtherType", R"({"schema": 1, "profile": "granite-rapids"})", "'schema' must be a string"},
    {"NoProfile", R"({"schema": "tdxctl.machine/1"})", "'profile' is missing"},
    {"UnknownMember", machine(R"(, "colour": "red")"), "'colour'"},
    {"EmptyMember", machine(R"(, "": 1)"), "'' is not a member"},
    {"RepeatedMember", machine(R"(, "lps": 4, "lps": 8)"), "'lps' is given twice"},
    {"RepeatedByEscape", machine(R"(, "lps": 4, "l\u0070s": 8)"), "'lps' is given twice"},
    {"LpsText", machine(R"(, "lps": "4")"), "'lps' must be a whole number"},
    {"LpsNegative", machine(R"(, "lps": -1)"), "'lps' must be a whole number"},
    {"LpsFraction", machine(R"(, "lps": 4.0)"), "'lps' must be a whole number"},
    {"LpsExponent", machine(R"(, "lps": 4e0)"), "'lps' must be a whole number"},
    {"LpsOver32Bits", machine(R"(, "lps": 4294967296)"), "'lps' must be a whole number"},
    {"LpsOver64Bits", machine(R"(, "lps": 18446744073709551616)"), "'lps' must be a whole number"},
    {"LpsOfManyDigits", machine(", \"lps\": 1" + std::string(10'000, '0')), "not JSON"},
    {"LpsNull", machine(R"(, "lps": null)"), "'lps' must be a whole number"},
    {"LpsTrue", machine(R"(, "lps": true)"), "'lps' must be a whole number"},
    {"LpsArray", machine(R"(, "lps": [[[4]]])"), "'lps' must be a whole number"},
    {"LpsObject", machine(R"(, "lps": {"lps": {"lps": 4}})"), "'lps' must be a whole number"},
    {"BootNumber", machine(R"(, "boot": 5)"), "'boot' must be a string"},
    {"ModuleNumber", machine(R"(, "module": 1.5)"), "'module' must be a string"},
    {"ModuleNoVersion", machine(R"(, "module": "newest")"), "'module' must be a version"},
    {"SeamldrNoVersion", machine(R"(, "seamldr": "1.5")"), "'seamldr' must be a version"},
    {"FeaturesNumber", machine(R"(, "features0": 5)"), "'features0' must be a string"},
    {"FeaturesNoNumber", machine(R"(, "features0": "all")"), "'features0' must be a string such as"},
    {"FeaturesOver64Bits", machine(R"(, "features0": "0x10000000000000000")"), "'features0' must be"},
    {"UpdatesText", machine(R"(, "updates": "many")"), "'updates' must be a whole number"},
    {"FaultsArray", machine(R"(, "faults": ["seamcall=34"])"), "'faults' must be a string"},
    {"DeepArray", nested(10'000, "[", "]"), "not a JSON object"},
    {"DeepArrayWithoutEnd", std::string(60'000, '['), "not JSON"},
    {"DeepObjectWithoutEnd", nested(10'000, R"({"a":)", ""), "not JSON"},
    {"DeepMember", machine(", \"lps\": " + nested(10'000, "[", "]")), "'lps' must be a whole number"},
    {"DeepUnknownMember", machine(", \"a\": " + nested(5'000, R"({"a":)", "") + "1" + nested(5'000, "", "}")),
     "'a' is not a member"},
    {"Deep100000", nested(100'000, "[", "]"), "larger than 64 KiB"},
    {"TooLarge", machine(", \"faults\": \"" + std::string(64 * 1024, '#') + "\""), "larger than 64 KiB"},
};

class EveryRefused : public testing::TestWithParam<Refused> {};

TEST_P(EveryRefused, SaysWhatIsWrong) {
  const auto spec = parse_machine(GetParam().text);
  ASSERT_FALSE(spec);
  EXPECT_EQ(spec.error().id, ErrorId::profile_invalid);
  EXPECT_NE(spec.error().what.find(GetParam().because), std::string::npos) << spec.error().what;
}

INSTANTIATE_TEST_SUITE_P(Files, EveryRefused, testing::ValuesIn(kRefused),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ParseMachine, NoTruncationIsReadAsAMachine) {
  const std::string whole = machine(R"(, "lps": 8, "faults": "seamcall=34,outcome=ud")");
  ASSERT_TRUE(parse_machine(whole));
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    EXPECT_FALSE(parse_machine(std::string_view(whole).substr(0, bytes))) << bytes;
  }
}

TEST(ParseMachine, TheLimitIs64KiB) {
  const std::string fits = machine("");
  EXPECT_TRUE(parse_machine(fits + std::string(64 * 1024 - fits.size(), ' ')));
  EXPECT_FALSE(parse_machine(fits + std::string(64 * 1024 - fits.size() + 1, ' ')));
}

}  // namespace
}  // namespace tdxctl
