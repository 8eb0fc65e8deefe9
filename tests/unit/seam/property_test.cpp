// SPDX-License-Identifier: MIT
// Random SEAMCALLs from several LPs, and what must hold whatever they are.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <thread>

#include "test_image.h"

namespace tdxctl::seam_test {
namespace {

constexpr u32 kLps = 4;

struct Call {
  u32 lp = 0;
  seam_regs regs{};
};

void showValue(const Call& call, std::ostream& os) {
  os << std::hex << "LP " << call.lp << " rax " << call.regs.rax << " rcx " << call.regs.rcx << " rdx "
     << call.regs.rdx << " r8 " << call.regs.r8 << " r9 " << call.regs.r9;
}

seam_profile busy_profile(u8 boot, u8 generation) {
  seam_profile profile = trusting_profile(*seam_profile_find("connect-preview"));
  profile.lps = kLps;
  profile.boot = boot;
  profile.module.generation = generation;
  if (generation != SEAM_GENERATION_NEXT) profile.module.features0 = 0x18d1326f3f0fbf;
  profile.module.ext_pages_per_feature = 20;
  profile.interrupt_every_ns = 50'000'000;
  if (boot == SEAM_BOOT_READY) {
    profile.population = {.tds = 2, .building = 1, .migrations = 0, .reserved = 0, .private_pages = 100'000};
  }
  return profile;
}

/// A machine with good arguments for every leaf somewhere in memory.
struct PropertyMachine {
  explicit PropertyMachine(const seam_profile& profile) : machine(profile) {
    install_crypto(machine);
    config = machine.config_regs({small_tdmr()});
    auto release = profile.module;
    release.svn_minor += 1;
    static const TestImage image = make_image(release, profile);
    params = stage(machine, image, PARAMS_SCENARIO_UPDATE);
    for (u64 i = 0; i < 512; ++i) {
      u64 page = small_tdmr().base + i * 4096;
      machine.memory().write(0x13000000 + 8 * i, &page, sizeof page);
    }
  }

  Machine machine;
  seam_regs config{};
  u64 params = 0;
};

rc::Gen<Call> any_call() {
  static const u64 kRaxes[] = {kInit,
                               kLpInit,
                               kLpInit,
                               kLpInit,
                               kConfig,
                               kConfig | kVersion1,
                               kKeyConfig,
                               kKeyConfig,
                               kTdmrInit,
                               kTdmrInit,
                               kRd,
                               kRdall,
                               kInfo,
                               kShutdown,
                               kUpdate,
                               kDisable,
                               kExtMemAdd,
                               kExtInit,
                               kQuoteInit,
                               kPageRdmd,
                               kVpEnter,
                               kLpShutdown,
                               kSeamldrInfo,
                               kSeamldrInstall,
                               kSeamldrInstall,
                               kSeamldrInstall,
                               kSeamldrCleanup,
                               kSeamldrSeaminfo,
                               kSeamldrShutdown};
  static const u64 kAddresses[] = {
      0,          0x10000000, 0x100000000, 0x12000000, 0x20000000, 0x13000000, 0x13000000 | 39ull << 55,
      0x80000000, 1,          kNullId};
  auto address = rc::gen::weightedOneOf<u64>(
      {{6, rc::gen::elementOf(std::vector<u64>(std::begin(kAddresses), std::end(kAddresses)))},
       {1, rc::gen::arbitrary<u64>()}});
  return rc::gen::exec([address] {
    Call call;
    call.lp = *rc::gen::inRange<u32>(0, kLps);
    call.regs.rax = *rc::gen::weightedOneOf<u64>(
        {{12, rc::gen::elementOf(std::vector<u64>(std::begin(kRaxes), std::end(kRaxes)))},
         {1, rc::gen::inRange<u64>(0, 200)},
         {1, rc::gen::arbitrary<u64>()}});
    // Mostly the arguments that make the leaf succeed.
    if (*rc::gen::inRange(0, 4)) {
      call.regs.rcx = call.regs.rax == kTdmrInit                      ? 0x100000000
                      : (call.regs.rax & 0xffff) == kConfig           ? 0x10000000
                      : call.regs.rax == kSeamldrInstall              ? 0x20000000
                      : call.regs.rax >> 63 || call.regs.rax == kInfo ? 0x12000000
                      : call.regs.rax == kExtMemAdd                   ? 0x13000000 | 39ull << 55
                                                                      : 0;
      call.regs.rdx = call.regs.rax == kRdall ? 0x11000000 : call.regs.rax == kRd ? kNullId : 1;
      call.regs.r8 = call.regs.rax == kRdall ? kNullId : 128;
      call.regs.r9 = 1ull << 6;
    } else {
      call.regs.rcx = *address;
      call.regs.rdx = *address;
      call.regs.r8 = *address;
      call.regs.r9 = *address;
    }
    call.regs.rbx = 0xb0b0;
    call.regs.r12 = 0x1212;
    call.regs.r15 = 0x1515;
    return call;
  });
}

std::vector<Call> some_calls() {
  return *rc::gen::scale(4, rc::gen::container<std::vector<Call>>(any_call()));
}

seam_profile some_profile() {
  return busy_profile(*rc::gen::inRange<u8>(SEAM_BOOT_NO_VMX, SEAM_NR_BOOTS),
                      *rc::gen::inRange<u8>(0, SEAM_NR_GENERATIONS));
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

/// A random sequence without rapidcheck, for threads; the same seed gives the same.
class Sequence {
 public:
  explicit Sequence(u64 seed) : state_(seed * 2 + 1) {}

  u64 next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }

  seam_regs regs() {
    static const u64 kBuildingUp[] = {kInit, kLpInit, kConfig,   kKeyConfig,   kTdmrInit, kUpdate,
                                      kRd,   kRdall,  kPageRdmd, kSeamldrInfo, kVpEnter};
    static const u64 kTearingDown[] = {kShutdown, kDisable, kSeamldrInstall};
    seam_regs regs{};
    regs.rax = next() % 256 ? kBuildingUp[next() % std::size(kBuildingUp)]
                            : kTearingDown[next() % std::size(kTearingDown)];
    regs.rcx = regs.rax == kTdmrInit ? 0x100000000
               : regs.rax == kConfig ? 0x10000000
               : regs.rax >> 63      ? (regs.rax == kSeamldrInfo ? 0x12000000 : 0x20000000)
                                     : 0;
    regs.rdx = regs.rax == kRdall ? 0x11000000 : 1;
    regs.r8 = regs.rax == kRdall ? kNullId : 128;
    return regs;
  }

 private:
  u64 state_;
};

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
  std::array<u64, kLps> answered{};

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
        for (u32 lp = 0; lp < kLps; ++lp) {
          answered[lp] += p.machine.call(kSeamldrInstall, regs, lp).outcome == SEAM_RETURNED;
        }
        break;
    }
  };
  std::barrier round(kLps, stopped);

