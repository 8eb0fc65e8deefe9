// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "machine.h"

namespace tdxctl::seam_test {
namespace {

constexpr u64 kConnect = 1ull << 6;
constexpr u64 kExtensions = 1ull << 39;
constexpr u64 kQuote = 1ull << 50;

/// A machine after LP.INIT everywhere.
Machine initialised(const char* name) {
  Machine machine(booting(name, SEAM_BOOT_LOADED));
  machine.init_all();
  return machine;
}

seam_regs with_rcx(u64 rcx) {
  seam_regs regs{};
  regs.rcx = rcx;
  return regs;
}

TEST(SeamConfig, Version1IsKnownFromTheMidGenerationOn) {
  auto old = initialised("sapphire-rapids");
  EXPECT_EQ(old.status(kConfig | kVersion1, old.config_regs({small_tdmr()})),
            TDX_OPERAND_INVALID | OPERAND_RAX);
  auto mid = initialised("emerald-rapids");
  auto regs = mid.config_regs({small_tdmr()});
  EXPECT_EQ(mid.status(kConfig | 2 * kVersion1, regs), TDX_OPERAND_INVALID | OPERAND_RAX);
  regs.r9 = 1ull << 63;
  EXPECT_EQ(mid.status(kConfig | kVersion1, regs), TDX_OPERAND_INVALID | OPERAND_R9);
  regs.r9 = 1;
  regs.r10 = 1;
  EXPECT_EQ(mid.status(kConfig | kVersion1, regs), TDX_OPERAND_INVALID | OPERAND_R10);
  regs.r10 = 0;
  EXPECT_EQ(mid.status(kConfig | kVersion1, regs), TDX_SUCCESS);
}

TEST(SeamConfig, OldArgumentsAreJudgedBeforeTheVersion) {
  auto machine = initialised("emerald-rapids");
  auto regs = machine.config_regs({small_tdmr()});
  regs.r9 = 1ull << 63;
  regs.rdx = 0;
  EXPECT_EQ(machine.status(kConfig | 9 * kVersion1, regs), TDX_OPERAND_INVALID | OPERAND_RDX);
}

TEST(SeamConfig, WallClockPolicyDecidesAboutZero) {
  for (auto policy : {SEAM_WALL_CLOCK_IGNORED, SEAM_WALL_CLOCK_ZERO_DISABLES, SEAM_WALL_CLOCK_REJECT_ZERO}) {
    auto profile = booting("connect-preview", SEAM_BOOT_LOADED);
    profile.module.wall_clock_policy = static_cast<u8>(policy);
    Machine machine(profile);
    machine.init_all();
    auto regs = machine.config_regs({small_tdmr()});
    u64 expected = policy == SEAM_WALL_CLOCK_REJECT_ZERO ? TDX_OPERAND_INVALID | OPERAND_R11 : TDX_SUCCESS;
    EXPECT_EQ(machine.status(kConfig | kVersion1, regs), expected);
    regs.r11 = 1'780'000'000;
    EXPECT_EQ(machine.status(kConfig | kVersion1, regs), expected ? TDX_SUCCESS : TDX_SYS_CONFIG_NOT_PENDING);
  }
}

TEST(SeamConfig, DynamicPamtNeedsTheFeatureAndASmallerPamt) {
  auto old = initialised("sapphire-rapids");
  auto regs = old.config_regs({small_tdmr()});
  regs.r8 |= 1 << 16;
  EXPECT_EQ(old.status(kConfig, regs), TDX_OPERAND_INVALID | OPERAND_R8);

  auto machine = initialised("connect-preview");
  auto tdmr = small_tdmr();
  tdmr.pamt_4k.size = 0x40000000 / 4096 / 8;
  regs = machine.config_regs({tdmr});
  EXPECT_EQ(machine.status(kConfig, regs), TDX_INVALID_PAMT);
  regs.r8 |= 1 << 16;
  EXPECT_EQ(machine.status(kConfig, regs), TDX_SUCCESS);
  machine.config_keys();
  u64 calls = 0;
  for (; machine.status(kTdmrInit, with_rcx(tdmr.base)) == TDX_SUCCESS; ++calls) continue;
  EXPECT_EQ(calls, 64u);
}

TEST(SeamConfig, DetailsPointAtTheCulprit) {
  auto machine = initialised("conformance");
  auto good = small_tdmr();
  auto second = small_tdmr();
  second.base += second.size;
  EXPECT_EQ(machine.status(kConfig, machine.config_regs({good, second})),
            TDX_PAMT_OVERLAP | DETAIL_BYTES(1, 0, 0));
  auto reserved = good;
  reserved.reserved[0] = {0, 0x1000};
  reserved.reserved[1] = {0x800, 0x1000};
  EXPECT_EQ(machine.status(kConfig, machine.config_regs({reserved})),
            TDX_NON_ORDERED_RESERVED_IN_TDMR | DETAIL_BYTES(0, 1, 0));
  auto far = good;
  far.base = 0x4000000000;
  EXPECT_EQ(machine.status(kConfig, machine.config_regs({far})), TDX_TDMR_OUTSIDE_CMRS);
  EXPECT_EQ(machine.status(kConfig, machine.config_regs({good})), TDX_SUCCESS);
}

TEST(SeamShutdown, TakesTheVersionsThatTheModuleCanWrite) {
  Machine machine("emerald-rapids");
  EXPECT_EQ(machine.status(kShutdown, with_rcx(2)), TDX_OPERAND_INVALID | OPERAND_RCX);
  EXPECT_EQ(machine.status(kShutdown, with_rcx(1 << 17)), TDX_OPERAND_INVALID | OPERAND_RCX);
  EXPECT_EQ(machine.status(kShutdown, with_rcx(1)), TDX_SUCCESS);
  EXPECT_EQ(machine.status(kShutdown, with_rcx(1)), TDX_SYS_SHUTDOWN);
  EXPECT_EQ(machine.status(kRd), TDX_SYS_SHUTDOWN);
  EXPECT_EQ(machine.status(kLpShutdown), TDX_SUCCESS);
}

TEST(SeamShutdown, OldModulesRejectTheCompatibilityFlag) {
  Machine machine("sapphire-rapids");
  EXPECT_EQ(machine.status(kShutdown, with_rcx(1 << 16)), TDX_OPERAND_INVALID | OPERAND_RCX);
}

TEST(SeamShutdown, IsRefusedWhenItWouldBreakABuildThatIsUnderWay) {
  auto profile = booting("emerald-rapids", SEAM_BOOT_READY);
  profile.population = {.tds = 3, .building = 2, .migrations = 1, .reserved = 0, .private_pages = 10};
  Machine machine(profile);
  EXPECT_EQ(machine.status(kShutdown, with_rcx(1 | 1 << 16)), TDX_UPDATE_COMPATIBILITY_SENSITIVE | 2 << 16);
  EXPECT_EQ(machine.status(kShutdown, with_rcx(1)), TDX_SUCCESS) << "without the flag nobody looks";

  profile.population.building = 0;
  Machine migrating(profile);
  EXPECT_EQ(migrating.status(kShutdown, with_rcx(1 | 1 << 16)),
            TDX_UPDATE_COMPATIBILITY_SENSITIVE | 1 << 16 | 1);
  EXPECT_EQ(seam_machine_check(migrating.get()), nullptr);
}

TEST(SeamShutdown, IsBusyWhileAnotherLpIsInside) {
  Machine machine("emerald-rapids");
  seam_hold(machine.get(), SEAM_HOLD_LP1);
  EXPECT_EQ(machine.status(kShutdown), TDX_SYS_BUSY);
  seam_hold(machine.get(), SEAM_HOLD_NOTHING);
  EXPECT_EQ(machine.status(kShutdown), TDX_SUCCESS);
}

TEST(SeamUpdate, KeepsTdsAndConfigWouldLoseThem) {
  auto profile = booting("emerald-rapids", SEAM_BOOT_READY);
  profile.population.tds = 5;
  for (bool update : {true, false}) {
    Machine machine(profile);
    ASSERT_EQ(machine.status(kShutdown, with_rcx(1)), TDX_SUCCESS);
    seam_reload_module(machine.get());
    machine.init_all();
    EXPECT_EQ(machine.metadata(0x8900000000000004), 1u);
    EXPECT_EQ(machine.metadata(0x8900000100000005), 1u);
    EXPECT_EQ(machine.metadata(0x8900000200000006), 53398u);
    if (update) {
      EXPECT_EQ(machine.status(kUpdate), TDX_SUCCESS);
      EXPECT_EQ(machine.metadata(0x8900000000000004), 0u);
      EXPECT_EQ(machine.status(kUpdate), TDX_SYS_STATE_INCORRECT);
      EXPECT_EQ(seam_tds(machine.get())->tds, 5u);
    } else {
      EXPECT_EQ(machine.status(kConfig, machine.config_regs({small_tdmr()})), TDX_SUCCESS);
      EXPECT_EQ(seam_tds(machine.get())->tds, 0u);
    }
    EXPECT_EQ(seam_machine_check(machine.get()), nullptr);
  }
}

TEST(SeamUpdate, NeedsHandoffDataAndEveryLp) {
  Machine machine(booting("emerald-rapids", SEAM_BOOT_LOADED));
  machine.status(kInit);
  EXPECT_EQ(machine.status(kUpdate), TDX_SYS_STATE_INCORRECT);
  for (u32 lp = 0; lp < machine.profile().lps; ++lp) machine.status(kLpInit, {}, lp);
  EXPECT_EQ(machine.status(kUpdate), TDX_SYS_INVALID_HANDOFF);
  EXPECT_EQ(machine.status(kConfig, machine.config_regs({small_tdmr()})), TDX_SUCCESS);
}

TEST(SeamDisable, IsUnknownToReleasedModules) {
  Machine ready("granite-rapids");
  EXPECT_EQ(ready.status(kDisable), TDX_OPERAND_INVALID | OPERAND_RAX);
  Machine loaded(booting("granite-rapids", SEAM_BOOT_LOADED));
  EXPECT_EQ(loaded.status(kDisable), TDX_SYS_NOT_READY);
}

seam_profile disable_profile() {
  auto profile = booting("connect-preview", SEAM_BOOT_READY);
  profile.population = {.tds = 4, .building = 0, .migrations = 0, .reserved = 0, .private_pages = 100'000};
  profile.interrupt_every_ns = 10'000'000;
  return profile;
}

TEST(SeamDisable, TakesAsLongAsThereIsMemoryAndKeepsOthersOut) {
  Machine machine(disable_profile());
  u64 calls = 1;
  for (; machine.status(kDisable, {}, static_cast<u32>(calls % 16)) == TDX_INTERRUPTED_RESUMABLE; ++calls) {
    ASSERT_LT(calls, 1000u);
    EXPECT_EQ(machine.status(kRd), TDX_SYS_BUSY);
    EXPECT_EQ(machine.status(kInit), TDX_SYS_BUSY);
    EXPECT_EQ(machine.status(kVpEnter), TDX_SYS_NOT_READY);
    EXPECT_EQ(seam_machine_check(machine.get()), nullptr);
  }
  // 400,000 pages of TDs and the PAMTs of 128 GiB, 100 ns each.
  EXPECT_GT(machine.now_ns(), 400'000u * 100u);
  EXPECT_GT(calls, 4u);
  EXPECT_EQ(seam_tds(machine.get())->tds, 0u);
  EXPECT_EQ(machine.status(kVpEnter), TDX_SYS_NOT_READY);
}

TEST(SeamDisable, LetsTheNextKernelBringTheModuleUp) {
  Machine machine(disable_profile());
  while (machine.status(kDisable) == TDX_INTERRUPTED_RESUMABLE) continue;
  EXPECT_EQ(machine.status(kRd), TDX_SYS_LP_INIT_NOT_DONE);
  machine.init_all();
  EXPECT_EQ(machine.status(kConfig, machine.config_regs({small_tdmr()})), TDX_SUCCESS);
  machine.config_keys();
  EXPECT_EQ(machine.status(kTdmrInit, with_rcx(small_tdmr().base)), TDX_SUCCESS);
}

TEST(SeamDisable, IsSlowerWithMorePrivateMemory) {
  auto small = disable_profile(), large = disable_profile();
  large.population.private_pages *= 10;
  Machine a(small), b(large);
  while (a.status(kDisable) == TDX_INTERRUPTED_RESUMABLE) continue;
  while (b.status(kDisable) == TDX_INTERRUPTED_RESUMABLE) continue;
  EXPECT_GT(b.now_ns() - a.now_ns(), 3'000'000u * 100u);
}

TEST(SeamDisable, IsOneCallWithoutInterrupts) {
  auto profile = disable_profile();
  profile.interrupt_every_ns = 0;
  EXPECT_EQ(Machine(profile).status(kDisable), TDX_SUCCESS);
}

constexpr u64 kExtRequired = 0x3100000000000001;
constexpr u64 kExtPages = 0x3100000200000000;
constexpr u64 kQuoteSize = 0x2300000200000002;

/// HPA_LIST_INFO of a list page with entries @first to @last.
u64 list_info(u64 pa, u64 first, u64 last) { return pa | first << 3 | last << 55; }

/// A module with Connect and quoting enabled, its TDMR initialised, 600 pool pages needed.
Machine with_extensions(u32 interrupt_every_ns) {
  auto profile = booting("connect-preview", SEAM_BOOT_LOADED);
  profile.module.ext_pages_per_feature = 300;
  profile.interrupt_every_ns = interrupt_every_ns;
  Machine machine(profile);
  machine.init_all();
  auto regs = machine.config_regs({small_tdmr()});
  regs.r9 = kConnect | kQuote;
  EXPECT_EQ(machine.status(kConfig | kVersion1, regs), TDX_SUCCESS);
  machine.config_keys();
  while (machine.status(kTdmrInit, with_rcx(small_tdmr().base)) == TDX_SUCCESS) continue;
  for (u64 i = 0; i < 512; ++i) {
    u64 page = small_tdmr().base + i * 4096;
    machine.memory().write(0x13000000 + 8 * i, &page, sizeof page);
  }
  return machine;
}

TEST(SeamExtensions, FollowFromConnectAndNotFromTheirOwnBit) {
  auto machine = initialised("connect-preview");
  auto regs = machine.config_regs({small_tdmr()});
  EXPECT_EQ(machine.metadata(kExtRequired), 0u);
  regs.r9 = kExtensions;
  ASSERT_EQ(machine.status(kConfig | kVersion1, regs), TDX_SUCCESS);
  EXPECT_EQ(machine.metadata(kExtRequired), 0u);
  EXPECT_EQ(machine.metadata(kExtPages), 0u);
}

TEST(SeamExtensions, ComeUpOnceTheirPoolIsFull) {
  auto machine = with_extensions(0);
  EXPECT_EQ(machine.metadata(kExtRequired), 1u);
  EXPECT_EQ(machine.metadata(kExtPages), 600u);
  EXPECT_EQ(machine.metadata(kQuoteSize), 0u);
  EXPECT_EQ(machine.status(kExtInit), TDX_SYS_STATE_INCORRECT);
  EXPECT_EQ(machine.status(kExtMemAdd, with_rcx(list_info(0x13000000, 0, 511))), TDX_SUCCESS);
  EXPECT_EQ(machine.metadata(kExtPages), 88u);
  EXPECT_EQ(machine.status(kExtMemAdd, with_rcx(list_info(0x13000000, 0, 87))), TDX_SUCCESS);
  EXPECT_EQ(machine.metadata(kExtPages), 0u);
  EXPECT_EQ(machine.status(kQuoteInit), TDX_SYS_STATE_INCORRECT);
  EXPECT_EQ(machine.status(kExtInit), TDX_SUCCESS);
  EXPECT_EQ(machine.status(kQuoteInit), TDX_SUCCESS);
  EXPECT_GT(machine.metadata(kQuoteSize), 0u);
  EXPECT_EQ(seam_machine_check(machine.get()), nullptr);
}

TEST(SeamExtensions, AreResumableAndReturnWhatIsLeft) {
  auto machine = with_extensions(10'000);  // 100 pages between two interrupts
  auto answer = machine.call(kExtMemAdd, with_rcx(list_info(0x13000000, 0, 511)));
  EXPECT_EQ(answer.status(), TDX_INTERRUPTED_RESUMABLE);
  EXPECT_EQ(answer.regs.rcx, list_info(0x13000000, 100, 511));
  int calls = 1;
  for (; answer.status() == TDX_INTERRUPTED_RESUMABLE; ++calls) {
    answer = machine.call(kExtMemAdd, with_rcx(answer.regs.rcx));
  }
  EXPECT_EQ(answer.status(), TDX_SUCCESS);
  EXPECT_EQ(calls, 6);
  EXPECT_EQ(machine.status(kExtMemAdd, with_rcx(list_info(0x13000000, 0, 87))), TDX_SUCCESS);
  for (calls = 1; machine.status(kExtInit) == TDX_INTERRUPTED_RESUMABLE; ++calls) continue;
  EXPECT_EQ(calls, 6);
}

TEST(SeamExtensions, RefusePagesThatAreNotTdxMemory) {
  auto machine = with_extensions(0);
  u64 outside = 0x10000;
  machine.memory().write(0x13000000 + 8 * 3, &outside, sizeof outside);
  auto answer = machine.call(kExtMemAdd, with_rcx(list_info(0x13000000, 0, 511)));
  EXPECT_EQ(answer.status(), TDX_OPERAND_INVALID | OPERAND_RCX);
  EXPECT_EQ(answer.regs.rcx, list_info(0x13000000, 3, 511));
  EXPECT_EQ(machine.metadata(kExtPages), 597u);
  const u64 bad_lists[] = {list_info(0x13000000, 5, 4), list_info(0x13000000, 0, 0) | 1, 0x80000000,
                           list_info(0x13000000, 0, 0) | 1ull << 52};
  for (u64 bad : bad_lists) {
    EXPECT_EQ(machine.status(kExtMemAdd, with_rcx(bad)), TDX_OPERAND_INVALID | OPERAND_RCX);
  }
}

TEST(SeamExtensions, NeedNoMorePagesAfterAnUpdate) {
  auto machine = with_extensions(0);
  machine.status(kExtMemAdd, with_rcx(list_info(0x13000000, 0, 511)));
  machine.status(kExtMemAdd, with_rcx(list_info(0x13000000, 0, 87)));
  ASSERT_EQ(machine.status(kExtInit), TDX_SUCCESS);
  ASSERT_EQ(machine.status(kShutdown, with_rcx(1)), TDX_SUCCESS);
  seam_reload_module(machine.get());
  machine.init_all();
  seam_regs features{};
  features.r9 = kConnect | kQuote;
  EXPECT_EQ(machine.status(kUpdate | kVersion1, features), TDX_SUCCESS);
  EXPECT_EQ(machine.metadata(kExtPages), 0u);
  EXPECT_EQ(machine.status(kQuoteInit), TDX_SYS_STATE_INCORRECT);
  EXPECT_EQ(machine.status(kExtInit), TDX_SUCCESS);
}

TEST(SeamClock, TakesTheTimeOfTheProfile) {
  Machine machine("sapphire-rapids");
  seam_regs first{};
  first.rdx = kNullId;
  u64 before = machine.now_ns();
  machine.call(kRd, first);
  EXPECT_EQ(machine.now_ns() - before, 300u);
  before = machine.now_ns();
  machine.call(kVpEnter);
  EXPECT_EQ(machine.now_ns() - before, machine.profile().default_ns);
}

}  // namespace
}  // namespace tdxctl::seam_test
