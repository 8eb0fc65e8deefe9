// SPDX-License-Identifier: MIT
// Drivers with state for what stands above the ports: what they have is set by the test, and they count what
// they were asked.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/drivers.h"

namespace tdxctl::test {

inline constexpr std::uint64_t kFieldIdIncorrect = 0xC0000C0000000000;

class FakeModule : public Module {
 public:
  Result<ModuleState> now = ModuleState::ready;
  Result<Version> release = Version{1, 5, 5};
  std::map<std::uint64_t, std::uint64_t> fields;  ///< the module refuses any other id
  std::optional<Error> trouble;                   ///< why nothing can be read at all
  std::vector<std::vector<std::uint64_t>> batches;
  std::vector<ReadAllMethod> enumerations;
  std::deque<Result<DisableSlice>> slices;  ///< answers to disable_slice(), the last one for ever
  ModuleState after_success = ModuleState::not_initialised;
  int disable_calls = 0;

  Result<void> can_build = fail(ErrorId::driver_unavailable, "cannot");
  Result<std::optional<std::uint64_t>> built = std::optional<std::uint64_t>{};
  Result<InitOutcome> init = InitOutcome{};
  std::map<std::uint64_t, std::uint64_t> fields_once_initialised;  ///< in place of `fields`
  std::deque<Result<BringUpSlice>> build_slices;                   ///< answers to configure_slice()
  ModuleState once_initialised = ModuleState::initialising;
  ModuleState once_built = ModuleState::ready;
  Result<ModuleState> once_broken_off = ModuleState::initialising;  ///< after a failure, or give_up()
  std::vector<BringUpOrder> orders;
  int init_calls = 0;
  int give_ups = 0;

  Result<ModuleState> state() override { return now; }
  Result<Version> version() override { return release; }
  Result<std::vector<FieldAnswer>> read(std::span<const std::uint64_t> ids) override {
    batches.emplace_back(ids.begin(), ids.end());
    if (trouble) return fail(*trouble);
    std::vector<FieldAnswer> answers;
    for (const std::uint64_t id : ids) {
      const auto field = fields.find(id);
      answers.push_back(field == fields.end() ? FieldAnswer{id, 0, kFieldIdIncorrect}
                                              : FieldAnswer{id, field->second, 0});
    }
    return answers;
  }
  Result<std::vector<Field>> read_all(ReadAllMethod method) override {
    enumerations.push_back(method);
    if (trouble) return fail(*trouble);
    std::vector<Field> all;
    for (const auto& [id, value] : fields) all.push_back({id, value});
    return all;
  }
  bool can_disable() const override { return !slices.empty(); }
  Result<DisableSlice> disable_slice(std::chrono::milliseconds /*limit*/) override {
    ++disable_calls;
    auto slice = slices.front();
    if (slices.size() > 1) slices.pop_front();
    if (slice && slice->finished && slice->status == 0) now = after_success;
    return slice;
  }

  Result<void> can_bring_up() override { return can_build; }
  Result<std::optional<std::uint64_t>> brought_up() override { return built; }
  Result<InitOutcome> initialise() override {
    ++init_calls;
    if (init && !init->failure) {
      now = once_initialised;
      fields = fields_once_initialised;
    }
    return init;
  }
  Result<BringUpSlice> configure_slice(const BringUpOrder& order, std::chrono::milliseconds) override {
    orders.push_back(order);
    auto slice = build_slices.front();
    if (build_slices.size() > 1) build_slices.pop_front();
    if (slice && slice->failure) now = once_broken_off;
    if (slice && slice->finished && !slice->failure) {
      now = once_built;
      built = order.features | (order.dynamic_pamt ? 1ull << 36 : 0);
    }
    return slice;
  }
  Result<void> give_up() override {
    ++give_ups;
    now = once_broken_off;
    return {};
  }
};

class FakeLoader : public Loader {
 public:
  Result<Version> release = Version{2, 0, 0};
  Result<std::uint32_t> left = 15;
  Result<SeamldrInfo> all = SeamldrInfo{};

  Result<Version> version() override { return release; }
  Result<std::uint32_t> updates_left() override { return left; }
  Result<SeamldrInfo> info() override { return all; }
};

class FakeDriver : public Driver {
 public:
  explicit FakeDriver(std::string_view name) : name_(name) {}

  FakeModule module_port;
  FakeLoader loader_port;
  std::optional<Error> no_module;  ///< why there is no such port
  std::optional<Error> no_loader;
  Result<PlatformMsrs> registers = fail(ErrorId::driver_unavailable, "no MSRs");
  int asked = 0;  ///< for a port

  std::string_view name() const override { return name_; }
  Result<Module*> module() override {
    ++asked;
    if (no_module) return fail(*no_module);
    return &module_port;
  }
  Result<Loader*> loader() override {
    ++asked;
    if (no_loader) return fail(*no_loader);
    return &loader_port;
  }
  Result<PlatformMsrs> msrs() override { return registers; }

 private:
  std::string_view name_;
};

/// Facts of which none could be seen.
inline PlatformFacts unseen_facts() {
  const auto reason = fail(ErrorId::file_unreadable, "not seen");
  return {reason, reason, reason, reason, reason, reason, reason, reason, reason,
          reason, reason, reason, reason, reason, reason, reason, reason};
}

class FakePlatform : public Platform {
 public:
  PlatformFacts now = unseen_facts();
  std::deque<HkidUse> hkids_later;  ///< what the next looks at the HKIDs show
  Result<std::vector<MemoryRange>> ram = fail(ErrorId::driver_unavailable, "no memory map");
  Result<std::vector<MemoryRange>> convertible = fail(ErrorId::driver_unavailable, "no CMRs");
  Result<PciTsm> tsm = fail(ErrorId::driver_unavailable, "no PCI");
  Result<std::string> boot = fail(ErrorId::driver_unavailable, "no boot id");
  bool simulated = false;

  PlatformFacts facts() override { return now; }
  Result<HkidUse> hkids() override {
    if (!hkids_later.empty()) {
      now.hkids = hkids_later.front();
      hkids_later.pop_front();
    }
    return now.hkids;
  }
  Result<std::vector<MemoryRange>> memory() override { return ram; }
  Result<std::vector<MemoryRange>> cmrs() override { return convertible; }
  Result<PciTsm> pci_tsm() override { return tsm; }
  [[nodiscard]] bool is_simulated() const override { return simulated; }
  Result<std::string> boot_id() override { return boot; }
};

/// Drivers, and the fakes in it.
struct FakeDrivers {
  FakePlatform* platform;
  std::map<std::string_view, FakeDriver*> driver;
  std::unique_ptr<Drivers> drivers;

  explicit FakeDrivers(std::initializer_list<std::string_view> names) {
    auto owned_platform = std::make_unique<FakePlatform>();
    platform = owned_platform.get();
    std::vector<std::unique_ptr<Driver>> owned;
    for (const std::string_view name : names) {
      auto each = std::make_unique<FakeDriver>(name);
      driver[name] = each.get();
      owned.push_back(std::move(each));
    }
    drivers = std::make_unique<Drivers>(std::move(owned_platform), std::move(owned));
  }
};

}  // namespace tdxctl::test
