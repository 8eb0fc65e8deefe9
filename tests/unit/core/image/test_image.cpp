// SPDX-License-Identifier: MIT
#include "unit/core/image/test_image.h"

#include <elf.h>
#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>

namespace tdxctl::image {
namespace {

EVP_PKEY* test_key() {
  static const auto key = [] {
    const std::string pem = test_key_pem();
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
    return std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>(
        PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  }();
  EXPECT_NE(key, nullptr) << "the test key cannot be read";
  return key.get();
}

std::vector<std::uint8_t> make_module(std::size_t pages) {
  std::vector<std::uint8_t> module(pages * kPageBytes);
  std::uint32_t noise = 1;
  for (std::size_t i = 3 * kPageBytes; i < module.size(); ++i) {
    noise = noise * 1664525 + 1013904223;
    module[i] = static_cast<std::uint8_t>(noise >> 24);
  }
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_DYN;
  header.e_machine = EM_X86_64;
  header.e_entry = 0x3000;
  header.e_shoff = kTestSectionsAt;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = 3;
  std::memcpy(module.data(), &header, sizeof header);

  Elf64_Shdr sections[3] = {};
  sections[1].sh_type = SHT_RELA;
  sections[1].sh_addr = kTestRelocationsAt;
  sections[1].sh_size = kTestRelocations * sizeof(Elf64_Rela);
  sections[1].sh_entsize = sizeof(Elf64_Rela);
  sections[2].sh_type = SHT_PROGBITS;
  std::memcpy(module.data() + kTestSectionsAt, sections, sizeof sections);

  for (std::size_t i = 0; i < kTestRelocations; ++i) {
    const Elf64_Rela entry = {0x2800 + i * 8, R_X86_64_RELATIVE, static_cast<Elf64_Sxword>(0x3000 + i * 16)};
    std::memcpy(module.data() + kTestRelocationsAt + i * sizeof entry, &entry, sizeof entry);
  }
  return module;
}

}  // namespace

std::string test_key_pem() {
  std::ifstream file(TDXCTL_TEST_DATA_DIR "/images/test-only-signing-key.pem");
  return {std::istreambuf_iterator<char>(file), {}};
}

Rsa3072Number test_modulus() {
  BIGNUM* n = nullptr;
  EXPECT_EQ(EVP_PKEY_get_bn_param(test_key(), OSSL_PKEY_PARAM_RSA_N, &n), 1);
  Rsa3072Number modulus;
  EXPECT_EQ(BN_bn2lebinpad(n, modulus.data(), kRsa3072Bytes), kRsa3072Bytes);
  BN_free(n);
  return modulus;
}

VerifyOptions test_options() { return {.key_hash = key_hash(test_modulus())}; }

namespace {

/// message ^ the exponent of that name, modulo the test key's modulus.
Rsa3072Number power(const Rsa3072Number& message, const char* exponent_name) {
  BIGNUM* n = nullptr;
  BIGNUM* exponent = nullptr;
  EVP_PKEY_get_bn_param(test_key(), OSSL_PKEY_PARAM_RSA_N, &n);
  EVP_PKEY_get_bn_param(test_key(), exponent_name, &exponent);
  BIGNUM* const m = BN_lebin2bn(message.data(), kRsa3072Bytes, nullptr);
  BN_CTX* const context = BN_CTX_new();
  EXPECT_EQ(BN_mod_exp(m, m, exponent, n, context), 1);
  Rsa3072Number result;
  BN_bn2lebinpad(m, result.data(), kRsa3072Bytes);
  BN_CTX_free(context);
  for (BIGNUM* number : {n, exponent, m}) BN_free(number);
  return result;
}

}  // namespace

Rsa3072Number rsa3072_private(const Rsa3072Number& message) { return power(message, OSSL_PKEY_PARAM_RSA_D); }

Rsa3072Number rsa3072_public(const Rsa3072Number& message) { return power(message, OSSL_PKEY_PARAM_RSA_E); }

Rsa3072Number sign_message(Bytes message) {
  Rsa3072Number signature;
  std::size_t length = signature.size();
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, EVP_sha384(), nullptr, test_key()), 1);
  EXPECT_EQ(EVP_DigestSign(context.get(), signature.data(), &length, message.data(), message.size()), 1);
  std::ranges::reverse(signature);
  return signature;
}

TestImage& TestImage::sign() {
  sigstruct.seamhash = sha384(module);
  return sign_keeping_hash();
}

TestImage& TestImage::sign_keeping_hash() {
  sigstruct.modulus = test_modulus();
  sigstruct.signature = sign_message(signed_message(sigstruct));
  return *this;
}

std::vector<std::uint8_t> TestImage::sigstruct_bytes() const {
  std::vector<std::uint8_t> bytes(sizeof sigstruct);
  std::memcpy(bytes.data(), &sigstruct, sizeof sigstruct);
  return bytes;
}

std::vector<std::uint8_t> TestImage::file(Format format) const {
  const std::vector<std::uint8_t> bytes = sigstruct_bytes();
  auto container = build_container(format, {bytes, module});
  EXPECT_TRUE(container) << container.error().what;
  return *container;
}

TestImage make_test_image(std::size_t module_pages) {
  TestImage image;
  Sigstruct& s = image.sigstruct;
  s.header_type = 6;
  s.header_dwords = 0xE1;
  s.header_version = 0x10000;
  s.vendor = 0x8086;
  s.date_bcd = 0x20240129;
  s.size_dwords = 0x200;
  s.key_dwords = 0x60;
  s.modulus_dwords = 0x60;
  s.exponent_dwords = 1;
  s.exponent = 65537;
  s.svn_major = 1;
  s.svn_minor = 5;
  s.rip_offset = 0x3000;
  s.stack_pages = 1;
  s.tls_pages = 1;
  s.keyhole_pages = 127;
  s.global_data_pages = 21;
  s.handoff_pages = 13;
  s.gdt_idt_offset = 0x1000;
  s.fault_wrapper_offset = 0x3100;
  s.cpu_count = 1;
  s.cpus = {0x806F8};
  image.module = make_module(module_pages);
  image.sign();
  return image;
}

void reseal(std::vector<std::uint8_t>& file) {
  put<std::uint16_t>(file, 2, 0);
  put(file, 2, static_cast<std::uint16_t>(-sum16(file)));
}

std::set<std::string> names_of(Verdict verdict, const std::vector<Check>& checks) {
  std::set<std::string> names;
  for (const Check& check : checks) {
    if (check.verdict == verdict) names.emplace(check.name());
  }
  return names;
}

}  // namespace tdxctl::image
