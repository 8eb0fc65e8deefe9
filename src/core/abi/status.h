// SPDX-License-Identifier: MIT
// Completion statuses: the word in RAX after a call, its layout, and the codes of everybody who can put one
// there.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/abi/details.h"
#include "core/abi/interface.h"

namespace tdxctl::abi {

/// One completion status. For the TDX module, value has a zero low half; for the others it is the whole word.
struct StatusCode {
  std::uint64_t value;
  std::string_view name;
  Details details;         ///< what the low half holds
  std::string_view since;  ///< first release seen with it; empty where not known
  std::string_view meaning;
  std::string_view note{};
  std::string_view alias{};
};

/// A status of the TDX module, in parts. Nothing is lost: compose_status(parse_status(x)) == x for every x.
/// Source: intel/tdx-module 1.5.25 include/tdx_api_defs.h, the error-code union.
struct StatusWord {
  bool error;                ///< bit 63: the call did not work
  bool non_recoverable;      ///< bit 62: repeating the same call will not help
  bool fatal;                ///< bit 61: what the call worked on is past saving
  bool host_hint;            ///< bit 60: the host can act to get past this
  std::uint16_t reserved;    ///< bits 59:48
  std::uint8_t class_code;   ///< bits 47:40
  std::uint8_t details_l1;   ///< bits 39:32, number within the class
  std::uint32_t details_l2;  ///< bits 31:0, see Details

  bool operator==(const StatusWord&) const = default;
};

StatusWord parse_status(std::uint64_t status);
std::uint64_t compose_status(const StatusWord& word);

/// Name of a class; empty for a class without members. The headers give numbers only: names are a reading of
/// the members.
std::string_view status_class_name(std::uint8_t class_code);

/// All codes of one party, in the order of the table.
std::span<const StatusCode> status_codes(Interface interface);

/// The row that names a status, and the party whose row it is.
struct StatusMatch {
  const StatusCode* code = nullptr;  ///< null: unknown
  Interface interface = Interface::tdx_module;
  bool fatal_added = false;  ///< found only after clearing bit 61, which the module can add at run time
};

/// Name what a call to `called` answered. The P-SEAMLDR's codes are compared as a whole and overlap the
/// module's layout, so the interface that was called chooses the table before anything is masked. Codes of
/// the host software are recognised whoever was called.
StatusMatch find_status(std::uint64_t status, Interface called);

/// All rows with a name (or alias) of one party; more than one where the value changed between releases.
std::span<const StatusCode> find_status_codes(std::string_view name, Interface interface);

/// Codes of the TDX module that code acts upon, without their details.
namespace status {
inline constexpr std::uint64_t kInterruptedResumable = 0x8000000300000000;
inline constexpr std::uint64_t kOperandBusy = 0x8000020000000000;
inline constexpr std::uint64_t kSysBusy = 0x8000020200000000;
inline constexpr std::uint64_t kUpdateCompatibilitySensitive = 0x8000051200000000;
inline constexpr std::uint64_t kOperandInvalid = 0xC000010000000000;
inline constexpr std::uint64_t kSysLpInitNotDone = 0xC000050200000000;
inline constexpr std::uint64_t kSysNotReady = 0xC000050500000000;
inline constexpr std::uint64_t kSysShutdown = 0xC000050600000000;
inline constexpr std::uint64_t kSysLpInitNotPending = 0xC000050B00000000;
inline constexpr std::uint64_t kSysConfigNotPending = 0xC000050C00000000;
}  // namespace status

/// A status of the TDX module without the details in its low half.
constexpr std::uint64_t without_details(std::uint64_t status) { return status & ~0xFFFFFFFFull; }

/// Class 0xFF with the error bit: made by the host software, never by the module.
inline constexpr std::uint64_t kSeamcallUd = 0x8000FF0000000006;
inline constexpr std::uint64_t kSeamcallGp = 0x8000FF000000000D;
inline constexpr std::uint64_t kSeamcallVmfailInvalid = 0x8000FF00FFFF0000;

}  // namespace tdxctl::abi
