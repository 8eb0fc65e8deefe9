// SPDX-License-Identifier: MIT
// Bringing a module up: what it is told, what is allocated, and that all of it comes back. What becomes of
// the module is tested over the model.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include "fake_host.h"

namespace tdxctl::test {
namespace {

constexpr char kFile[] = "a file";
constexpr u64 kGib = u64{1} << 30;
constexpr u64 kInit = 33, kLpInit = 35, kConfig = 45, kKeyConfig = 31, kTdmrInit = 36, kExtInit = 60,
              kExtMemAdd = 61, kQuoteInit = 100;
constexpr u64 kVersion1 = 1 << 16;
constexpr u64 kConnect = 1 << 6, kQuote = u64{1} << 50;

using ConfigureArg = struct tdxctl_configure;

/// It, with its TDMRs.
class Configure {
 public:
  explicit Configure(std::vector<struct tdxctl_tdmr> tdmrs)
      : nr_(static_cast<u32>(tdmrs.size())), words_((size() + 7) / 8) {
    (*this)->size = size();
    (*this)->nr_tdmrs = nr_;
    for (u32 i = 0; i < nr_; ++i) tdmr(i) = tdmrs[i];
  }
  ConfigureArg* operator->() { return reinterpret_cast<ConfigureArg*>(words_.data()); }
  struct tdxctl_tdmr& tdmr(u32 i) {
    return (*this)->tdmrs[i];
  }
  /// One call of `file`.
  int run(FakeHost& host, const char* file = kFile) {
    return tdxctl_run_command(host.get(), file, tdxctl_find_command(TDXCTL_IOC_CONFIGURE), words_.data(),
                              size());
  }

 private:
  u32 size() const { return static_cast<u32>(sizeof(ConfigureArg) + nr_ * sizeof(struct tdxctl_tdmr)); }
  u32 nr_;
  std::vector<u64> words_;
};

class ConfigureCommand : public testing::Test {
 protected:
  ConfigureCommand() {
    host_.msrs = {{0x87, 0x0000004000000003f}};
    host_.seamcall = [this](u64 rax, FakeHost::Regs& regs) { return answer(rax, regs); };
  }
  ~ConfigureCommand() override {
    ready_ = true;
    host_.lp_offline = false;
    struct tdxctl_disable disable {};
    failing_ = ~u64{0};
    if (host_.held) {
      EXPECT_EQ(host_.run(TDXCTL_IOC_DISABLE, disable, kFile), 0);
    }
    tdxctl_close(host_.get(), kFile);
  }

  u64 answer(u64 rax, FakeHost::Regs& regs) {
    if (rax == failing_ && ++seen_ >= failing_nth_) return failure_;
    switch (rax) {
      case kSysRd:
        if (regs.rdx == TDX_FIELD_EXT_REQUIRED && !extensions_) return TDX_METADATA_FIELD_ID_INCORRECT;
        regs.r8 = fields_[regs.rdx];
        return 0;
      case kPageRdmd:
        EXPECT_EQ(regs.rcx, ~u64{0}) << "with dynamic PAMT other numbers can be pages";
        return ready_ ? TDX_OPERAND_INVALID | 1 : TDX_SYS_NOT_READY;
      case kConfig:
      case kConfig | kVersion1:
        config_ = regs;
        take_tdmrs();
        return 0;
      case kKeyConfig:
        EXPECT_TRUE(host_.trace.size() > 1 &&
                    host_.trace[host_.trace.size() - 2 - keys_] == "write back caches");
        ready_ = ++keys_ == 2;
        return 0;
      case kTdmrInit:
        regs.rdx = done_[regs.rcx] = (done_.contains(regs.rcx) ? done_[regs.rcx] : regs.rcx) + kGib;
        lps_.insert({regs.rcx, host_.lp});
        return 0;
      case kExtMemAdd:
        pool_.push_back(regs.rcx);
        return 0;
      case kSysDisable:
        ready_ = false;
        return 0;
      default:
        return 0;
    }
  }
  void take_tdmrs() {
    u64 pas[TDXCTL_TDMRS_MAX];
    ASSERT_LE(config_.rdx, TDXCTL_TDMRS_MAX);
    std::memcpy(pas, host_.page(config_.rcx), config_.rdx * sizeof(u64));
    for (u64 i = 0; i < config_.rdx; ++i) {
      EXPECT_EQ(pas[i] % TDX_TDMR_INFO_ALIGNMENT, 0U);
      tdx_tdmr_info info;
      const u64 offset = pas[i] % TDX_PAGE_BYTES;
      std::memcpy(&info, host_.page(pas[i] - offset) + offset, sizeof(info));
      infos_.push_back(info);
    }
  }
  /// What the helper says of what it has brought up.
  u32 state() {
    struct tdxctl_platform platform {};
    EXPECT_EQ(host_.run(TDXCTL_IOC_PLATFORM, platform), 0);
    return platform.brought_up;
  }
  /// Runs it until it says that it is finished, or fails.
  int finish(Configure& arg) {
    for (int i = 0; i < 100; ++i) {
      const int ret = arg.run(host_);
      if (ret || arg->finished) return ret;
    }
    ADD_FAILURE() << "it does not end";
    return 0;
  }

