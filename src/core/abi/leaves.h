// SPDX-License-Identifier: MIT
// Host-side SEAMCALL leaves of the TDX module and the P-SEAMLDR, and the word in RAX that selects one.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/abi/interface.h"

namespace tdxctl::abi {

/// Whether a leaf can change anything beyond its output registers and buffers.
enum class Effect : std::uint8_t { reads, changes };

/// How well a leaf is known in public.
enum class Standing : std::uint8_t {
  dispatched,           ///< the published module source handles it
  number_only,          ///< the published module source names it and does not handle it
  specification_only,   ///< seen by name and number in the ABI specification
  kernel_patches_only,  ///< seen in Linux patch series that are not merged
  called_by_linux,      ///< mainline Linux calls it; no published module source has it
  debug_builds_only,    ///< only in debug builds of the module or loader
  loader_source,        ///< the published P-SEAMLDR source handles it
};

std::string_view standing_text(Standing standing);

/// One leaf. Every leaf takes version 0; none takes more than version 1.
struct Leaf {
  std::uint16_t number;             ///< RAX[15:0]
  std::string_view name;            ///< "TDH.SYS.INIT"
  std::string_view group;           ///< "system", "memory", ...
  std::string_view version1_since;  ///< first release that takes version 1; empty where none does
  std::string_view since;           ///< first release with the leaf; empty where not known
  Effect effect;
  Standing standing;
  std::string_view summary;
  std::string_view note{};

  [[nodiscard]] constexpr std::uint8_t highest_version() const { return version1_since.empty() ? 0 : 1; }
};

/// All leaves of one interface, by rising number. Empty for interfaces that are not called by SEAMCALL.
std::span<const Leaf> leaves(Interface interface);

/// The leaves that own a number: none, one, or two where public sources disagree (42, 128, 129 and 135 of the
/// module).
std::span<const Leaf> find_leaves(Interface interface, std::uint16_t number);

/// A leaf and who answers it.
struct LeafRef {
  Interface interface;
  const Leaf* leaf;  ///< null: unknown
};

/// A leaf by name. Case and separators do not matter: KVM prints "TDH_SYS_INIT".
LeafRef find_leaf(std::string_view name);

/// Numbers of the leaves that code asks about by itself.
namespace leaf {
inline constexpr std::uint16_t kVpEnter = 0;
inline constexpr std::uint16_t kSysKeyConfig = 31;
inline constexpr std::uint16_t kSysInit = 33;
inline constexpr std::uint16_t kSysRd = 34;
inline constexpr std::uint16_t kSysLpInit = 35;
inline constexpr std::uint16_t kSysTdmrInit = 36;
inline constexpr std::uint16_t kSysRdall = 37;
inline constexpr std::uint16_t kSysConfig = 45;
inline constexpr std::uint16_t kSysShutdown = 52;
inline constexpr std::uint16_t kSysUpdate = 53;
inline constexpr std::uint16_t kExtInit = 60;
inline constexpr std::uint16_t kExtMemAdd = 61;
inline constexpr std::uint16_t kSysDisable = 69;
inline constexpr std::uint16_t kQuoteInit = 100;
inline constexpr std::uint16_t kSeamldrInfo = 0;
inline constexpr std::uint16_t kSeamldrInstall = 1;
}  // namespace leaf

/// The word in RAX, in parts. Nothing is lost: compose_call_word(parse_call_word(x)) == x for every x.
/// Source: intel/tdx-module 1.5.25 include/tdx_api_defs.h; Linux 7.3 arch/x86/virt/vmx/tdx/seamldr.c.
struct CallWord {
  std::uint16_t leaf;      ///< bits 15:0
  std::uint8_t version;    ///< bits 23:16
  bool to_p_seamldr;       ///< bit 63; the CPU takes it to choose the target, the module never sees it
  std::uint64_t reserved;  ///< bits 31:24 and 62:32, in place; a call with any of them set is refused

  bool operator==(const CallWord&) const = default;
  [[nodiscard]] Interface interface() const {
    return to_p_seamldr ? Interface::p_seamldr : Interface::tdx_module;
  }
};

CallWord parse_call_word(std::uint64_t rax);
std::uint64_t compose_call_word(const CallWord& call);

}  // namespace tdxctl::abi
