// SPDX-License-Identifier: MIT
#include "core/drivers.h"

#include <gtest/gtest.h>

#include "fake_drivers.h"

namespace tdxctl {
namespace {

using test::FakeDrivers;

const Error kNoNative{ErrorId::kernel_without_tdx_host, "no native"};
const Error kNoHelper{ErrorId::helper_not_loaded, "no helper"};

struct Order {
  Operation operation;
  const char* name;
  const char* first;
  const char* second;  ///< empty when only one driver can do it
};

constexpr Order kOrders[] = {
    {Operation::versions, "Versions", "native", "helper"},
    {Operation::state, "State", "helper", "native"},
    {Operation::metadata, "Metadata", "helper", ""},
    {Operation::seamldr_info, "SeamldrInfo", "helper", ""},
};

class EveryOperation : public testing::TestWithParam<Order> {
 protected:
  FakeDrivers host_{"native", "helper"};
};

TEST_P(EveryOperation, IsServedByTheFirstThatCan) {
  const auto module = host_.drivers->module(GetParam().operation);
  ASSERT_TRUE(module);
  EXPECT_EQ(module->driver, GetParam().first);
  EXPECT_EQ(module->port, &host_.driver.at(GetParam().first)->module_port);
  const auto loader = host_.drivers->loader(GetParam().operation);
  ASSERT_TRUE(loader);
  EXPECT_EQ(loader->driver, GetParam().first);
  EXPECT_EQ(loader->port, &host_.driver.at(GetParam().first)->loader_port);
}

TEST_P(EveryOperation, TheNextIsNotEvenAskedWhenTheFirstCan) {
  (void)host_.drivers->module(GetParam().operation);
  for (const auto& [name, driver] : host_.driver) EXPECT_EQ(driver->asked, name == GetParam().first) << name;
}

TEST_P(EveryOperation, GoesToTheSecondWhenTheFirstCannot) {
  host_.driver.at(GetParam().first)->no_module = Error{ErrorId::driver_unavailable, "not this one"};
  const auto module = host_.drivers->module(GetParam().operation);
  if (*GetParam().second == '\0') {
    ASSERT_FALSE(module);
    EXPECT_EQ(module.error().what, "not this one");
  } else {
    ASSERT_TRUE(module);
    EXPECT_EQ(module->driver, GetParam().second);
  }
}

TEST_P(EveryOperation, FailsWithTheReasonOfTheLastThatWasAsked) {
  host_.driver.at("native")->no_module = kNoNative;
  host_.driver.at("helper")->no_module = kNoHelper;
  const auto module = host_.drivers->module(GetParam().operation);
  ASSERT_FALSE(module);
  const std::string_view last = *GetParam().second == '\0' ? GetParam().first : GetParam().second;
  EXPECT_EQ(module.error().id, last == "native" ? kNoNative.id : kNoHelper.id);
}

TEST_P(EveryOperation, ADriverWithoutOnePortStillServesTheOther) {
  for (const auto& [name, driver] : host_.driver)
    driver->no_module = Error{ErrorId::driver_unavailable, "none"};
  EXPECT_FALSE(host_.drivers->module(GetParam().operation));
  EXPECT_TRUE(host_.drivers->loader(GetParam().operation));
}

TEST_P(EveryOperation, ADriverThatWasNamedStandsAlone) {
  for (const std::string_view name : {"native", "helper", "sim"}) {
    FakeDrivers alone{name};
    const auto module = alone.drivers->module(GetParam().operation);
    ASSERT_TRUE(module) << name;
    EXPECT_EQ(module->driver, name);

    alone.driver.at(name)->no_module = Error{ErrorId::not_permitted, "its own reason"};
    const auto refused = alone.drivers->module(GetParam().operation);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().what, "its own reason");
  }
}

TEST_P(EveryOperation, TheSimulatorIsNeverChosenAmongOthers) {
  FakeDrivers host{"sim", "native", "helper"};
  host.driver.at("native")->no_module = kNoNative;
  host.driver.at("helper")->no_module = kNoHelper;
  EXPECT_FALSE(host.drivers->module(GetParam().operation));
  EXPECT_EQ(host.driver.at("sim")->asked, 0);
}

TEST_P(EveryOperation, WithoutADriverThereIsAReason) {
  FakeDrivers host{};
  const auto module = host.drivers->module(GetParam().operation);
  ASSERT_FALSE(module);
  EXPECT_EQ(module.error().id, ErrorId::driver_unavailable);
}

INSTANTIATE_TEST_SUITE_P(Preferences, EveryOperation, testing::ValuesIn(kOrders),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Msrs, ComeFromTheFirstDriverThatReachesThem) {
  FakeDrivers host{"native", "helper"};
  EXPECT_FALSE(host.drivers->msrs());
  host.driver.at("helper")->registers = PlatformMsrs{KeyIdPartition{63, 64}, true};
  const auto msrs = host.drivers->msrs();
  ASSERT_TRUE(msrs);
  EXPECT_EQ(msrs->keyids->tdx, 64u);
}

TEST(Capabilities, ListEachPortOfEachDriverWithItsReason) {
  FakeDrivers host{"native", "helper"};
  host.driver.at("native")->no_loader = kNoNative;
  const auto report = host.drivers->capabilities();
  ASSERT_EQ(report.size(), 4u);
  for (const Capability& row : report) {
    const bool missing = row.driver == "native" && row.name == "loader";
    EXPECT_EQ(row.available.has_value(), !missing) << row.driver << " " << row.name;
    if (missing) {
      EXPECT_EQ(row.available.error().what, kNoNative.what);
    }
  }
}

}  // namespace
}  // namespace tdxctl
