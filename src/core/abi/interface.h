// SPDX-License-Identifier: MIT
// Who answers a call. The same 64 bits mean different things from different parties, so every decoder asks
// this first.
#pragma once

#include <cstdint>
#include <string_view>

namespace tdxctl::abi {

enum class Interface : std::uint8_t {
  tdx_module,  ///< SEAMCALL with RAX[63] = 0
  p_seamldr,   ///< SEAMCALL with RAX[63] = 1
  np_seamldr,  ///< the ACM that launches P-SEAMLDR at boot; never the answer of a SEAMCALL
  software,    ///< no answer came: the host's own code for #UD, #GP and VMfailInvalid
};

constexpr std::string_view interface_name(Interface interface) {
  switch (interface) {
    case Interface::tdx_module:
      return "tdx-module";
    case Interface::p_seamldr:
      return "p-seamldr";
    case Interface::np_seamldr:
      return "np-seamldr";
    case Interface::software:
      return "software";
  }
  return {};
}

}  // namespace tdxctl::abi