  FakeHost host_;
  bool ready_ = false, extensions_ = false;
  u32 keys_ = 0;
  u64 failing_ = ~u64{0}, failure_ = 0;
  int failing_nth_ = 1, seen_ = 0;
  FakeHost::Regs config_{};
  std::vector<tdx_tdmr_info> infos_;
  std::map<u64, u64> done_;
  std::map<u64, u32> lps_;  ///< that initialised a TDMR, by its base
  std::vector<u64> pool_;   ///< RCX of each TDH.EXT.MEM.ADD
  std::map<u64, u64> fields_ = {{TDX_FIELD_MAX_RESERVED_PER_TDMR, 16}, {TDX_FIELD_PAMT_4K_ENTRY_BYTES, 16},
                                {TDX_FIELD_PAMT_2M_ENTRY_BYTES, 16},   {TDX_FIELD_PAMT_1G_ENTRY_BYTES, 16},
                                {TDX_FIELD_PAMT_BITMAP_ENTRY_BITS, 1}, {TDX_FIELD_EXT_REQUIRED, 1},
                                {TDX_FIELD_EXT_POOL_PAGES, 700}};
};

TEST_F(ConfigureCommand, TellsTheModuleAboutMemoryAndWhatIsReserved) {
  host_.ram = {{0x1000, 0x9f000}, {0x100000, 0x30000000}, {0x38000000, kGib}, {kGib, 2 * kGib}};
  Configure arg({{0, 1, 0, 0}, {1, 1, 0, 0}});
  ASSERT_EQ(finish(arg), 0);
  EXPECT_EQ(arg->failed, 0U);
  EXPECT_EQ(config_.rdx, 2U);
  EXPECT_EQ(config_.r8, 0x40U) << "the first private KeyID";
  EXPECT_EQ(config_.r9 | config_.r10 | config_.r11, 0U);
  ASSERT_EQ(infos_.size(), 2U);
  constexpr u64 k4k = kGib / 4096 * 16, k2m = 8192, k1g = 4096;
  EXPECT_EQ(infos_[0].pamt[0].bytes, k1g);
  EXPECT_EQ(infos_[0].pamt[1].bytes, k2m);
  EXPECT_EQ(infos_[0].pamt[2].bytes, k4k);
  EXPECT_EQ(arg->pamt_bytes, 2 * (k4k + k2m + k1g));
  // Both PAMTs were to lie in the first TDMR, between its holes.
  EXPECT_EQ(infos_[0].reserved[0].offset, 0U);
  EXPECT_EQ(infos_[0].reserved[0].bytes, 0x100000U);
  EXPECT_EQ(infos_[0].reserved[1].offset, 0x100000U);
  EXPECT_EQ(infos_[0].reserved[1].bytes, k4k + k2m + k1g);
  EXPECT_EQ(infos_[0].reserved[2].offset, 0x100000U + k4k + k2m + k1g);
  EXPECT_EQ(infos_[0].reserved[3].offset, 0x30000000U);
  EXPECT_EQ(infos_[0].reserved[3].bytes, 0x8000000U);
  EXPECT_EQ(infos_[0].reserved[4].bytes, 0U);
  EXPECT_EQ(infos_[1].base, kGib);
  EXPECT_EQ(infos_[1].reserved[0].bytes, 0U);
  EXPECT_EQ(infos_[1].pamt[0].base, infos_[0].reserved[2].offset);
}

TEST_F(ConfigureCommand, MakesTheStepsInTheirOrder) {
  Configure arg({{0, 2, 0, 0}});
  std::vector<u32> steps;
  do {
    ASSERT_EQ(arg.run(host_), 0);
    steps.push_back(arg->step);
  } while (!arg->finished && steps.size() < 10);
  EXPECT_EQ(steps.front(), 0U + TDXCTL_BRING_UP_KEY_CONFIG) << "nothing comes between TDH.SYS.CONFIG and it";
  for (std::size_t i = 1; i < steps.size(); ++i) EXPECT_EQ(steps[i], 0U + TDXCTL_BRING_UP_TDMR_INIT);
  EXPECT_EQ(arg.tdmr(0).initialised_gib, 2U);
  EXPECT_EQ(keys_, 2U) << "once for each package";
  EXPECT_TRUE(host_.held);
}

TEST_F(ConfigureCommand, SwitchesFeaturesOnByVersion1) {
  Configure arg({{0, 2, 0, 0}});
  arg->config_version = 1;
  arg->features = kConnect;
  arg->wall_clock_s = 1700000000;
  ASSERT_EQ(finish(arg), 0);
  EXPECT_EQ(config_.r9, kConnect);
  EXPECT_EQ(config_.r10, 0U);
  EXPECT_EQ(config_.r11, 1700000000U);
  EXPECT_TRUE(pool_.empty()) << "this module has no Extensions";
  struct tdxctl_platform platform {};
  ASSERT_EQ(host_.run(TDXCTL_IOC_PLATFORM, platform), 0);
  EXPECT_EQ(platform.brought_up, 1U);
  EXPECT_EQ(platform.features, kConnect);
}

TEST_F(ConfigureCommand, GivesTheExtensionsTheirMemory) {
  extensions_ = true;
  Configure arg({{0, 2, 0, 0}});
  arg->config_version = 1;
  arg->features = kConnect | kQuote;
  arg->slice_ms = 1000;
  ASSERT_EQ(finish(arg), 0);
  EXPECT_EQ(arg->failed, 0U);
  EXPECT_EQ(arg->pool_pages, 700U);
  ASSERT_EQ(pool_.size(), 2U);
  EXPECT_EQ(pool_[0] >> 55, 511U);
  EXPECT_EQ(pool_[1] >> 55, 700U - 512 - 1);
  const std::vector<u64> end(host_.calls.end() - 2, host_.calls.end());
  EXPECT_EQ(end, (std::vector<u64>{kExtInit, kQuoteInit}));
}

TEST_F(ConfigureCommand, WithDynamicPamtTheSmallPagesTakeABitEach) {
  Configure arg({{0, 2, 0, 0}});
  arg->options = TDXCTL_CONFIGURE_DYNAMIC_PAMT;
  ASSERT_EQ(finish(arg), 0);
  EXPECT_EQ(config_.r8, 0x10040U);
  EXPECT_EQ(infos_[0].pamt[2].bytes, 2 * kGib / 4096 / 8);
}

TEST_F(ConfigureCommand, LpsShareTheTdmrs) {
  host_.ram = {{0x100000, 7 * kGib}};
  Configure arg({{0, 1, 0, 0}, {1, 3, 0, 0}, {4, 1, 0, 0}, {5, 2, 0, 0}});
  ASSERT_EQ(finish(arg), 0);
  EXPECT_EQ(lps_[kGib], 0U) << "the largest is alone";
  EXPECT_EQ(lps_[5 * kGib], 1U);
  EXPECT_EQ(lps_[0], 2U);
  EXPECT_EQ(lps_[4 * kGib], 2U);
}

TEST_F(ConfigureCommand, RefusesTdmrsThatDoNotFitTheMemoryMap) {
  const std::vector<struct tdxctl_tdmr> misfits[] = {
      {{0, 1, 0, 0}},                                  // a GiB is left out
      {{1, 1, 0, 0}},                                  // so is the first
      {{0, 2, 0, 0}, {1, 1, 0, 0}},                    // they overlap
      {{1, 1, 0, 0}, {0, 1, 0, 0}},                    // not in rising order
      {{0, 2, 1, 0}},                                  // no such home
      {{0, 0, 0, 0}, {0, 2, 0, 0}},                    // nothing
      {{0, 2, 0, 0}, {0xFFFFFFFF, 0xFFFFFFFF, 0, 0}},  // above all memory
  };
  for (const auto& misfit : misfits) {
    Configure arg(misfit);
    EXPECT_EQ(arg.run(host_), -ERANGE) << "misfit " << &misfit - misfits;
  }
  EXPECT_EQ(host_.blocks_allocated, 0);
}

TEST_F(ConfigureCommand, RefusesWhatItDoesNotKnow) {
  Configure none({});
  EXPECT_EQ(none.run(host_), -EINVAL);
  Configure arg({{0, 2, 0, 0}});
  arg->config_version = 2;
  EXPECT_EQ(arg.run(host_), -EOPNOTSUPP);
  arg->config_version = 0;
  arg->options = 2;
  EXPECT_EQ(arg.run(host_), -EOPNOTSUPP);
  arg->options = 0;
  arg->features = 1;
  EXPECT_EQ(arg.run(host_), -EINVAL);
  arg->features = 0;
  arg->slice_ms = TDXCTL_CONFIGURE_SLICE_MAX_MS + 1;
  EXPECT_EQ(arg.run(host_), -EINVAL);
  EXPECT_TRUE(host_.calls.empty());
}

TEST_F(ConfigureCommand, RefusesWhereItCannotWork) {
  Configure arg({{0, 2, 0, 0}});
  host_.lp_offline = true;
  EXPECT_EQ(arg.run(host_), -EAGAIN);
  host_.lp_offline = false;
  host_.msrs = {{0x87, 0x3f}};
  EXPECT_EQ(arg.run(host_), -ENODEV);
  host_.msrs.clear();
  EXPECT_EQ(arg.run(host_), -ENODEV);
  host_.msrs = {{0x87, 0x0000004000000003f}};
  ready_ = true;
  EXPECT_EQ(arg.run(host_), -EALREADY);
  EXPECT_TRUE(ready_) << "a module that is refused stays as it is";
}

TEST_F(ConfigureCommand, AnotherPlanDoesNotGoOnWithThisOne) {
  Configure arg({{0, 2, 0, 0}});
  ASSERT_EQ(arg.run(host_), 0);
  Configure other({{0, 1, 0, 0}, {1, 1, 0, 0}});
  EXPECT_EQ(other.run(host_), -EINVAL);
  EXPECT_EQ(arg.run(host_, "another file"), -EBUSY);
  EXPECT_EQ(state(), 0U + TDXCTL_BROUGHT_UP_HALF) << "it looks ready";
}

TEST_F(ConfigureCommand, WithoutMemoryNothingIsKept) {
  host_.ram = {{0x100000, 4 * kGib}};
  for (int limit = 0; limit < 4; ++limit) {
    Configure arg({{0, 1, 0, 0}, {1, 1, 0, 0}, {2, 1, 0, 0}, {3, 1, 0, 0}});
    host_.blocks_limit = host_.blocks_allocated + limit;
    EXPECT_EQ(arg.run(host_), -ENOSPC);
    EXPECT_TRUE(host_.blocks.empty());
  }
  host_.blocks_limit = -1;
  for (int limit = 0; limit < 2; ++limit) {
    Configure arg({{0, 1, 0, 0}, {1, 1, 0, 0}, {2, 1, 0, 0}, {3, 1, 0, 0}});
    host_.page_limit = host_.allocated + limit;
    EXPECT_EQ(arg.run(host_), -ENOMEM);
    EXPECT_TRUE(host_.blocks.empty());
    EXPECT_EQ(host_.allocated, host_.freed);
  }
  host_.page_limit = -1;
}

TEST_F(ConfigureCommand, WithoutMemoryForTheExtensionsTheModuleIsDisabledAgain) {
  extensions_ = true;
  Configure arg({{0, 2, 0, 0}});
  arg->config_version = 1;
  arg->features = kConnect;
  host_.blocks_limit = 1;
  EXPECT_EQ(finish(arg), -ENOMEM);
  EXPECT_FALSE(ready_);
  EXPECT_TRUE(host_.blocks.empty());
}

TEST_F(ConfigureCommand, PamtsNeedAReservedArea) {
  host_.ram = {{0x100000, 0x10000000}, {0x18000000, 0x20000000}, {0x28000000, kGib}};
  fields_[TDX_FIELD_MAX_RESERVED_PER_TDMR] = 3;
  Configure full({{0, 1, 0, 0}});
  EXPECT_EQ(full.run(host_), -ENOSPC) << "three holes, and none left for the PAMTs";
  fields_[TDX_FIELD_MAX_RESERVED_PER_TDMR] = 2;
  Configure overfull({{0, 1, 0, 0}});
  EXPECT_EQ(overfull.run(host_), -ENOSPC);
  fields_[TDX_FIELD_MAX_RESERVED_PER_TDMR] = 4;
  Configure arg({{0, 1, 0, 0}});
  EXPECT_EQ(finish(arg), 0);
}

TEST_F(ConfigureCommand, SizesThatMakeNoSenseAreNotWorkedWith) {
  for (const u64 id :
       {TDX_FIELD_PAMT_4K_ENTRY_BYTES, TDX_FIELD_PAMT_2M_ENTRY_BYTES, TDX_FIELD_PAMT_1G_ENTRY_BYTES}) {
    for (const u64 bytes : {u64{0}, u64{4097}, ~u64{0}}) {
      const u64 good = std::exchange(fields_[id], bytes);
      Configure arg({{0, 2, 0, 0}});
      EXPECT_EQ(arg.run(host_), -EPROTO);
      EXPECT_EQ(host_.blocks_allocated, 0);
      fields_[id] = good;
    }
  }
  extensions_ = true;
  fields_[TDX_FIELD_EXT_POOL_PAGES] = ~u64{0};
  Configure arg({{0, 2, 0, 0}});
  arg->config_version = 1;
  arg->features = kConnect;
  EXPECT_EQ(finish(arg), -EPROTO);
  EXPECT_TRUE(host_.blocks.empty());
}

TEST_F(ConfigureCommand, AFailureAtAnyStepGivesAllBack) {
  extensions_ = true;
  const struct {
    u64 rax;
    int nth;
    u32 step, at;
    bool disabled;
  } failures[] = {
      {kSysRd, 2, TDXCTL_BRING_UP_CONFIG, 0, false},
      {kConfig | kVersion1, 1, TDXCTL_BRING_UP_CONFIG, 0, false},
      {kKeyConfig, 1, TDXCTL_BRING_UP_KEY_CONFIG, 0, false},
      {kKeyConfig, 2, TDXCTL_BRING_UP_KEY_CONFIG, 2, false},
      {kTdmrInit, 1, TDXCTL_BRING_UP_TDMR_INIT, 0, true},
      {kExtMemAdd, 2, TDXCTL_BRING_UP_EXT_MEM_ADD, 0, true},
      {kExtInit, 1, TDXCTL_BRING_UP_EXT_INIT, 0, true},
      {kQuoteInit, 1, TDXCTL_BRING_UP_QUOTE_INIT, 0, true},
  };
  failure_ = 0xC000000000000077;
  for (const auto& failure : failures) {
    SCOPED_TRACE(failure.rax);
    host_.trace.clear();
    host_.calls.clear();
    ready_ = false;
    keys_ = 0;
    done_.clear();
    seen_ = 0;
    failing_ = failure.rax;
    failing_nth_ = failure.nth;
    Configure arg({{0, 2, 0, 0}});
    arg->config_version = 1;
    arg->features = kConnect | kQuote;
    ASSERT_EQ(finish(arg), 0);
    EXPECT_EQ(arg->failed, 1U);
    EXPECT_EQ(arg->step, failure.step);
    EXPECT_EQ(arg->failed_at, failure.at);
    EXPECT_EQ(arg->status, failure_);
    EXPECT_EQ(arg->module, 0U + TDXCTL_MODULE_NOT_READY);
    EXPECT_EQ(host_.calls.end() != std::find(host_.calls.begin(), host_.calls.end(), kSysDisable),
              failure.disabled);
    EXPECT_TRUE(host_.blocks.empty());
    EXPECT_FALSE(host_.held);
    EXPECT_EQ(host_.allocated, host_.freed);
  }
}

TEST_F(ConfigureCommand, AModuleThatCannotBeDisabledKeepsItsMemory) {
  Configure arg({{0, 2, 0, 0}});
  ASSERT_EQ(arg.run(host_), 0);
  host_.seamcall = [this](u64 rax, FakeHost::Regs& regs) -> u64 {
    if (rax == kTdmrInit) return 0xC000000000000077;
    return rax == kSysDisable ? TDX_OPERAND_INVALID : answer(rax, regs);
  };
  ASSERT_EQ(arg.run(host_), 0);
  EXPECT_EQ(arg->failed, 1U);
  EXPECT_EQ(arg->disable_status, TDX_OPERAND_INVALID);
  EXPECT_EQ(arg->module, 0U + TDXCTL_MODULE_READY);
  EXPECT_EQ(host_.blocks.size(), 1U);
  EXPECT_EQ(state(), 0U + TDXCTL_BROUGHT_UP_FAILED) << "it looks ready";
  tdxctl_close(host_.get(), kFile);
  EXPECT_TRUE(host_.held);
  Configure again({{0, 2, 0, 0}});
  EXPECT_EQ(again.run(host_), -EALREADY);
  EXPECT_EQ(host_.blocks.size(), 1U);
  host_.seamcall = [this](u64 rax, FakeHost::Regs& regs) { return answer(rax, regs); };
  struct tdxctl_disable disable {};
  ASSERT_EQ(host_.run(TDXCTL_IOC_DISABLE, disable, kFile), 0);
  EXPECT_TRUE(host_.blocks.empty());
  EXPECT_EQ(state(), 0U + TDXCTL_BROUGHT_UP_NONE);
}

TEST_F(ConfigureCommand, AFileThatIsClosedLeavesWhatTheModuleMayUse) {
  Configure arg({{0, 2, 0, 0}});
  ASSERT_EQ(arg.run(host_), 0);
  // The last virtual machine has ended, and KVM has left VMX operation.
  host_.seamcall = [](u64, FakeHost::Regs&) -> u64 { return TDXCTL_STATUS_UD; };
  tdxctl_close(host_.get(), kFile);
  EXPECT_EQ(host_.blocks.size(), 1U);
  EXPECT_EQ(state(), 0U + TDXCTL_BROUGHT_UP_FAILED);
  host_.seamcall = [this](u64 rax, FakeHost::Regs& regs) { return answer(rax, regs); };
}

TEST_F(ConfigureCommand, AModuleThatSomebodyElseBroughtUpMeanwhileIsLeftAlone) {
  for (const bool out_of_memory : {true, false}) {
    Configure arg({{0, 2, 0, 0}});
    ready_ = false;
    host_.calls.clear();
    host_.blocks_limit = out_of_memory ? host_.blocks_allocated : -1;
    host_.seamcall = [this](u64 rax, FakeHost::Regs& regs) -> u64 {
      if (rax == kSysRd && regs.rdx == TDX_FIELD_PAMT_4K_ENTRY_BYTES) ready_ = true;
      return rax == kConfig ? 0xC000050C00000000 : answer(rax, regs);
    };
    EXPECT_EQ(arg.run(host_), out_of_memory ? -ENOSPC : 0);
    EXPECT_EQ(std::count(host_.calls.begin(), host_.calls.end(), kSysDisable), 0);
    EXPECT_TRUE(host_.blocks.empty()) << "it was given nothing";
    EXPECT_EQ(state(), 0U + TDXCTL_BROUGHT_UP_NONE);
  }
}

TEST_F(ConfigureCommand, AConfigThatWasNotExecutedGivesNothing) {
  failing_ = kConfig;
  failure_ = TDXCTL_STATUS_UD;
  Configure arg({{0, 2, 0, 0}});
  host_.seamcall = [this](u64 rax, FakeHost::Regs& regs) -> u64 {
    return seen_ > 0 ? u64{TDXCTL_STATUS_UD} : answer(rax, regs);  // KVM has left VMX operation
  };
  ASSERT_EQ(arg.run(host_), 0);
  EXPECT_EQ(arg->failed, 1U);
  EXPECT_TRUE(host_.blocks.empty());
  EXPECT_EQ(state(), 0U + TDXCTL_BROUGHT_UP_NONE);
}

TEST_F(ConfigureCommand, MemoryIsNotTakenFromAModuleThatMayUseIt) {
  Configure arg({{0, 2, 0, 0}});
  ASSERT_EQ(finish(arg), 0);
  const auto blocks = host_.blocks;
  ready_ = false;  // an update was broken off: TDs wait in the new module
  fields_[TDX_FIELD_HANDOFF_VALID] = 1;
  Configure again({{0, 1, 0, 0}, {1, 1, 0, 0}});
  EXPECT_EQ(again.run(host_), -EADDRINUSE);
  fields_[TDX_FIELD_HANDOFF_VALID] = 0;
  for (const u64 rax : {kSysRd, kPageRdmd}) {
    failing_ = rax;
    for (const u64 status :
         std::vector<u64>{TDX_SYS_BUSY, TDX_SYS_SHUTDOWN, TDXCTL_STATUS_UD, TDXCTL_STATUS_VMFAILINVALID}) {
      failure_ = status;
      EXPECT_EQ(again.run(host_), -EADDRINUSE) << rax << " answers " << status;
    }
  }
  EXPECT_EQ(host_.blocks, blocks);
  EXPECT_EQ(state(), 0U + TDXCTL_BROUGHT_UP_MODULE);
}

TEST_F(ConfigureCommand, LpsThatGoLeaveTheirTdmrsToTheOthers) {
  host_.ram = {{0x100000, 6 * kGib}};
  host_.call_ns = 1000000;
  Configure arg({{0, 2, 0, 0}, {2, 2, 0, 0}, {4, 2, 0, 0}});
  ASSERT_EQ(arg.run(host_), 0);
  ASSERT_EQ(arg.run(host_), 0);
  EXPECT_EQ(lps_[4 * kGib], 2U);
  host_.lp_offline = true;
  EXPECT_EQ(finish(arg), 0);
  EXPECT_EQ(arg->failed, 0U);
  EXPECT_EQ(done_[4 * kGib], 6 * kGib);
}

TEST_F(ConfigureCommand, NothingComesInBetween) {
  Configure arg({{0, 2, 0, 0}});
  ASSERT_EQ(arg.run(host_), 0);
  struct tdxctl_init init {};
  EXPECT_EQ(host_.run(TDXCTL_IOC_INIT, init, kFile), -EINPROGRESS);
  struct tdxctl_apply apply {};
  apply.first_step = TDXCTL_STEP_INIT;
  EXPECT_EQ(host_.run(TDXCTL_IOC_APPLY, apply, kFile), -EINPROGRESS);
  EXPECT_EQ(finish(arg), 0);
}

TEST_F(ConfigureCommand, ABusyModuleIsWaitedForButNotForEver) {
  failing_ = kConfig;
  failure_ = TDX_SYS_BUSY;
  Configure arg({{0, 2, 0, 0}});
  ASSERT_EQ(finish(arg), 0);
  EXPECT_EQ(arg->failed, 1U);
  EXPECT_EQ(arg->status, TDX_SYS_BUSY);
  EXPECT_GT(host_.relaxed, 100);
}

TEST_F(ConfigureCommand, AFileThatIsClosedGivesUp) {
  for (int calls = 1; calls <= 2; ++calls) {
    ready_ = false;
    keys_ = 0;
    done_.clear();
    Configure arg({{0, 2, 0, 0}});
    for (int i = 0; i < calls; ++i) ASSERT_EQ(arg.run(host_), 0);
    ASSERT_EQ(arg->finished, 0U);
    EXPECT_FALSE(host_.blocks.empty());
    tdxctl_close(host_.get(), kFile);
    EXPECT_TRUE(host_.blocks.empty());
    EXPECT_FALSE(ready_);
  }
}

TEST_F(ConfigureCommand, WhatIsUpOutlivesItsFileUntilItIsDisabled) {
  Configure arg({{0, 2, 0, 0}});
  ASSERT_EQ(finish(arg), 0);
  tdxctl_close(host_.get(), kFile);
  EXPECT_TRUE(ready_);
  EXPECT_FALSE(host_.blocks.empty());
  struct tdxctl_disable disable {};
  failing_ = kSysDisable;
  failure_ = TDX_SYS_BUSY;
  ASSERT_EQ(host_.run(TDXCTL_IOC_DISABLE, disable, "another file"), 0);
  EXPECT_FALSE(host_.blocks.empty()) << "it was not disabled";
  failing_ = ~u64{0};
  ASSERT_EQ(host_.run(TDXCTL_IOC_DISABLE, disable, "another file"), 0);
  EXPECT_TRUE(host_.blocks.empty());
  EXPECT_FALSE(host_.held);
  tdxctl_close(host_.get(), "another file");
}

TEST_F(ConfigureCommand, AModuleThatWasLoadedAnewDoesNotUseTheOldMemory) {
  Configure first({{0, 2, 0, 0}});
  ASSERT_EQ(finish(first), 0);
  ready_ = false;
  keys_ = 0;
  done_.clear();
  Configure second({{0, 2, 0, 0}});
  ASSERT_EQ(finish(second), 0);
  EXPECT_EQ(host_.blocks.size(), 1U);
  EXPECT_TRUE(host_.held);
}

TEST(InitCommand, InitialisesAllLps) {
  FakeHost host;
  struct tdxctl_init arg {};
  ASSERT_EQ(host.run(TDXCTL_IOC_INIT, arg), 0);
  EXPECT_EQ(arg.failed_step, 0U + TDXCTL_BRING_UP_NONE);
  EXPECT_EQ(host.calls, (std::vector<u64>{kInit, kLpInit, kLpInit, kLpInit}));
}

TEST(InitCommand, WhatWasDoneIsNotDoneAgain) {
  FakeHost host;
  host.seamcall = [](u64 rax, FakeHost::Regs&) {
    return rax == kInit ? TDX_SYS_INIT_NOT_PENDING : TDX_SYS_LP_INIT_DONE;
  };
  struct tdxctl_init arg {};
  ASSERT_EQ(host.run(TDXCTL_IOC_INIT, arg), 0);
  EXPECT_EQ(arg.failed_step, 0U + TDXCTL_BRING_UP_NONE);
}

TEST(InitCommand, TellsWhereItFailed) {
  FakeHost host;
  struct tdxctl_init arg {};
  host.seamcall = [](u64 rax, FakeHost::Regs&) -> u64 { return rax == kInit ? 0xC000092100000087 : 0; };
  ASSERT_EQ(host.run(TDXCTL_IOC_INIT, arg), 0);
  EXPECT_EQ(arg.failed_step, 0U + TDXCTL_BRING_UP_INIT);
  EXPECT_EQ(arg.status, 0xC000092100000087U);
  host.seamcall = [&host](u64 rax, FakeHost::Regs&) -> u64 {
    return rax == kLpInit && host.lp == 1 ? 0xC0000920000000CF : 0;
  };
  ASSERT_EQ(host.run(TDXCTL_IOC_INIT, arg), 0);
  EXPECT_EQ(arg.failed_step, 0U + TDXCTL_BRING_UP_LP_INIT);
  EXPECT_EQ(arg.failed_lp, 1U);
}

TEST(InitCommand, NeedsAllLps) {
  FakeHost host;
  host.lp_offline = true;
  struct tdxctl_init arg {};
  EXPECT_EQ(host.run(TDXCTL_IOC_INIT, arg), -EAGAIN);
  EXPECT_TRUE(host.calls.empty());
}

}  // namespace
}  // namespace tdxctl::test
