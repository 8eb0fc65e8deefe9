// SPDX-License-Identifier: MIT
#include "drv/host/pci_tsm.h"

#include <gtest/gtest.h>

#include <string>

#include "recorded_tree.h"

namespace tdxctl {
namespace {

/// Configuration space with a power management and a PCI Express capability.
std::string config_space(bool tee_io) {
  std::string config(256, '\0');
  config[0x06] = 0x10;
  config[0x34] = 0x40;
  config[0x40] = 0x01;
  config[0x41] = 0x60;
  config[0x60] = 0x10;
  config[0x61] = 0;
  config[0x67] = tee_io ? 0x40 : 0;  // Device Capabilities, bit 30
  return config;
}

class PciTsmOfAHost : public testing::Test {
 protected:
  PciTsmOfAHost() {
    device("0000:00:00.0", config_space(false));
    device("0000:5e:00.0", config_space(true));
  }
  void device(const std::string& address, const std::string& config) const {
    tree_.write("/sys/bus/pci/devices/" + address + "/config", config);
  }
  void write(const std::string& name, const std::string& text) const {
    tree_.write("/sys/bus/pci/devices/0000:5e:00.0/tsm/" + name, text);
  }

  test::RecordedTree tree_;
};

TEST_F(PciTsmOfAHost, ListsDevicesThatSupportTeeIo) {
  const auto tsm = read_pci_tsm(tree_.root());
  ASSERT_TRUE(tsm);
  EXPECT_EQ(tsm->devices_seen, 2u);
  EXPECT_EQ(tsm->capability_unseen, 0u);
  EXPECT_TRUE(tsm->tsms.empty());
  ASSERT_EQ(tsm->devices.size(), 1u);
  EXPECT_EQ(tsm->devices[0].address, "0000:5e:00.0");
  EXPECT_FALSE(tsm->devices[0].accepted);
  EXPECT_EQ(*tsm->devices[0].connected, "");
}

TEST_F(PciTsmOfAHost, ShowsTheLinksOfADevice) {
  tree_.make_directory("/sys/class/tsm/tsm0");
  write("connect", "tsm0\n");
  write("dsm", "0000:5e:00.0\n");
  write("bound", "\n");
  const auto tsm = read_pci_tsm(tree_.root());
  ASSERT_TRUE(tsm);
  EXPECT_EQ(tsm->tsms, std::vector<std::string>{"tsm0"});
  ASSERT_EQ(tsm->devices.size(), 1u);
  EXPECT_TRUE(tsm->devices[0].accepted);
  EXPECT_EQ(*tsm->devices[0].connected, "tsm0");
  EXPECT_EQ(*tsm->devices[0].dsm, "0000:5e:00.0");
  EXPECT_EQ(*tsm->devices[0].bound, "");
}

TEST_F(PciTsmOfAHost, ShowsAnAcceptedDeviceThatSaysNothingOfTeeIo) {
  tree_.make_directory("/sys/bus/pci/devices/0000:00:00.0/tsm");
  EXPECT_EQ(read_pci_tsm(tree_.root())->devices.size(), 2u);
}

TEST_F(PciTsmOfAHost, DoesNotTakeHiddenCapabilitiesForAbsentOnes) {
  device("0000:5e:00.0", config_space(true).substr(0, 64));
  const auto tsm = read_pci_tsm(tree_.root());
  ASSERT_TRUE(tsm);
  EXPECT_EQ(tsm->capability_unseen, 1u);
  EXPECT_TRUE(tsm->devices.empty());
}

TEST_F(PciTsmOfAHost, ALoopOfCapabilitiesEnds) {
  std::string config = config_space(true);
  config[0x41] = 0x40;
  device("0000:5e:00.0", config);
  const auto tsm = read_pci_tsm(tree_.root());
  ASSERT_TRUE(tsm);
  EXPECT_TRUE(tsm->devices.empty());
  EXPECT_EQ(tsm->capability_unseen, 0u);
}

TEST_F(PciTsmOfAHost, WithoutPciSaysSo) {
  tree_.remove("/sys/bus/pci");
  const auto tsm = read_pci_tsm(tree_.root());
  ASSERT_FALSE(tsm);
  EXPECT_EQ(tsm.error().id, ErrorId::driver_unavailable);
}

}  // namespace
}  // namespace tdxctl
