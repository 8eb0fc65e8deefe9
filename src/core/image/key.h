// SPDX-License-Identifier: MIT
// Naming another signing key than Intel's, for images that were made for tests.
#pragma once

#include <string_view>

#include "core/image/sha384.h"
#include "core/result.h"

namespace tdxctl::image {

/// The hash of a key (see key_hash) from text: 96 hexadecimal digits, or a public key of RSA-3072 with
/// exponent 65537 in PEM, as 'openssl pkey -pubout' writes it. Errors: bad_key.
Result<Sha384> parse_key(std::string_view text);

}  // namespace tdxctl::image
