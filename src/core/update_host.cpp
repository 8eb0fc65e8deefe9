// SPDX-License-Identifier: MIT
#include "core/update_host.h"

#include "core/abi/bits.h"
#include "core/metadata_read.h"
#include "core/module_answers.h"

namespace tdxctl {
namespace {

/// Field id of MODULE_HV.
constexpr std::uint64_t kModuleHvId = 0x8900000100000000;

Told<image::Svn> read_svn(Drivers& drivers) {
  const auto loader = drivers.loader(Operation::seamldr_info);
  if (!loader) return {fail(loader.error()), {}};
  const auto info = loader->port->info();
  if (!info) return {fail(info.error()), {}};
  if (!info->module_ready)
    return {fail(ErrorId::module_state, "the P-SEAMLDR has no running TDX module"), {}};
  return {image::Svn{info->svn_major, info->svn_minor}, loader->driver};
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

}  // namespace

UpdateHost read_update_host(Drivers& drivers) {
  return {read_host_status(drivers), read_svn(drivers), read_module_hv(drivers)};
}

void complete_from_catalog(UpdateHost& host, const image::CatalogRelease* row,
                           const image::Sigstruct* running_image) {
  if (running_image != nullptr) {
    tell(host.svn, image::svn(*running_image));
    // The module refuses to start when the sigstruct has another handoff version than it was built with.
    tell(host.module_hv, std::uint16_t{running_image->module_hv});
  }
  if (row != nullptr && row->features0) tell(host.status.features0, *row->features0);
}

image::HostFacts facts_of(const UpdateHost& host) {
  const HostStatus& status = host.status;
  return {.packages = seen(status.platform.packages),
          .module = seen(status.module_version.value),
          .seamldr = seen(status.seamldr_version.value),
          .svn = seen(host.svn.value),
          .module_hv = seen(host.module_hv.value),
          .features0 = seen(status.features0.value),
          .updates_left = seen(status.updates_left.value)};
}

}  // namespace tdxctl
