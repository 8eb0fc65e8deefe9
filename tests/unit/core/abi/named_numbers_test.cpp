// SPDX-License-Identifier: MIT
#include "core/abi/named_numbers.h"

#include <gtest/gtest.h>

#include "core/abi/details.h"
#include "unit/core/abi/reference.h"

namespace tdxctl::abi {
namespace {

// The states are listed in the notes of the statuses that carry them: "Numbers: 0 uninitialized, 1
// initialized, ...".
void expect_numbers_of_note(const std::string& status, std::string_view (*name_of)(std::uint32_t)) {
  for (const auto& row : test::reference("status-codes")) {
    if (row.at("name") != status) continue;
    std::string note = test::text(row, "note");
    note = note.substr(note.find("Numbers: ") + 9);
    note.back() = ',';  // the list ends with a full stop
    std::size_t states = 0;
    for (std::size_t end; (end = note.find(',')) != std::string::npos; ++states) {
      std::size_t digits = 0;
      const auto number = static_cast<std::uint32_t>(std::stoul(note, &digits));
      EXPECT_EQ(name_of(number), note.substr(digits + 1, end - digits - 1)) << status << " " << number;
      note.erase(0, end + 1);
    }
    EXPECT_GE(states, 5u);
    return;
  }
  FAIL() << status << " is not in the reference";
}

TEST(NamedNumbers, StatesAreThoseOfTheReference) {
  expect_numbers_of_note("TDX_OP_STATE_INCORRECT", td_op_state_name);
  expect_numbers_of_note("TDX_VCPU_STATE_INCORRECT", vcpu_state_name);
}

TEST(NamedNumbers, NameKnownNumbersOnly) {
  EXPECT_EQ(msr_name(0x10A), "IA32_ARCH_CAPABILITIES");
  EXPECT_EQ(msr_name(0x10B), "");
  EXPECT_EQ(page_size_name(2), "1 GB");
  EXPECT_EQ(page_size_name(3), "");
  EXPECT_EQ(vm_exit_reason_name(48), "EPT violation");
  EXPECT_EQ(vm_exit_reason_name(35), "");
  EXPECT_EQ(vm_exit_reason_name(0xFFFFFFFF), "");
  EXPECT_EQ(vcpu_state_name(1), "");
}

TEST(NameIn, AsksTheTableThatAPartNames) {
  EXPECT_EQ(name_in(NamedBy::operands, 0xB9), "TDMR");
  EXPECT_EQ(name_in(NamedBy::operands, 0x3F), "");
  EXPECT_EQ(name_in(NamedBy::msrs, 0x87), "IA32_MKTME_KEYID_PARTITIONING");
  EXPECT_EQ(name_in(NamedBy::page_sizes, 0), "4 KB");
  EXPECT_EQ(name_in(NamedBy::td_op_states, 2), "runnable");
  EXPECT_EQ(name_in(NamedBy::vcpu_states, 4), "active");
  EXPECT_EQ(name_in(NamedBy::vm_exit_reasons, 10), "CPUID");
  EXPECT_EQ(name_in(NamedBy::nothing, 0), "");
}

}  // namespace
}  // namespace tdxctl::abi
