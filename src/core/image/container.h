// SPDX-License-Identifier: MIT
// The files that a TDX module comes in: a header page, the sigstruct page and the module. Two forms of
// header: 0x100 gives the offset of the module and the length of the file, 0x200 counts pages. Linux takes
// 0x200 only. Sources: intel/confidential-computing.tdx.tdx-module.binaries blob_structure.txt (both states
// of it); Linux 7.3 arch/x86/virt/vmx/tdx/seamldr.c.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/check.h"

namespace tdxctl::image {

using Bytes = std::span<const std::uint8_t>;

inline constexpr std::size_t kPageBytes = 4096;
inline constexpr std::size_t kSigstructBytes = 2048;  ///< the rest of its page is zero
/// Most pages that one SEAMLDR.INSTALL takes.
inline constexpr std::size_t kMaxModulePages = 496;
inline constexpr std::size_t kMaxFileBytes = (2 + kMaxModulePages) * kPageBytes;

enum class Format : std::uint8_t { v0x100, v0x200 };

/// "0x100" or "0x200".
std::string_view to_string(Format format);

/// The two things that a container holds, as views into it.
struct Parts {
  Bytes sigstruct;  ///< kSigstructBytes; empty where it could not be found
  Bytes module;     ///< empty where it could not be found
};

struct Container {
  std::optional<Format> format;
  std::uint16_t checksum = 0;
  Parts parts;
};

/// The form of a container by its version, or else by the place of its magic; nothing for any other file.
std::optional<Format> detect_format(Bytes file);

/// What a file looks like, by its first bytes and its length. Says nothing about whether it is sound.
enum class FileKind : std::uint8_t { container, sigstruct, module, unknown };
FileKind detect_kind(Bytes file);

/// Checks every rule of a container. The parts are set wherever they can be found at all.
Container check_container(Bytes file, std::vector<Check>& checks);

/// Checks the rules of a sigstruct and a module that come as separate files.
Parts check_parts(Bytes sigstruct_file, Bytes module_file, std::vector<Check>& checks);

/// A container that keeps every rule. Errors: the id of the first broken rule.
Result<Container> parse_container(Bytes file);

/// Sum of all 16-bit little-endian words, modulo 65536; a last odd byte counts as a word. 0 for a sound
/// container.
std::uint16_t sum16(Bytes bytes);

using HeaderPage = std::array<std::uint8_t, kPageBytes>;

/// The header page that, with the sigstruct page and the module behind it, makes a container.
/// Errors: image_sigstruct_length, image_module_missing, image_module_too_large, image_module_unaligned.
Result<HeaderPage> make_header(Format format, const Parts& parts);

/// A whole container. Errors: as make_header.
Result<std::vector<std::uint8_t>> build_container(Format format, const Parts& parts);

/// A container in the other form, or in the same one. Errors: the id of the first rule that `file` breaks.
Result<std::vector<std::uint8_t>> convert(Bytes file, Format to);

}  // namespace tdxctl::image
