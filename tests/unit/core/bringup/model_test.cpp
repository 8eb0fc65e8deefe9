// SPDX-License-Identifier: MIT
// A plan that the planner calls good is one that the modelled module takes.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <vector>

#include "core/abi/features.h"
#include "core/bringup/plan.h"
#include "tools/machine.h"
#include "unit/core/bringup/random_memory.h"

namespace tdxctl::bringup {
namespace {

using seam_test::kConfig;
using seam_test::kVersion1;
using seam_test::TdmrInfo;

/// The modelled module after TDH.SYS.INIT, as often as it is needed.
class Module {
 public:
  Module() : machine_(profile()) {
    machine_.init_all();
    initialised_ = machine_.state();
  }

  u64 configure(const Plan& plan, const std::vector<Range>& cmrs, const std::vector<TdmrInfo>& tdmrs) {
    machine_.state() = initialised_;
    std::vector<seam_range> ranges;
    for (const Range& cmr : cmrs) ranges.push_back({cmr.base, cmr.bytes});
    EXPECT_TRUE(seam_set_cmrs(machine_.get(), ranges.data(), static_cast<u32>(ranges.size())));
    seam_regs regs = machine_.config_regs(tdmrs);
    if (plan.dynamic_pamt) regs.r8 |= 1u << 16;
    regs.r9 = plan.features;
    return machine_.status(kConfig | (plan.config_version == 1 ? kVersion1 : 0), regs);
  }

 private:
  static seam_profile profile() {
    seam_profile profile = *seam_profile_find("connect-preview");
    profile.lps = 4;
    profile.mktme_keyids = 15;
    profile.tdx_keyids = 16;
    profile.keyid_bits = 5;
    profile.module.features0 = ~0ull;
    return profile;
  }

  seam_test::Machine machine_;
  std::vector<u64> initialised_;
};

Module& module() {
  static Module instance;
  return instance;
}

/// What the helper does with a plan: allocate PAMTs, the largest first, and fill in TDMR_INFO.
class Helper {
 public:
  Helper(const Plan& plan, std::uint64_t seed) : plan_(plan), random_(seed), tdmrs_(plan.tdmrs.size()) {
    for (const PlannedTdmr& tdmr : plan.tdmrs) free_.push_back(memory_of(tdmr.range));
    std::vector<std::size_t> order(tdmrs_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::ranges::greater{},
                             [&](std::size_t i) { return plan.tdmrs[i].pamt.bytes(); });
    reserved_.resize(tdmrs_.size());
    for (std::size_t i = 0; i < tdmrs_.size(); ++i) reserved_[i] = plan.tdmrs[i].holes;
    for (const std::size_t i : order) allocate(i);
    for (std::size_t i = 0; i < tdmrs_.size(); ++i) fill_in(i);
  }

  [[nodiscard]] const std::vector<TdmrInfo>& tdmrs() const { return tdmrs_; }

 private:
  [[nodiscard]] std::vector<Range> memory_of(const Range& tdmr) const {
    std::vector<Range> parts;
    for (const MemoryRange& range : plan_.memory) {
      const std::uint64_t base = std::max(range.base, tdmr.base), end = std::min(range.end(), tdmr.end());
      if (base < end) parts.push_back({base, end - base});
    }
    return parts;
  }

  void allocate(std::size_t i) {
    const Pamt& pamt = plan_.tdmrs[i].pamt;
    Range* piece = nullptr;
    for (Range& each : free_[*pamt.home]) {
      if (each.bytes >= pamt.bytes() && (piece == nullptr || each.bytes < piece->bytes)) piece = &each;
    }
    if (piece == nullptr) throw std::runtime_error("the planned home of a PAMT has no room for it");
    std::uint64_t at = piece->base;
    if (random_() % 2 == 0) {
      at = piece->end() - pamt.bytes();
    } else {
      piece->base += pamt.bytes();
    }
    piece->bytes -= pamt.bytes();
    reserved_[*pamt.home].push_back({at, pamt.bytes()});
    tdmrs_[i].pamt_4k = {at, pamt.bytes_4k};
    tdmrs_[i].pamt_2m = {at + pamt.bytes_4k, pamt.bytes_2m};
    tdmrs_[i].pamt_1g = {at + pamt.bytes_4k + pamt.bytes_2m, pamt.bytes_1g};
  }

