// SPDX-License-Identifier: MIT
#include "test_image.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "test_key.h"
#include "vm/seam_host/machine_file.h"

namespace tdxctl::seam_test {
namespace {

template <class T>
T* required(T* pointer) {
  if (!pointer) throw std::runtime_error("OpenSSL failed");
  return pointer;
}

HashResults known_results;

/// The running hash of a machine; the P-SEAMLDR has one at a time.
struct RunningHash {
  EVP_MD_CTX* context = required(EVP_MD_CTX_new());
  u64 fingerprint = 0;

  static RunningHash& instance() {
    static RunningHash hash;
    return hash;
  }
};

void hash_start(void*) {
  auto& hash = RunningHash::instance();
  EVP_DigestInit_ex(hash.context, EVP_sha384(), nullptr);
  hash.fingerprint = SEAM_HOST_NO_BYTES;
}

void hash_add(void*, const void* data, u32 len) {
  auto& hash = RunningHash::instance();
  EVP_DigestUpdate(hash.context, data, len);
  hash.fingerprint = seam_host_fingerprint(hash.fingerprint, data, len);
}

void hash_end(void*, u8* digest) {
  auto& hash = RunningHash::instance();
  EVP_DigestFinal_ex(hash.context, digest, nullptr);
  std::copy_n(digest, SEAM_HASH_BYTES, known_results[hash.fingerprint].begin());
}

bool rsa_verify(void*, const u8* modulus, const u8* signature, const u8* digest) {
  std::array<u8, SIGSTRUCT_RSA_BYTES> big_modulus{}, big_signature{};
  std::reverse_copy(modulus, modulus + SIGSTRUCT_RSA_BYTES, big_modulus.begin());
  std::reverse_copy(signature, signature + SIGSTRUCT_RSA_BYTES, big_signature.begin());
  // m = s^65537 mod n, compared with the encoded message that PKCS #1 v1.5 wants.
  BN_CTX* context = required(BN_CTX_new());
  BIGNUM* n = required(BN_bin2bn(big_modulus.data(), SIGSTRUCT_RSA_BYTES, nullptr));
  BIGNUM* s = required(BN_bin2bn(big_signature.data(), SIGSTRUCT_RSA_BYTES, nullptr));
  BIGNUM* e = required(BN_new());
  BIGNUM* m = required(BN_new());
  BN_set_word(e, 65537);
  std::array<u8, SIGSTRUCT_RSA_BYTES> message{};
  bool worked = BN_mod_exp(m, s, e, n, context) == 1 &&
                BN_bn2binpad(m, message.data(), SIGSTRUCT_RSA_BYTES) == SIGSTRUCT_RSA_BYTES;
  for (auto* number : {n, s, e, m}) BN_free(number);
  BN_CTX_free(context);

  constexpr u8 kPrefix[] = {0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                            0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30};
  std::array<u8, SIGSTRUCT_RSA_BYTES> expected{};
  expected.fill(0xff);
  expected[0] = 0;
  expected[1] = 1;
  auto* hash = expected.end() - SEAM_HASH_BYTES;
  auto* prefix = hash - sizeof kPrefix;
  prefix[-1] = 0;
  std::ranges::copy(kPrefix, prefix);
  std::copy(digest, digest + SEAM_HASH_BYTES, hash);
  if (!worked || message != expected) return false;

  u64 fingerprint = seam_host_fingerprint(SEAM_HOST_NO_BYTES, modulus, SIGSTRUCT_RSA_BYTES);
  fingerprint = seam_host_fingerprint(fingerprint, signature, SIGSTRUCT_RSA_BYTES);
  known_results[seam_host_fingerprint(fingerprint, digest, SEAM_HASH_BYTES)] = {};
  return true;
}

EVP_PKEY* read_test_key() {
  BIO* text = required(BIO_new_mem_buf(kTestKey, sizeof kTestKey - 1));
  EVP_PKEY* key = required(PEM_read_bio_PrivateKey(text, nullptr, nullptr, nullptr));
  BIO_free(text);
  return key;
}

}  // namespace

Digest sha384(const void* data, std::size_t len) {
  Digest digest{};
  EVP_Digest(data, len, digest.data(), nullptr, EVP_sha384(), nullptr);
  return digest;
}

struct SigningKey::Impl {
  EVP_PKEY* key = read_test_key();
  std::array<u8, SIGSTRUCT_RSA_BYTES> modulus{};  // least significant byte first
};

SigningKey::SigningKey() : impl_(new Impl) {
  BIGNUM* n = nullptr;
  EVP_PKEY_get_bn_param(impl_->key, OSSL_PKEY_PARAM_RSA_N, &n);
  BN_bn2lebinpad(required(n), impl_->modulus.data(), SIGSTRUCT_RSA_BYTES);
  BN_free(n);
}

SigningKey::~SigningKey() {
  EVP_PKEY_free(impl_->key);
  delete impl_;
}

const SigningKey& SigningKey::shared() {
  static const SigningKey key;
  return key;
}

Digest SigningKey::fingerprint() const { return sha384(impl_->modulus.data(), SIGSTRUCT_RSA_BYTES); }

void SigningKey::sign(seam_sigstruct& sigstruct) const {
  std::ranges::copy(impl_->modulus, sigstruct.modulus);
  sigstruct.exponent = 65537;
  const auto* bytes = reinterpret_cast<const u8*>(&sigstruct);
  EVP_MD_CTX* context = required(EVP_MD_CTX_new());
  std::array<u8, SIGSTRUCT_RSA_BYTES> signature{};
  std::size_t len = signature.size();
  EVP_DigestSignInit(context, nullptr, EVP_sha384(), nullptr, impl_->key);
  EVP_DigestSignUpdate(context, bytes, SIGSTRUCT_HEADER_BYTES);
  EVP_DigestSignUpdate(context, bytes + SIGSTRUCT_BODY_AT, sizeof sigstruct - SIGSTRUCT_BODY_AT);
  EVP_DigestSignFinal(context, signature.data(), &len);
  EVP_MD_CTX_free(context);
  std::reverse_copy(signature.begin(), signature.end(), sigstruct.signature);
}

void TestImage::seal() {
  std::ranges::copy(sha384(image.data(), image.size()), sigstruct.seamhash);
  SigningKey::shared().sign(sigstruct);
}

TestImage make_image(const seam_module_release& release, const seam_profile& profile) {
  TestImage made;
  made.image.assign(3 * 4096, 0);
  constexpr u8 kElf[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
  std::ranges::copy(kElf, made.image.begin());
  made.image[20] = 1;
  seam_image_note note{};
  std::memcpy(note.magic, SEAM_IMAGE_NOTE_MAGIC, sizeof note.magic);
  note.major = release.major;
  note.minor = release.minor;
  note.update = release.update;
  note.build_num = release.build_num;
  note.generation = release.generation;
  note.features0 = release.features0;
  std::memcpy(&made.image[SEAM_IMAGE_NOTE_AT], &note, sizeof note);

  auto& s = made.sigstruct;
  s.header_type = 6;
  s.header_dwords = 0xe1;
  s.header_version = 0x10000;
  s.vendor = 0x8086;
  s.date = 0x20260131;
  s.dwords = 0x200;
  s.key_dwords = s.modulus_dwords = 0x60;
  s.exponent_dwords = 1;
  s.svn_major = release.svn_major;
  s.svn_minor = release.svn_minor;
  s.stack_pages = s.tls_pages = 1;
  s.keyhole_pages = 127;
  s.global_data_pages = 21;
  s.module_hv = release.module_hv;
  s.min_update_hv = release.min_update_hv;
  s.no_downgrade = release.no_downgrade;
  s.handoff_pages = release.handoff_pages;
  s.gdt_idt_offset = 0x1000;
  s.fault_wrapper_offset = 0x2000;
  s.cpuid_table_size = 1;
  s.cpuid_table[0] = profile.fms[0] & ~0xfu;
  made.seal();
  return made;
}

seam_profile trusting_profile(const seam_profile& profile) {
  seam_profile trusting = profile;
  std::ranges::copy(SigningKey::shared().fingerprint(), trusting.seamldr.trusted_key);
  return trusting;
}

void install_crypto(Machine& machine) {
  auto& callbacks = machine.callbacks();
  callbacks.hash_start = hash_start;
  callbacks.hash_add = hash_add;
  callbacks.hash_end = hash_end;
  callbacks.rsa_verify = rsa_verify;
}

const HashResults& hash_results() { return known_results; }

u64 stage(ModelMachine& machine, const TestImage& image, u32 scenario) {
  constexpr u64 kParams = 0x20000000, kSigstruct = 0x20001000, kImage = 0x21000000;
  seamldr_params params{};
  params.scenario = scenario;
  params.sigstruct_pa = kSigstruct;
  params.nr_pages = image.image.size() / 4096;
  machine.write_memory(kParams, &params, sizeof params);
  machine.write_memory(kSigstruct, &image.sigstruct, sizeof image.sigstruct);
  for (u64 i = 0; i < params.nr_pages; ++i) {
    // Every other page: the pages of an image need not be contiguous.
    u64 pa = kImage + 2 * 4096 * i;
    machine.write_memory(kParams + PARAMS_PAGES_AT + 8 * i, &pa, sizeof pa);
    machine.write_memory(pa, &image.image[4096 * i], 4096);
  }
  return kParams;
}

Answer install(ModelMachine& machine, u64 params) {
  Answer answer;
  seam_regs regs{};
  regs.rcx = params;
  for (u32 lp = 0; lp < machine.profile().lps; ++lp) {
    regs.rdx = 0xd0;
    answer = machine.call(kSeamldrInstall, regs, lp);
    if (answer.outcome != SEAM_RETURNED) return answer;
  }
  return answer;
}

}  // namespace tdxctl::seam_test
