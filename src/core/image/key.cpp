// SPDX-License-Identifier: MIT
#include "core/image/key.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/image/hex_digits.h"
#include "core/image/verify.h"

namespace tdxctl::image {
namespace {

constexpr std::string_view kBegin = "-----BEGIN PUBLIC KEY-----";
constexpr std::string_view kEnd = "-----END PUBLIC KEY-----";

// A SubjectPublicKeyInfo of this one kind always has the same bytes around the modulus (RFC 8017, A.1.1): two
// sequences, the object identifier rsaEncryption, a bit string, a sequence, and an integer of 385 bytes; then
// the exponent, 65537.
constexpr std::array<std::uint8_t, 33> kBeforeModulus = {
    0x30, 0x82, 0x01, 0xA2, 0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01,
    0x05, 0x00, 0x03, 0x82, 0x01, 0x8F, 0x00, 0x30, 0x82, 0x01, 0x8A, 0x02, 0x82, 0x01, 0x81, 0x00};
constexpr std::array<std::uint8_t, 5> kAfterModulus = {0x02, 0x03, 0x01, 0x00, 0x01};
constexpr std::size_t kModulusBytes = std::tuple_size_v<Rsa3072Number>;

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

bool is_space(char c) { return c == '\n' || c == '\r' || c == ' ' || c == '\t'; }

// Base64 up to its padding; nothing where there is another character.
std::optional<std::vector<std::uint8_t>> decode_base64(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    if (is_space(c) || c == '=') continue;
    const int digit = base64_digit(c);
    if (digit < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes.push_back(static_cast<std::uint8_t>(bits >> held));
    }
  }
  return bytes;
}

std::optional<Rsa3072Number> modulus_of(std::span<const std::uint8_t> der) {
  if (der.size() != kBeforeModulus.size() + kModulusBytes + kAfterModulus.size()) return std::nullopt;
  if (!std::ranges::equal(der.first(kBeforeModulus.size()), kBeforeModulus)) return std::nullopt;
  if (!std::ranges::equal(der.last(kAfterModulus.size()), kAfterModulus)) return std::nullopt;
  Rsa3072Number modulus;
  std::ranges::reverse_copy(der.subspan(kBeforeModulus.size(), kModulusBytes), modulus.begin());
  return modulus;
}

}  // namespace

Result<Sha384> parse_key(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  const std::size_t begin = text.find(kBegin);
  const std::size_t end = text.find(kEnd);
  if (begin == text.npos || end == text.npos || end < begin) {
    Sha384 hash;
    if (parse_hex_digits(text, hash)) return hash;
    return fail(ErrorId::bad_key, "this is neither the hash of a key nor a public key in PEM");
  }
  const auto der = decode_base64(text.substr(begin + kBegin.size(), end - begin - kBegin.size()));
  const auto modulus = der ? modulus_of(*der) : std::nullopt;
  if (!modulus) return fail(ErrorId::bad_key, "the public key is not one of RSA-3072 with exponent 65537");
  return key_hash(*modulus);
}

}  // namespace tdxctl::image
