// SPDX-License-Identifier: MIT
#include "core/connect_view.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/abi/features.h"
#include "core/metadata_read.h"
#include "fake_drivers.h"

namespace tdxctl {
namespace {

constexpr std::uint64_t kExtRequired = 0x3100000000000001;
constexpr std::uint64_t kPoolPages = 0x3100000200000000;

/// A host on which a device is connected.
class Host {
 public:
  Host() {
    PlatformFacts facts = test::unseen_facts();
    facts.partial_write_erratum = false;
    fakes_.platform->now = facts;
    fakes_.platform->tsm = PciTsm{{"tsm0"}, {{"0000:5e:00.0", true, true, "tsm0", "0000:5e:00.0", ""}}, 7, 0};
    module().fields = {{kFeatures0Id, 1ull << abi::kFeatureConnect | 1ull << abi::kFeatureExtensions},
                       {kExtRequired, 1},
                       {kPoolPages, 8960}};
  }

  test::FakeModule& module() { return fakes_.driver.at("helper")->module_port; }
  test::FakePlatform& platform() { return *fakes_.platform; }
  ConnectView view() { return read_connect(*fakes_.drivers); }

 private:
  test::FakeDrivers fakes_{"helper"};
};

const Check& check_of(const ConnectView& view, ErrorId id) {
  return *std::ranges::find(view.checks, id, [](const Check& check) { return check.id(); });
}

TEST(ReadConnect, OfAWorkingHostHoldsEveryLink) {
  Host host;
  const ConnectView view = host.view();
  for (const Check& check : view.checks) EXPECT_EQ(check.verdict, Verdict::ok) << check.name();
  ASSERT_TRUE(view.extensions);
  EXPECT_TRUE(view.extensions->required);
  EXPECT_EQ(view.extensions->pool_bytes, 8960u * 4096);
}

TEST(ReadConnect, SaysWhichLinkIsMissing) {
  Host host;
  host.module().fields[kFeatures0Id] = 0;
  host.module().now = ModuleState::not_initialised;
  host.platform().now.partial_write_erratum = true;
  host.platform().tsm = PciTsm{{}, {}, 7, 0};
  const ConnectView view = host.view();
  for (const Check& check : view.checks) EXPECT_EQ(check.verdict, Verdict::bad) << check.name();
}

TEST(ReadConnect, AModuleThatOnlyLooksReadyIsNone) {
  Host host;
  host.module().built = fail(ErrorId::busy, "it is being brought up");
  const Check ready = check_of(host.view(), ErrorId::module_state);
  EXPECT_EQ(ready.verdict, Verdict::bad);
  EXPECT_EQ(ready.evidence, "it is being brought up");
}

TEST(ReadConnect, SaysWhyAFactWasNotSeen) {
  Host host;
  host.module().now = fail(ErrorId::helper_not_loaded, "no helper");
  EXPECT_EQ(check_of(host.view(), ErrorId::module_state).evidence,
            "the state of the module could not be seen: no helper");
}

TEST(ReadConnect, DoesNotTakeWhatWasNotSeenForAbsent) {
  Host host;
  host.module().trouble = Error{ErrorId::not_permitted, "no"};
  host.module().now = fail(ErrorId::not_permitted, "no");
  host.platform().now = test::unseen_facts();
  host.platform().tsm = fail(ErrorId::not_permitted, "no");
  const ConnectView view = host.view();
  for (const Check& check : view.checks) EXPECT_EQ(check.verdict, Verdict::unknown) << check.name();
  EXPECT_FALSE(view.extensions);
}

TEST(ReadConnect, ADeviceWhoseCapabilitiesAreHiddenMayDoTeeIo) {
  Host host;
  host.platform().tsm = PciTsm{{}, {}, 7, 3};
  const ConnectView view = host.view();
  const Check& check = check_of(view, ErrorId::tee_io_missing);
  EXPECT_EQ(check.verdict, Verdict::unknown);
  EXPECT_EQ(check.evidence, "the capabilities of 3 of 7 PCI functions could not be read");
}

TEST(ReadConnect, AModuleWithoutExtensionsTellsNothingOfThem) {
  Host host;
  host.module().fields.erase(kPoolPages);
  const ConnectView view = host.view();
  ASSERT_FALSE(view.extensions);
  EXPECT_EQ(view.extensions.error().id, ErrorId::field_not_available);
}

TEST(IsEnabled, IsKnownWhereTheFeatureOrTheModuleIsMissing) {
  Host host;
  EXPECT_EQ(is_enabled(host.view(), abi::kFeatureQuote), false);
  EXPECT_EQ(is_enabled(host.view(), abi::kFeatureConnect), std::nullopt);
  host.module().now = ModuleState::not_initialised;
  EXPECT_EQ(is_enabled(host.view(), abi::kFeatureConnect), false);
}

TEST(IsEnabled, IsKnownWhereTheDriverBroughtTheModuleUp) {
  Host host;
  host.module().built = 1ull << abi::kFeatureConnect;
  EXPECT_EQ(is_enabled(host.view(), abi::kFeatureConnect), true);
  EXPECT_EQ(is_enabled(host.view(), abi::kFeatureExtensions), true) << "Connect is built on them";
  host.module().built = 0;
  EXPECT_EQ(is_enabled(host.view(), abi::kFeatureConnect), false);
  EXPECT_EQ(is_enabled(host.view(), abi::kFeatureExtensions), false);
  host.module().now = ModuleState::initialising;
  EXPECT_EQ(is_enabled(host.view(), abi::kFeatureConnect), std::nullopt) << "that was another time";
}

}  // namespace
}  // namespace tdxctl
