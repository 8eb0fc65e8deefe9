// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "machine.h"

namespace tdxctl::seam_test {
namespace {

const char* parse(std::string_view text, seam_faults& faults) {
  std::size_t at = 0;
  return seam_faults_parse(text.data(), text.size(), &faults, &at);
}

seam_faults parsed(std::string_view text) {
  seam_faults faults{};
  EXPECT_EQ(parse(text, faults), nullptr) << text;
  return faults;
}

TEST(SeamFaults, AreReadFromText) {
  auto faults = parsed(
      "# two faults\n seamcall=34 , lp=2,nth=5,count=3,status=0x8000020200000000;\n"
      "seamldr=1,lp=*,outcome=vmfailinvalid\n\n");
  ASSERT_EQ(faults.nr, 2u);
  EXPECT_EQ(faults.fault[0].leaf, 34);
  EXPECT_EQ(faults.fault[0].seamldr, 0);
  EXPECT_EQ(faults.fault[0].lp, 2u);
  EXPECT_EQ(faults.fault[0].nth, 5u);
  EXPECT_EQ(faults.fault[0].count, 3u);
  EXPECT_EQ(faults.fault[0].status, TDX_SYS_BUSY);
  EXPECT_EQ(faults.fault[0].outcome, SEAM_RETURNED);
  EXPECT_EQ(faults.fault[1].seamldr, 1);
  EXPECT_EQ(faults.fault[1].lp, SEAM_FAULT_ANY_LP);
  EXPECT_EQ(faults.fault[1].nth, 1u);
  EXPECT_EQ(faults.fault[1].count, 1u);
  EXPECT_EQ(faults.fault[1].outcome, SEAM_VMFAIL_INVALID);
  EXPECT_EQ(parsed("").nr, 0u);
}

TEST(SeamFaults, RefuseBadTextAndChangeNothing) {
  for (const char* text : {
           "status=1",
           "seamcall=34",
           "seamcall=,status=1",
           "seamcall=65536,status=1",
           "seamcall=34,status=0x10000000000000000",
           "seamcall=34,status=18446744073709551616",
           "seamcall=34 status=1",
           "seamcall=34,status=1,status=2",
           "seamcall=34,seamldr=1,status=1",
           "seamcall=34,status=1,outcome=ud",
           "seamcall=34,outcome=boom",
           "seamcall=34,status=1,nth=0",
           "seamcall=34,status=1,lp=1024",
           "seamcall=34,status=1,",
           "seamcall=34,status=1,colour=red",
           "seamcall=34,status=0x",
           "seamcall=-1,status=1",
           "=",
           "seamcall=34,status=1;x",
       }) {
    auto faults = parsed("seamcall=45,status=7");
    EXPECT_NE(parse(text, faults), nullptr) << text;
    EXPECT_EQ(faults.nr, 1u) << text;
    EXPECT_EQ(faults.fault[0].leaf, 45) << text;
  }
}

TEST(SeamFaults, SayWhereTheTextIsWrong) {
  std::string_view text = "seamcall=34,status=1; seamcall=35";
  seam_faults faults{};
  std::size_t at = 0;
  EXPECT_NE(seam_faults_parse(text.data(), text.size(), &faults, &at), nullptr);
  EXPECT_EQ(text.substr(at), "seamcall=35");
}

TEST(SeamFaults, AreLimitedInNumber) {
  std::string text;
  for (int i = 0; i < SEAM_MAX_FAULTS; ++i) text += "seamcall=34,status=1\n";
  EXPECT_EQ(parsed(text).nr, static_cast<u32>(SEAM_MAX_FAULTS));
  seam_faults faults{};
  EXPECT_NE(parse(text + "seamcall=34,status=1", faults), nullptr);
}

TEST(SeamFaults, HitTheNthCallAsOftenAsTheySay) {
  Machine machine("sapphire-rapids");
  auto faults = parsed("seamcall=34,nth=2,count=2,status=0x8000020300000000");
  seam_set_faults(machine.get(), &faults);
  seam_regs first{};
  first.rdx = kNullId;
  std::vector<u64> statuses;
  for (int i = 0; i < 5; ++i) statuses.push_back(machine.status(kRd, first));
  const u64 ok = TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT, no = TDX_RND_NO_ENTROPY;
  EXPECT_EQ(statuses, (std::vector<u64>{ok, no, no, ok, ok}));
  EXPECT_EQ(seam_faults_of(machine.get())->fault[0].calls, 5u);
  seam_set_faults(machine.get(), nullptr);
  EXPECT_EQ(seam_faults_of(machine.get())->nr, 0u);
}

TEST(SeamFaults, LeaveOtherLpsLeavesAndTargetsAlone) {
  Machine machine("sapphire-rapids");
  auto faults = parsed("seamcall=0,lp=3,count=0,outcome=gp");
  seam_set_faults(machine.get(), &faults);
  EXPECT_EQ(machine.call(kVpEnter, {}, 3).outcome, SEAM_GP);
  EXPECT_EQ(machine.call(kVpEnter, {}, 3).outcome, SEAM_GP);
  EXPECT_EQ(machine.call(kVpEnter, {}, 2).outcome, SEAM_RETURNED);
  EXPECT_EQ(machine.call(kRd, {}, 3).outcome, SEAM_RETURNED);
  EXPECT_EQ(machine.call(kSeamldrInfo, {}, 3).outcome, SEAM_RETURNED);
}

TEST(SeamFaults, ChangeNoOtherRegister) {
  Machine machine("sapphire-rapids");
  auto faults = parsed("seamcall=34,status=0x8000020200000000");
  seam_set_faults(machine.get(), &faults);
  seam_regs regs{};
  regs.rdx = 1;
  regs.r8 = 2;
  auto answer = machine.call(kRd, regs);
  EXPECT_EQ(answer.regs.rdx, 1u);
  EXPECT_EQ(answer.regs.r8, 2u);
}

}  // namespace
}  // namespace tdxctl::seam_test
