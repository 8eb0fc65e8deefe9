// SPDX-License-Identifier: MIT
// Random SEAMCALLs from several LPs, and what must hold whatever they are.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <thread>

#include "machine.h"
#include "random_calls.h"
#include "test_image.h"

namespace tdxctl::seam_test {
namespace {

/// A machine with good arguments for every leaf somewhere in memory.
struct PropertyMachine {
  explicit PropertyMachine(const seam_profile& profile) : machine(profile) {
    install_crypto(machine);
    params = prepare_arguments(machine);
  }

  Machine machine;
  u64 params = 0;
};

/// Choices that rapidcheck makes and shrinks.
class ShrinkingDice final : public Dice {
 public:
  u64 below(u64 n) override { return *rc::gen::inRange<u64>(0, n); }
  u64 any() override { return *rc::gen::arbitrary<u64>(); }
};

std::vector<Call> some_calls() {
  auto any_call = rc::gen::exec([] {
    ShrinkingDice dice;
    return random_call(dice);
  });
  return *rc::gen::scale(4, rc::gen::container<std::vector<Call>>(any_call));
}

seam_profile some_profile() {
  ShrinkingDice dice;
  return random_profile(dice);
}

bool same(const Answer& a, const Answer& b) {
  return a.outcome == b.outcome && !std::memcmp(&a.regs, &b.regs, sizeof a.regs);
}

RC_GTEST_PROP(SeamProperty, NoSequenceCorruptsTheStateOrKeepsALock, ()) {
  PropertyMachine p(some_profile());
  for (const auto& call : some_calls()) {
    auto answer = p.machine.call(call.regs.rax, call.regs, call.lp);
    const char* wrong = seam_machine_check(p.machine.get());
    if (wrong) RC_FAIL(std::string("after ") + rc::toString(call) + ": " + wrong);
    RC_ASSERT(answer.regs.rbx == call.regs.rbx);
    RC_ASSERT(answer.regs.r12 == call.regs.r12);
    RC_ASSERT(answer.regs.r15 == call.regs.r15);
    if (answer.outcome != SEAM_RETURNED) RC_ASSERT(!std::memcmp(&answer.regs, &call.regs, sizeof call.regs));
  }
}

RC_GTEST_PROP(SeamProperty, SavedAndReloadedStateGoesOnTheSame, ()) {
  auto profile = some_profile();
  PropertyMachine straight(profile), reloaded(profile);
  for (const auto& call : some_calls()) {
    // Elsewhere in memory, as after a kexec.
    std::vector<u64> saved = reloaded.machine.state();
    std::vector<u64> moved(saved.begin(), saved.end());
    std::ranges::fill(reloaded.machine.state(), 0xdead);
    reloaded.machine.state().swap(moved);
    RC_ASSERT(same(straight.machine.call(call.regs.rax, call.regs, call.lp),
                   reloaded.machine.call(call.regs.rax, call.regs, call.lp)));
  }
  RC_ASSERT(straight.machine.state() == reloaded.machine.state());
  RC_ASSERT(straight.machine.now_ns() == reloaded.machine.now_ns());
}

/// A call for a machine that is kept busy by many LPs: it is seldom torn down.
seam_regs building_up(Dice& dice) {
  static const u64 kBuildingUp[] = {kInit, kLpInit, kConfig,   kKeyConfig,   kTdmrInit, kUpdate,
                                    kRd,   kRdall,  kPageRdmd, kSeamldrInfo, kVpEnter};
  static const u64 kTearingDown[] = {kShutdown, kDisable, kSeamldrInstall};
  seam_regs regs{};
  regs.rax = dice.below(256) ? kBuildingUp[dice.below(std::size(kBuildingUp))]
                             : kTearingDown[dice.below(std::size(kTearingDown))];
  regs.rcx = regs.rax == kTdmrInit ? 0x100000000
             : regs.rax == kConfig ? 0x10000000
             : regs.rax >> 63      ? (regs.rax == kSeamldrInfo ? 0x12000000 : 0x20000000)
                                   : 0;
  regs.rdx = regs.rax == kRdall ? 0x11000000 : 1;
  regs.r8 = regs.rax == kRdall ? kNullId : 128;
  return regs;
}

/// Memory for threads: what is there is shared and only read, what the model
/// writes goes to a page of each thread's own.
struct ThreadMemory {
  const SparseMemory* shared;
  std::array<u8, 4096> written{};

  static bool read(void* ctx, u64 pa, void* buf, u32 len) {
    static_cast<ThreadMemory*>(ctx)->shared->read(pa, buf, len);
    return true;
  }