  std::vector<std::thread> lps;
  for (u32 lp = 0; lp < kLps; ++lp) {
    lps.emplace_back([&, lp] {
      ThreadMemory memory{.shared = &p.machine.memory()};
      seam_callbacks callbacks = p.machine.callbacks();
      callbacks.ctx = &memory;
      callbacks.delay = nullptr;
      callbacks.read = ThreadMemory::read;
      callbacks.write = ThreadMemory::write;
      Sequence sequence(lp + 1);
      for (int i = 0; i < kRounds * kCallsInARound; ++i) {
        if (i % kCallsInARound == 0) round.arrive_and_wait();
        auto regs = sequence.regs();
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
  for (u32 lp = 0; lp < kLps; ++lp) {
    struct seam_lp_stats stats;
    seam_lp_stats(p.machine.get(), lp, &stats);
    EXPECT_EQ(stats.seamcalls + stats.seamldr_calls, answered[lp]) << lp;
  }
}

TEST(SeamConcurrency, TheSameSeedGivesTheSameRun) {
  PropertyMachine a(busy_profile(SEAM_BOOT_LOADED, SEAM_GENERATION_NEXT));
  PropertyMachine b(busy_profile(SEAM_BOOT_LOADED, SEAM_GENERATION_NEXT));
  Sequence one(7), two(7), other(8);
  for (int i = 0; i < 5'000; ++i) {
    auto lp = static_cast<u32>(other.next() % kLps);
    auto regs = one.regs();
    ASSERT_TRUE(same(a.machine.call(regs.rax, regs, lp), b.machine.call(regs.rax, two.regs(), lp))) << i;
  }
  EXPECT_EQ(a.machine.state(), b.machine.state());
}

}  // namespace
}  // namespace tdxctl::seam_test
