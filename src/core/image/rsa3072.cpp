// SPDX-License-Identifier: MIT
#include "core/image/rsa3072.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <memory>
#include <new>

namespace tdxctl::image {
namespace {

constexpr int kNumberBytes = std::tuple_size_v<Rsa3072Number>;
constexpr int kModulusBits = kNumberBytes * 8;
constexpr unsigned kExponent = 65537;

/// What libcrypto hands out and wants back.
template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
template <class T, auto release>
using Owned = std::unique_ptr<T, Release<release>>;

using Number = Owned<BIGNUM, BN_free>;
using Parameters = Owned<OSSL_PARAM, OSSL_PARAM_free>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using KeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

/// libcrypto makes what it is asked for, unless there is no memory.
template <class Pointer>
Pointer made(Pointer object) {
  if (!object) throw std::bad_alloc();
  return object;
}

Number number(const Rsa3072Number& bytes) {
  return made(Number(BN_lebin2bn(bytes.data(), kNumberBytes, nullptr)));
}

Key public_key(const BIGNUM* modulus) {
  const auto exponent = made(Number(BN_new()));
  BN_set_word(exponent.get(), kExponent);
  const auto builder = made(Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>(OSSL_PARAM_BLD_new()));
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  const auto parameters = made(Parameters(OSSL_PARAM_BLD_to_param(builder.get())));

  const auto context = made(KeyContext(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr)));
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(context.get());
  EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get());
  return made(Key(key));
}

}  // namespace

SignatureVerdict verify_rsa3072(const Rsa3072Number& signature, const Rsa3072Number& modulus,
                                const Sha384& digest) {
  // The answer must not depend on a configuration file, and none is to be read.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);

  const Number n = number(modulus);
  if (!BN_is_odd(n.get()) || BN_num_bits(n.get()) != kModulusBits) return SignatureVerdict::not_a_modulus;
  if (BN_cmp(number(signature).get(), n.get()) >= 0) return SignatureVerdict::out_of_range;

  const Key key = public_key(n.get());
  const auto context = made(KeyContext(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr)));
  const bool ready = EVP_PKEY_verify_init(context.get()) == 1 &&
                     EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
                     EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha384()) == 1;
  Rsa3072Number big_endian;
  std::ranges::reverse_copy(signature, big_endian.begin());
  const bool good = ready && EVP_PKEY_verify(context.get(), big_endian.data(), big_endian.size(),
                                             digest.data(), digest.size()) == 1;
  return good ? SignatureVerdict::good : SignatureVerdict::not_signed;
}

}  // namespace tdxctl::image