  static bool write(void* ctx, u64 pa, const void* buf, u32 len) {
    std::memcpy(static_cast<ThreadMemory*>(ctx)->written.data() + pa % 2048, buf, len);
    return true;
  }
};

TEST(SeamConcurrency, LpsThatCallAtTheSameTimeLeaveAConsistentMachine) {
  constexpr int kRounds = 150, kCallsInARound = 64;
  // UPDATE is not among them: it has to come before any CONFIG, and some schedules never let it.
  constexpr u64 kMustWork[] = {kInit, kLpInit, kConfig, kKeyConfig, kTdmrInit};
  auto profile = busy_profile(SEAM_BOOT_LOADED, SEAM_GENERATION_NEXT);
  profile.seamldr.updates = 1'000'000;
  PropertyMachine p(profile);
  std::array<std::atomic<u64>, std::size(kMustWork)> worked{};
  std::array<u64, kRandomLps> answered{};

  // Between two rounds nobody is inside, as under stop_machine: the state must
  // be consistent, and what needs all LPs to stand still can be done.
  std::string wrong;
  int round_number = 0;
  auto stopped = [&]() noexcept {
    if (const char* inconsistent = seam_machine_check(p.machine.get())) wrong = inconsistent;
    seam_regs regs{};
    switch (round_number++ % 24) {
      case 7:
        for (bool more = true; more;) {
          auto answer = p.machine.call(kDisable);
          answered[0] += answer.outcome == SEAM_RETURNED;
          more = answer.status() == TDX_INTERRUPTED_RESUMABLE;
        }
        break;
      case 15:
        regs.rcx = profile.module.module_hv;
        answered[0] += p.machine.call(kShutdown, regs).outcome == SEAM_RETURNED;
        break;
      case 16:
        regs.rcx = p.params;
        for (u32 lp = 0; lp < kRandomLps; ++lp) {
          answered[lp] += p.machine.call(kSeamldrInstall, regs, lp).outcome == SEAM_RETURNED;
        }
        break;
    }
  };
  std::barrier round(kRandomLps, stopped);

  std::vector<std::thread> lps;
  for (u32 lp = 0; lp < kRandomLps; ++lp) {
    lps.emplace_back([&, lp] {
      ThreadMemory memory{.shared = &p.machine.memory()};
      seam_callbacks callbacks = p.machine.callbacks();
      callbacks.ctx = &memory;
      callbacks.delay = nullptr;
      callbacks.read = ThreadMemory::read;
      callbacks.write = ThreadMemory::write;
      SeededDice dice(lp + 1);
      for (int i = 0; i < kRounds * kCallsInARound; ++i) {
        if (i % kCallsInARound == 0) round.arrive_and_wait();
        auto regs = building_up(dice);
        u64 rax = regs.rax;
        bool returned = seam_call(p.machine.get(), &callbacks, lp, &regs) == SEAM_RETURNED;
        answered[lp] += returned;
        const auto* leaf = std::ranges::find(kMustWork, rax);
        if (returned && !regs.rax && leaf != std::end(kMustWork)) ++worked[leaf - kMustWork];
      }
    });
  }
  for (auto& lp : lps) lp.join();
  EXPECT_EQ(wrong, "");
  EXPECT_EQ(seam_machine_check(p.machine.get()), nullptr);
  for (std::size_t i = 0; i < worked.size(); ++i) EXPECT_GE(worked[i], 1u) << kMustWork[i];
  for (u32 lp = 0; lp < kRandomLps; ++lp) {
    struct seam_lp_stats stats;
    seam_lp_stats(p.machine.get(), lp, &stats);
    EXPECT_EQ(stats.seamcalls + stats.seamldr_calls, answered[lp]) << lp;
  }
}

TEST(SeamRandomRun, TheSameSeedGivesTheSameRun) {
  auto run = [](u64 seed) {
    PropertyMachine p(busy_profile(SEAM_BOOT_LOADED, SEAM_GENERATION_NEXT));
    SeededDice dice(seed);
    return run_random_calls(p.machine, dice);
  };
  RandomRun one = run(1), same_seed = run(1), other = run(2);
  EXPECT_EQ(one, same_seed);
  EXPECT_NE(one.answers, other.answers);
  EXPECT_NE(one.state, other.state);
}

TEST(SeamRandomRun, LeadsThroughBringUpTakeDownAndUpdate) {
  std::set<u64> succeeded;
  for (u64 seed : {1, 2, 3}) {
    PropertyMachine p(busy_profile(SEAM_BOOT_LOADED, SEAM_GENERATION_NEXT));
    SeededDice dice(seed);
    succeeded.merge(run_random_calls(p.machine, dice).succeeded);
  }
  for (u64 leaf : std::initializer_list<u64>{
           kInit, kLpInit, kConfig, kConfig | kVersion1, kKeyConfig, kTdmrInit, kRd, kRdall, kInfo, kShutdown,
           kUpdate, kDisable, kSeamldrInfo, kSeamldrInstall, kSeamldrShutdown, kSeamldrSeaminfo}) {
    EXPECT_TRUE(succeeded.contains(leaf)) << std::hex << leaf;
  }
}

}  // namespace
}  // namespace tdxctl::seam_test
