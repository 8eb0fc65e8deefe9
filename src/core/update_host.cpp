// SPDX-License-Identifier: MIT
#include "core/update_host.h"

#include "core/abi/bits.h"
#include "core/metadata_read.h"
#include "core/module_answers.h"

namespace tdxctl {
namespace {

/// Field id of MODULE_HV.
constexpr std::uint64_t kModuleHvId = 0x8900000100000000;

/// What the P-SEAMLDR has measured; why not, where there is no module that runs.
Told<SeamldrInfo> read_measurement(Drivers& drivers) {
  const auto loader = drivers.loader(Operation::seamldr_info);
  if (!loader) return {fail(loader.error()), {}};
  const auto info = loader->port->info();
  if (!info) return {fail(info.error()), {}};
  if (!info->module_ready)
    return {fail(ErrorId::module_state, "the P-SEAMLDR has no running TDX module"), {}};
  return {*info, loader->driver};
}

Told<std::uint16_t> read_module_hv(Drivers& drivers) {
  const auto module = drivers.module(Operation::metadata);
  if (!module) return {fail(module.error()), {}};
  const auto answers = module->port->read({&kModuleHvId, 1});
  if (!answers) return {fail(answers.error()), {}};
  const FieldAnswer& answer = answers->front();
  if (abi::bit(answer.status, 63)) return {fail(seamcall_error(kReadLeaf, answer.status)), {}};
  return {static_cast<std::uint16_t>(answer.value), module->driver};
}

template <class T>
std::optional<T> seen(const Result<T>& fact) {
  return fact ? std::optional<T>(*fact) : std::nullopt;
}

template <class T>
void tell(Told<T>& fact, const T& value) {
  if (!fact.value) fact = {value, kToldByCatalog};
}

/// Why a fact that the rule asks for could not be seen, or nullptr.
const Error* why_unseen(const UpdateHost& host, ErrorId rule) {
  const auto why = [](const auto& fact) { return fact ? nullptr : &fact.error(); };
  switch (rule) {
    case ErrorId::image_cpu_not_listed:
      return why(host.status.platform.packages);
    case ErrorId::image_seamldr_too_old:
      return why(host.status.seamldr_version.value);
    case ErrorId::image_other_line:
    case ErrorId::image_older_version:
    case ErrorId::image_running_too_old:
    case ErrorId::image_not_strict:
      return why(host.status.module_version.value);
    case ErrorId::image_svn_line:
    case ErrorId::image_svn_lower:
      return why(host.svn.value);
    case ErrorId::image_handoff_version:
      return why(host.module_hv.value);
    case ErrorId::no_updates_left:
      return why(host.status.updates_left.value);
    case ErrorId::image_features_lost:
      return why(host.status.features0.value);
    default:
      return nullptr;
  }
}

}  // namespace

UpdateHost read_update_host(Drivers& drivers) {
  UpdateHost host{read_host_status(drivers), {fail(ErrorId::driver_unavailable, "nobody was asked"), {}}};
  const auto measured = read_measurement(drivers);
  if (measured.value) {
    host.svn = {image::Svn{measured.value->svn_major, measured.value->svn_minor}, measured.driver};
    // Zeros are no hash: so a simulated module shows that it was never installed.
    if (measured.value->mrseam != image::Sha384{}) host.mrseam = measured.value->mrseam;
  } else {
    host.svn = {fail(measured.value.error()), {}};
  }
  host.module_hv = read_module_hv(drivers);
  return host;
}

void complete_from_catalog(UpdateHost& host, const image::CatalogRelease* row,
                           const image::Sigstruct* running_image) {
  if (running_image != nullptr) {
    tell(host.svn, image::svn(*running_image));
    // The module refuses to start when the sigstruct has another handoff version than it was built with.
    tell(host.module_hv, std::uint16_t{running_image->module_hv});
  }
  if (row != nullptr && row->features0 && !row->contradicted) tell(host.status.features0, *row->features0);
}

image::HostFacts facts_of(const UpdateHost& host) {
  const HostStatus& status = host.status;
  // One that is loaded and not ready runs nothing, whatever its version.
  const auto& state = status.module_state.value;
  const bool runs = !status.only_looks_ready && (!state || *state == ModuleState::ready);
  return {.packages = seen(status.platform.packages),
          .module = runs ? seen(status.module_version.value) : std::nullopt,
          .mrseam = runs ? host.mrseam : std::nullopt,
          .seamldr = seen(status.seamldr_version.value),
          .svn = seen(host.svn.value),
          .module_hv = seen(host.module_hv.value),
          .features0 = seen(status.features0.value),
          .updates_left = seen(status.updates_left.value)};
}

std::string hint_to_see(const UpdateHost& host, ErrorId rule) {
  const Error* const why = why_unseen(host, rule);
  if (why == nullptr) return {};
  const std::string_view hint = why->hint_text();
  return std::string(hint.empty() ? "'tdxctl status' shows what could not be seen here, and why" : hint);
}

}  // namespace tdxctl
