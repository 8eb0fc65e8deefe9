// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <vector>

#include "machine.h"
#include "seam/sigstruct.h"

namespace tdxctl::seam_test {

using Digest = std::array<u8, SEAM_HASH_BYTES>;

/// SHA-384 of the bytes.
Digest sha384(const void* data, std::size_t len);

/// The project's test-only key, to sign test modules with.
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

/// SHA-384 by fingerprint of what was hashed, and an entry for each valid signature; see
/// tests/vm/seam_host/machine_file.h.
using HashResults = std::map<u64, Digest>;

/// All that machines with install_crypto() have hashed and verified so far: what a home of the model that
/// cannot hash is to be handed. The calls under way in other threads must have ended.
const HashResults& hash_results();

/// Puts the image into the machine's memory; the RCX of SEAMLDR.INSTALL.
u64 stage(ModelMachine& machine, const TestImage& image, u32 scenario);

/// SEAMLDR.INSTALL on every LP; the answer of the last.
Answer install(ModelMachine& machine, u64 params);

}  // namespace tdxctl::seam_test
