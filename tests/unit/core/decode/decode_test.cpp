// SPDX-License-Identifier: MIT
#include "core/decode/decode.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <string>

#include "core/abi/bits.h"
#include "core/abi/details.h"
#include "core/abi/features.h"
#include "unit/core/abi/reference.h"

namespace tdxctl {

// For messages of failed comparisons.
void PrintTo(const Item& item, std::ostream* out) {
  *out << "{" << item.what << ", " << item.value << ", " << item.name << "}";
}

namespace {

using abi::Details;
using abi::Interface;

constexpr auto kModule = Interface::tdx_module;
using Items = std::vector<Item>;

Items details_of(std::uint64_t word) { return decode_status(word, kModule).details; }

// A low half that every form can carry, and what it then says.
struct FormCase {
  std::uint32_t low_half;
  Items items;
};

const std::map<Details, FormCase>& form_cases() {
  static const std::map<Details, FormCase> kCases = {
      {Details::none_seen, {7, {{"other details", 7, ""}}}},
      {Details::unknown, {7, {{"other details", 7, ""}}}},
      {Details::zero, {0, {}}},
      {Details::depends, {7, {{"other details", 7, ""}}}},
      {Details::operand_id, {0xB9, {{"operand", 0xB9, "TDMR"}}}},
      {Details::msr_index, {0x10A, {{"MSR", 0x10A, "IA32_ARCH_CAPABILITIES"}}}},
      {Details::cpuid_leaf, {0x1F, {{"CPUID leaf", 0x1F, ""}}}},
      {Details::vmcs_field_encoding, {0x2002, {{"VMCS field encoding", 0x2002, ""}}}},
      {Details::td_field_code, {0x11, {{"TD metadata field code", 0x11, ""}}}},
      {Details::page_level, {1, {{"page size", 1, "2 MB"}}}},
      {Details::td_op_state, {2, {{"TD operation state", 2, "runnable"}}}},
      {Details::vcpu_state, {16, {{"VCPU state", 16, "importing"}}}},
      {Details::list_index, {5, {{"list index", 5, ""}}}},
      {Details::page_index, {5, {{"page index", 5, ""}}}},
      {Details::entry_number, {5, {{"entry number", 5, ""}}}},
      {Details::binding_slot, {1, {{"binding slot", 1, ""}}}},
      {Details::smrr_index, {1, {{"SMRR index", 1, ""}}}},
      {Details::package_number, {9, {{"package number", 9, ""}}}},
      {Details::x2apic_id, {3, {{"x2APIC id", 3, ""}}}},
      {Details::max_hkids, {2048, {{"largest supported number of HKIDs", 2048, ""}}}},
      {Details::vm_exit_reason,
       {0x80000021,
        {{"VM exit reason", 33, "VM entry failed: invalid guest state"}, {"VM exit flags", 0x8000, ""}}}},
      {Details::constant_ffff, {0xFFFF, {{"constant", 0xFFFF, ""}}}},
      {Details::vm_and_level, {0x00010002, {{"VM number", 1, ""}, {"level", 2, ""}}}},
      {Details::list_position, {0xFFFF0003, {{"list position", 3, ""}, {"list marker", 0xFFFF, ""}}}},
      {Details::tdmr, {0x04, {{"TDMR index", 4, ""}}}},
      {Details::tdmr_and_page_size, {0x0204, {{"TDMR index", 4, ""}, {"PAMT page size", 2, "1 GB"}}}},
      {Details::pamt_overlap,
       {0x030104,
        {{"TDMR index", 4, ""}, {"PAMT page size", 1, "2 MB"}, {"index of the TDMR it runs into", 3, ""}}}},
      {Details::tdmr_and_reserved_area, {0x0F04, {{"TDMR index", 4, ""}, {"reserved area index", 15, ""}}}},
      {Details::smrr_and_cmr, {0x0201, {{"SMRR index", 1, ""}, {"CMR index", 2, ""}}}},
  };
  return kCases;
}

TEST(DecodeStatus, EveryModuleCodeWithItsFormOfDetails) {
  std::map<Details, int> seen;
  for (const auto& code : abi::status_codes(kModule)) {
    SCOPED_TRACE(code.name);
    const FormCase& form = form_cases().at(code.details);
    ++seen[code.details];
    const auto status = decode_status(code.value | form.low_half, kModule);
    EXPECT_TRUE(status.known());
    EXPECT_EQ(status.code, &code);
    EXPECT_EQ(status.interface, kModule);
    EXPECT_EQ(status.error, abi::bit(code.value, 63));
    EXPECT_FALSE(status.fatal_added);
    ASSERT_TRUE(status.layout);
    EXPECT_EQ(status.layout->details_l2, form.low_half);
    EXPECT_FALSE(status.class_name.empty());
    EXPECT_EQ(status.details, form.items);
  }
  EXPECT_EQ(seen.size(), form_cases().size()) << "a form that no code has";
}

TEST(DecodeStatus, EveryCodeOfTheOthersAsAWhole) {
  for (const auto interface : {Interface::p_seamldr, Interface::np_seamldr, Interface::software}) {
    for (const auto& code : abi::status_codes(interface)) {
      SCOPED_TRACE(code.name);
      const auto status = decode_status(code.value, interface);
      EXPECT_EQ(status.code, &code);
      EXPECT_EQ(status.interface, interface);
      EXPECT_EQ(status.layout.has_value(), interface == Interface::software);
      EXPECT_TRUE(status.details.empty());
    }
  }
}

// The reference is read here too, so that no row can go missing from tables and cases alike.
TEST(DecodeStatus, EveryRowOfTheReference) {
  for (const auto& row : test::reference("status-codes")) {
    const auto name = row.at("interface").get<std::string>();
    const auto interface = name == "tdx-module"   ? Interface::tdx_module
                           : name == "p-seamldr"  ? Interface::p_seamldr
                           : name == "np-seamldr" ? Interface::np_seamldr
                                                  : Interface::software;
    const auto status = decode_status(test::hex(row.at("value")), interface);
    ASSERT_TRUE(status.known()) << row.at("value");
    EXPECT_EQ(status.code->name, row.at("name").get<std::string>());
  }
}

TEST(DecodeStatus, OperandZeroIsRax) {
  EXPECT_EQ(details_of(0xC000010000000000), (Items{{"operand", 0, "RAX"}}));
  EXPECT_EQ(details_of(0xC0000100000000FF), (Items{{"operand", 0xFF, ""}}));
}

TEST(DecodeStatus, ListPositionZeroMeansNoList) {
  EXPECT_EQ(details_of(0xC0000C0400000000), Items{});
  EXPECT_EQ(details_of(0xC0000C0000000000), Items{});
}

TEST(DecodeStatus, BitsThatAFormDoesNotHaveAreNotDropped) {
  EXPECT_EQ(details_of(0xC0000A0012000004),
            (Items{{"TDMR index", 4, ""}, {"other details", 0x12000000, ""}}));
  EXPECT_EQ(details_of(0xC000050500000001), (Items{{"other details", 1, ""}}));
}

TEST(DecodeStatus, SuccessOfVpEnterCarriesTheExitReason) {
  const auto entered = decode_status(0x0000000000000030, kModule, abi::leaf::kVpEnter);
  EXPECT_EQ(entered.details.front(), (Item{"VM exit reason", 48, "EPT violation"}));
  EXPECT_FALSE(entered.error);
  EXPECT_EQ(decode_status(0x30, kModule).details, (Items{{"other details", 0x30, ""}}));
  EXPECT_TRUE(decode_status(0, kModule).details.empty());
}

TEST(DecodeStatus, SaysWhenTheFatalBitWasAdded) {
  const auto status = decode_status(0xE000010000000001, kModule);
  ASSERT_TRUE(status.known());
  EXPECT_EQ(status.code->name, "TDX_OPERAND_INVALID");
  EXPECT_TRUE(status.fatal_added);
  EXPECT_TRUE(status.layout->fatal);
  EXPECT_EQ(status.details, (Items{{"operand", 1, "RCX"}}));
  EXPECT_NE(status.advice, nullptr);
}

TEST(DecodeStatus, UnknownCodesKeepTheirLayout) {
  const auto status = decode_status(0x9000'02FF'0000'0007, kModule);
  EXPECT_FALSE(status.known());
  EXPECT_TRUE(status.error);
  ASSERT_TRUE(status.layout);
  EXPECT_FALSE(status.layout->non_recoverable);
  EXPECT_TRUE(status.layout->host_hint);
  EXPECT_EQ(status.layout->class_code, 2);
  EXPECT_EQ(status.class_name, "busy / resource");
  EXPECT_EQ(status.layout->details_l1, 0xFF);
  EXPECT_EQ(status.details, (Items{{"other details", 7, ""}}));
  EXPECT_EQ(status.advice, nullptr);

  const auto odd = decode_status(0x0123'4500'0000'0000, kModule);
  EXPECT_FALSE(odd.known());
  EXPECT_EQ(odd.layout->reserved, 0x123);
  EXPECT_EQ(odd.class_name, "");
}

TEST(DecodeStatus, TheInterfaceCalledChoosesTheTable) {
  EXPECT_EQ(decode_status(0x8000000000020001, Interface::p_seamldr).code->name, "SEAMLDR_EBADHASH");
  EXPECT_FALSE(decode_status(0x8000000000020001, kModule).known());
  const auto unknown = decode_status(0x8000020300000000, Interface::p_seamldr);
  EXPECT_FALSE(unknown.known());
  EXPECT_TRUE(unknown.error);
  EXPECT_FALSE(unknown.layout);
  EXPECT_EQ(decode_status(0x8000FF00FFFF0000, Interface::p_seamldr).interface, Interface::software);
  EXPECT_EQ(decode_status(0, Interface::p_seamldr).code->name, "SEAMLDR_SUCCESS");
}

TEST(DecodeRax, EveryLeafOfTheReference) {
  for (const auto& row : test::reference("seamcall-leaves")) {
    const auto call = decode_rax(test::hex(row.at("leaf_hex")));
    EXPECT_TRUE(call.known());
    EXPECT_TRUE(std::any_of(call.leaves.begin(), call.leaves.end(), [&](const abi::Leaf& leaf) {
      return leaf.name == row.at("name").get<std::string>();
    })) << row.at("name");
  }
}

TEST(DecodeRax, TellsVersionsAndReservedBits) {
  EXPECT_TRUE(decode_rax(0x1002D).known());         // TDH.SYS.CONFIG version 1
  EXPECT_FALSE(decode_rax(0x2002D).version_known);  // no version 2
  EXPECT_FALSE(decode_rax(0x10022).version_known);  // TDH.SYS.RD has version 0 only
  const auto reserved = decode_rax(0x0000000100000022);
  EXPECT_EQ(reserved.call.reserved, 0x0000000100000000u);
  EXPECT_EQ(reserved.leaves.front().name, "TDH.SYS.RD");
  EXPECT_FALSE(reserved.known());
  EXPECT_TRUE(decode_rax(0x999).leaves.empty());
  EXPECT_FALSE(decode_rax(0x999).known());
  EXPECT_EQ(decode_rax(0x8000000000000001).leaves.front().name, "SEAMLDR.INSTALL");
}

TEST(DecodeFieldId, EveryFieldOfTheReference) {
  for (const auto& row : test::reference("global-metadata")) {
    const auto id = decode_field_id(test::hex(row.at("field_id")));
    ASSERT_TRUE(id.known()) << row.at("name");
    EXPECT_EQ(id.field->field->name, row.at("name").get<std::string>());
    EXPECT_EQ(id.class_name, row.at("class_name").get<std::string>());
    EXPECT_EQ(id.context_name, "system");
    EXPECT_FALSE(id.sequence_header);
    EXPECT_FALSE(id.null);
  }
}

TEST(DecodeFieldId, NamesArrayMembers) {
  EXPECT_EQ(decode_field_id(0x9000000300000083).name, "CMR_BASE[3]");
  EXPECT_EQ(decode_field_id(0x9900000300000507).name, "CPUID_CONFIG_VALUES[3][1]");
  EXPECT_EQ(decode_field_id(0x0A00000300000008).name, "TDX_FEATURES0");
}

TEST(DecodeFieldId, UnknownIdsKeepTheirLayout) {
  const auto id = decode_field_id(0x0A00000300000777);
  EXPECT_FALSE(id.known());
  EXPECT_EQ(id.class_name, "Module information");
  EXPECT_EQ(id.id.field_code, 0x777u);
  EXPECT_EQ(id.id.element_bytes(), 8u);

  const auto td = decode_field_id(0x9010000300000007);
  EXPECT_EQ(td.context_name, "TD");
  EXPECT_EQ(td.class_name, "");  // the class numbers of other contexts mean other things
  EXPECT_FALSE(td.known());
  EXPECT_EQ(decode_field_id(0x0070000000000000).context_name, "");
}

TEST(DecodeFieldId, ReservedBitsMakeAnIdUnknown) {
  EXPECT_FALSE(decode_field_id(0x4A00000300000008).known());
}

TEST(DecodeFieldId, TellsNullAndSequenceHeaders) {
  EXPECT_TRUE(decode_field_id(~0ull).null);
  EXPECT_FALSE(decode_field_id(~0ull).sequence_header);
  const auto header = decode_field_id(0x900007C300000080);
  EXPECT_TRUE(header.sequence_header);
  EXPECT_EQ(header.id.last_field, 31);
  EXPECT_EQ(header.field->field->name, "CMR_BASE");
}

TEST(DecodeFeatureMask, NamesEveryBitOfTheReference) {
  for (const auto& row : test::reference("features0")) {
    const auto bits = decode_feature_mask(test::hex(row.at("mask")));
    ASSERT_EQ(bits.bits.size(), 1u);
    EXPECT_EQ(bits.bits[0].bit, row.at("bit").get<int>());
    const bool reserved = row.at("reserved").get<bool>();
    EXPECT_EQ(bits.bits[0].name, reserved ? "" : row.at("name").get<std::string>());
    EXPECT_EQ(bits.bits[0].known(), !reserved);
    EXPECT_EQ(bits.unknown, reserved ? bits.word : 0);
  }
}

TEST(DecodeFeatureMask, KeepsTheOrderOfBits) {
  const auto bits = decode_feature_mask(~0ull);
  ASSERT_EQ(bits.bits.size(), 64u);
  for (unsigned n = 0; n < 64; ++n) EXPECT_EQ(bits.bits[n].bit, n);
  EXPECT_FALSE(bits.known());
  EXPECT_TRUE(decode_feature_mask(0).bits.empty());
  EXPECT_TRUE(decode_feature_mask(0x226f1f0fbf).known());
}

TEST(DecodeBits, EveryBitOfTheReferenceAndNoOther) {
  using Decode = BitsDecode (*)(std::uint64_t);
  const std::pair<const char*, Decode> words[] = {{"td_attributes", decode_attributes},
                                                  {"xfam", decode_xfam},
                                                  {"config_flags", decode_config_flags},
                                                  {"td_ctls", decode_td_ctls},
                                                  {"sys_attributes", decode_sys_attributes}};
  const auto reference = test::reference("attributes-xfam");
  for (const auto& [key, decode] : words) {
    SCOPED_TRACE(key);
    std::map<int, std::string> names;
    for (const auto& row : reference.at(key).at("bits")) names[row.at("bit")] = row.at("name");
    const auto all = decode(~0ull);
    ASSERT_EQ(all.bits.size(), 64u);
    for (const BitItem& item : all.bits) {
      EXPECT_EQ(item.name, names[item.bit]);
      EXPECT_EQ(abi::bit(all.unknown, item.bit), !item.known());
      EXPECT_EQ(item.meaning.empty(), !item.known());
    }
  }
}

TEST(DecodeAttributes, TellsTheGroup) {
  const auto bits = decode_attributes(0x1000'0001);
  ASSERT_EQ(bits.bits.size(), 2u);
  EXPECT_EQ(bits.bits[0].name, "DEBUG");
  EXPECT_EQ(bits.bits[0].group, "TUD");
  EXPECT_EQ(bits.bits[1].name, "SEPT_VE_DISABLE");
  EXPECT_EQ(bits.bits[1].group, "security");
}

TEST(DecodeXfam, TellsUserAndSupervisorAsTheReferenceDoes) {
  const auto reference = test::reference("attributes-xfam");
  for (const auto& row : reference.at("xfam").at("bits")) {
    if (row.at("name") == "APX") continue;  // bit 19 is in neither mask of the published module
    const auto bits = decode_xfam(test::hex(row.at("mask")));
    EXPECT_TRUE(test::text(row, "kind").starts_with(bits.bits.at(0).group)) << row;
    EXPECT_FALSE(bits.bits.at(0).group.empty()) << row;
  }
}

TEST(DecodeXfam, RemarksOnBrokenGroups) {
  using Remarks = std::vector<std::string_view>;
  EXPECT_EQ(decode_xfam(0x602E7).remarks, Remarks{});
  EXPECT_EQ(decode_xfam(0x3).remarks, Remarks{});
  EXPECT_EQ(decode_xfam(0x20003).remarks, Remarks{"the AMX bits (18:17) go together"});
  EXPECT_EQ(decode_xfam(0x1003).remarks, Remarks{"the CET bits (12:11) go together"});
  EXPECT_EQ(decode_xfam(0xE3).remarks, Remarks{"AVX-512 needs AVX (bit 2)"});
  EXPECT_EQ(decode_xfam(0x27).remarks, Remarks{"the AVX-512 bits (7:5) go together"});
}

}  // namespace
}  // namespace tdxctl
