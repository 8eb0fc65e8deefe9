// SPDX-License-Identifier: MIT
#include "core/image/key.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "core/image/hex_digits.h"
#include "unit/core/image/test_image.h"

namespace tdxctl::image {
namespace {

std::string public_pem(EVP_PKEY* key) {
  BIO* const bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(bio, key);
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(length));
  BIO_free(bio);
  return text;
}

std::string test_public_pem() {
  const std::string pem = test_key_pem();
  BIO* const bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  std::string text = public_pem(key);
  EVP_PKEY_free(key);
  BIO_free(bio);
  return text;
}

TEST(ParseKey, ReadsAPublicKeyInPem) {
  const auto hash = parse_key(test_public_pem());
  ASSERT_TRUE(hash) << hash.error().what;
  EXPECT_EQ(*hash, test_options().key_hash);
  EXPECT_EQ(*parse_key("a comment\n" + test_public_pem() + "\n\n"), *hash);
}

TEST(ParseKey, ReadsTheHashOfAKey) {
  std::string text = hex_digits(kIntelKeyHash);
  EXPECT_EQ(
      text,
      "c8572f548869a0beca19376b81c2dffc2a23b5a5f71da0b87579b43f408daa1a33bad9c149eb56c634f883737968a34c");
  EXPECT_EQ(*parse_key(text + "\n"), kIntelKeyHash);
  for (char& c : text) c = c >= 'a' ? static_cast<char>(c - 32) : c;
  EXPECT_EQ(*parse_key(text), kIntelKeyHash);
}

TEST(ParseKey, RefusesOtherText) {
  const std::string hash = hex_digits(kIntelKeyHash);
  for (const std::string& text :
       {std::string(), std::string("key"), hash.substr(1), hash + "0", hash.substr(1) + "g", test_key_pem(),
        std::string("-----END PUBLIC KEY----------BEGIN PUBLIC KEY-----")}) {
    const auto key = parse_key(text);
    ASSERT_FALSE(key) << text;
    EXPECT_EQ(key.error().id, ErrorId::bad_key);
  }
}

TEST(ParseKey, RefusesKeysOfAnotherKind) {
  std::string pem = test_public_pem();
  std::string damaged = pem;
  damaged[40] = '!';
  EXPECT_FALSE(parse_key(damaged));
  const std::size_t line = pem.find('\n', 60);
  EXPECT_FALSE(parse_key(pem.erase(line + 1, 65)));

  EVP_PKEY* const small = EVP_RSA_gen(2048);
  EXPECT_FALSE(parse_key(public_pem(small)));
  EVP_PKEY_free(small);
  EVP_PKEY* const curve = EVP_EC_gen("P-384");
  EXPECT_FALSE(parse_key(public_pem(curve)));
  EVP_PKEY_free(curve);
}

}  // namespace
}  // namespace tdxctl::image
