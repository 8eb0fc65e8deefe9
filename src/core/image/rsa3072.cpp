// SPDX-License-Identifier: MIT
#include "core/image/rsa3072.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

namespace tdxctl::image {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie in the sigstruct");

using Limb = std::uint64_t;
__extension__ using DoubleLimb = unsigned __int128;

constexpr std::size_t kLimbs = 3072 / 64;
using Number = std::array<Limb, kLimbs>;  // least significant limb first

// Adds a * b + carry to sum; returns the new carry.
inline Limb multiply_add(Limb& sum, Limb a, Limb b, Limb carry) {
  const DoubleLimb result = DoubleLimb{a} * b + sum + carry;
  sum = static_cast<Limb>(result);
  return static_cast<Limb>(result >> 64);
}

bool less(const Number& a, const Number& b) {
  return std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend());
}

void subtract(Number& a, const Number& b) {
  Limb borrow = 0;
  for (std::size_t i = 0; i < kLimbs; ++i) {
    const DoubleLimb result = DoubleLimb{a[i]} - b[i] - borrow;
    a[i] = static_cast<Limb>(result);
    borrow = static_cast<Limb>(result >> 64) & 1;
  }
}

// Arithmetic modulo an odd n of 3072 bits, on numbers in Montgomery form: x stands for x / R, with R =
// 2^3072.
class Montgomery {
 public:
  explicit Montgomery(const Number& modulus) : n_(modulus) {
    // Newton's iteration: each round doubles the number of right bits, and n itself is right in three.
    Limb inverse = n_[0];
    for (int round = 0; round < 5; ++round) inverse *= 2 - n_[0] * inverse;
    minus_inverse_ = -inverse;
  }

  // a * b / R
  [[nodiscard]] Number multiply(const Number& a, const Number& b) const {
    std::array<Limb, kLimbs + 1> sum{};
    for (const Limb limb : b) {
      Limb carry = 0;
      for (std::size_t i = 0; i < kLimbs; ++i) carry = multiply_add(sum[i], a[i], limb, carry);
      Limb overflow = multiply_add(sum[kLimbs], 1, carry, 0);

      // A multiple of n makes the lowest limb zero; then everything moves down by one limb.
      const Limb factor = sum[0] * minus_inverse_;
      carry = multiply_add(sum[0], factor, n_[0], 0);
      for (std::size_t i = 1; i < kLimbs; ++i) {
        carry = multiply_add(sum[i], factor, n_[i], carry);
        sum[i - 1] = sum[i];
      }
      overflow += multiply_add(sum[kLimbs], 1, carry, 0);
      sum[kLimbs - 1] = sum[kLimbs];
      sum[kLimbs] = overflow;
    }
    Number result;
    std::copy_n(sum.begin(), kLimbs, result.begin());
    if (sum[kLimbs] != 0 || !less(result, n_)) subtract(result, n_);
    return result;
  }

  [[nodiscard]] Number square(const Number& a) const { return multiply(a, a); }

  // Into the form: multiplied by R, which is to be divided by R * R first.
  [[nodiscard]] Number enter(const Number& a) const { return multiply(a, r_squared()); }

  [[nodiscard]] Number leave(const Number& a) const { return multiply(a, {1}); }

 private:
  [[nodiscard]] Number r_squared() const {
    Number x{};  // R mod n: R - n, because n has its highest bit set
    subtract(x, n_);
    // As a number in the form that is 1. Doubled 48 times it is 2^48, and six squarings make 2^3072 of that:
    // R, in the form R * R.
    for (int i = 0; i < 48; ++i) {
      const bool overflow = x[kLimbs - 1] >> 63 != 0;
      for (std::size_t limb = kLimbs - 1; limb > 0; --limb) x[limb] = x[limb] << 1 | x[limb - 1] >> 63;
      x[0] <<= 1;
      if (overflow || !less(x, n_)) subtract(x, n_);
    }
    for (int i = 0; i < 6; ++i) x = square(x);
    return x;
  }

  Number n_;
  Limb minus_inverse_ = 0;  // -1 / n modulo 2^64
};

Number to_limbs(const Rsa3072Number& bytes) {
  Number limbs;
  std::memcpy(limbs.data(), bytes.data(), sizeof limbs);
  return limbs;
}

// EMSA-PKCS1-v1_5 of a SHA-384 digest, least significant byte first.
Rsa3072Number encode(const Sha384& digest) {
  constexpr std::array<std::uint8_t, 19> kDigestInfo = {0x30, 0x41, 0x30, 0x0D, 0x06, 0x09, 0x60,
                                                        0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                                                        0x02, 0x05, 0x00, 0x04, 0x30};
  Rsa3072Number message;
  message.fill(0xFF);
  auto end = std::copy(digest.rbegin(), digest.rend(), message.begin());
  end = std::copy(kDigestInfo.rbegin(), kDigestInfo.rend(), end);
  *end = 0x00;
  message[382] = 0x01;
  message[383] = 0x00;
  return message;
}

bool is_modulus(const Number& n) { return n.front() % 2 == 1 && n.back() >> 63 == 1; }

}  // namespace

Rsa3072Number rsa3072_public(const Rsa3072Number& value, const Rsa3072Number& modulus) {
  const Montgomery arithmetic(to_limbs(modulus));
  const Number base = arithmetic.enter(to_limbs(value));
  Number power = base;
  for (int i = 0; i < 16; ++i) power = arithmetic.square(power);
  power = arithmetic.leave(arithmetic.multiply(power, base));

  Rsa3072Number bytes;
  std::memcpy(bytes.data(), power.data(), sizeof bytes);
  return bytes;
}

SignatureVerdict verify_rsa3072(const Rsa3072Number& signature, const Rsa3072Number& modulus,
                                const Sha384& digest) {
  const Number n = to_limbs(modulus);
  if (!is_modulus(n)) return SignatureVerdict::not_a_modulus;
  if (!less(to_limbs(signature), n)) return SignatureVerdict::out_of_range;
  return rsa3072_public(signature, modulus) == encode(digest) ? SignatureVerdict::good
                                                              : SignatureVerdict::not_signed;
}

}  // namespace tdxctl::image
