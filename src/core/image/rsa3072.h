// SPDX-License-Identifier: MIT
// The public half of RSA-3072: checking a signature.
#pragma once

#include <array>
#include <cstdint>

#include "core/image/sha384.h"

namespace tdxctl::image {

/// A 3072-bit number as the sigstruct holds it: least significant byte first.
using Rsa3072Number = std::array<std::uint8_t, 384>;

enum class SignatureVerdict : std::uint8_t {
  good,
  not_a_modulus,  ///< even, or of fewer than 3072 bits
  out_of_range,   ///< the signature is not less than the modulus
  not_signed,     ///< another message, another key, or no PKCS#1 v1.5 signature with SHA-384 at all
};

/// RSASSA-PKCS1-v1_5 with SHA-384 and exponent 65537. Source: RFC 8017, 8.2.2 and 9.2.
SignatureVerdict verify_rsa3072(const Rsa3072Number& signature, const Rsa3072Number& modulus,
                                const Sha384& digest);

}  // namespace tdxctl::image
