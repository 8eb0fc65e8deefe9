// SPDX-License-Identifier: MIT
// What of a host decides about an update of its TDX module, and who told it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/host_status.h"
#include "core/image/fit.h"

namespace tdxctl {

struct UpdateHost {
  HostStatus status;
  Told<image::Svn> svn;                   ///< of the running module
  Told<std::uint16_t> module_hv{};        ///< handoff version that the running module writes
  std::optional<image::Sha384> mrseam{};  ///< of the running module; nothing where no driver shows it
};

/// Asks everything once; what could not be seen carries its reason.
UpdateHost read_update_host(Drivers& drivers);

/// The teller of a fact that no driver told and the published image of the running release does.
inline constexpr std::string_view kToldByCatalog = "catalog";

/// Fills in what no driver told about the running module: Linux shows its version and neither SVN nor
/// features. A release has one image, so that the image and the row of the running release tell them. Either
/// may be nullptr.
void complete_from_catalog(UpdateHost& host, const image::CatalogRelease* row,
                           const image::Sigstruct* running_image);

/// The facts that the rules of fitting ask for.
image::HostFacts facts_of(const UpdateHost& host);

/// What leads to the fact of the host without which that rule of fitting could not be checked. Empty where
/// every fact of the host that it asks for is there, so that the image or the catalog lacks one.
std::string hint_to_see(const UpdateHost& host, ErrorId rule);

}  // namespace tdxctl
