// SPDX-License-Identifier: MIT
#include "drv/native/native_driver.h"

#include <gtest/gtest.h>

#include "recorded_tree.h"
#include "unit/core/fake_drivers.h"

namespace tdxctl {
namespace {

using test::RecordedTree;

constexpr const char* kDevice = "/sys/devices/faux/tdx_host";
constexpr const char* kVersion = "/sys/devices/faux/tdx_host/version";
constexpr const char* kSeamldrVersion = "/sys/devices/faux/tdx_host/seamldr_version";
constexpr const char* kUpdatesLeft = "/sys/devices/faux/tdx_host/num_remaining_updates";

class Native : public testing::Test {
 protected:
  Native() {
    tree_.write(kVersion, "1.5.05\n");
    tree_.write(kSeamldrVersion, "2.0.00\n");
    tree_.write(kUpdatesLeft, "15\n");
  }
  Module& module() { return **driver_.module(); }
  Loader& loader() { return **driver_.loader(); }

  RecordedTree tree_;
  test::FakePlatform platform_;
  NativeDriver driver_{tree_.root(), platform_};
};

TEST_F(Native, TellsVersionsAndUpdatesLeft) {
  EXPECT_EQ(driver_.name(), "native");
  EXPECT_EQ(*module().version(), (Version{1, 5, 5}));
  EXPECT_EQ(*module().state(), ModuleState::ready);
  EXPECT_EQ(*loader().version(), (Version{2, 0, 0}));
  EXPECT_EQ(*loader().updates_left(), 15u);
}

TEST_F(Native, KnowsTheNamesOfOlderPatchSeries) {
  tree_.remove(kSeamldrVersion);
  tree_.remove(kUpdatesLeft);
  tree_.write("/sys/devices/faux/tdx_host/seamldr/version", "1.5.02\n");
  tree_.write("/sys/devices/faux/tdx_host/seamldr/num_remaining_updates", "3\n");
  EXPECT_EQ(*loader().version(), (Version{1, 5, 2}));
  EXPECT_EQ(*loader().updates_left(), 3u);
}

TEST_F(Native, TheNewestNameCounts) {
  tree_.write("/sys/devices/faux/tdx_host/seamldr/version", "1.5.02\n");
  EXPECT_EQ(*loader().version(), (Version{2, 0, 0}));
}

TEST_F(Native, AnOlderNameDoesNotHideThatTheNewestIsDenied) {
  tree_.write("/sys/devices/faux/tdx_host/seamldr/version", "1.5.02\n");
  tree_.deny(kSeamldrVersion);
  TDXCTL_DROP_PRIVILEGES(nobody);
  EXPECT_EQ(loader().version().error().id, ErrorId::not_permitted);
}

TEST_F(Native, AFailedUpdateIsNotAnAbsentModule) {
  tree_.unplug(kVersion);
  const auto version = module().version();
  ASSERT_FALSE(version);
  EXPECT_EQ(version.error().id, ErrorId::module_state);
  EXPECT_NE(version.error().what.find("update"), std::string::npos);
  EXPECT_EQ(module().state().error().id, ErrorId::module_state);
}

TEST_F(Native, ALoaderThatDoesNotAnswerIsAnError) {
  tree_.break_file(kSeamldrVersion);
  tree_.break_file(kUpdatesLeft);
  EXPECT_EQ(loader().version().error().id, ErrorId::file_unreadable);
  EXPECT_EQ(loader().updates_left().error().id, ErrorId::file_unreadable);
}

TEST_F(Native, MalformedAnswersAreNotBelieved) {
  for (const char* text : {"", "\n", "1.5\n", "1.5.05.1\n", "unknown\n", "1.5.05 beta\n"}) {
    tree_.write(kVersion, text);
    const auto version = module().version();
    ASSERT_FALSE(version) << text;
    EXPECT_EQ(version.error().id, ErrorId::file_unreadable);
  }
  for (const char* text : {"", "\n", "-1\n", "15 left\n", "0x10\n", "4294967296\n"}) {
    tree_.write(kUpdatesLeft, text);
    const auto left = loader().updates_left();
    ASSERT_FALSE(left) << text;
    EXPECT_EQ(left.error().id, ErrorId::file_unreadable);
  }
}

TEST_F(Native, SaysWhatLinuxDoesNotGive) {
  const std::uint64_t id = 1;
  for (const ErrorId error :
       {module().read({&id, 1}).error().id, module().read_all(ReadAllMethod::rd).error().id,
        loader().info().error().id, driver_.msrs().error().id}) {
    EXPECT_EQ(error, ErrorId::driver_unavailable);
  }
}

// Linux hides these files on CPUs that lose the VMCS, where the helper can still ask the P-SEAMLDR.
TEST_F(Native, AHiddenLoaderIsLeftToOtherDrivers) {
  tree_.remove(kSeamldrVersion);
  tree_.remove(kUpdatesLeft);
  EXPECT_TRUE(driver_.module());
  const auto hidden = driver_.loader();
  ASSERT_FALSE(hidden);
  EXPECT_EQ(hidden.error().id, ErrorId::driver_unavailable);
}

class WithoutDevice : public Native {
 protected:
  WithoutDevice() { tree_.remove(kDevice); }
  Error reason() {
    const auto module = driver_.module();
    const auto loader = driver_.loader();
    EXPECT_FALSE(module);
    EXPECT_FALSE(loader);
    EXPECT_EQ(module.error().what, loader.error().what);
    return module.error();
  }
};

TEST_F(WithoutDevice, TheKernelMayBeBuiltWithoutIt) {
  platform_.now.kernel_tdx_host = false;
  platform_.now.tdx_host_platform = false;
  EXPECT_EQ(reason().id, ErrorId::kernel_without_tdx_host);
}

TEST_F(WithoutDevice, TheMachineMayBeNoTdxHost) {
  platform_.now.kernel_tdx_host = true;
  platform_.now.tdx_host_platform = false;
  EXPECT_EQ(reason().id, ErrorId::not_a_tdx_host);
}

TEST_F(WithoutDevice, TheDriverMayNotBeLoaded) {
  platform_.now.kernel_tdx_host = true;
  platform_.now.tdx_host_platform = true;
  EXPECT_EQ(reason().id, ErrorId::driver_unavailable);
  EXPECT_NE(reason().hint_text().find("tdx-host"), std::string_view::npos);
}

TEST_F(WithoutDevice, NothingIsClaimedOfAKernelThatCannotBeSeen) {
  EXPECT_EQ(reason().id, ErrorId::driver_unavailable);
}

}  // namespace
}  // namespace tdxctl
