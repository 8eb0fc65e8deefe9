// SPDX-License-Identifier: MIT
// The public half of RSA-3072: checking a signature. There are no secrets here, so nothing has to take the
// same time for every input. libcrypto's own would put all of libcrypto into the program, and its relocations
// would lengthen every start of tdxctl by a third; a test compares the two.
#pragma once

#include <array>
#include <cstdint>

#include "core/image/sha384.h"

namespace tdxctl::image {

/// A 3072-bit number as the sigstruct holds it: least significant byte first.
using Rsa3072Number = std::array<std::uint8_t, 384>;

/// value ^ 65537 mod modulus. The modulus has to be odd with bit 3071 set, and value has to be less than it.
Rsa3072Number rsa3072_public(const Rsa3072Number& value, const Rsa3072Number& modulus);

enum class SignatureVerdict : std::uint8_t {
  good,
  not_a_modulus,  ///< even, or of fewer than 3072 bits
  out_of_range,   ///< the signature is not less than the modulus
  not_signed,     ///< another message, another key, or no PKCS#1 v1.5 signature with SHA-384 at all
};

/// RSASSA-PKCS1-v1_5 with SHA-384 and exponent 65537. The encoded message is made and compared as a whole,
/// never taken apart, so there is one and only one that fits. Source: RFC 8017, 8.2.2 and 9.2.
SignatureVerdict verify_rsa3072(const Rsa3072Number& signature, const Rsa3072Number& modulus,
                                const Sha384& digest);

}  // namespace tdxctl::image
