// SPDX-License-Identifier: MIT
// Our arithmetic against libcrypto's.
#include "core/image/rsa3072.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>

#include <algorithm>
#include <initializer_list>
#include <random>

#include "unit/core/image/test_image.h"

namespace tdxctl::image {
namespace {

Rsa3072Number power_by_libcrypto(const Rsa3072Number& value, const Rsa3072Number& modulus) {
  BN_CTX* const context = BN_CTX_new();
  BIGNUM* const n = BN_lebin2bn(modulus.data(), kRsa3072Bytes, nullptr);
  BIGNUM* const x = BN_lebin2bn(value.data(), kRsa3072Bytes, nullptr);
  BIGNUM* const e = BN_new();
  BN_set_word(e, 65537);
  EXPECT_EQ(BN_mod_exp(x, x, e, n, context), 1);
  Rsa3072Number result;
  EXPECT_EQ(BN_bn2lebinpad(x, result.data(), kRsa3072Bytes), kRsa3072Bytes);
  for (BIGNUM* number : {n, x, e}) BN_free(number);
  BN_CTX_free(context);
  return result;
}

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

bool less(const Rsa3072Number& a, const Rsa3072Number& b) {
  return std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend());
}

TEST(Rsa3072Public, AgreesWithLibcryptoOnRandomNumbers) {
  Random random;
  for (int i = 0; i < 200; ++i) {
    const Rsa3072Number modulus = random.modulus();
    Rsa3072Number value = random.number();
    if (!less(value, modulus)) value.back() = 0;
    ASSERT_EQ(rsa3072_public(value, modulus), power_by_libcrypto(value, modulus)) << "round " << i;
  }
}

TEST(Rsa3072Public, AgreesWithLibcryptoAtTheEdges) {
  Rsa3072Number smallest = filled(0);  // 2^3071 + 1
  smallest.front() = 1;
  smallest.back() = 0x80;
  const Rsa3072Number largest = filled(0xFF);
  Random random;
  for (const Rsa3072Number& modulus : {smallest, largest, random.modulus(), test_modulus()}) {
    Rsa3072Number last = modulus;  // modulus - 1: an odd power of it is itself
    --last.front();
    Rsa3072Number one = filled(0);
    one.front() = 1;
    Rsa3072Number carries = filled(0xFF);
    carries.back() = 0x7F;
    for (const Rsa3072Number& value : {filled(0), one, last, carries}) {
      EXPECT_EQ(rsa3072_public(value, modulus), power_by_libcrypto(value, modulus));
    }
    EXPECT_EQ(rsa3072_public(last, modulus), last);
  }
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
    {"BlockTypeTwo", [](Rsa3072Number& em) { em[382] = 0x02; }},
    {"PaddingNotAllOnes", [](Rsa3072Number& em) { em[200] = 0xFE; }},
    {"NoSeparator", [](Rsa3072Number& em) { em[kSeparatorAt] = 0xFF; }},
    {"HashOfSha512", [](Rsa3072Number& em) { em[kDigestInfoAt + 4] = 0x03; }},
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

class SignedWrapping : public testing::TestWithParam<Wrapping> {};

TEST_P(SignedWrapping, IsGoodInOneFormOnly) {
  Rsa3072Number encoded = power_by_libcrypto(sign_message(kMessage), test_modulus());
  GetParam().change(encoded);
  const SignatureVerdict verdict = verify_rsa3072(rsa3072_private(encoded), test_modulus(), sha384(kMessage));
  EXPECT_EQ(verdict, GetParam().good ? SignatureVerdict::good : SignatureVerdict::not_signed);
}

INSTANTIATE_TEST_SUITE_P(VerifyRsa3072, SignedWrapping, testing::ValuesIn(kWrappings),
                         [](const auto& wrapping) { return wrapping.param.name; });

}  // namespace
}  // namespace tdxctl::image
