// SPDX-License-Identifier: MIT
#include "core/host_status.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/metadata_read.h"
#include "fake_drivers.h"

namespace tdxctl {
namespace {

using test::FakeDrivers;

class ReadHostStatus : public testing::Test {
 protected:
  ReadHostStatus() { helper().module_port.fields[kFeatures0Id] = 0x61F0FBF; }

  test::FakeDriver& native() { return *host_.driver.at("native"); }
  test::FakeDriver& helper() { return *host_.driver.at("helper"); }
  HostStatus read() { return read_host_status(*host_.drivers); }

  FakeDrivers host_{"native", "helper"};
};

TEST_F(ReadHostStatus, EachFactNamesTheDriverThatToldIt) {
  native().module_port.release = Version{1, 5, 28};
  helper().module_port.now = ModuleState::initialising;
  const HostStatus status = read();
  EXPECT_EQ(*status.module_version.value, (Version{1, 5, 28}));
  EXPECT_EQ(status.module_version.driver, "native");
  EXPECT_EQ(*status.module_state.value, ModuleState::initialising);
  EXPECT_EQ(status.module_state.driver, "helper");
  EXPECT_EQ(*status.features0.value, 0x61F0FBFu);
  EXPECT_EQ(status.features0.driver, "helper");
  EXPECT_EQ(status.seamldr_version.driver, "native");
  EXPECT_EQ(*status.updates_left.value, 15u);
}

TEST_F(ReadHostStatus, WithoutTheHelperWhatLinuxTellsIsStillThere) {
  helper().no_module = helper().no_loader = Error{ErrorId::helper_not_loaded, "no helper"};
  const HostStatus status = read();
  EXPECT_TRUE(status.module_version.value);
  EXPECT_EQ(status.module_state.driver, "native");
  ASSERT_FALSE(status.features0.value);
  EXPECT_EQ(status.features0.value.error().id, ErrorId::helper_not_loaded);
  EXPECT_TRUE(status.features0.driver.empty());
}

TEST_F(ReadHostStatus, WithoutAnyDriverEveryFactHasAReason) {
  native().no_module = native().no_loader = Error{ErrorId::kernel_without_tdx_host, "no native"};
  helper().no_module = helper().no_loader = Error{ErrorId::helper_not_loaded, "no helper"};
  const HostStatus status = read();
  EXPECT_FALSE(status.module_state.value);
  EXPECT_FALSE(status.module_version.value);
  EXPECT_FALSE(status.features0.value);
  EXPECT_FALSE(status.seamldr_version.value);
  EXPECT_FALSE(status.updates_left.value);
  EXPECT_EQ(status.drivers.size(), 4u);
  EXPECT_EQ(status.kexec.outlook, KexecOutlook::unknown);
}

TEST_F(ReadHostStatus, AModuleThatIsBeingBroughtUpOnlyLooksReady) {
  EXPECT_FALSE(read().only_looks_ready);
  for (const ErrorId id : {ErrorId::busy, ErrorId::bring_up_not_taken_back}) {
    helper().module_port.built = fail(id, "it is not what it looks like");
    helper().module_port.now = ModuleState::ready;
    ASSERT_TRUE(read().only_looks_ready);
    EXPECT_EQ(read().only_looks_ready->id, id);
    helper().module_port.now = ModuleState::initialising;
    EXPECT_FALSE(read().only_looks_ready) << "it does not even look ready";
  }
  helper().module_port.now = ModuleState::ready;
  helper().module_port.built = fail(ErrorId::not_permitted, "denied");
  EXPECT_FALSE(read().only_looks_ready) << "nothing is known against it";
}

TEST_F(ReadHostStatus, OneFactThatFailsTakesNoOtherWithIt) {
  native().loader_port.left = fail(ErrorId::not_permitted, "denied");
  const HostStatus status = read();
  ASSERT_FALSE(status.updates_left.value);
  EXPECT_EQ(status.updates_left.value.error().id, ErrorId::not_permitted);
  EXPECT_TRUE(status.seamldr_version.value);
}

TEST_F(ReadHostStatus, MsrsOfADriverFillInWhatTheHostDoesNotShow) {
  helper().registers = PlatformMsrs{KeyIdPartition{63, 64}, true};
  const HostStatus status = read();
  ASSERT_TRUE(status.platform.keyids);
  EXPECT_EQ(status.platform.keyids->tdx, 64u);
  ASSERT_TRUE(status.platform.seamret_invalidates_vmcs);
  EXPECT_TRUE(*status.platform.seamret_invalidates_vmcs);
}

TEST_F(ReadHostStatus, MsrsOfADriverNeverOverruleTheHost) {
  helper().registers = PlatformMsrs{KeyIdPartition{63, 64}, true};
  host_.platform->now.keyids = KeyIdPartition{1, 2};
  EXPECT_EQ(read().platform.keyids->tdx, 2u) << "also while the other fact is filled in";
  host_.platform->now = test::unseen_facts();
  host_.platform->now.seamret_invalidates_vmcs = false;
  EXPECT_FALSE(*read().platform.seamret_invalidates_vmcs);
}

TEST_F(ReadHostStatus, AnMsrThatTheCpuLacksStaysUnseen) {
  helper().registers = PlatformMsrs{std::nullopt, false};
  const HostStatus status = read();
  EXPECT_FALSE(status.platform.keyids);
  EXPECT_FALSE(*status.platform.seamret_invalidates_vmcs);
}

TEST_F(ReadHostStatus, TheOutlookFollowsFromTheSameFacts) {
  host_.platform->now.partial_write_erratum = true;
  EXPECT_EQ(read().kexec.outlook, KexecOutlook::module_cannot);
  helper().module_port.fields[kFeatures0Id] |= 1ull << 53;
  EXPECT_EQ(read().kexec.outlook, KexecOutlook::disable_first);
}

}  // namespace
}  // namespace tdxctl
