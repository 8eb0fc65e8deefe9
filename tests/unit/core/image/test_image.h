// SPDX-License-Identifier: MIT
// Module images made and signed here, with a key that exists for this alone.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/image/container.h"
#include "core/image/sigstruct.h"
#include "core/image/verify.h"

namespace tdxctl::image {

/// The test key, in PEM.
std::string test_key_pem();

/// Options that accept the test key.
VerifyOptions test_options();

/// Bytes of an Rsa3072Number, in the type that libcrypto counts in.
inline constexpr int kRsa3072Bytes = 384;

/// message ^ private exponent, of a number that is less than the modulus: what any signature is made by.
Rsa3072Number rsa3072_private(const Rsa3072Number& message);
/// What a signature of the test key wraps: the encoded message.
Rsa3072Number rsa3072_public(const Rsa3072Number& signature);
Rsa3072Number test_modulus();

/// A signature of the usual kind over a message.
Rsa3072Number sign_message(Bytes message);

/// What an image is made of, for a test to change before it is signed.
struct TestImage {
  Sigstruct sigstruct{};
  std::vector<std::uint8_t> module;

  /// Sets SEAMHASH, modulus and signature to what they have to be.
  TestImage& sign();
  /// Sets modulus and signature only.
  TestImage& sign_keeping_hash();
  [[nodiscard]] std::vector<std::uint8_t> sigstruct_bytes() const;
  [[nodiscard]] std::vector<std::uint8_t> file(Format format = Format::v0x200) const;
};

/// A sound production image of the 1.5 line for Sapphire Rapids, signed. Where its ELF parts lie:
inline constexpr std::size_t kTestSectionsAt = 0x1000;  ///< null, RELA, PROGBITS
inline constexpr std::size_t kTestRelocationsAt = 0x2000;
inline constexpr std::size_t kTestRelocations = 4;
TestImage make_test_image(std::size_t module_pages = 4);

/// Writes a value into bytes, little endian.
template <class T>
void put(std::vector<std::uint8_t>& bytes, std::size_t offset, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i) {
    bytes.at(offset + i) = static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> 8 * i);
  }
}

/// Makes the checksum of a container right again.
void reseal(std::vector<std::uint8_t>& file);

/// Names of all checks with that verdict.
std::set<std::string> names_of(Verdict verdict, const std::vector<Check>& checks);

}  // namespace tdxctl::image
