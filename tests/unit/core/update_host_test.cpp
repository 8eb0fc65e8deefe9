// SPDX-License-Identifier: MIT
#include "core/update_host.h"

#include <gtest/gtest.h>

#include "core/metadata_read.h"
#include "unit/core/fake_drivers.h"
#include "unit/core/image/fit_host.h"

namespace tdxctl {
namespace {

using test::FakeDrivers;

constexpr std::uint64_t kModuleHvId = 0x8900000100000000;

class ReadUpdateHost : public testing::Test {
 protected:
  ReadUpdateHost() {
    helper().module_port.fields = {{kFeatures0Id, 0x61F0FBF}, {kModuleHvId, 3}};
    helper().loader_port.all->module_ready = true;
    helper().loader_port.all->svn_major = 1;
    helper().loader_port.all->svn_minor = 9;
  }

  test::FakeDriver& native() { return *host_.driver.at("native"); }
  test::FakeDriver& helper() { return *host_.driver.at("helper"); }
  UpdateHost read() { return read_update_host(*host_.drivers); }
  void only_linux_answers() {
    const Error why{ErrorId::helper_not_loaded, "not loaded"};
    helper().no_module = why;
    helper().no_loader = why;
  }

  FakeDrivers host_{"native", "helper"};
  image::CatalogRelease row_ = image::listed_release({1, 5, 5});
  image::Sigstruct sigstruct_ = image::make_test_image().sigstruct;
};

TEST_F(ReadUpdateHost, TakesEachFactFromWhoHasIt) {
  const UpdateHost host = read();
  EXPECT_EQ(*host.svn.value, (image::Svn{1, 9}));
  EXPECT_EQ(*host.module_hv.value, 3u);
  EXPECT_EQ(host.svn.driver, "helper");
  EXPECT_EQ(host.status.module_version.driver, "native");
  const image::HostFacts facts = facts_of(host);
  EXPECT_EQ(facts.svn, (image::Svn{1, 9}));
  EXPECT_EQ(facts.features0, 0x61F0FBFu);
  EXPECT_EQ(facts.updates_left, 15u);
}

TEST_F(ReadUpdateHost, KnowsNoSvnWithoutAModule) {
  helper().loader_port.all->module_ready = false;
  const UpdateHost host = read();
  ASSERT_FALSE(host.svn.value);
  EXPECT_EQ(host.svn.value.error().id, ErrorId::module_state);
}

TEST_F(ReadUpdateHost, LeavesUnknownWhatNobodyTells) {
  only_linux_answers();
  const image::HostFacts facts = facts_of(read());
  EXPECT_EQ(facts.svn, std::nullopt);
  EXPECT_EQ(facts.module_hv, std::nullopt);
  EXPECT_EQ(facts.features0, std::nullopt);
  EXPECT_EQ(facts.module, (Version{1, 5, 5}));
}

TEST_F(ReadUpdateHost, LearnsFromTheImageOfTheRunningRelease) {
  only_linux_answers();
  sigstruct_.module_hv = 2;
  UpdateHost host = read();
  complete_from_catalog(host, &row_, &sigstruct_);
  EXPECT_EQ(*host.svn.value, (image::Svn{1, 5}));
  EXPECT_EQ(*host.module_hv.value, 2u);
  EXPECT_EQ(*host.status.features0.value, *row_.features0);
  EXPECT_EQ(host.svn.driver, kToldByCatalog);
}

TEST_F(ReadUpdateHost, BelievesADriverBeforeTheCatalog) {
  UpdateHost host = read();
  complete_from_catalog(host, &row_, &sigstruct_);
  EXPECT_EQ(host.svn.driver, "helper");
  EXPECT_EQ(*host.module_hv.value, 3u);
  EXPECT_EQ(*host.status.features0.value, 0x61F0FBFu);
}

}  // namespace
}  // namespace tdxctl
