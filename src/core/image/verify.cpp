// SPDX-License-Identifier: MIT
#include "core/image/verify.h"

#include "core/image/elf.h"
#include "core/image/hex_digits.h"
#include "core/image/rsa3072.h"

namespace tdxctl::image {
namespace {

constexpr std::string_view kBadSig = "SEAMLDR_EBADSIG";

struct Subject {
  const Verification& image;
  const VerifyOptions& options;

  [[nodiscard]] const Sigstruct& sigstruct() const { return *image.sigstruct; }
};

Finding key_is_expected(const Subject& s) {
  const Sha384 found = key_hash(s.sigstruct().modulus);
  return holds(found == s.options.key_hash, "its hash is " + hex_digits(found));
}

Finding not_debug(const Subject& s) {
  if (!is_debug(s.sigstruct())) return ok("it is for production");
  return s.options.allow_debug ? skipped("it is debug-signed, which was allowed") : bad("it is debug-signed");
}

Finding signature_is_good(const Subject& s) {
  const Sha384 digest = sha384(signed_message(s.sigstruct()));
  switch (verify_rsa3072(s.sigstruct().signature, s.sigstruct().modulus, digest)) {
    case SignatureVerdict::good:
      return ok("RSA-3072, PKCS#1 v1.5, SHA-384");
    case SignatureVerdict::not_a_modulus:
      return bad("the modulus is even or has fewer than 3072 bits");
    case SignatureVerdict::out_of_range:
      return bad("the signature is not less than the modulus");
    case SignatureVerdict::not_signed:
      break;
  }
  return bad("the key did not sign these bytes");
}

Finding seamhash_is_right(const Subject& s) {
  if (!s.image.seamhash) return skipped("there is no module");
  return holds(*s.image.seamhash == s.sigstruct().seamhash,
               "the SHA-384 of the module is " + hex_digits(*s.image.seamhash));
}

using enum ErrorId;

constexpr RuleRow<Subject> kRules[] = {
    {{image_key, "the image carries the expected key", kBadSig}, key_is_expected},
    {{image_debug_signed, "the image is not debug-signed", kBadSig}, not_debug},
    {{image_signature, "the signature of the sigstruct is good", kBadSig}, signature_is_good},
    {{image_seamhash, "the SEAMHASH is the hash of the module", "SEAMLDR_EBADHASH"}, seamhash_is_right},
};

void verify_contents(Verification& image, const VerifyOptions& options) {
  const Parts& parts = image.parts;
  if (!parts.sigstruct.empty()) image.sigstruct = read_sigstruct(parts.sigstruct.first<kSigstructBytes>());
  if (!parts.module.empty()) image.seamhash = sha384(parts.module);

  check_sigstruct(image.sigstruct, parts.module.size(), image.checks);
  if (image.sigstruct) {
    run_rules<Subject>(kRules, {image, options}, image.checks);
  } else {
    skip_rules<Subject>(kRules, "there is no sigstruct", image.checks);
  }
  check_elf(parts.module, image.checks);
}

}  // namespace

Verification verify(Bytes file, const VerifyOptions& options) {
  Verification image;
  const Container container = check_container(file, image.checks);
  image.format = container.format;
  image.parts = container.parts;
  verify_contents(image, options);
  return image;
}

Verification verify_parts(Bytes sigstruct_file, Bytes module_file, const VerifyOptions& options) {
  Verification image;
  image.parts = check_parts(sigstruct_file, module_file, image.checks);
  verify_contents(image, options);
  return image;
}

Sha384 key_hash(const Rsa3072Number& modulus) { return sha384(modulus); }

}  // namespace tdxctl::image
