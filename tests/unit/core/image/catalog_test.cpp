// SPDX-License-Identifier: MIT
#include "core/image/catalog.h"

#include <gmock/gmock.h>

namespace tdxctl::image {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string entry(std::string_view version, std::string_view more = "") {
  return R"({"version": ")" + std::string(version) +
         R"(", "min_module_version_for_td_preserving": "1.5.01", "min_seamldr_versions": ["1.5.00", "2.0.00"],)"
         R"( "tdx_feature0": "0x1F0FBF")" +
         std::string(more) + "}";
}

std::string list(std::string_view entries, std::string_view form = "1.0") {
  return R"({"Header": {"Version": ")" + std::string(form) + R"("}, "tdx_module_releases": [)" +
         std::string(entries) + "]}";
}

// Reads a list with one good entry behind a strange one.
Catalog with_strange(std::string_view strange) {
  auto catalog = parse_catalog(list(std::string(strange) + "," + entry("1.5.09")));
  EXPECT_TRUE(catalog);
  return catalog ? *catalog : Catalog{};
}

TEST(ParseCatalog, ReadsTheOldForm) {
  const auto catalog = parse_catalog(list(entry("1.5.05")));
  ASSERT_TRUE(catalog) << catalog.error().what;
  EXPECT_EQ(catalog->form, "1.0");
  EXPECT_THAT(catalog->problems, IsEmpty());
  const CatalogRelease* const release = catalog->find({1, 5, 5});
  ASSERT_NE(release, nullptr);
  EXPECT_EQ(release->min_running, (Version{1, 5, 1}));
  EXPECT_THAT(release->seamldr_min, ElementsAre(Version{1, 5, 0}, Version{2, 0, 0}));
  EXPECT_EQ(release->strictly_compatible_with, std::nullopt);
  EXPECT_EQ(release->features0, 0x1F0FBFu);
}

TEST(ParseCatalog, ReadsTheNewForm) {
  const auto catalog =
      parse_catalog(list(entry("1.5.09", R"(, "strict_compat_versions": ["1.5.06", "1.5.08"])") + "," +
                         entry("1.5.06", R"(, "strict_compat_versions": [])")));
  ASSERT_TRUE(catalog);
  EXPECT_THAT(catalog->problems, IsEmpty());
  EXPECT_THAT(*catalog->find({1, 5, 9})->strictly_compatible_with,
              ElementsAre(Version{1, 5, 6}, Version{1, 5, 8}));
  EXPECT_THAT(*catalog->find({1, 5, 6})->strictly_compatible_with, IsEmpty());
  EXPECT_EQ(catalog->releases.front().version, (Version{1, 5, 6}))
      << "rising, whatever the order of the list";
}

TEST(ParseCatalog, RefusesTextThatIsNoCatalog) {
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("null"), std::string("[]"), std::string("{}"),
        std::string("7"), std::string(R"({"tdx_module_releases": {}})"),
        std::string(R"({"tdx_module_releases": "1.5.05"})"), std::string("\xFF\xFE"),
        std::string(500000, '['), std::string(kMaxCatalogBytes + 1, ' ')}) {
    const auto catalog = parse_catalog(text);
    ASSERT_FALSE(catalog) << text.substr(0, 40);
    EXPECT_EQ(catalog.error().id, ErrorId::catalog_invalid);
  }
}

TEST(ParseCatalog, RefusesMoreReleasesThanThereCanBe) {
  std::string entries = "0";
  for (std::size_t i = 0; i < kMaxCatalogReleases; ++i) entries += ",0";
  EXPECT_FALSE(parse_catalog(list(entries)));
}

TEST(ParseCatalog, TakesAnEmptyList) {
  const auto catalog = parse_catalog(list(""));
  ASSERT_TRUE(catalog);
  EXPECT_THAT(catalog->releases, IsEmpty());
  EXPECT_EQ(catalog->find({1, 5, 5}), nullptr);
}

TEST(ParseCatalog, SaysThatItReadsAnUnknownFormAsTheKnownOne) {
  EXPECT_THAT(parse_catalog(list(entry("1.5.05"), "2.0"))->problems, ElementsAre(HasSubstr("'2.0'")));
  EXPECT_THAT(parse_catalog(R"({"tdx_module_releases": []})")->problems, ElementsAre(HasSubstr("''")));
}

struct StrangeEntry {
  const char* name;
  std::string entry;
  const char* problem;
};

void PrintTo(const StrangeEntry& strange, std::ostream* out) { *out << strange.name; }

