// SPDX-License-Identifier: MIT
#include "core/abi/metadata.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "unit/core/abi/reference.h"

namespace tdxctl::abi {
namespace {

using test::text;

const MetadataField* row_with_id(std::uint64_t id) {
  const auto rows = metadata_fields();
  const auto row =
      std::find_if(rows.begin(), rows.end(), [&](const MetadataField& field) { return field.id == id; });
  return row != rows.end() ? &*row : nullptr;
}

TEST(MetadataFields, AreThoseOfTheReference) {
  const auto wanted = test::reference("global-metadata");
  ASSERT_EQ(metadata_fields().size(), wanted.size());
  for (const auto& row : wanted) {
    SCOPED_TRACE(row.at("name").get<std::string>());
    const MetadataField* field = row_with_id(test::hex(row.at("field_id")));
    ASSERT_NE(field, nullptr);
    EXPECT_EQ(field->name, text(row, "name"));
    EXPECT_EQ(field->class_code(), row.at("class_code").get<int>());
    EXPECT_EQ(metadata_class_name(field->class_code()), text(row, "class_name"));
    EXPECT_EQ(field->code(), row.at("field_code").get<std::uint32_t>());
    EXPECT_EQ(field->element_bytes(), row.at("element_size").get<unsigned>());
    EXPECT_EQ(field->num_fields, row.at("num_fields").get<int>());
    EXPECT_EQ(field->elements_per_field, row.at("elements_per_field").get<int>());
    EXPECT_EQ(field->elements_per_field, row.at("id_step_per_field").get<int>());
    EXPECT_EQ(parse_field_id(field->id).non_architectural, row.at("non_arch").get<bool>());
    EXPECT_EQ(parse_field_id(field->id).context, 0);
    EXPECT_EQ(parse_field_id(field->id).reserved, 0u);
    EXPECT_EQ(field_format_name(field->format), text(row, "format"));
    EXPECT_TRUE(row.at("host_readable").get<bool>());
    EXPECT_FALSE(row.at("host_writable").get<bool>());
    EXPECT_EQ(field->readers == Readers::host_and_guest, row.at("guest_readable").get<bool>());
    EXPECT_EQ(field->since, text(row, "since"));
    EXPECT_EQ(field->description, text(row, "description"));
    EXPECT_EQ(field->note, text(row, "note"));
    EXPECT_EQ(field->alias, test::alias(row));
  }
}

TEST(MetadataFields, DoNotOverlapButForTwoSizesOfOneCode) {
  const auto rows = metadata_fields();
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows[i].class_code() != rows[i - 1].class_code()) continue;
    const bool same_code = rows[i].code() == rows[i - 1].code() && rows[i].name == rows[i - 1].name;
    EXPECT_TRUE(same_code || rows[i].code() >= rows[i - 1].code() + rows[i - 1].num_elements())
        << rows[i].name;
  }
}

TEST(FindMetadataField, NameAndIdOfEveryElementLeadBackToEachOther) {
  for (const MetadataField& field : metadata_fields()) {
    for (unsigned i = 0; i < field.num_elements(); ++i) {
      const auto by_id = find_metadata_field(field.id + i);
      ASSERT_TRUE(by_id) << field.name << " " << i;
      EXPECT_EQ(by_id->field, &field);
      EXPECT_EQ(by_id->first, i);
      EXPECT_EQ(by_id->count, 1u);
      EXPECT_EQ(by_id->id(), field.id + i);

      const auto by_name = find_metadata_field(to_name(*by_id));
      ASSERT_TRUE(by_name) << to_name(*by_id);
      EXPECT_EQ(by_name->field->name, field.name);
      EXPECT_EQ(by_name->first, i);
      EXPECT_EQ(by_name->count, 1u);
    }
  }
}

TEST(FindMetadataField, TakesNamesInAnyCaseAndAliases) {
  EXPECT_EQ(find_metadata_field("tdx_features0")->id(), 0x0A00000300000008);
  EXPECT_EQ(find_metadata_field("VCPU_L2_CTLS_FIXED0")->field->name, "VPCU_L2_CTLS_FIXED0");
  EXPECT_EQ(find_metadata_field("MEMORY_POOL_REQUIRED_PAGES")->id(), 0x3100000200000000);
  EXPECT_EQ(find_metadata_field("EXT_REQUIRED")->id(), 0x3100000000000001);
}

TEST(FindMetadataField, IndexesArrays) {
  const auto whole = find_metadata_field("CMR_BASE");
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->count, 32u);
  EXPECT_EQ(to_name(*whole), "CMR_BASE");
  EXPECT_EQ(find_metadata_field("cmr_base[31]")->id(), 0x900000030000009F);

  const auto pair = find_metadata_field("CPUID_CONFIG_VALUES[3]");
  ASSERT_TRUE(pair);
  EXPECT_EQ(pair->count, 2u);
  EXPECT_EQ(pair->id(), 0x9900000300000506);
  EXPECT_EQ(pair->id(1), 0x9900000300000507);
  EXPECT_EQ(to_name(*pair), "CPUID_CONFIG_VALUES[3]");
  EXPECT_EQ(find_metadata_field("CPUID_CONFIG_VALUES[3][1]")->id(), 0x9900000300000507);
}

