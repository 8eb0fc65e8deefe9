// SPDX-License-Identifier: MIT
// Published TDX module releases, as one state of Intel's release list gave them. The list keeps changing and
// old values have been corrected in it: this table informs, and never decides. What a machine has is read
// from the machine.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tdxctl::abi {

struct Release {
  std::string_view version;
  std::string_view min_running;  ///< oldest running module that it can replace while TDs stay alive
  std::string_view seamldr_min;  ///< oldest P-SEAMLDR, one version for each line, separated by a space
  std::uint64_t features0;       ///< TDX_FEATURES0 as listed; platform-dependent bits may differ on a machine
  std::string_view
      strictly_compatible_with;   ///< running releases, separated by spaces; the meaning is inferred
  std::string_view build_date{};  ///< yyyy-mm-dd; empty where not recorded
  std::string_view seamhash{};    ///< SHA-384 of the image, lower-case hex; empty where not recorded
};

/// The commit of the list that the table restates.
/// Source: intel/confidential-computing.tdx.tdx-module.binaries mapping_file.json.
inline constexpr std::string_view kReleasesState = "mapping_file.json at commit 14c28ce0";

/// All releases, by line and rising version.
std::span<const Release> releases();

/// The row of a version such as "1.5.05"; null where it is not listed.
const Release* find_release(std::string_view version);

}  // namespace tdxctl::abi
