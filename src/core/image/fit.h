// SPDX-License-Identifier: MIT
// Whether an update to one image can work on one host, rule by rule. A fact that is not known makes its rule
// unknown, never ok.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/check.h"
#include "core/image/catalog.h"
#include "core/image/sigstruct.h"
#include "core/port/platform.h"
#include "core/version.h"

namespace tdxctl::image {

/// What the rules ask of a host. Anything may be unknown.
struct HostFacts {
  std::optional<std::vector<Package>> packages{};  ///< every package of the platform
  std::optional<Version> module{};                 ///< running TDX module
  std::optional<Sha384> mrseam{};                  ///< SEAMHASH of the running module
  std::optional<Version> seamldr{};
  std::optional<Svn> svn{};                     ///< of the running module: SEAMLDR.INFO, tee_tcb_svn
  std::optional<std::uint16_t> module_hv{};     ///< metadata MODULE_HV of the running module
  std::optional<std::uint64_t> features0{};     ///< TDX_FEATURES0 of the running module
  std::optional<std::uint32_t> updates_left{};  ///< before the next reboot
};

/// An image to update to.
struct Candidate {
  std::string name;  ///< file name, for people
  std::optional<Sigstruct> sigstruct{};
  std::optional<Version> version{};  ///< as identified, or as the name of the file has it
  bool version_by_name = false;      ///< nothing but the name of the file tells the version
  std::optional<Version> named{};    ///< what the name of the file says, whether that can be or not
  const CatalogRelease* release{};   ///< nullptr where no catalog lists it
  std::vector<Check>
      verification{};  ///< the report of verify(): what is broken, or was not verified, fits nowhere
};

struct FitOptions {
  bool strict = false;       ///< insist on the list of strictly compatible releases
  bool allow_debug = false;  ///< the platform is debug-unlocked
};

enum class Fit : std::uint8_t { fits, unknown, unfit };

std::string_view to_string(Fit fit);

struct Assessment {
  std::vector<Check> checks;  ///< what verification found bad, then every rule of fitting

  /// Unfit where anything is bad; else unknown where anything is unknown.
  [[nodiscard]] Fit verdict() const;
};

/// Whether an image is the module that runs: by its hash, and by its version alone where nothing shows
/// MRSEAM. One that is named like another release is not.
bool is_running(const Candidate& candidate, const HostFacts& host);

/// Checks every rule of fitting, whatever the others showed.
void check_fit(const Candidate& candidate, const HostFacts& host, const FitOptions& options,
               std::vector<Check>& checks);

/// What verification found bad, and check_fit.
/// Source: the order of SEAMLDR.INSTALL in intel/tdx-loader; the rules of the binaries repository's own
/// script; Linux Documentation/arch/x86/tdx.rst.
Assessment assess(const Candidate& candidate, const HostFacts& host, const FitOptions& options = {});

}  // namespace tdxctl::image
