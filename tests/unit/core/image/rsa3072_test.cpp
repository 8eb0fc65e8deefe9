// SPDX-License-Identifier: MIT
// Signatures that have to be refused, each but for one thing good.
#include "core/image/rsa3072.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <optional>
#include <random>

#include "unit/core/image/test_image.h"

namespace tdxctl::image {
namespace {

class Random {
 public:
  Rsa3072Number number() {
    Rsa3072Number bytes;
    std::ranges::generate(bytes, [&] { return static_cast<std::uint8_t>(engine_()); });
    return bytes;
  }
  Rsa3072Number modulus() {
    Rsa3072Number bytes = number();
    bytes.front() |= 1;
    bytes.back() |= 0x80;
    return bytes;
  }

 private:
  std::mt19937 engine_{3072};  // the same numbers in every run
};

Rsa3072Number filled(std::uint8_t byte) {
  Rsa3072Number number;
  number.fill(byte);
  return number;
}

const std::vector<std::uint8_t> kMessage = {'T', 'D', 'X'};

TEST(VerifyRsa3072, TakesASignatureMadeByLibcrypto) {
  const Rsa3072Number signature = sign_message(kMessage);
  EXPECT_EQ(verify_rsa3072(signature, test_modulus(), sha384(kMessage)), SignatureVerdict::good);
}

TEST(VerifyRsa3072, RefusesAnotherMessageKeyOrSignature) {
  const Rsa3072Number signature = sign_message(kMessage);
  const std::vector<std::uint8_t> other = {'T', 'D', 'Y'};
  EXPECT_EQ(verify_rsa3072(signature, test_modulus(), sha384(other)), SignatureVerdict::not_signed);
  Random random;
  Rsa3072Number modulus = random.modulus();
  modulus.back() = 0xFF;
  EXPECT_EQ(verify_rsa3072(signature, modulus, sha384(kMessage)), SignatureVerdict::not_signed);
  Rsa3072Number flipped = signature;
  flipped[100] ^= 1;
  EXPECT_EQ(verify_rsa3072(flipped, test_modulus(), sha384(kMessage)), SignatureVerdict::not_signed);
  EXPECT_EQ(verify_rsa3072(filled(0), test_modulus(), sha384(kMessage)), SignatureVerdict::not_signed);
}

TEST(VerifyRsa3072, RefusesNumbersOutOfRange) {
  const Rsa3072Number signature = sign_message(kMessage);
  const Sha384 digest = sha384(kMessage);
  Rsa3072Number even = test_modulus();
  even.front() &= 0xFE;
  EXPECT_EQ(verify_rsa3072(signature, even, digest), SignatureVerdict::not_a_modulus);
  Rsa3072Number small = test_modulus();
  small.back() &= 0x7F;
  EXPECT_EQ(verify_rsa3072(signature, small, digest), SignatureVerdict::not_a_modulus);
  EXPECT_EQ(verify_rsa3072(filled(0), filled(0), digest), SignatureVerdict::not_a_modulus);
  EXPECT_EQ(verify_rsa3072(test_modulus(), test_modulus(), digest), SignatureVerdict::out_of_range);
  EXPECT_EQ(verify_rsa3072(filled(0xFF), test_modulus(), digest), SignatureVerdict::out_of_range);
}

Rsa3072Number minus_one(Rsa3072Number odd) {
  odd.front() -= 1;
  return odd;
}

/// Nothing where the sum has more than 3072 bits.
std::optional<Rsa3072Number> sum(const Rsa3072Number& a, const Rsa3072Number& b) {
  Rsa3072Number sum;
  unsigned carry = 0;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    carry += unsigned{a[i]} + b[i];
    sum[i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  return carry == 0 ? std::optional(sum) : std::nullopt;
}

// Raised to any odd exponent it is itself.
TEST(VerifyRsa3072, RefusesTheGreatestNumberInRange) {
  const Rsa3072Number greatest = minus_one(test_modulus());
  EXPECT_EQ(verify_rsa3072(greatest, test_modulus(), sha384(kMessage)), SignatureVerdict::not_signed);
}

// Modulo the modulus it is the signature: without the check of its range one image would have two.
TEST(VerifyRsa3072, RefusesAGoodSignatureAndTheModulusAdded) {
  std::vector<std::uint8_t> message = kMessage;
  std::optional<Rsa3072Number> added;
  for (std::uint8_t i = 0; i < 200 && !added; ++i) {  // with this key about every sixth has room for it
    message.back() = i;
    added = sum(sign_message(message), test_modulus());
  }
  ASSERT_TRUE(added);
  EXPECT_EQ(verify_rsa3072(*added, test_modulus(), sha384(message)), SignatureVerdict::out_of_range);
}

// A right digest in a wrong wrapping, really signed: what forgeries are made of.
struct Wrapping {
  const char* name;
  void (*change)(Rsa3072Number& encoded);
  bool good = false;
};

void PrintTo(const Wrapping& wrapping, std::ostream* out) { *out << wrapping.name; }

constexpr std::size_t kDigestInfoAt = 48;  // counted from the end of the encoded message
constexpr std::size_t kSeparatorAt = 48 + 19;

const Wrapping kWrappings[] = {
    {"AsItShouldBe", [](Rsa3072Number&) {}, true},
    {"FirstByteNotZero", [](Rsa3072Number& em) { em[383] = 0x01; }},
    {"BlockTypeZero", [](Rsa3072Number& em) { em[382] = 0x00; }},
    {"BlockTypeTwo", [](Rsa3072Number& em) { em[382] = 0x02; }},
    {"PaddingNotAllOnes", [](Rsa3072Number& em) { em[200] = 0xFE; }},
    {"NoSeparator", [](Rsa3072Number& em) { em[kSeparatorAt] = 0xFF; }},
    {"PaddingBeginsWrong", [](Rsa3072Number& em) { em[381] = 0x00; }},
    {"PaddingEndsWrong", [](Rsa3072Number& em) { em[kSeparatorAt + 1] = 0x00; }},
    {"HashOfSha256", [](Rsa3072Number& em) { em[kDigestInfoAt + 4] = 0x01; }},
    {"HashOfSha512", [](Rsa3072Number& em) { em[kDigestInfoAt + 4] = 0x03; }},
    {"DigestWithoutInfo",
     [](Rsa3072Number& em) {
       std::fill(em.begin() + kDigestInfoAt, em.begin() + kSeparatorAt + 1, 0xFF);
       em[kDigestInfoAt] = 0x00;  // the separator
     }},
    {"LengthOfDigestWrong", [](Rsa3072Number& em) { em[kDigestInfoAt] -= 1; }},
    {"LastByteOfDigestWrong", [](Rsa3072Number& em) { em[0] ^= 1; }},
    {"LengthInTheLongForm",
     [](Rsa3072Number& em) {  // as BER allows and DER does not: 81 41 in place of 41
       std::copy_backward(em.begin() + kSeparatorAt - 1, em.begin() + 381, em.begin() + 382);
       em[kSeparatorAt - 1] = 0x81;
     }},
    {"TrailingByte",
     [](Rsa3072Number& em) {  // one less of padding
       std::copy_backward(em.begin(), em.begin() + 381, em.begin() + 382);
       em[0] = 0x00;
     }},
    {"NullLeftOut",
     [](Rsa3072Number& em) {  // the parameters of the algorithm, which some verifiers do not ask for
       std::copy(em.begin() + kDigestInfoAt + 4, em.begin() + 382, em.begin() + kDigestInfoAt + 2);
       em[380] = em[381] = 0xFF;
       em[kDigestInfoAt + 15] -= 2;  // length of the whole
       em[kDigestInfoAt + 13] -= 2;  // length of the algorithm
     }},
    {"ShortPaddingAndTrailingBytes",
     [](Rsa3072Number& em) {  // digest and all moved up, free bytes behind it
       Rsa3072Number moved;
       moved.fill(0xA5);
       std::copy(em.begin(), em.begin() + kSeparatorAt + 1, moved.begin() + 300);
       for (std::size_t i = 300 + kSeparatorAt + 1; i < 382; ++i) moved[i] = 0xFF;
       moved[382] = 0x01;
       moved[383] = 0x00;
       em = moved;
     }},
};

/// What libcrypto's own check says, which is much slower to begin with.
bool libcrypto_takes(const Rsa3072Number& signature) {
  const std::string pem = test_key_pem();
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EXPECT_EQ(EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha384(), nullptr, key.get()), 1);
  Rsa3072Number big_endian;
  std::ranges::reverse_copy(signature, big_endian.begin());
  return EVP_DigestVerify(context.get(), big_endian.data(), big_endian.size(), kMessage.data(),
                          kMessage.size()) == 1;
}

class SignedWrapping : public testing::TestWithParam<Wrapping> {};

TEST_P(SignedWrapping, IsGoodInOneFormOnly) {
  Rsa3072Number encoded = rsa3072_public(sign_message(kMessage));
  GetParam().change(encoded);
  const Rsa3072Number signature = rsa3072_private(encoded);
  EXPECT_EQ(verify_rsa3072(signature, test_modulus(), sha384(kMessage)),
            GetParam().good ? SignatureVerdict::good : SignatureVerdict::not_signed);
  EXPECT_EQ(libcrypto_takes(signature), GetParam().good);
}

INSTANTIATE_TEST_SUITE_P(VerifyRsa3072, SignedWrapping, testing::ValuesIn(kWrappings),
                         [](const auto& wrapping) { return wrapping.param.name; });

}  // namespace
}  // namespace tdxctl::image
