// SPDX-License-Identifier: MIT
#include "random_calls.h"

#include <span>
#include <vector>

#include "test_image.h"
#include "vm/seam_host/machine_file.h"

namespace tdxctl::seam_test {
namespace {

constexpr u64 kConfigArray = 0x10000000, kRdallBuffer = 0x11000000, kInfoBuffer = 0x12000000,
              kExtPages = 0x13000000, kInstallParams = 0x20000000;
/// EXT.MEM.ADD of 40 pages.
constexpr u64 kExtPageList = kExtPages | 39ull << 55;
/// Connect and quoting, for version 1 of CONFIG and UPDATE.
constexpr u64 kFeatures = 1ull << 6 | 1ull << 50;

using Leaves = std::span<const u64>;

/// What comes more often has to come for every LP or package, or before something else.
// clang-format off
constexpr u64 kBringUp[] = {
    kInit, kLpInit, kLpInit, kLpInit, kUpdate, kUpdate, kConfig, kConfig | kVersion1, kConfig | kVersion1,
    kConfig | kVersion1, kKeyConfig, kKeyConfig, kTdmrInit, kTdmrInit, kExtMemAdd, kExtInit, kQuoteInit};
// clang-format on
constexpr u64 kUse[] = {kRd, kRdall, kInfo, kPageRdmd, kVpEnter, kLpShutdown};
constexpr u64 kTakeDown[] = {kShutdown, kDisable};
constexpr u64 kSeamldr[] = {kSeamldrInfo,    kSeamldrInstall,  kSeamldrInstall, kSeamldrInstall,
                            kSeamldrCleanup, kSeamldrSeaminfo, kSeamldrShutdown};

/// What the OS is at, one after the other, for how many calls at most, and whether each is made on one LP
/// after the other.
struct Phase {
  Leaves leaves;
  u64 calls;
  bool on_each_lp;
};
constexpr Phase kLife[] = {{kBringUp, 400, false},
                           {kUse, 40, false},
                           {kTakeDown, 6, false},
                           {kSeamldr, 6, true},
                           {kBringUp, 400, false}};

u64 one_of(Dice& dice, std::span<const u64> values) { return values[dice.below(values.size())]; }

u64 any_leaf(Dice& dice) {
  static const std::vector<u64> kAll = [] {
    std::vector<u64> all;
    for (Leaves leaves : {Leaves(kBringUp), Leaves(kUse), Leaves(kTakeDown), Leaves(kSeamldr)}) {
      all.insert(all.end(), leaves.begin(), leaves.end());
    }
    return all;
  }();
  return one_of(dice, kAll);
}

u64 random_operand(Dice& dice) {
  static constexpr u64 kOperands[] = {0,         kConfigArray, 0x100000000, kInfoBuffer, kInstallParams,
                                      kExtPages, kExtPageList, 0x80000000,  1,           kNullId};
  return dice.below(7) < 6 ? one_of(dice, kOperands) : dice.any();
}

/// The RCX that makes the leaf succeed.
u64 good_rcx(u64 rax) {
  switch (rax) {
    case kTdmrInit:
      return small_tdmr().base;
    case kConfig:
    case kConfig | kVersion1:
      return kConfigArray;
    case kExtMemAdd:
      return kExtPageList;
    case kSeamldrInstall:
      return kInstallParams;
    default:
      return rax >> 63 || rax == kInfo ? kInfoBuffer : 0;
  }
}

}  // namespace

u64 SeededDice::any() {
  state_ ^= state_ << 13;
  state_ ^= state_ >> 7;
  state_ ^= state_ << 17;
  return state_;
}

void showValue(const Call& call, std::ostream& os) {
  os << std::hex << "LP " << call.lp << " rax " << call.regs.rax << " rcx " << call.regs.rcx << " rdx "
     << call.regs.rdx << " r8 " << call.regs.r8 << " r9 " << call.regs.r9;
}

seam_profile busy_profile(u8 boot, u8 generation) {
  seam_profile profile = trusting_profile(*seam_profile_find("connect-preview"));
  profile.lps = kRandomLps;
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

seam_profile random_profile(Dice& dice) {
  auto boot = static_cast<u8>(SEAM_BOOT_NO_VMX + dice.below(SEAM_NR_BOOTS - SEAM_BOOT_NO_VMX));
  return busy_profile(boot, static_cast<u8>(dice.below(SEAM_NR_GENERATIONS)));
}

u64 prepare_arguments(ModelMachine& machine) {
  static const TestImage kSuccessor = [] {
    auto profile = busy_profile(SEAM_BOOT_LOADED, SEAM_GENERATION_NEXT);
    profile.module.svn_minor += 1;
    return make_image(profile.module, profile);
  }();
  machine.config_regs({small_tdmr()});
  for (u64 i = 0; i < 512; ++i) {
    u64 page = small_tdmr().base + i * 4096;
    machine.write_memory(kExtPages + 8 * i, &page, sizeof page);
  }
  return stage(machine, kSuccessor, PARAMS_SCENARIO_UPDATE);
}

namespace {

/// Operands for a leaf, and the LP.
Call call_of(u64 rax, Dice& dice) {
  Call call;
  auto& regs = call.regs;
  call.lp = static_cast<u32>(dice.below(kRandomLps));
  regs.rax = rax;
  if (dice.below(4)) {
    regs.rcx = good_rcx(rax);
    regs.rdx = rax == kRdall ? kRdallBuffer : rax == kRd ? kNullId : 1;
    regs.r8 = rax == kRdall ? kNullId : 128;
    regs.r9 = kFeatures;
  } else {
    for (u64* operand : {&regs.rcx, &regs.rdx, &regs.r8, &regs.r9}) *operand = random_operand(dice);
  }
  regs.rbx = 0xb0b0;
  regs.r12 = 0x1212;
  regs.r15 = 0x1515;
  return call;
}

void execute(ModelMachine& machine, Call call, RandomRun& run) {
  u64 rax = call.regs.rax;
  u64 outcome = machine.execute(call.lp, call.regs);
  run.answers = seam_host_fingerprint(run.answers, &outcome, sizeof outcome);
  run.answers = seam_host_fingerprint(run.answers, &call.regs, sizeof call.regs);
  ++run.calls;
  if (outcome == SEAM_RETURNED && !call.regs.rax) run.succeeded.insert(rax);
}

}  // namespace

Call random_call(Dice& dice) {
  switch (dice.below(14)) {
    case 12:
      return call_of(dice.below(200), dice);
    case 13:
      return call_of(dice.any(), dice);
    default:
      return call_of(any_leaf(dice), dice);
  }
}

RandomRun run_random_calls(ModelMachine& machine, Dice& dice) {
  constexpr int kLives = 24;
  RandomRun run;
  run.answers = run.state = SEAM_HOST_NO_BYTES;
  for (int life = 0; life < kLives; ++life) {
    auto boot = dice.below(2) ? SEAM_BOOT_READY : SEAM_BOOT_LOADED;
    machine.power_on(busy_profile(static_cast<u8>(boot), static_cast<u8>(dice.below(SEAM_NR_GENERATIONS))));
    prepare_arguments(machine);
    for (const auto& phase : kLife) {
      for (u64 left = dice.below(phase.calls); left > 0; --left) {
        Call call = dice.below(200) ? call_of(one_of(dice, phase.leaves), dice) : random_call(dice);
        for (u32 lp = 0; lp < (phase.on_each_lp ? kRandomLps : 1); ++lp) {
          execute(machine, {(call.lp + lp) % kRandomLps, call.regs}, run);
        }
      }
    }
    run.state = seam_host_fingerprint(run.state, machine.get(), seam_machine_bytes(kRandomLps));
  }
  run.ns = machine.now_ns();
  return run;
}

}  // namespace tdxctl::seam_test
