// SPDX-License-Identifier: MIT
#include "cli/field_value.h"

#include <gtest/gtest.h>

namespace tdxctl::cli {
namespace {

struct Value {
  abi::FieldFormat format;
  std::uint64_t value;
  std::string_view text;
  std::string_view json;
};

class FieldValue : public testing::TestWithParam<Value> {};

TEST_P(FieldValue, IsReadAsItsFieldSays) {
  const Value& value = GetParam();
  abi::MetadataField field = abi::metadata_fields().front();
  field.format = value.format;
  EXPECT_EQ(field_value_text(field, value.value), value.text);
  EXPECT_EQ(field_value_json(field, value.value).dump(), value.json);
}

using enum abi::FieldFormat;
INSTANTIATE_TEST_SUITE_P(
    EveryFormat, FieldValue,
    testing::Values(
        Value{count, 2, "2", "2"}, Value{dec, 64, "64", "64"},
        Value{dec, 1ull << 53, "9007199254740992", "null"}, Value{bytes, 1, "1 byte", "1"},
        Value{bytes, 4096, "4096 bytes", "4096"}, Value{boolean, 1, "yes", "true"},
        Value{boolean, 0, "no", "false"}, Value{bcd_date, 20240129, "2024-01-29", "\"2024-01-29\""},
        Value{bcd_date, 0x20240131, "2024-01-31", "\"2024-01-31\""}, Value{bcd_date, 0x202401AF, "", "null"},
        Value{bcd_date, 7, "", "null"}, Value{cpu_fms, 0, "", "null"},
        Value{features0, 0x3, "TD_MIGRATION TD_PRESERVING", R"(["TD_MIGRATION","TD_PRESERVING"])"},
        Value{features0, 1ull << 63, "bit 63", R"(["bit 63"])"},
        Value{td_attributes, 1, "DEBUG", R"(["DEBUG"])"}, Value{xfam, 3, "X87 SSE", R"(["X87","SSE"])"},
        Value{config_flags, 1, "GPAW", R"(["GPAW"])"},
        Value{cpuid_leaf, 0x0000000200000004, "CPUID leaf 0x4, subleaf 2",
              R"({"leaf":"0x00000004","subleaf":"0x2"})"},
        Value{cpuid_leaf, 0xFFFFFFFF80000008, "CPUID leaf 0x80000008",
              R"({"leaf":"0x80000008","subleaf":null})"},
        Value{cpuid_leaf, ~0ull, "unused", "null"}, Value{hex, 0x8086, "", "null"},
        Value{flags, 1, "", "null"}, Value{hpa, 4096, "", "null"}, Value{cpuid_mask, 1, "", "null"}));

}  // namespace
}  // namespace tdxctl::cli
