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
