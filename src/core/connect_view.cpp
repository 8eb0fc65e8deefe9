// SPDX-License-Identifier: MIT
#include "core/connect_view.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/abi/bits.h"
#include "core/abi/features.h"
#include "core/abi/metadata.h"
#include "core/metadata_read.h"

namespace tdxctl {
namespace {

constexpr std::uint64_t kPageBytes = 4096;

Result<std::optional<std::uint64_t>> read_brought_up(Drivers& drivers) {
  const auto module = drivers.module(Operation::bring_up);
  if (!module) return fail(module.error());
  return module->port->brought_up();
}

Finding unseen(std::string_view what, const Error& why) {
  return unknown(std::string(what) + ": " + why.what);
}

Finding module_has_connect(const ConnectView& view) {
  const auto& features0 = view.status.features0.value;
  if (!features0) return unseen("the features of the module could not be read", features0.error());
  const bool has = abi::bit(*features0, abi::kFeatureConnect);
  return holds(has, has ? "TDX_FEATURES0 bit 6 is set" : "TDX_FEATURES0 bit 6 is clear");
}

Finding module_is_ready(const ConnectView& view) {
  const auto& state = view.status.module_state.value;
  if (!state) return unseen("the state of the module could not be seen", state.error());
  if (view.status.only_looks_ready) return bad(view.status.only_looks_ready->what);
  return holds(*state == ModuleState::ready, "it is " + std::string(to_string(*state)));
}

Finding cpu_has_no_erratum(const ConnectView& view) {
  const auto& erratum = view.status.platform.partial_write_erratum;
  if (!erratum) return unseen("it could not be seen whether the CPU has it", erratum.error());
  return holds(!*erratum, *erratum ? "it has" : "it has not");
}

Finding kernel_has_tsm(const ConnectView& view) {
  if (!view.pci) return unseen("what Linux shows of PCI devices could not be read", view.pci.error());
  if (view.pci->tsms.empty()) return bad("no driver registered one: Linux 7.3 has none for TDX");
  return ok(std::to_string(view.pci->tsms.size()) + " registered");
}

Finding a_device_does_tee_io(const ConnectView& view) {
  if (!view.pci) return unseen("what Linux shows of PCI devices could not be read", view.pci.error());
  const auto capable = std::ranges::count_if(
      view.pci->devices, [](const PciTsmDevice& device) { return device.tee_io && *device.tee_io; });
  if (capable > 0) return ok(std::to_string(capable) + " of " + std::to_string(view.pci->devices_seen));
  if (view.pci->capability_unseen > 0) {
    return unknown("the capabilities of " + std::to_string(view.pci->capability_unseen) + " of " +
                   std::to_string(view.pci->devices_seen) + " PCI functions could not be read");
  }
  return bad("none of " + std::to_string(view.pci->devices_seen) + " PCI functions");
}

Finding a_device_is_connected(const ConnectView& view) {
  if (!view.pci) return unseen("what Linux shows of PCI devices could not be read", view.pci.error());
  const auto connected = std::ranges::count_if(view.pci->devices, [](const PciTsmDevice& device) {
    return device.connected && !device.connected->empty();
  });
  return holds(connected > 0, std::to_string(connected) + " of " + std::to_string(view.pci->devices.size()));
}

constexpr RuleRow<ConnectView> kLinks[] = {
    {{ErrorId::feature_missing, "the module has TDX Connect"}, module_has_connect},
    {{ErrorId::module_state, "the module is ready"}, module_is_ready},
    {{ErrorId::extensions_erratum, "the CPU does not have the partial-write erratum"}, cpu_has_no_erratum},
    {{ErrorId::tsm_missing, "Linux has a TSM"}, kernel_has_tsm},
    {{ErrorId::tee_io_missing, "a PCI device supports TEE-IO"}, a_device_does_tee_io},
    {{ErrorId::device_not_connected, "a PCI device is connected with a TSM"}, a_device_is_connected},
};

}  // namespace

bool is_switched_on(std::uint64_t features, std::uint8_t feature) {
  if (feature != abi::kFeatureExtensions) return abi::bit(features, feature);
  return std::ranges::any_of(abi::kFeaturesOnExtensions,
                             [&](std::uint8_t each) { return abi::bit(features, each); });
}

std::optional<std::uint64_t> features_switched_on(Drivers& drivers) {
  const auto brought_up = read_brought_up(drivers);
  return brought_up ? *brought_up : std::nullopt;
}

Result<ExtensionNeed> read_extension_need(Drivers& drivers) {
  const std::array<std::string, 2> names = {"EXT_REQUIRED", "MEMORY_POOL_REQUIRED_PAGES"};
  const auto answers = read_metadata(drivers, names);
  if (!answers) return fail(answers.error());
  for (const FieldAnswer& answer : answers->data) {
    if (abi::bit(answer.status, 63)) {
      return fail(ErrorId::field_not_available, "the module does not tell what its Extensions need");
    }
  }
  return ExtensionNeed{answers->data[0].value != 0, answers->data[1].value * kPageBytes};
}

ConnectView read_connect(Drivers& drivers) {
  ConnectView view{.status = read_host_status(drivers),
                   .brought_up = read_brought_up(drivers),
                   .extensions = read_extension_need(drivers),
                   .pci = drivers.platform().pci_tsm(),
                   .checks = {}};
  std::vector<Check> checks;
  run_rules<ConnectView>(kLinks, view, checks);
  view.checks = std::move(checks);
  return view;
}

std::optional<bool> is_enabled(const ConnectView& view, std::uint8_t feature) {
  const auto& features0 = view.status.features0.value;
  if (features0 && !abi::bit(*features0, feature)) return false;
  const auto& state = view.status.module_state.value;
  // Features are switched on while the module is brought up.
  if (state && *state != ModuleState::ready && *state != ModuleState::initialising) return false;
  if (state && *state == ModuleState::ready && view.brought_up && *view.brought_up) {
    return is_switched_on(**view.brought_up, feature);
  }
  return std::nullopt;
}

}  // namespace tdxctl
