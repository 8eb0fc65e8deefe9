// SPDX-License-Identifier: MIT
#include "core/drivers.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tdxctl {
namespace {

// Versions come from Linux first: it knows what it did to the module, and reading them needs no helper.
// Linux gives no metadata and no whole SEAMLDR_INFO at all.
struct Preference {
  Operation operation;
  std::array<std::string_view, 2> order;
};
constexpr Preference kPreferences[] = {
    {Operation::versions, {"native", "helper"}},
    {Operation::state, {"helper", "native"}},
    {Operation::metadata, {"helper"}},
    {Operation::seamldr_info, {"helper"}},
    {Operation::disable, {"helper"}},
    {Operation::update, {"native", "helper"}},
    {Operation::bring_up, {"helper"}},
};

}  // namespace

Drivers::Drivers(std::unique_ptr<Platform> platform, std::vector<std::unique_ptr<Driver>> drivers)
    : platform_(std::move(platform)), drivers_(std::move(drivers)) {}

template <class Port, class Get>
Result<Served<Port>> Drivers::first(Operation operation, Get get) {
  const auto serve = [&](Driver& driver) -> Result<Served<Port>> {
    auto served = get(driver);
    if (!served) return fail(served.error());
    return Served<Port>{*served, driver.name()};
  };
  if (drivers_.size() == 1) return serve(*drivers_.front());

  const auto* preference = std::ranges::find(kPreferences, operation, &Preference::operation);
  Result<Served<Port>> last = fail(ErrorId::driver_unavailable, "no driver can do this here");
  for (const std::string_view name : preference->order) {
    const auto driver = std::ranges::find(drivers_, name, [](const auto& each) { return each->name(); });
    if (driver == drivers_.end()) continue;
    last = serve(**driver);
    if (last) return last;
  }
  return last;
}

Result<Served<Module>> Drivers::module(Operation operation) {
  return first<Module>(operation, [](Driver& driver) { return driver.module(); });
}

Result<Served<Loader>> Drivers::loader(Operation operation) {
  return first<Loader>(operation, [](Driver& driver) { return driver.loader(); });
}

Result<Served<Loader>> Drivers::updater() {
  return first<Loader>(Operation::update, [](Driver& driver) -> Result<Loader*> {
    auto loader = driver.loader();
    if (!loader) return loader;
    const auto able = (*loader)->can_update();
    if (!able) return fail(able.error());
    return loader;
  });
}

Result<PlatformMsrs> Drivers::msrs() {
  Result<PlatformMsrs> last = fail(ErrorId::driver_unavailable, "no driver can read MSRs here");
  for (const auto& driver : drivers_) {
    last = driver->msrs();
    if (last) break;
  }
  return last;
}

std::vector<Capability> Drivers::capabilities() {
  std::vector<Capability> report;
  const auto reason = [](auto port) -> Result<void> {
    if (!port) return fail(port.error());
    return {};
  };
  for (const auto& driver : drivers_) {
    report.push_back({driver->name(), "module", reason(driver->module())});
    report.push_back({driver->name(), "loader", reason(driver->loader())});
  }
  return report;
}

}  // namespace tdxctl
