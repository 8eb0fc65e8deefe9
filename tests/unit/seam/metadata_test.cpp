// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <map>

#include "machine.h"

namespace tdxctl::seam_test {
namespace {

/// By class and field code: two spellings of an id may name one element.
using Values = std::map<u64, u64>;

u64 name_of(u64 id) { return id & (0x3full << 56 | 0xffffff); }

constexpr u64 kPage = 0x11000000;

/// All elements by TDH.SYS.RD, each taking the next id from the last.
Values by_rd(Machine& machine) {
  Values values;
  seam_regs regs{};
  regs.rdx = kNullId;
  auto first = machine.call(kRd, regs);
  EXPECT_EQ(first.status(), TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT);
  for (u64 id = first.regs.rdx; id != kNullId;) {
    regs.rdx = id;
    auto answer = machine.call(kRd, regs);
    EXPECT_EQ(answer.status(), TDX_SUCCESS);
    if (answer.status() || !values.emplace(name_of(id), answer.regs.r8).second) break;
    id = answer.regs.rdx;
  }
  return values;
}

/// All elements by TDH.SYS.RDALL.
Values by_rdall(Machine& machine) {
  Values values;
  seam_regs regs{};
  regs.rdx = kPage;
  regs.r8 = kNullId;
  for (;;) {
    auto answer = machine.call(kRdall, regs);
    std::vector<u64> page(512);
    machine.memory().read(kPage, page.data(), 4096);
    std::size_t used = page[0] & 0xffff, sequences = page[0] >> 16 & 0xffff, at = 1;
    for (; sequences; --sequences) {
      u64 header = page.at(at++);
      u64 id = header & ~(0x1fffull << 34);
      std::size_t elements = ((header >> 34 & 15) + 1) * ((header >> 38 & 511) + 1);
      for (; elements; --elements) values.emplace(name_of(id++), page.at(at++));
    }
    EXPECT_EQ(at * 8, used);
    if (answer.status() != TDX_METADATA_LIST_OVERFLOW) {
      EXPECT_EQ(answer.status(), TDX_SUCCESS);
      return values;
    }
    regs.r8 = answer.regs.r8;
  }
}

class SeamMetadata : public testing::TestWithParam<const char*> {};

TEST_P(SeamMetadata, IsTheSameByRdAndByRdall) {
  Machine machine(booting(GetParam(), SEAM_BOOT_READY));
  auto values = by_rd(machine);
  EXPECT_GE(values.size(), 355u);
  EXPECT_EQ(values, by_rdall(machine));
}

INSTANTIATE_TEST_SUITE_P(Profiles, SeamMetadata,
                         testing::Values("sapphire-rapids", "emerald-rapids", "sierra-forest",
                                         "granite-rapids", "connect-preview", "conformance"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST(SeamMetadataField, OfModule1505Has355Elements) {
  Machine machine("sapphire-rapids");
  EXPECT_EQ(by_rd(machine).size(), 355u);
}

TEST(SeamMetadataField, ShowsTheRelease) {
  Machine machine("granite-rapids");
  EXPECT_EQ(machine.metadata(0x0800000100000004), 2u);
  EXPECT_EQ(machine.metadata(0x0800000100000003), 0u);
  EXPECT_EQ(machine.metadata(0x0800000100000005), 16u);
  EXPECT_EQ(machine.metadata(0x8800000200000001), 20251204u);
  EXPECT_EQ(machine.metadata(0x0a00000300000008), machine.profile().module.features0);
}

TEST(SeamMetadataField, HasFieldsOfFeaturesOnlyWithTheFeature) {
  constexpr u64 kExtRequired = 0x3100000000000001;
  seam_regs regs{};
  regs.rdx = kExtRequired;
  Machine with(booting("connect-preview", SEAM_BOOT_READY));
  EXPECT_EQ(with.status(kRd, regs), TDX_SUCCESS);
  Machine without("granite-rapids");
  EXPECT_EQ(without.status(kRd, regs), TDX_METADATA_FIELD_ID_INCORRECT);
}

TEST(SeamMetadataField, NeedsTheLpInitialised) {
  Machine machine("conformance");
  EXPECT_EQ(machine.status(kRd), TDX_SYS_LP_INIT_NOT_DONE);
  EXPECT_EQ(machine.status(kRdall), TDX_SYS_LP_INIT_NOT_DONE);
  EXPECT_EQ(machine.status(kInfo), TDX_SYS_LP_INIT_NOT_DONE);
  machine.init_all();
  EXPECT_EQ(machine.status(kRd), TDX_SUCCESS);
}

}  // namespace
}  // namespace tdxctl::seam_test