const StrangeEntry kLeftOut[] = {
    {"NotAnObject", "17", "entry 1 is left out: 'version'"},
    {"Null", "null", "entry 1 is left out: 'version'"},
    {"VersionMissing", "{}", "entry 1 is left out: 'version'"},
    {"VersionNoText", R"({"version": 1.5})", "entry 1 is left out: 'version'"},
    {"VersionNoVersion", entry("1.5"), "entry 1 is left out: 'version'"},
    {"VersionTooLarge", entry("1.5.70000"), "entry 1 is left out: 'version'"},
    {"MinimumMissing", R"({"version": "1.5.05", "min_seamldr_versions": ["1.5.00"]})",
     "entry 1 (1.5.05) is left out: 'min_module_version_for_td_preserving'"},
    {"MinimumAboveItself", entry("1.5.00"), "newer than itself"},
    {"SeamldrMissing", R"({"version": "1.5.05", "min_module_version_for_td_preserving": "1.5.01"})",
     "'min_seamldr_versions' is not a list"},
    {"SeamldrEmpty",
     R"({"version": "1.5.05", "min_module_version_for_td_preserving": "1.5.01", "min_seamldr_versions": []})",
     "'min_seamldr_versions' is empty"},
    {"SeamldrNoVersion",
     R"({"version": "1.5.05", "min_module_version_for_td_preserving": "1.5.01", "min_seamldr_versions": ["1.5.00", 2]})",
     "'min_seamldr_versions' is not a list"},
};

class CatalogEntryLeftOut : public testing::TestWithParam<StrangeEntry> {};

TEST_P(CatalogEntryLeftOut, IsNamedAndTheOthersStay) {
  const Catalog catalog = with_strange(GetParam().entry);
  EXPECT_THAT(catalog.problems, ElementsAre(HasSubstr(GetParam().problem)));
  ASSERT_EQ(catalog.releases.size(), 1u);
  EXPECT_NE(catalog.find({1, 5, 9}), nullptr);
}

INSTANTIATE_TEST_SUITE_P(ParseCatalog, CatalogEntryLeftOut, testing::ValuesIn(kLeftOut),
                         [](const auto& strange) { return strange.param.name; });

TEST(ParseCatalog, LeavesOutASecondEntryThatSaysTheSame) {
  const Catalog catalog = with_strange(entry("1.5.9"));
  EXPECT_THAT(catalog.problems, ElementsAre(HasSubstr("listed already")));
  ASSERT_EQ(catalog.releases.size(), 1u);
  EXPECT_FALSE(catalog.releases[0].contradicted);
}

TEST(ParseCatalog, BelievesNeitherOfTwoEntriesThatDiffer) {
  const Catalog catalog = with_strange(entry("1.5.9", R"(, "strict_compat_versions": [])"));
  EXPECT_THAT(catalog.problems, ElementsAre(HasSubstr("contradicts another one: neither is believed")));
  ASSERT_EQ(catalog.releases.size(), 1u);
  EXPECT_TRUE(catalog.releases[0].contradicted);
}

TEST(ParseCatalog, KeepsAnEntryWithoutUsableFeatures) {
  const Catalog catalog = with_strange(
      R"({"version": "1.5.05", "min_module_version_for_td_preserving": "1.5.01", "min_seamldr_versions": ["1.5.00"],)"
      R"( "tdx_feature0": "0x10000000000000000"})");
  EXPECT_THAT(catalog.problems, ElementsAre(HasSubstr("'tdx_feature0'")));
  ASSERT_NE(catalog.find({1, 5, 5}), nullptr);
  EXPECT_EQ(catalog.find({1, 5, 5})->features0, std::nullopt);
}

TEST(ParseCatalog, DropsAListOfCompatibleReleasesThatIsNone) {
  const Catalog catalog = with_strange(entry("1.5.05", R"(, "strict_compat_versions": "1.5.01")"));
  EXPECT_THAT(catalog.problems, ElementsAre(HasSubstr("not known")));
  EXPECT_EQ(catalog.find({1, 5, 5})->strictly_compatible_with, std::nullopt);
}

TEST(ParseCatalog, BreaksCyclesOfCompatibleReleases) {
  const auto catalog =
      parse_catalog(list(entry("1.5.05", R"(, "strict_compat_versions": ["1.5.09", "1.5.05", "1.5.01"])") +
                         "," + entry("1.5.09", R"(, "strict_compat_versions": ["1.5.05"])")));
  ASSERT_TRUE(catalog);
  EXPECT_THAT(catalog->problems, ElementsAre(HasSubstr("not older")));
  EXPECT_THAT(*catalog->find({1, 5, 5})->strictly_compatible_with, ElementsAre(Version{1, 5, 1}));
  EXPECT_THAT(*catalog->find({1, 5, 9})->strictly_compatible_with, ElementsAre(Version{1, 5, 5}));
}

TEST(VersionInName, ReadsNamesOfThePublishedLayout) {
  EXPECT_EQ(version_in_name("tdx_module_1.5.05.blob"), (Version{1, 5, 5}));
  EXPECT_EQ(version_in_name("tdx_module_2.0.18.sigstruct"), (Version{2, 0, 18}));
  for (const char* name :
       {"", "tdx_module_", "tdx_module_1.5.05", "module_1.5.05.blob", "tdx_module_x.y.z.blob"}) {
    EXPECT_EQ(version_in_name(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace tdxctl::image
