// SPDX-License-Identifier: MIT
#include "drv/sim/machine_state.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "drv/sim/sim_driver.h"
#include "drv/sim/sim_machines.h"

namespace tdxctl {
namespace {

using std::chrono::milliseconds;

class KeptMachine : public testing::Test {
 protected:
  KeptMachine() {
    std::string name = (std::filesystem::temp_directory_path() / "tdxctl-XXXXXX").string();
    directory_ = mkdtemp(name.data());
    save("");
  }
  ~KeptMachine() override { std::filesystem::remove_all(directory_); }

  void save(const std::string& faults) {
    std::filesystem::remove(path());
    MachineSpec spec;
    spec.profile = "connect-preview";
    spec.boot = "ready";
    spec.tds = 2;
    spec.faults = faults;
    ASSERT_TRUE(SimMachines().save(path(), spec));
  }
  std::string path() const { return (directory_ / "m.json").string(); }
  std::string state_path() const { return MachineState::path_for(path()); }

  SimDriver on() {
    auto host = power_on(path());
    if (!host) ADD_FAILURE() << host.error().what;
    return SimDriver(*host);
  }
  ErrorId power_on_fails_with() {
    const auto host = power_on(path());
    return host ? ErrorId::internal : host.error().id;
  }
  static Result<DisableSlice> disable(SimDriver& driver) {
    Result<DisableSlice> slice = (*driver.module())->disable_slice(milliseconds{1000});
    while (slice && !slice->finished) slice = (*driver.module())->disable_slice(milliseconds{1000});
    return slice;
  }

  static void bring_up(SimDriver& driver) {
    Module& module = **driver.module();
    ASSERT_TRUE(module.initialise());
    Result<BringUpSlice> slice = BringUpSlice{};
    while (slice && !slice->finished) slice = module.configure_slice(kOrder, milliseconds{1000});
    ASSERT_TRUE(slice);
    ASSERT_FALSE(slice->failure);
  }

  static constexpr std::uint64_t kConnect = 1ull << 6;
  static inline const BringUpOrder kOrder{
      .tdmrs = {{0, 2, 1}, {4, 126, 1}}, .config_version = 1, .features = kConnect};

