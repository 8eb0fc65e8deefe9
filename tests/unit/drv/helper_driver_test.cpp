// SPDX-License-Identifier: MIT
// Opening the helper's device. What its commands do is tested over the transport and in a virtual machine.
#include "drv/helper/helper_driver.h"

#include <gtest/gtest.h>

#include "recorded_tree.h"

namespace tdxctl {
namespace {

constexpr const char* kDevice = "/dev/tdxctl";

class Helper : public testing::Test {
 protected:
  /// The error of all that the driver offers, which must be one and the same.
  Error reason() {
    HelperDriver driver(tree_.locate(kDevice));
    const auto module = driver.module();
    EXPECT_FALSE(module);
    if (module) return {};
    EXPECT_EQ(driver.loader().error().what, module.error().what);
    EXPECT_EQ(driver.msrs().error().what, module.error().what);
    return module.error();
  }

  test::RecordedTree tree_;
};

TEST_F(Helper, WithoutADeviceItIsNotLoaded) {
  EXPECT_EQ(reason().id, ErrorId::helper_not_loaded);
  EXPECT_NE(reason().what.find(tree_.locate(kDevice)), std::string::npos);
}

TEST_F(Helper, ADeviceWithoutADriverIsNotLoadedEither) {
  tree_.unplug(kDevice);
  EXPECT_EQ(reason().id, ErrorId::helper_not_loaded);
}

TEST_F(Helper, DeniedIsNotTheSameAsNotLoaded) {
  tree_.write(kDevice, "");
  tree_.deny(kDevice);
  TDXCTL_DROP_PRIVILEGES(nobody);
  EXPECT_EQ(reason().id, ErrorId::not_permitted);
}

TEST_F(Helper, SomethingElseInItsPlaceIsAMismatch) {
  tree_.write(kDevice, "not a device");
  HelperDriver driver(tree_.locate(kDevice));
  ASSERT_TRUE(driver.module());
  EXPECT_EQ((*driver.module())->state().error().id, ErrorId::helper_mismatch);
  EXPECT_EQ(driver.msrs().error().id, ErrorId::helper_mismatch);
}

TEST_F(Helper, TheDeviceIsOpenedWhenItIsAskedForAndOnce) {
  HelperDriver driver(tree_.locate(kDevice));
  EXPECT_FALSE(driver.module());
  tree_.write(kDevice, "");
  ASSERT_TRUE(driver.module()) << "it may be loaded while we run";
  tree_.remove(kDevice);
  EXPECT_TRUE(driver.loader());
  EXPECT_EQ(driver.name(), "helper");
}

}  // namespace
}  // namespace tdxctl
