// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include "cli/check_text.h"
#include "cli/cmd_connect.h"
#include "cli/commands.h"
#include "cli/cpu_text.h"
#include "cli/report.h"
#include "core/abi/bits.h"
#include "core/abi/features.h"
#include "core/bringup/plan.h"
#include "core/byte_size.h"

namespace tdxctl::cli {
namespace {

/// Features that the host switches on while it brings the module up.
constexpr std::uint8_t kOptional[] = {abi::kFeatureConnect, abi::kFeatureDynamicPamt, abi::kFeatureExtensions,
                                      abi::kFeatureQuote};

std::optional<bool> is_supported(const ConnectView& view, std::uint8_t feature) {
  const auto& features0 = view.status.features0.value;
  return features0 ? std::optional(abi::bit(*features0, feature)) : std::nullopt;
}

Cell yes_no_unknown(const std::optional<bool>& value, std::string_view unknown) {
  if (!value) return {std::string(unknown), Colour::warn};
  return *value ? Cell{"yes", Colour::good} : Cell{"no"};
}

/// A link of a device: what it is tied to, "none", or that it could not be seen.
std::string link_text(const Result<std::string>& link) {
  if (!link) return "not seen";
  return link->empty() ? "none" : printable(*link);
}

std::string extensions_text(const ConnectView& view) {
  if (!view.extensions) return "not told: " + printable(view.extensions.error().what);
  if (!view.extensions->required) return "not needed by the features that are on";
  return byte_size(view.extensions->pool_bytes) + " still to be added";
}

/// What the Extensions would take, were all features on that the module has.
std::optional<std::uint64_t> estimated_pool(const ConnectView& view) {
  const auto& features0 = view.status.features0.value;
  return features0 ? std::optional(bringup::estimated_pool_bytes(*features0)) : std::nullopt;
}

std::string devices_text(const ConnectView& view, const Style& style) {
  if (!view.pci) return "  not seen: " + printable(view.pci.error().what) + "\n";
  if (view.pci->devices.empty()) return {};
  Columns rows(style, 2);
  rows.row({{"device", Colour::bold},
            {"TEE-IO", Colour::bold},
            {"accepted", Colour::bold},
            {"TSM", Colour::bold},
            {"DSM", Colour::bold},
            {"bound", Colour::bold}});
  for (const PciTsmDevice& device : view.pci->devices) {
    rows.row({{printable(device.address)},
              yes_no_unknown(device.tee_io ? std::optional(*device.tee_io) : std::nullopt, "not seen"),
              {device.accepted ? "yes" : "no"},
              {link_text(device.connected)},
              {link_text(device.dsm)},
              {link_text(device.bound)}});
  }
  return rows.str();
}

Json device_json(const PciTsmDevice& device) {
  return {{"address", device.address},   {"tee_io", or_null(device.tee_io)},
          {"accepted", device.accepted}, {"connected", or_null(device.connected)},
          {"dsm", or_null(device.dsm)},  {"bound", or_null(device.bound)}};
}

Json pci_json(const Result<PciTsm>& pci) {
  if (!pci) return nullptr;
  Json devices = Json::array();
  for (const PciTsmDevice& device : pci->devices) devices.push_back(device_json(device));
  return {{"tsms", pci->tsms},
          {"functions_seen", pci->devices_seen},
          {"capabilities_not_seen", pci->capability_unseen},
          {"devices", std::move(devices)}};
}

int run_show(Context& context) {
  const auto drivers = context.drivers();
  if (!drivers) return report(context, drivers.error());
  const ConnectView view = read_connect(**drivers);
  Outcome outcome{.driver = view.status.module_state.value ? view.status.module_state.driver : ""};
  if (!view.pci) outcome.warnings.push_back({"not_seen", "pci: " + sentence(view.pci.error())});
  if (!view.status.features0.value) {
    outcome.warnings.push_back({"not_seen", "features0: " + sentence(view.status.features0.value.error())});
  }
  return report_result(context, view, outcome);
}

}  // namespace

std::string to_text(const ConnectView& view, const Style& style) {
  const bool all = first_with(Verdict::bad, view.checks) == nullptr;
  const bool known = first_with(Verdict::unknown, view.checks) == nullptr;
  std::string text = !all     ? style.paint(Colour::bad, "TDX Connect cannot be used here")
                     : !known ? style.paint(Colour::warn, "cannot tell whether TDX Connect can be used here")
                              : style.paint(Colour::good, "TDX Connect is in use here");
  text += '\n';
  Columns links(style, 2);
  for (const Check& check : view.checks) {
    links.row({{std::string(to_string(check.verdict)), colour_of(check.verdict)},
               {std::string(check.rule->text)},
               {check.evidence}});
  }
  text += links.str();

  Columns features(style, 2);
  features.row({{"feature", Colour::bold}, {"supported", Colour::bold}, {"enabled", Colour::bold}});
  for (const std::uint8_t bit : kOptional) {
    features.row({{std::string(abi::features()[bit].name)},
                  yes_no_unknown(is_supported(view, bit), "not seen"),
                  yes_no_unknown(is_enabled(view, bit), "not reported")});
  }
  text += features.str();
  text += "  memory for the Extensions: " + extensions_text(view) + "\n";
  if (const auto estimate = estimated_pool(view); estimate && *estimate != 0) {
    text += "  with all their features on: about " + byte_size(*estimate) + ", by pre-production modules\n";
  }
  return text + devices_text(view, style);
}

Json to_json(const ConnectView& view) {
  Json features = Json::array(), extensions = nullptr;
  for (const std::uint8_t bit : kOptional) {
    features.push_back({{"bit", bit},
                        {"name", abi::features()[bit].name},
                        {"supported", or_null(is_supported(view, bit))},
                        {"enabled", or_null(is_enabled(view, bit))}});
  }
  if (view.extensions) {
    extensions = {{"required", view.extensions->required}, {"pool_bytes", view.extensions->pool_bytes}};
  }
  const HostStatus& status = view.status;
  return {
      {"checks", to_json(view.checks)},
      {"module_state", text_or_null(status.module_state.value)},
      {"module_version", text_or_null(status.module_version.value)},
      {"kernel_release", or_null(status.platform.kernel_release)},
      {"features", std::move(features)},
      {"extensions", std::move(extensions)},
      {"extensions_estimated_bytes", or_null(estimated_pool(view))},
      {"pci", pci_json(view.pci)},
  };
}

void add_connect_show(CLI::App& verb, Context& context) {
  CLI::App* show = verb.add_subcommand("show", "show what this host has of TDX Connect, and why not");
  on_run(*show, context, "connect-show", [&context] { return run_show(context); });
}

}  // namespace tdxctl::cli
