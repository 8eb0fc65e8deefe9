// SPDX-License-Identifier: MIT
// libcrypto's arithmetic alone: before its own check of a signature it sets up the providers of all
// algorithms, which takes about as long as hashing a module image does.
#include "core/image/rsa3072.h"

#include <openssl/bn.h>

#include <algorithm>
#include <memory>
#include <new>

namespace tdxctl::image {
namespace {

constexpr int kNumberBytes = std::tuple_size_v<Rsa3072Number>;
constexpr int kModulusBits = kNumberBytes * 8;
constexpr unsigned kExponent = 65537;

/// What is between the padding and the digest: the separator, and the DER of a DigestInfo up to the digest.
/// Source: RFC 8017, 9.2, note 1.
constexpr std::uint8_t kSha384DigestInfo[] = {0x00, 0x30, 0x41, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48,
                                              0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30};

/// What libcrypto hands out and wants back.
template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
using Number = std::unique_ptr<BIGNUM, Release<BN_free>>;
using Workspace = std::unique_ptr<BN_CTX, Release<BN_CTX_free>>;

/// libcrypto makes what it is asked for, unless there is no memory.
template <class Pointer>
Pointer made(Pointer object) {
  if (!object) throw std::bad_alloc();
  return object;
}

Number number(const Rsa3072Number& bytes) {
  return made(Number(BN_lebin2bn(bytes.data(), kNumberBytes, nullptr)));
}

/// The message that the signer of a digest raises to the private power: EMSA-PKCS1-v1_5, of which there is
/// one per digest. Source: RFC 8017, 9.2.
Number encoded_message(const Sha384& digest) {
  Rsa3072Number message;
  message.fill(0xFF);
  const auto digest_at = message.end() - digest.size();
  std::ranges::copy(digest, digest_at);
  std::ranges::copy(kSha384DigestInfo, digest_at - std::size(kSha384DigestInfo));
  message[0] = 0x00;
  message[1] = 0x01;
  return made(Number(BN_bin2bn(message.data(), kNumberBytes, nullptr)));
}

/// The message that a signature was made of, for an odd modulus that is greater. Source: RFC 8017, 5.2.2.
Number recovered_message(const BIGNUM* signature, const BIGNUM* modulus) {
  const Number exponent = made(Number(BN_new()));
  Number message = made(Number(BN_new()));
  const Workspace workspace = made(Workspace(BN_CTX_new()));
  if (BN_set_word(exponent.get(), kExponent) != 1 ||
      BN_mod_exp(message.get(), signature, exponent.get(), modulus, workspace.get()) != 1) {
    throw std::bad_alloc();
  }
  return message;
}

}  // namespace

SignatureVerdict verify_rsa3072(const Rsa3072Number& signature, const Rsa3072Number& modulus,
                                const Sha384& digest) {
  const Number n = number(modulus);
  if (!BN_is_odd(n.get()) || BN_num_bits(n.get()) != kModulusBits) return SignatureVerdict::not_a_modulus;
  const Number s = number(signature);
  if (BN_cmp(s.get(), n.get()) >= 0) return SignatureVerdict::out_of_range;

  // Compared as a whole, with nothing parsed: a verifier that looks for the digest can be led to a wrong one.
  const bool good = BN_cmp(recovered_message(s.get(), n.get()).get(), encoded_message(digest).get()) == 0;
  return good ? SignatureVerdict::good : SignatureVerdict::not_signed;
}

}  // namespace tdxctl::image
