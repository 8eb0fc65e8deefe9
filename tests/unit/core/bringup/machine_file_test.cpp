// SPDX-License-Identifier: MIT
#include "core/bringup/machine_file.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace tdxctl::bringup {
namespace {

Machine full_machine() {
  Machine machine;
  machine.memory = {
      {1ull << 20, 1ull << 30, 0}, {1ull << 32, 1ull << 40, 1}, {1ull << 45, 4096, std::nullopt}};
  machine.cmrs = {{1ull << 20, 1ull << 30}, {1ull << 32, 1ull << 40}};
  machine.limits = ModuleLimits{32, 15, 24, 25, 26, 2, 5};
  machine.features0 = 1ull << 53;
  machine.module_version = Version{2, 0, 16};
  machine.module_state = ModuleState::not_initialised;
  machine.packages = {{0, 0xa06d1, 8}, {3, 0xa06d1, 9}};
  machine.lps_online = 17;
  machine.lps_present = 18;
  machine.keyids = KeyIdPartition{127, 128};
  machine.kernel_owns_module = false;
  machine.hibernation_possible = true;
  machine.partial_write_erratum = false;
  machine.extension_pool_bytes = 36700160;
  return machine;
}

TEST(BringUpMachineFile, TakesEveryStateOfTheModule) {
  for (const auto state : {ModuleState::not_initialised, ModuleState::initialising, ModuleState::ready,
                           ModuleState::disabling, ModuleState::shut_down, ModuleState::not_loaded}) {
    const auto machine =
        parse_machine(R"({"memory": [], "module_state": ")" + std::string(to_string(state)) + "\"}");
    ASSERT_TRUE(machine) << machine.error().what;
    EXPECT_EQ(machine->module_state, state);
  }
}

TEST(BringUpMachineFile, KeepsEveryFact) {
  const auto text = to_json(full_machine()).dump();
  const auto read = parse_machine(text);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(to_json(*read).dump(), text);
  EXPECT_EQ(read->memory, full_machine().memory);
  EXPECT_EQ(read->cmrs, full_machine().cmrs);
  EXPECT_EQ(read->limits, full_machine().limits);
  EXPECT_EQ(read->module_state, full_machine().module_state);
}

TEST(BringUpMachineFile, KeepsWhatIsNotKnown) {
  Machine machine;
  machine.memory = {{1ull << 32, 1ull << 40, std::nullopt}};
  const auto text = to_json(machine).dump();
  const auto read = parse_machine(text);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(to_json(*read).dump(), text);
  EXPECT_FALSE(read->cmrs);
  EXPECT_FALSE(read->limits);
}

TEST(BringUpMachineFile, IsTextToItsEnd) {
  const auto read = parse_machine(std::string_view("{\"memory\": []}\0", 15));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().what, "the machine is not JSON: line 1, column 15");
}

TEST(BringUpMachineFile, ListsOfObjectsRepeatTheirMembers) {
  EXPECT_TRUE(parse_machine(R"({"memory": [{"base": "0x0", "bytes": 1}, {"base": "0x1000", "bytes": 1}]})"));
}

struct Wrong {
  const char* text;
  const char* what;
};

class WrongMachine : public testing::TestWithParam<Wrong> {};

TEST_P(WrongMachine, IsRefusedByTheMemberThatIsWrong) {
  const auto read = parse_machine(GetParam().text);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().id, ErrorId::machine_invalid);
  EXPECT_EQ(read.error().what, GetParam().what);
}

const Wrong kWrong[] = {
    {"", "the machine is not JSON: line 1, column 1"},
    {"{", "the machine is not JSON: line 1, column 2"},
    {"{\n  \"memory\": [],\n}", "the machine is not JSON: line 3, column 1"},
    {R"({"memory": [], "lps_online": 1, "lps_online": 2})", "'lps_online' is given twice"},
    {R"({"memory": [{"base": "0x0", "bytes": 1, "base": "0x1"}]})", "'base' is given twice"},
    {R"({"memory": [{"base": "4096", "bytes": 1}]})",
     "'memory[0].base' must be a string such as \"0x100000000\""},
    {R"({"memory": [], "lps_online": 2, "lps_present": 1})",
     "'lps_online' must not be more than lps_present"},
    {R"({"memory": [], "lps_online": 0, "lps_present": 0})", "'lps_online' must be at least 1"},
    {R"({"memory": [], "lps_present": 0})", "'lps_present' must be at least 1"},
    {R"({"memory": [], "packages": [{"id": 1}, {"id": 1}]})", "'packages' has the id 1 twice"},
    {R"({"memory": [], "packages": [{"id": 0}, {"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}, {"id": 5}, {"id": 6},
         {"id": 7}, {"id": 8}]})",
     "'packages' must be at most 8"},
    {R"({"memory": [], "limits": {"pamt_4k_entry_bytes": 0}})",
     "'limits.pamt_4k_entry_bytes' must be at least 1"},
    {R"({"memory": [], "extension_pool_bytes": 18446744073709551615})",
     "'extension_pool_bytes' must be at most 2^52"},
    {"[]", "the machine is not a JSON object"},
    {"{}", "'memory' is missing"},
    {R"({"memory": {}})", "'memory' must be a list"},
    {R"({"memory": [1]})", "'memory[0]' must be an object"},
    {R"({"memory": [{"bytes": 1}]})", "'memory[0].base' is missing"},
    {R"({"memory": [{"base": 4096, "bytes": 1}]})", "'memory[0].base' must be a string"},
    {R"({"memory": [{"base": "x", "bytes": 1}]})",
     "'memory[0].base' must be a string such as \"0x100000000\""},
    {R"({"memory": [{"base": "0x0", "bytes": -1}]})", "'memory[0].bytes' must be a whole number of bytes"},
    {R"({"memory": [{"base": "0xffffffffffffffff", "bytes": 4096}]})",
     "'memory[0].bytes' must not lead above 2^52"},
    {R"({"memory": [{"base": "0x0", "bytes": 1, "nodes": 1}]})", "'memory[0].nodes' is not known"},
    {R"({"memory": [{"base": "0x0", "bytes": 1, "node": 4294967296}]})",
     "'memory[0].node' must be a whole number below 2^32"},
    {R"({"memory": [], "cmrs": [{"base": "0x1000", "bytes": 1}, {"base": "0x0", "bytes": 1}]})",
     "'cmrs' must be in rising order"},
    {R"({"memory": [], "limits": {"max_tdmrs": 1025}})", "'limits.max_tdmrs' must be at most 1024"},
    {R"({"memory": [], "limits": 1})", "'limits' must be an object"},
    {R"({"memory": [], "module_state": "up"})", "'module_state' is not a state of the module"},
    {R"({"memory": [], "module_version": "1"})", "'module_version' must be a version such as \"1.5.05\""},
    {R"({"memory": [], "keyids": {"tdx": 1}})", "'keyids.mktme' is missing"},
    {R"({"memory": [], "kernel_owns_module": 0})", "'kernel_owns_module' must be true or false"},
    {R"({"memory": [], "packages": [{"id": 0, "fms": "0x100000000"}]})",
     "'packages[0].fms' must be below 2^32"},
    {R"({"memory": [], "more": 0})", "'more' is not known"},
};

INSTANTIATE_TEST_SUITE_P(Text, WrongMachine, testing::ValuesIn(kWrong));

}  // namespace
}  // namespace tdxctl::bringup
