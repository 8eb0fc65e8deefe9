// SPDX-License-Identifier: MIT
// Signatures that have to be refused, each but for one thing good.
#include "core/image/rsa3072.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
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
  Rsa3072Number encoded = rsa3072_public(sign_message(kMessage));
  GetParam().change(encoded);
  const SignatureVerdict verdict = verify_rsa3072(rsa3072_private(encoded), test_modulus(), sha384(kMessage));
  EXPECT_EQ(verdict, GetParam().good ? SignatureVerdict::good : SignatureVerdict::not_signed);
}

INSTANTIATE_TEST_SUITE_P(VerifyRsa3072, SignedWrapping, testing::ValuesIn(kWrappings),
                         [](const auto& wrapping) { return wrapping.param.name; });

}  // namespace
}  // namespace tdxctl::image