TEST(FindMetadataField, SaysWhatIsWrongWithAName) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "known by the name ''"},
      {"NO_SUCH_FIELD", "known by the name 'NO_SUCH_FIELD'"},
      {"CMR_BASE[32]", "out of range: 0 to 31"},
      {"CMR_BASE[4294967296]", "not '[number]'"},
      {"CMR_BASE[-1]", "not '[number]'"},
      {"CMR_BASE[1", "not '[number]'"},
      {"CMR_BASE[]", "not '[number]'"},
      {"CMR_BASE[1]x", "not '[number][number]'"},
      {"CMR_BASE[1][1]", "out of range: 0 to 0"},
      {"CPUID_CONFIG_VALUES[0][2]", "out of range: 0 to 1"},
      {"CPUID_CONFIG_VALUES[0][1][0]", "not '[number][number]'"},
      {"NUM_CMRS[1]", "out of range: 0 to 0"},
  };
  for (const auto& [name, what] : cases) {
    const auto field = find_metadata_field(std::string_view(name));
    ASSERT_FALSE(field) << name;
    EXPECT_EQ(field.error().id, ErrorId::unknown_name);
    EXPECT_NE(field.error().what.find(what), std::string::npos) << field.error().what;
  }
}

TEST(FindMetadataField, ComparesClassAndCodeOnly) {
  const std::uint64_t features0 = 0x0A00000300000008;
  for (const unsigned ignored : {32u, 33u, 50u, 51u, 63u}) {
    const auto field = find_metadata_field(features0 ^ mask(ignored, ignored));
    ASSERT_TRUE(field) << ignored;
    EXPECT_EQ(field->field->name, "TDX_FEATURES0");
  }
  EXPECT_FALSE(find_metadata_field(features0 | mask(52, 52)));  // TD context
  EXPECT_FALSE(find_metadata_field(features0 ^ mask(56, 56)));  // another class
  EXPECT_FALSE(find_metadata_field(features0 + 1));
  EXPECT_FALSE(find_metadata_field(kNullFieldId));
}

TEST(FindMetadataField, PrefersTheSizeThatTheIdHas) {
  EXPECT_EQ(find_metadata_field(0x3100000100000000)->field->element_bytes(), 2u);
  EXPECT_EQ(find_metadata_field(0x3100000200000000)->field->element_bytes(), 4u);
  EXPECT_EQ(find_metadata_field(0x3100000300000000)->field->element_bytes(), 4u);  // no such form: the newest
  EXPECT_EQ(find_metadata_field(0x3100000100000001)->field->element_bytes(), 2u);
  EXPECT_EQ(find_metadata_field(0x3100000300000001)->field->element_bytes(), 1u);
}

TEST(FieldId, PartsStandWhereTheAbiPutsThem) {
  // The header of a list sequence: 32 fields of 2 elements, 8 bytes each, stepping by 2.
  const FieldId id = parse_field_id(0x9904'07C7'0000'0500);
  EXPECT_EQ(id.field_code, 0x500u);
  EXPECT_EQ(id.element_bytes(), 8u);
  EXPECT_EQ(id.last_element, 1);
  EXPECT_EQ(id.last_field, 31);
  EXPECT_TRUE(id.step_by_two);
  EXPECT_FALSE(id.write_mask_valid);
  EXPECT_EQ(id.context, 0);
  EXPECT_EQ(id.class_code, 25);
  EXPECT_TRUE(id.non_architectural);
  EXPECT_EQ(id.reserved, 0u);
  EXPECT_EQ(parse_field_id(0x0020000001000000).context, 2);
  EXPECT_EQ(parse_field_id(0x0020000001000000).reserved, 0x01000000u);
}

TEST(FieldId, NullIgnoresTheContext) {
  EXPECT_TRUE(is_null_field_id(kNullFieldId));
  EXPECT_TRUE(is_null_field_id(0xFF8FFFFFFFFFFFFF));
  EXPECT_FALSE(is_null_field_id(0xFF0FFFFFFFFFFFFF));
  EXPECT_FALSE(is_null_field_id(0));
}

TEST(FieldId, ComposeUndoesParse) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 10000; ++i) {
    const std::uint64_t word = random();
    EXPECT_EQ(compose_field_id(parse_field_id(word)), word);
  }
  for (unsigned n = 0; n < 64; ++n) EXPECT_EQ(compose_field_id(parse_field_id(mask(n, n))), mask(n, n));
}

}  // namespace
}  // namespace tdxctl::abi
