// SPDX-License-Identifier: MIT
// The low-level calls, which OpenSSL 3 discourages but keeps: SHA384() and EVP first set up the library and
// its providers, which takes about as long as hashing a module image.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/image/sha384.h"

#include <openssl/sha.h>

namespace tdxctl::image {

static_assert(std::tuple_size_v<Sha384> == SHA384_DIGEST_LENGTH);

Sha384 sha384(std::span<const std::uint8_t> bytes) {
  SHA512_CTX context;  // SHA-384 is SHA-512 from another start, cut
  Sha384 digest;
  SHA384_Init(&context);
  SHA384_Update(&context, bytes.data(), bytes.size());
  SHA384_Final(digest.data(), &context);
  return digest;
}

}  // namespace tdxctl::image
