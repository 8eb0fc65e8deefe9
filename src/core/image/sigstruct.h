// SPDX-License-Identifier: MIT
// The SEAM sigstruct: what a TDX module image says about itself, with the signature over it.
// Sources: intel/tdx-loader p-seam-loader/include/seam_sigstruct.h; the published images for the meaning of
// bytes 1000 to 1007.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/check.h"
#include "core/image/container.h"
#include "core/image/rsa3072.h"
#include "core/image/sha384.h"
#include "core/version.h"

namespace tdxctl::image {

/// Security version number. The major one tells the lines of modules apart and is not a version.
struct Svn {
  std::uint8_t major = 0;
  std::uint8_t minor = 0;

  auto operator<=>(const Svn&) const = default;
};

/// "3.5": major and minor.
std::string to_string(const Svn& svn);

/// As it lies in the file. Page counts are stored minus one. Packed for the fields at odd places, aligned for
/// the list of CPUs, which is reached through its own type.
struct [[gnu::packed]] alignas(8) Sigstruct {
  std::uint32_t header_type;
  std::uint32_t header_dwords;
  std::uint32_t header_version;
  std::uint32_t module_type;  ///< bit 31: debug-signed
  std::uint32_t vendor;
  std::uint32_t date_bcd;  ///< 0x20240129 is 2024-01-29
  std::uint32_t size_dwords;
  std::uint32_t key_dwords;
  std::uint32_t modulus_dwords;
  std::uint32_t exponent_dwords;
  std::array<std::uint8_t, 88> reserved_header;
  Rsa3072Number modulus;
  std::uint32_t exponent;
  Rsa3072Number signature;
  Sha384 seamhash;
  std::uint8_t svn_minor;
  std::uint8_t svn_major;
  std::uint64_t attributes;
  std::uint32_t rip_offset;
  std::uint8_t stack_pages;
  std::uint8_t tls_pages;
  std::uint16_t keyhole_pages;
  std::uint16_t global_data_pages;
  std::uint16_t max_tdmrs;
  std::uint16_t max_reserved_per_tdmr;
  std::uint16_t pamt_entry_bytes_4k;
  std::uint16_t pamt_entry_bytes_2m;
  std::uint16_t pamt_entry_bytes_1g;
  std::array<std::uint8_t, 6> reserved_tdmr;
  std::uint16_t module_hv;
  std::uint16_t min_update_hv;
  std::uint8_t no_downgrade;
  std::uint8_t reserved_handoff;
  std::uint16_t handoff_pages;
  std::uint32_t gdt_idt_offset;
  std::uint32_t fault_wrapper_offset;
  std::uint16_t build_update;  ///< this and the next four: 2.0 line only
  std::uint8_t build_minor;
  std::uint8_t build_major;
  std::uint16_t build_number;
  std::uint16_t build_unknown;
  std::array<std::uint8_t, 16> reserved_body;
  std::uint32_t cpu_count;
  std::array<std::uint32_t, 255> cpus;  ///< CPUID.1.EAX, the stepping does not count
};
static_assert(sizeof(Sigstruct) == kSigstructBytes);
static_assert(offsetof(Sigstruct, reserved_header) == 40);
static_assert(offsetof(Sigstruct, modulus) == 128);
static_assert(offsetof(Sigstruct, exponent) == 512);
static_assert(offsetof(Sigstruct, signature) == 516);
static_assert(offsetof(Sigstruct, seamhash) == 900);
static_assert(offsetof(Sigstruct, svn_minor) == 948);
static_assert(offsetof(Sigstruct, attributes) == 950);
static_assert(offsetof(Sigstruct, rip_offset) == 958);
static_assert(offsetof(Sigstruct, stack_pages) == 962);
static_assert(offsetof(Sigstruct, global_data_pages) == 966);
static_assert(offsetof(Sigstruct, pamt_entry_bytes_4k) == 972);
static_assert(offsetof(Sigstruct, reserved_tdmr) == 978);
static_assert(offsetof(Sigstruct, module_hv) == 984);
static_assert(offsetof(Sigstruct, reserved_handoff) == 989);
static_assert(offsetof(Sigstruct, handoff_pages) == 990);
static_assert(offsetof(Sigstruct, gdt_idt_offset) == 992);
static_assert(offsetof(Sigstruct, build_update) == 1000);
static_assert(offsetof(Sigstruct, reserved_body) == 1008);
static_assert(offsetof(Sigstruct, cpu_count) == 1024);
static_assert(offsetof(Sigstruct, cpus) == 1028);

Sigstruct read_sigstruct(std::span<const std::uint8_t, kSigstructBytes> bytes);

bool is_debug(const Sigstruct& sigstruct);
Svn svn(const Sigstruct& sigstruct);

/// Nothing where the field is no calendar date in BCD.
std::optional<std::chrono::year_month_day> date(const Sigstruct& sigstruct);

/// "2024-01-29".
std::string to_string(const std::chrono::year_month_day& date);

/// The CPUs that the module is for, without stepping. Reads no more entries than there are.
std::vector<std::uint32_t> cpus(const Sigstruct& sigstruct);

/// "Sapphire Rapids", or the number of a CPU that has no name here.
std::string cpu_name(std::uint32_t fms);

/// What images of the 2.0 line tell about themselves in bytes 1000 to 1007. The layout is inferred.
struct BuildInfo {
  Version version;
  std::uint16_t build_number = 0;
  std::uint16_t unknown = 0;
};

/// Nothing where the bytes are zero, as in all images of the 1.5 line.
std::optional<BuildInfo> build_info(const Sigstruct& sigstruct);

/// The signed message: all but modulus, exponent and signature.
inline constexpr std::size_t kSignedBytes = 128 + (kSigstructBytes - 900);
std::array<std::uint8_t, kSignedBytes> signed_message(const Sigstruct& sigstruct);

/// Checks every rule about the fields, in the order of the P-SEAMLDR. `module_bytes`: length of the module,
/// which some offsets have to lie in; 0 where there is none.
void check_sigstruct(const std::optional<Sigstruct>& sigstruct, std::size_t module_bytes,
                     std::vector<Check>& checks);

}  // namespace tdxctl::image
