// SPDX-License-Identifier: MIT
#include "core/bringup/read_machine.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/metadata_read.h"
#include "unit/core/fake_drivers.h"

namespace tdxctl::bringup {
namespace {

constexpr std::uint64_t kGiB = 1ull << 30;

class Host {
 public:
  Host() {
    PlatformFacts& facts = fakes_.platform->now;
    facts.packages = std::vector<Package>{{0, 0xa06d1, 4}};
    facts.lps_online = 4;
    facts.lps_present = 4;
    facts.hibernation_possible = false;
    fakes_.platform->ram = std::vector<MemoryRange>{{4 * kGiB, kGiB, 0}};
    module().now = ModuleState::ready;
    module().fields = {
        {kFeatures0Id, 0x40},           {0x9000000100000000, 2},        {0x9000000300000080, kGiB},
        {0x9000000300000081, 4 * kGiB}, {0x9000000300000100, kGiB / 2}, {0x9000000300000101, 8 * kGiB},
        {0x9100000100000008, 32},       {0x9100000100000009, 15},       {0x9100000100000010, 24},
        {0x9100000100000011, 16},       {0x9100000100000012, 16},       {0x3100000000000001, 1},
        {0x3100000200000000, 100},
    };
  }

  test::FakeModule& module() { return fakes_.driver.at("helper")->module_port; }
  test::FakePlatform& platform() { return *fakes_.platform; }
  Result<ReadMachine> read() { return read_machine(*fakes_.drivers); }

 private:
  test::FakeDrivers fakes_{"helper"};
};

bool is_unseen(const ReadMachine& read, std::string_view fact) {
  return std::ranges::find(read.unseen, fact, &UnseenFact::fact) != read.unseen.end();
}

TEST(ReadMachineOfAHost, TakesLimitsAndCmrsFromTheModule) {
  Host host;
  const auto read = host.read();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->driver, "helper");
  EXPECT_EQ(read->machine.limits, (ModuleLimits{32, 15, 24, 16, 16, 1, 4}));
  EXPECT_EQ(read->machine.cmrs, (std::vector<Range>{{kGiB, kGiB / 2}, {4 * kGiB, 8 * kGiB}}));
  EXPECT_EQ(read->machine.features0, 0x40u);
  EXPECT_EQ(read->machine.extension_pool_bytes, 409600u);
  EXPECT_EQ(read->machine.module_state, ModuleState::ready);
  EXPECT_EQ(read->machine.lps_online, 4u);
  EXPECT_EQ(read->machine.hibernation_possible, false);
  EXPECT_TRUE(is_unseen(*read, "kernel_owns_module"));
  EXPECT_FALSE(is_unseen(*read, "limits"));
}

TEST(ReadMachineOfAHost, LeavesUnknownWhatTheModuleDoesNotTell) {
  Host host;
  host.module().trouble = Error{ErrorId::seamcall_failed, "not yet"};
  const auto read = host.read();
  ASSERT_TRUE(read);
  for (const char* fact : {"features0", "limits", "cmrs"}) EXPECT_TRUE(is_unseen(*read, fact)) << fact;
  EXPECT_FALSE(read->machine.limits);
  EXPECT_FALSE(read->machine.cmrs);
  EXPECT_FALSE(read->machine.extension_pool_bytes);
}

TEST(ReadMachineOfAHost, AsksThePlatformForCmrsThatTheModuleDoesNotTell) {
  Host host;
  host.module().trouble = Error{ErrorId::seamcall_failed, "not yet"};
  host.platform().convertible = std::vector<MemoryRange>{{kGiB, kGiB, {}}};
  EXPECT_EQ(host.read()->machine.cmrs, (std::vector<Range>{{kGiB, kGiB}}));
}

TEST(ReadMachineOfAHost, WithoutAMemoryMapThereIsNothingToPlan) {
  Host host;
  host.platform().ram = fail(ErrorId::not_permitted, "hidden");
  const auto read = host.read();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().id, ErrorId::not_permitted);
}

}  // namespace
}  // namespace tdxctl::bringup
