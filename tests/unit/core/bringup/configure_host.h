// SPDX-License-Identifier: MIT
// A host whose module was loaded and not initialised, and a driver that brings it up.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <utility>
#include <vector>

#include "core/abi/features.h"
#include "core/bringup/configure.h"
#include "core/history.h"
#include "core/metadata_read.h"
#include "unit/core/fake_clock.h"
#include "unit/core/fake_drivers.h"
#include "unit/core/fake_store.h"

namespace tdxctl::bringup {

using std::chrono::nanoseconds;

inline constexpr std::uint64_t kGiB = 1ull << 30;
inline constexpr std::uint64_t kConnect = 1ull << abi::kFeatureConnect;
inline constexpr std::uint64_t kDynamicPamt = 1ull << abi::kFeatureDynamicPamt;
inline constexpr std::uint64_t kDisable = 1ull << abi::kFeatureSysDisable;
inline constexpr std::uint64_t kNumCmrs = 0x9000000100000000;
inline constexpr std::uint64_t kHandoffValid = 0x8900000000000004;
inline constexpr std::uint64_t kExtRequired = 0x3100000000000001;
inline constexpr std::uint64_t kPoolPages = 0x3100000200000000;
inline constexpr std::uint64_t kUndocumented = 0xC0000F0000000000;

class Watcher : public ConfigureWatcher {
 public:
  std::vector<ConfigureProgress> seen;
  void on_progress(const ConfigureProgress& progress) override { seen.push_back(progress); }
};

/// A host with 6 GiB of RAM whose module was loaded and not initialised.
class Configure : public testing::Test {
 protected:
  Configure() {
    PlatformFacts& facts = platform();
    facts.packages = std::vector<Package>{{0, 0xa06d1, 4}};
    facts.lps_online = 4;
    facts.lps_present = 4;
    facts.hibernation_possible = false;
    facts.kernel_owns_module = false;
    facts.kernel_disables_on_kexec = false;
    facts.partial_write_erratum = false;
    facts.keyids = KeyIdPartition{15, 16};
    facts.hkids = HkidUse{0, 15};
    host_.platform->ram = std::vector<MemoryRange>{{4 * kGiB, 6 * kGiB, 0}};
    module().now = ModuleState::not_initialised;
    module().can_build = {};
    module().fields_once_initialised = {
        {kFeatures0Id, kConnect | kDynamicPamt | kDisable},
        {kNumCmrs, 1},
        {0x9000000300000080, 4 * kGiB},
        {0x9000000300000100, 6 * kGiB},
        {0x9100000100000008, 32},
        {0x9100000100000009, 15},
        {0x9100000100000010, 16},
        {0x9100000100000011, 16},
        {0x9100000100000012, 16},
        {kHandoffValid, 0},
    };
    module().build_slices = {begun(), made(BringUpStep::tdmr_init, 4), finished(BringUpStep::tdmr_init)};
    module().init = InitOutcome{.init = nanoseconds{11}, .lp_init = nanoseconds{22}};
  }

  /// A slice after which it is to be called again.
  static BringUpSlice made(BringUpStep step, std::uint32_t gibs = 0) {
    return {.step = step,
            .initialised_gibs = {gibs},
            .pamt_bytes = pamt_of(6 * kGiB, {}, false).bytes(),
            .took = nanoseconds{100}};
  }
  /// The first slice: TDH.SYS.CONFIG, and the keys.
  static BringUpSlice begun() {
    BringUpSlice slice = made(BringUpStep::key_config);
    slice.config_took = nanoseconds{100};
    return slice;
  }
  static BringUpSlice finished(BringUpStep step) {
    BringUpSlice slice = made(step, 6);
    slice.finished = true;
    return slice;
  }
  static BringUpSlice failed(BringUpStep step, std::uint64_t status, std::uint64_t disable_status = 0) {
    BringUpSlice slice = finished(step);
    slice.failure = BringUpFailure{step, 3, status, disable_status};
    return slice;
  }

  /// As after a bring-up by Linux, or by whom this driver does not know.
  void be_ready() {
    module().now = ModuleState::ready;
    module().fields = module().fields_once_initialised;
    module().slices = {DisableSlice{.finished = true, .calls = 1}};
  }
  void ask_for_connect() {
    options_.request.features = kConnect;
    module().fields_once_initialised[kExtRequired] = 1;
    module().fields_once_initialised[kPoolPages] = 0;
  }
  void break_an_update_off() { ASSERT_TRUE(append_history(store_, {.action = "apply", .result = "begun"})); }

  test::FakeModule& module() { return host_.driver.at("helper")->module_port; }
  PlatformFacts& platform() { return host_.platform->now; }
  ConfigureResult run() {
    auto result = configure(*host_.drivers, store_, options_, clock_, watcher_);
    if (!result) throw std::runtime_error(result.error().what);
    return std::move(*result);
  }
  ErrorId error_id() {
    const ConfigureResult result = run();
    return result.error ? result.error->id : ErrorId::internal;
  }
  ConfigurePlan plan() { return *plan_configure(*host_.drivers, store_, options_); }
  bool was_touched() {
    return module().init_calls > 0 || module().disable_calls > 0 || !module().orders.empty();
  }

  test::FakeDrivers host_{"helper"};
  test::FakeStore store_;
  ConfigureOptions options_{};
  test::FakeClock clock_;
  Watcher watcher_;
};

}  // namespace tdxctl::bringup
