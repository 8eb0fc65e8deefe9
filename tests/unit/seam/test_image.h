// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "machine.h"
#include "seam/sigstruct.h"

namespace tdxctl::seam_test {

using Digest = std::array<u8, SEAM_HASH_BYTES>;

/// SHA-384 of the bytes.
Digest sha384(const void* data, std::size_t len);

/// A key to sign test modules with, made once in a run.
class SigningKey {
 public:
  SigningKey();
  ~SigningKey();
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;

  /// SHA-384 of the modulus in the order of a sigstruct: what a profile may trust.
  [[nodiscard]] Digest fingerprint() const;

  /// Writes modulus, exponent and signature into the sigstruct.
  void sign(seam_sigstruct& sigstruct) const;

  static const SigningKey& shared();

 private:
  struct Impl;
  Impl* impl_;
};

/// A module image with its sigstruct, both valid until a test spoils them.
struct TestImage {
  std::vector<u8> image;
  seam_sigstruct sigstruct{};

  /// Makes hash and signature right for what the image and the sigstruct now are.
  void seal();
};

/// An image that says it is @release.
TestImage make_image(const seam_module_release& release, const seam_profile& profile);

/// Gives the machine real SHA-384 and RSA, and its P-SEAMLDR the test key.
seam_profile trusting_profile(const seam_profile& profile);
void install_crypto(Machine& machine);

/// Puts the image into the machine's memory; the RCX of SEAMLDR.INSTALL.
u64 stage(Machine& machine, const TestImage& image, u32 scenario);

/// SEAMLDR.INSTALL on every LP; the answer of the last.
Answer install(Machine& machine, u64 params);

}  // namespace tdxctl::seam_test
