// SPDX-License-Identifier: MIT
#include "cli/cmd_status.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/commands.h"
#include "cli/cpu_text.h"
#include "cli/host_presence.h"
#include "cli/report.h"
#include "core/abi/bits.h"
#include "core/abi/features.h"
#include "core/hex.h"

namespace tdxctl::cli {
namespace {

constexpr std::string_view kUnknown = "not seen";

/// Who told a fact; empty where nobody could.
template <class T>
std::string_view teller_of(const Told<T>& fact) {
  return fact.value ? fact.driver : std::string_view{};
}

/// The facts that drivers tell, by their path in the JSON data.
std::vector<std::pair<std::string_view, std::string_view>> tellers(const HostStatus& status) {
  return {
      {"module.state", teller_of(status.module_state)},
      {"module.version", teller_of(status.module_version)},
      {"module.features0", teller_of(status.features0)},
      {"seamldr.version", teller_of(status.seamldr_version)},
      {"seamldr.updates_left", teller_of(status.updates_left)},
  };
}

/// The one driver that told all that was told, "several", or nothing.
std::string_view driver_of(const HostStatus& status) {
  std::string_view driver;
  for (const auto& [fact, teller] : tellers(status)) {
    if (teller.empty() || teller == driver) continue;
    if (!driver.empty()) return "several";
    driver = teller;
  }
  return driver;
}

Result<bool> connect_of(const HostStatus& status) {
  if (!status.features0.value) return fail(status.features0.value.error());
  return abi::bit(*status.features0.value, abi::kFeatureConnect);
}

Json parts_or_null(const Result<Version>& version) {
  return version ? version_parts(*version) : Json(nullptr);
}

template <class T, class Say>
Cell cell(const Result<T>& value, Say say) {
  if (!value) return {std::string(kUnknown), Colour::warn};
  return {say(*value)};
}

Cell yes_or_no(const Result<bool>& value, std::string_view yes, std::string_view no) {
  return cell(value, [&](bool is) { return std::string(is ? yes : no); });
}

/// "[native]" behind a fact that a driver told.
template <class T>
Cell teller(const Told<T>& fact) {
  const std::string_view driver = teller_of(fact);
  if (driver.empty()) return {};
  return {"[" + std::string(driver) + "]", Colour::faint};
}

std::string headline(const HostStatus& status, const Style& style) {
  const PresenceVerdict verdict = judge_presence(status);
  switch (verdict.presence) {
    case Presence::ready:
      return style.paint(Colour::good, "TDX is ready") + "\n";
    case Presence::not_ready:
      return style.paint(Colour::bad, "TDX is not ready") + ": " + printable(verdict.reason) + "\n";
    case Presence::absent:
      return style.paint(Colour::bad, "no TDX here") + ": " + printable(verdict.reason) + "\n";
    case Presence::unknown:
      break;
  }
  return style.paint(Colour::warn, "cannot tell the state of TDX") + ": " + printable(verdict.reason) + "\n";
}

std::string platform_text(const PlatformFacts& platform, const Style& style) {
  const auto number = [](std::uint32_t value) { return std::to_string(value); };
  Columns facts(style, 2);
  facts.row({{"CPU"}, cell(platform.packages, packages_text)});
  facts.row({{"LPs online"}, cell(platform.lps_online, number)});
  facts.row({{"LPs present"}, cell(platform.lps_present, number)});
  facts.row({{"kernel"}, cell(platform.kernel_release, printable)});
  facts.row(
      {{"TDX host"}, yes_or_no(platform.tdx_host_platform, "yes", "no (no CPU flag tdx_host_platform)")});
  facts.row({{"KVM"},
             yes_or_no(platform.kvm_tdx, "runs TDs",
                       "does not run TDs (kvm_intel is not loaded, or its parameter tdx is off)")});
  facts.row({{"KeyIDs"}, cell(platform.keyids, [](const KeyIdPartition& split) {
               return std::to_string(split.tdx) + " private, " + std::to_string(split.mktme) + " shared";
             })});
  facts.row({{"HKIDs"}, cell(platform.hkids, [](const HkidUse& use) {
               return std::to_string(use.in_use) + " of " + std::to_string(use.total) + " in use by TDs";
             })});
  facts.row({{"tdx_pw_mce"},
             yes_or_no(platform.partial_write_erratum, "yes: a partial write poisons private memory", "no")});
  facts.row(
      {{"seamret_invd_vmcs"},
       yes_or_no(platform.seamret_invalidates_vmcs, "yes: a P-SEAMLDR call clears the current VMCS", "no")});
  return style.paint(Colour::bold, "platform") + "\n" + facts.str();
}

std::string tdx_text(const HostStatus& status, const Style& style) {
  const auto version = [](const Version& value) { return to_string(value); };
  Columns module(style, 2);
  module.row(
      {{"state"},
       cell(status.module_state.value, [](ModuleState state) { return std::string(to_string(state)); }),
       teller(status.module_state)});
  module.row({{"version"}, cell(status.module_version.value, version), teller(status.module_version)});
  module.row({{"features"}, cell(status.features0.value, hex64), teller(status.features0)});
  module.row({{"Connect"},
              yes_or_no(connect_of(status), "yes", "no (feature bit 6 is clear)"),
              teller(status.features0)});

  Columns seamldr(style, 2);
  seamldr.row({{"version"}, cell(status.seamldr_version.value, version), teller(status.seamldr_version)});
  seamldr.row({{"updates left"},
               cell(status.updates_left.value, [](std::uint32_t count) { return std::to_string(count); }),
               teller(status.updates_left)});
  return style.paint(Colour::bold, "TDX module") + "\n" + module.str() +
         style.paint(Colour::bold, "P-SEAMLDR") + "\n" + seamldr.str();
}

Colour colour_of(KexecOutlook outlook) {
  switch (outlook) {
    case KexecOutlook::unaffected:
    case KexecOutlook::kernel_disables:
      return Colour::good;
    case KexecOutlook::module_cannot:
      return Colour::bad;
    case KexecOutlook::disable_first:
    case KexecOutlook::unknown:
      break;
  }
  return Colour::warn;
}

std::string drivers_text(const HostStatus& status, const Style& style) {
  Columns rows(style, 2);
  for (const Capability& row : status.drivers) {
    const std::string what = std::string(row.driver) + " " + std::string(row.name);
    if (row.available) {
      rows.row({{what}, {"available", Colour::good}});
    } else {
      rows.row({{what}, {sentence(row.available.error()), Colour::faint}});
    }
  }
  return style.paint(Colour::bold, "drivers") + "\n" + rows.str();
}

/// "module.updates_left" as words.
std::string fact_words(std::string_view fact) {
  std::string words(fact);
  std::ranges::replace_if(
      words, [](char c) { return c == '.' || c == '_'; }, ' ');
  return words;
}

/// Facts with one reason are told together, in the order in which the reasons come up.
std::string unseen_text(const HostStatus& status, const Style& style) {
  struct Group {
    const Error* why;
    std::vector<std::string> facts;
  };
  std::vector<Group> groups;
  for (const Unseen& unseen : unseen_facts(status)) {
    auto group =
        std::ranges::find(groups, unseen.why->what, [](const Group& each) { return each.why->what; });
    if (group == groups.end()) group = groups.insert(groups.end(), {unseen.why, {}});
    group->facts.push_back(fact_words(unseen.fact));
  }
  if (groups.empty()) return {};
  std::string text = style.paint(Colour::bold, "not seen") + "\n";
  for (const Group& group : groups) {
    text += "  " + join(group.facts, ", ") + "\n    " + sentence(*group.why) + "\n";
    if (!group.why->hint_text().empty()) text += "    hint: " + printable(group.why->hint_text()) + "\n";
  }
  return text;
}

int run_status(Context& context) {
  const auto drivers = context.drivers();
  if (!drivers) return report(context, drivers.error());
  const HostStatus status = read_host_status(**drivers);
  return report_result(context, status, {.driver = driver_of(status)});
}

}  // namespace

std::vector<Unseen> unseen_facts(const HostStatus& status) {
  std::vector<Unseen> list;
  const auto check = [&list](std::string_view fact, const auto& value) {
    if (!value) list.push_back({fact, &value.error()});
  };
  const PlatformFacts& platform = status.platform;
  check("platform.cpu_vendor", platform.cpu_vendor);
  check("platform.packages", platform.packages);
  check("platform.lps_online", platform.lps_online);
  check("platform.lps_present", platform.lps_present);
  check("platform.in_virtual_machine", platform.in_virtual_machine);
  check("platform.tdx_host_platform", platform.tdx_host_platform);
  check("platform.partial_write_erratum", platform.partial_write_erratum);
  check("platform.seamret_invalidates_vmcs", platform.seamret_invalidates_vmcs);
  check("platform.keyids", platform.keyids);
  check("platform.hkids", platform.hkids);
  check("kernel.release", platform.kernel_release);
  check("kernel.command_line", platform.kernel_command_line);
  check("kernel.tdx_host", platform.kernel_tdx_host);
  check("kernel.owns_module", platform.kernel_owns_module);
  check("kernel.disables_on_kexec", platform.kernel_disables_on_kexec);
  check("kernel.kvm_tdx", platform.kvm_tdx);
  check("module.state", status.module_state.value);
  check("module.version", status.module_version.value);
  check("module.features0", status.features0.value);
  check("seamldr.version", status.seamldr_version.value);
  check("seamldr.updates_left", status.updates_left.value);
  return list;
}

std::string to_text(const HostStatus& status, const Style& style) {
  Columns kexec(style);
  kexec.row({{"kexec", Colour::bold},
             {std::string(to_string(status.kexec.outlook)), colour_of(status.kexec.outlook)},
             {printable(status.kexec.reason)}});
  return headline(status, style) + platform_text(status.platform, style) + tdx_text(status, style) +
         kexec.str() + drivers_text(status, style) + unseen_text(status, style);
}

Json to_json(const HostStatus& status) {
  const PlatformFacts& platform = status.platform;
  const PresenceVerdict verdict = judge_presence(status);
  Json served_by = Json::object();
  for (const auto& [fact, driver] : tellers(status)) served_by[std::string(fact)] = or_null(driver);
  Json drivers = Json::array();
  for (const Capability& row : status.drivers) {
    drivers.push_back({{"driver", row.driver},
                       {"port", row.name},
                       {"available", row.available.has_value()},
                       {"reason", row.available ? Json(nullptr) : to_json(row.available.error())}});
  }
  Json not_seen = Json::array();
  for (const Unseen& unseen : unseen_facts(status)) {
    not_seen.push_back({{"fact", unseen.fact}, {"reason", to_json(*unseen.why)}});
  }
  return {
      {"tdx", {{"presence", to_string(verdict.presence)}, {"reason", verdict.reason}}},
      {"platform",
       {{"cpu_vendor", or_null(platform.cpu_vendor)},
        {"packages", packages_json(platform.packages)},
        {"lps_online", or_null(platform.lps_online)},
        {"lps_present", or_null(platform.lps_present)},
        {"in_virtual_machine", or_null(platform.in_virtual_machine)},
        {"tdx_host_platform", or_null(platform.tdx_host_platform)},
        {"partial_write_erratum", or_null(platform.partial_write_erratum)},
        {"seamret_invalidates_vmcs", or_null(platform.seamret_invalidates_vmcs)},
        {"keyids", platform.keyids
                       ? Json{{"shared", platform.keyids->mktme}, {"private", platform.keyids->tdx}}
                       : Json(nullptr)},
        {"hkids", platform.hkids ? Json{{"in_use", platform.hkids->in_use}, {"total", platform.hkids->total}}
                                 : Json(nullptr)}}},
      {"kernel",
       {{"release", or_null(platform.kernel_release)},
        {"command_line", or_null(platform.kernel_command_line)},
        {"tdx_host", or_null(platform.kernel_tdx_host)},
        {"owns_module", or_null(platform.kernel_owns_module)},
        {"disables_on_kexec", or_null(platform.kernel_disables_on_kexec)},
        {"kvm_tdx", or_null(platform.kvm_tdx)}}},
      {"module",
       {{"state", text_or_null(status.module_state.value)},
        {"version", text_or_null(status.module_version.value)},
        {"version_parts", parts_or_null(status.module_version.value)},
        {"features0", status.features0.value ? Json(hex64(*status.features0.value)) : Json(nullptr)},
        {"connect", or_null(connect_of(status))}}},
      {"seamldr",
       {{"version", text_or_null(status.seamldr_version.value)},
        {"version_parts", parts_or_null(status.seamldr_version.value)},
        {"updates_left", or_null(status.updates_left.value)}}},
      {"kexec", {{"outlook", to_string(status.kexec.outlook)}, {"reason", status.kexec.reason}}},
      {"served_by", std::move(served_by)},
      {"drivers", std::move(drivers)},
      {"not_seen", std::move(not_seen)},
  };
}

void add_status(CLI::App& verb, Context& context) {
  on_run(verb, context, "status", [&context] { return run_status(context); });
}

}  // namespace tdxctl::cli
