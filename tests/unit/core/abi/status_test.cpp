// SPDX-License-Identifier: MIT
#include "core/abi/status.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>
#include <string>

#include "core/abi/bits.h"
#include "unit/core/abi/reference.h"

namespace tdxctl::abi {
namespace {

using test::reference;
using test::text;

constexpr std::array kInterfaces = {Interface::tdx_module, Interface::p_seamldr, Interface::np_seamldr,
                                    Interface::software};

Interface interface_named(const std::string& name) {
  return *std::find_if(kInterfaces.begin(), kInterfaces.end(),
                       [&](Interface interface) { return interface_name(interface) == name; });
}

const StatusCode* row_for(const nlohmann::json& wanted) {
  for (const StatusCode& code : status_codes(interface_named(wanted.at("interface")))) {
    if (code.value == test::hex(wanted.at("value"))) return &code;
  }
  return nullptr;
}

// Forms whose layout the reference gives in words.
std::string form_of(Details details) {
  static const std::map<Details, std::string> kForms = {
      {Details::max_hkids, "number: largest supported number of HKIDs"},
      {Details::constant_ffff, "constant: constant 0xFFFF"},
      {Details::vm_and_level, "two-16-bit: high half VM number, low half level"},
      {Details::tdmr, "four-bytes: byte 0 TDMR index"},
      {Details::tdmr_and_page_size,
       "four-bytes: byte 0 TDMR index, byte 1 page size (0 = 4K, 1 = 2M, 2 = 1G)"},
      {Details::pamt_overlap,
       "four-bytes: byte 0 TDMR index, byte 1 page size (0 = 4K, 1 = 2M, 2 = 1G), byte 2 index of the TDMR "
       "it runs "
       "into"},
      {Details::tdmr_and_reserved_area, "four-bytes: byte 0 TDMR index, byte 1 reserved-area index"},
      {Details::smrr_and_cmr, "four-bytes: SMRR index, CMR index"},
      {Details::none_seen, "none-seen"},
      {Details::unknown, "unknown"},
      {Details::zero, "zero"},
      {Details::depends, "depends"},
      {Details::part_of_code, "part-of-code"},
      {Details::operand_id, "operand-id"},
      {Details::msr_index, "msr-index"},
      {Details::cpuid_leaf, "cpuid-leaf"},
      {Details::vmcs_field_encoding, "vmcs-field-encoding"},
      {Details::td_field_code, "td-field-code"},
      {Details::page_level, "page-level"},
      {Details::td_op_state, "td-op-state"},
      {Details::vcpu_state, "vcpu-state"},
      {Details::list_index, "list-index"},
      {Details::page_index, "page-index"},
      {Details::entry_number, "entry-number"},
      {Details::binding_slot, "binding-slot"},
      {Details::smrr_index, "smrr-index"},
      {Details::package_number, "package-number"},
      {Details::x2apic_id, "x2apic-id"},
      {Details::vm_exit_reason, "vm-exit-reason"},
      {Details::list_position, "two-16-bit"},
  };
  return kForms.at(details);
}

TEST(StatusCodes, EveryReferenceRowIsInTheTable) {
  for (const auto& wanted : reference("status-codes")) {
    SCOPED_TRACE(wanted.at("value").get<std::string>() + " " + wanted.at("name").get<std::string>());
    const StatusCode* code = row_for(wanted);
    ASSERT_NE(code, nullptr);
    EXPECT_EQ(code->name, text(wanted, "name"));
    EXPECT_EQ(code->alias, test::alias(wanted));
    EXPECT_EQ(code->since, text(wanted, "first_seen"));
    EXPECT_EQ(code->meaning, text(wanted, "meaning"));
    EXPECT_EQ(code->note, text(wanted, "note"));

    // Where our form has no words of its own, the reference's kind alone counts.
    const std::string form = form_of(code->details);
    const std::string kind = text(wanted, "details_l2");
    EXPECT_EQ(form,
              form.find(": ") == std::string::npos ? kind : kind + ": " + text(wanted, "details_l2_note"));
  }
}

TEST(StatusCodes, EveryTableRowIsInTheReference) {
  std::multiset<const StatusCode*> wanted;
  for (const auto& row : reference("status-codes")) wanted.insert(row_for(row));
  for (const auto interface : kInterfaces) {
    for (const StatusCode& code : status_codes(interface)) EXPECT_EQ(wanted.erase(&code), 1u) << code.name;
  }
  EXPECT_TRUE(wanted.empty());
}

TEST(StatusCodes, LayoutAgreesWithTheReference) {
  for (const auto& wanted : reference("status-codes")) {
    if (wanted.at("class").is_null()) continue;  // plain numbers of the loaders
    SCOPED_TRACE(wanted.at("name").get<std::string>());
    const StatusWord word = parse_status(test::hex(wanted.at("value")));
    EXPECT_EQ(word.error, wanted.at("error").get<bool>());
    EXPECT_EQ(word.non_recoverable, wanted.at("non_recoverable").get<bool>());
    EXPECT_EQ(word.fatal, wanted.at("fatal").get<bool>());
    EXPECT_EQ(word.host_hint, wanted.at("host_recoverability_hint").get<bool>());
    EXPECT_EQ(word.class_code, wanted.at("class").get<int>());
    EXPECT_EQ(word.details_l1, wanted.at("details_l1").get<int>());
    EXPECT_EQ(word.reserved, 0);
    EXPECT_EQ(status_class_name(word.class_code), wanted.at("class_name").get<std::string>());
  }
}

TEST(StatusCodes, ModuleRowsLeaveTheLowHalfToTheDetails) {
  for (const StatusCode& code : status_codes(Interface::tdx_module)) {
    EXPECT_EQ(field(code.value, 31, 0), 0u) << code.name;
    EXPECT_NE(code.details, Details::part_of_code) << code.name;
  }
}

TEST(FindStatus, NamesEveryRowWhoeverWasCalled) {
  for (const auto interface : kInterfaces) {
    for (const StatusCode& code : status_codes(interface)) {
      const auto match = find_status(code.value, interface);
      EXPECT_EQ(match.code, &code) << code.name;
      EXPECT_EQ(match.interface, interface) << code.name;
      EXPECT_FALSE(match.fatal_added) << code.name;
    }
  }
  for (const StatusCode& code : status_codes(Interface::software)) {
    EXPECT_EQ(find_status(code.value, Interface::tdx_module).code, &code);
    EXPECT_EQ(find_status(code.value, Interface::p_seamldr).code, &code);
  }
}

TEST(FindStatus, IgnoresTheLowHalfOfModuleStatusesOnly) {
  EXPECT_EQ(find_status(0xC000010000000008, Interface::tdx_module).code->name, "TDX_OPERAND_INVALID");
  EXPECT_EQ(find_status(0x8000000000020002, Interface::p_seamldr).code, nullptr);
  EXPECT_EQ(find_status(0x8000FF000000000E, Interface::tdx_module).code, nullptr);
}

TEST(FindStatus, TheInterfaceChoosesTheTable) {
  EXPECT_EQ(find_status(0x8000000000020001, Interface::p_seamldr).code->name, "SEAMLDR_EBADHASH");
  EXPECT_EQ(find_status(0x8000000000020001, Interface::tdx_module).code, nullptr);
  EXPECT_EQ(find_status(0x8000020300000000, Interface::p_seamldr).code, nullptr);
  EXPECT_EQ(find_status(0x8000000000010002, Interface::np_seamldr).code->name, "NP_SEAMLDR_ENOMEM");
}

TEST(FindStatus, ClearsTheFatalBitOnlyWhenNothingElseMatches) {
  // Bit 61 belongs to some codes and is added to others.
  EXPECT_FALSE(find_status(0xE000060400000000, Interface::tdx_module).fatal_added);
  EXPECT_FALSE(find_status(0xC000060400000000, Interface::tdx_module).fatal_added);
  const auto added = find_status(0xE000010000000001, Interface::tdx_module);
  ASSERT_NE(added.code, nullptr);
  EXPECT_EQ(added.code->name, "TDX_OPERAND_INVALID");
  EXPECT_TRUE(added.fatal_added);
  EXPECT_EQ(find_status(0xE000017700000000, Interface::tdx_module).code, nullptr);
}

TEST(FindStatusCodes, GivesAllValuesOfAName) {
  EXPECT_EQ(find_status_codes("TDX_NON_RECOVERABLE_TD_WRONG_APIC_MODE", Interface::tdx_module).size(), 3u);
  EXPECT_EQ(find_status_codes("TDX_BOOT_NT4_SET", Interface::tdx_module)[0].value, 0xC000090100000000);
  EXPECT_TRUE(find_status_codes("", Interface::tdx_module).empty());
  EXPECT_TRUE(find_status_codes("TDX_SUCCESS", Interface::p_seamldr).empty());
  for (const auto interface : kInterfaces) {
    for (const StatusCode& code : status_codes(interface)) {
      const auto rows = find_status_codes(code.name, interface);
      EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [&](const StatusCode& row) { return &row == &code; }))
          << code.name;
    }
  }
}

TEST(StatusWord, ComposeUndoesParse) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 10000; ++i) {
    const std::uint64_t word = random();
    EXPECT_EQ(compose_status(parse_status(word)), word);
  }
  for (unsigned n = 0; n < 64; ++n) EXPECT_EQ(compose_status(parse_status(mask(n, n))), mask(n, n));
}

}  // namespace
}  // namespace tdxctl::abi