  void fill_in(std::size_t i) {
    const PlannedTdmr& planned = plan_.tdmrs[i];
    tdmrs_[i].base = planned.range.base;
    tdmrs_[i].size = planned.range.bytes;
    std::ranges::sort(reserved_[i], {}, &Range::base);
    if (reserved_[i].size() > std::size(tdmrs_[i].reserved)) {
      throw std::runtime_error("there are more reserved areas than the structure holds");
    }
    for (std::size_t j = 0; j < reserved_[i].size(); ++j) {
      tdmrs_[i].reserved[j] = {reserved_[i][j].base - planned.range.base, reserved_[i][j].bytes};
    }
  }

  const Plan& plan_;
  std::mt19937_64 random_;
  std::vector<std::vector<Range>> free_;
  std::vector<std::vector<Range>> reserved_;
  std::vector<TdmrInfo> tdmrs_;
};

constexpr std::uint64_t kConnect = 1ull << abi::kFeatureConnect;
constexpr std::uint64_t kDynamicPamt = 1ull << abi::kFeatureDynamicPamt;

rc::Gen<Shape> any_shape() {
  return rc::gen::exec([] {
    Shape shape;
    shape.seed = *rc::gen::inRange<std::uint64_t>(0, 1ull << 32);
    const unsigned most = *rc::gen::element(8u, 40u, 200u, 1100u);
    shape.ranges = *rc::gen::inRange(1u, most);
    shape.nodes = *rc::gen::inRange(1u, 9u);
    shape.holes_log2 = *rc::gen::inRange(12u, 35u);
    shape.memory_log2 = *rc::gen::inRange(20u, 40u);
    shape.cmr_gaps = *rc::gen::inRange(0, 8) == 0;
    return shape;
  });
}

RC_GTEST_PROP(BringUpPlan, IsTakenByTheModuleWhenItIsGood, ()) {
  const Shape shape = *any_shape().as("memory");
  const Machine machine = RandomMemory(shape).machine();
  for (const std::uint64_t features : {std::uint64_t{0}, kConnect, kDynamicPamt, kConnect | kDynamicPamt}) {
    const auto plan = make_plan(machine, {.features = features});
    RC_ASSERT(plan.has_value());
    RC_CLASSIFY(plan->verdict() == Verdict::ok, "good");
    for (const Check& check : plan->checks) {
      if (check.verdict == Verdict::bad) RC_TAG(std::string(check.name()));
    }
    if (plan->verdict() != Verdict::ok) continue;
    const Helper helper(*plan, shape.seed);
    RC_ASSERT(module().configure(*plan, *machine.cmrs, helper.tdmrs()) == TDX_SUCCESS);
  }
}

RC_GTEST_PROP(BringUpPlan, CoversAllMemoryOnce, ()) {
  const Machine machine = RandomMemory(*any_shape().as("memory")).machine();
  const auto plan = make_plan(machine, {});
  RC_ASSERT(plan.has_value());
  RC_PRE(!plan->tdmrs.empty());
  std::uint64_t covered = 0, end = 0;
  for (const PlannedTdmr& tdmr : plan->tdmrs) {
    RC_ASSERT(tdmr.range.base >= end);
    end = tdmr.range.end();
    std::uint64_t holes = 0;
    for (const Range& hole : tdmr.holes) holes += hole.bytes;
    RC_ASSERT(tdmr.ram_bytes + holes == tdmr.range.bytes);
    covered += tdmr.ram_bytes;
  }
  RC_ASSERT(covered == plan->ram_bytes());
}

RC_GTEST_PROP(BringUpPlan, SpendsNoPageMoreOnPamtsThanTheModuleDemands, ()) {
  const Shape shape = *any_shape().as("memory");
  const Machine machine = RandomMemory(shape).machine();
  const bool dynamic = *rc::gen::arbitrary<bool>();
  const auto plan = make_plan(machine, {.features = dynamic ? kDynamicPamt : 0});
  RC_ASSERT(plan.has_value());
  RC_PRE(plan->verdict() == Verdict::ok);
  const Helper helper(*plan, shape.seed);
  const auto victim = *rc::gen::inRange<std::size_t>(0, plan->tdmrs.size());
  for (const u64 level : {0, 1, 2}) {
    std::vector<TdmrInfo> tdmrs = helper.tdmrs();
    TdmrInfo& tdmr = tdmrs[victim];
    (level == 0 ? tdmr.pamt_4k : level == 1 ? tdmr.pamt_2m : tdmr.pamt_1g).size -= kPageBytes;
    const u64 status = module().configure(*plan, *machine.cmrs, tdmrs);
    RC_ASSERT(status == (TDX_INVALID_PAMT | victim | level << 8));
  }
}

}  // namespace
}  // namespace tdxctl::bringup
