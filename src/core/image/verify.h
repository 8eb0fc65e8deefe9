// SPDX-License-Identifier: MIT
// Whether a module image is what it should be: sound as a file, and signed by the right key. All that the
// P-SEAMLDR finds out only after every TD has been stopped, found out before.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/check.h"
#include "core/image/container.h"
#include "core/image/sha384.h"
#include "core/image/sigstruct.h"

namespace tdxctl::image {

/// SHA-384 of the modulus that signs all of Intel's modules, in the byte order of the file.
/// Source: the constant in intel/tdx-loader p-seam-loader; the modulus of every published image has it.
inline constexpr Sha384 kIntelKeyHash = {
    0xC8, 0x57, 0x2F, 0x54, 0x88, 0x69, 0xA0, 0xBE, 0xCA, 0x19, 0x37, 0x6B, 0x81, 0xC2, 0xDF, 0xFC,
    0x2A, 0x23, 0xB5, 0xA5, 0xF7, 0x1D, 0xA0, 0xB8, 0x75, 0x79, 0xB4, 0x3F, 0x40, 0x8D, 0xAA, 0x1A,
    0x33, 0xBA, 0xD9, 0xC1, 0x49, 0xEB, 0x56, 0xC6, 0x34, 0xF8, 0x83, 0x73, 0x79, 0x68, 0xA3, 0x4C};

struct VerifyOptions {
  Sha384 key_hash = kIntelKeyHash;
  bool allow_debug = false;  ///< a debug-signed module is as good as another
};

/// The parts are views into the bytes that were verified.
struct Verification {
  std::optional<Format> format{};  ///< nothing for separate files
  Parts parts{};
  std::optional<Sigstruct> sigstruct{};
  std::optional<Sha384> seamhash{};  ///< SHA-384 of the module, as computed
  std::vector<Check> checks{};

  /// Nothing is bad, and nothing of the image was out of sight.
  [[nodiscard]] bool sound() const {
    return sigstruct && seamhash && first_with(Verdict::bad, checks) == nullptr;
  }
};

/// Checks every rule of a container: the file, the sigstruct, key and signature, the hash, the module.
Verification verify(Bytes file, const VerifyOptions& options = {});

/// The same for a sigstruct and a module in files of their own.
Verification verify_parts(Bytes sigstruct_file, Bytes module_file, const VerifyOptions& options = {});

/// Hash that a key is known by: SHA-384 of the modulus in the byte order of the sigstruct.
Sha384 key_hash(const Rsa3072Number& modulus);

}  // namespace tdxctl::image