  std::filesystem::path directory_;
};

TEST_F(KeptMachine, StaysAsTheLastRunLeftIt) {
  {
    SimDriver driver = on();
    ASSERT_TRUE(disable(driver));
  }
  SimDriver driver = on();
  EXPECT_EQ(*(*driver.module())->state(), ModuleState::not_initialised);
  EXPECT_EQ(SimPlatform(*power_on(path())).facts().hkids->in_use, 0u);
}

TEST_F(KeptMachine, LookingAtItSavesNothing) {
  SimDriver driver = on();
  EXPECT_TRUE((*driver.module())->read_all(ReadAllMethod::rd));
  EXPECT_FALSE(std::filesystem::exists(state_path()));
}

TEST_F(KeptMachine, ARunThatStopsHalfWayIsGoneOnWith) {
  {
    SimDriver driver = on();
    const auto slice = (*driver.module())->disable_slice(milliseconds{1});
    ASSERT_TRUE(slice);
    EXPECT_FALSE(slice->finished);
    EXPECT_EQ(*(*driver.module())->state(), ModuleState::disabling);
  }
  SimDriver driver = on();
  EXPECT_EQ(*(*driver.module())->state(), ModuleState::disabling);
  EXPECT_EQ(disable(driver)->status, 0u);
}

TEST_F(KeptMachine, OneRunAtATimeChangesIt) {
  SimDriver first = on();
  SimDriver second = on();
  ASSERT_TRUE(disable(first));
  const auto refused = (*second.module())->disable_slice(milliseconds{1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().id, ErrorId::busy);
}

TEST_F(KeptMachine, TheSecondRunSeesWhatTheFirstHasDone) {
  auto first = std::make_unique<SimDriver>(on());
  SimDriver second = on();
  ASSERT_TRUE(disable(*first));
  first.reset();
  const auto slice = disable(second);
  ASSERT_TRUE(slice);
  EXPECT_NE(slice->status, 0u) << "it is disabled already";
}

TEST_F(KeptMachine, ResetSwitchesItOffAndOn) {
  EXPECT_FALSE(*SimMachines().reset(path()));
  {
    SimDriver driver = on();
    ASSERT_TRUE(disable(driver));
  }
  EXPECT_TRUE(*SimMachines().reset(path()));
  EXPECT_EQ(*(*on().module())->state(), ModuleState::ready);
}

TEST_F(KeptMachine, AStateOfAnotherMachineIsRefused) {
  {
    SimDriver driver = on();
    ASSERT_TRUE(disable(driver));
  }
  MachineSpec other;
  other.profile = "granite-rapids";
  std::filesystem::remove(path());
  ASSERT_TRUE(SimMachines().save(path(), other));
  EXPECT_EQ(power_on_fails_with(), ErrorId::profile_invalid);
}

TEST_F(KeptMachine, TheHelperOfTheNextRunRemembersWhatItBroughtUp) {
  {
    SimDriver driver = on();
    ASSERT_TRUE(disable(driver));
    bring_up(driver);
  }
  SimDriver driver = on();
  EXPECT_EQ(*(*driver.module())->brought_up(), kConnect);
  ASSERT_TRUE(disable(driver));
  EXPECT_EQ(*(*driver.module())->brought_up(), std::nullopt);
  bring_up(driver);  // its memory can be had again
  EXPECT_EQ(*(*on().module())->brought_up(), kConnect);
}

TEST_F(KeptMachine, WhoOnlyLooksWhileAnotherBringsUpChangesNothing) {
  const auto kept = [this] {
    std::ifstream file(state_path(), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  SimDriver first = on();
  ASSERT_TRUE(disable(first));
  ASSERT_TRUE((*first.module())->initialise());
  ASSERT_FALSE((*first.module())->configure_slice(kOrder, milliseconds{0})->finished);
  const std::string before = kept();
  {
    SimDriver looking = on();
    EXPECT_EQ((*looking.module())->brought_up().error().id, ErrorId::busy);
  }
  EXPECT_TRUE(kept() == before);
}

TEST_F(KeptMachine, WhatThatIsCannotBeAnything) {
  {
    SimDriver driver = on();
    ASSERT_TRUE(disable(driver));
  }
  // Before the model's state: a mark of 23 bytes, the text with its length, a page number, tdxctl_bring_up.
  std::fstream file(state_path(), std::ios::binary | std::ios::in | std::ios::out);
  std::uint64_t text_bytes = 0;
  file.seekg(23).read(reinterpret_cast<char*>(&text_bytes), sizeof text_bytes);
  const auto start = static_cast<std::streamoff>(23 + 8 + text_bytes + 8);
  for (const std::size_t member : {offsetof(tdxctl_bring_up, step), offsetof(tdxctl_bring_up, nr_tdmrs),
                                   offsetof(tdxctl_bring_up, held)}) {
    const auto at = start + static_cast<std::streamoff>(member);
    file.seekp(at).write("\xff\xff\xff\xff", 4).flush();
    EXPECT_EQ(power_on_fails_with(), ErrorId::profile_invalid) << member;
    file.seekp(at).write("\0\0\0\0", 4).flush();
    EXPECT_TRUE(power_on(path())) << member;
  }
}

TEST_F(KeptMachine, EveryPieceOfAStateIsNone) {
  {
    SimDriver driver = on();
    ASSERT_TRUE(disable(driver));
  }
  std::ifstream file(state_path(), std::ios::binary);
  const std::string whole(std::istreambuf_iterator<char>(file), {});
  file.close();
  for (std::size_t bytes = 0; bytes < whole.size(); bytes += bytes < 400 ? 1 : 97) {
    std::ofstream(state_path(), std::ios::binary).write(whole.data(), static_cast<std::streamsize>(bytes));
    ASSERT_EQ(power_on_fails_with(), ErrorId::profile_invalid) << bytes;
  }
}

}  // namespace
}  // namespace tdxctl
