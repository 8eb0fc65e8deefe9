// SPDX-License-Identifier: MIT
// Staging: what the P-SEAMLDR is given is what the caller gave, in pages of the host's own.
#include "stage.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>

namespace tdxctl::test {
namespace {

constexpr char kFile[] = "a file";

class StageCommand : public testing::Test {
 protected:
  ~StageCommand() override { tdxctl_close(host_.get(), kFile); }

  const tdxctl_image& image() { return host_.get()->image; }

  FakeHost host_;
};

TEST_F(StageCommand, BuildsTheParametersOfAnInstallation) {
  Stage arg(5);
  ASSERT_EQ(arg.run(host_, kFile), 0);
  tdx_seamldr_params params;
  memcpy(&params, host_.page(image().params.pa), sizeof(params));
  EXPECT_EQ(params.version, 0U);
  EXPECT_EQ(params.sigstruct_pa, image().sigstruct.pa);
  for (auto byte : params.reserved) ASSERT_EQ(byte, 0);
  ASSERT_EQ(params.nr_pages, 5U);
  EXPECT_EQ(memcmp(host_.page(params.sigstruct_pa), arg.bytes() + 16, 4096), 0);
  for (u32 i = 0; i < 5; ++i) {
    EXPECT_EQ(memcmp(host_.page(params.pages_pa[i]), arg.bytes() + 16 + 4096 * (i + 1), 4096), 0) << i;
  }
  EXPECT_EQ(params.pages_pa[5], 0U);
  EXPECT_TRUE(host_.calls.empty());
}

TEST_F(StageCommand, TakesTheLargestModule) {
  Stage arg(TDXCTL_MODULE_PAGES_MAX);
  ASSERT_EQ(arg.run(host_, kFile), 0);
  EXPECT_EQ(image().nr_pages, static_cast<u32>(TDXCTL_MODULE_PAGES_MAX));
  Stage larger(TDXCTL_MODULE_PAGES_MAX + 1);
  EXPECT_EQ(larger.run(host_, kFile), -E2BIG);
}

TEST_F(StageCommand, ReplacesWhatWasStagedBefore) {
  ASSERT_EQ(Stage(5).run(host_, kFile), 0);
  ASSERT_EQ(Stage(2).run(host_, kFile), 0);
  EXPECT_EQ(image().nr_pages, 2U);
  EXPECT_EQ(host_.allocated - host_.freed, 2 + 2);
  ASSERT_EQ(Stage(0).run(host_, kFile), 0);
  EXPECT_EQ(host_.allocated, host_.freed);
}

TEST_F(StageCommand, IsGivenUpWithTheFileThatStaged) {
  ASSERT_EQ(Stage(3).run(host_, kFile), 0);
  tdxctl_close(host_.get(), "another file");
  EXPECT_EQ(image().nr_pages, 3U);
  EXPECT_EQ(Stage(3).run(host_, "another file"), -EBUSY);
  tdxctl_close(host_.get(), kFile);
  EXPECT_EQ(image().nr_pages, 0U);
  EXPECT_EQ(host_.allocated, host_.freed);
}

TEST_F(StageCommand, KeepsNothingWhenMemoryRunsOut) {
  for (int limit = 0; limit < 5; ++limit) {
    host_.page_limit = host_.allocated + limit;
    EXPECT_EQ(Stage(3).run(host_, kFile), -ENOMEM) << limit;
    EXPECT_EQ(image().nr_pages, 0U);
    EXPECT_EQ(host_.allocated, host_.freed);
  }
  host_.page_limit = -1;
  EXPECT_EQ(Stage(3).run(host_, kFile), 0);
}

TEST_F(StageCommand, RefusesTheReservedField) {
  Stage arg(1);
  arg->reserved = 1;
  EXPECT_EQ(arg.run(host_, kFile), -E2BIG);
}

}  // namespace
}  // namespace tdxctl::test
