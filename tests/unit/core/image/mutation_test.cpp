// SPDX-License-Identifier: MIT
// Every rule of an image is broken alone, with all else kept right: it alone is found broken.
#include <elf.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <functional>

#include "unit/core/image/test_image.h"

namespace tdxctl::image {
namespace {

using File = std::vector<std::uint8_t>;

struct Mutation {
  const char* name;
  ErrorId broken;
  std::function<void(TestImage&)> image;  // before it is hashed and signed
  std::function<void(File&)> file = {};   // after it was built, before the checksum is made right
  Format format = Format::v0x200;
};

void PrintTo(const Mutation& mutation, std::ostream* out) { *out << mutation.name; }

constexpr std::size_t kRelaSection = kTestSectionsAt + sizeof(Elf64_Shdr);

const auto kAsIs = [](TestImage&) {};

template <class T>
auto module_put(std::size_t offset, T value) {
  return [offset, value](TestImage& image) { put(image.module, offset, value); };
}

template <class T>
auto file_put(std::size_t offset, T value) {
  return [offset, value](File& file) { put(file, offset, value); };
}

using enum ErrorId;
using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

const Mutation kMutations[] = {
    // The file.
    {"Version0x100", image_version, kAsIs, file_put(0, u16{0x101}), Format::v0x100},
    {"Version0x200", image_version, kAsIs, file_put(0, u16{0x300})},
    {"Magic0x100", image_magic, kAsIs, file_put(8, u8{'X'}), Format::v0x100},
    {"Magic0x200", image_magic, kAsIs, file_put(11, u8{'b'})},
    {"Length0x100", image_length, kAsIs, file_put(16, u32{0x6001}), Format::v0x100},
    {"LengthShort0x200", image_length, kAsIs, file_put(16, u32{5})},
    {"LengthTail0x200", image_length, kAsIs, [](File& file) { file.resize(file.size() + kPageBytes); }},
    {"ReservedWord0x100", image_reserved, kAsIs, file_put(20, u8{1}), Format::v0x100},
    {"ReservedEnd0x100", image_reserved, kAsIs, file_put(4095, u8{1}), Format::v0x100},
    {"ReservedStart0x200", image_reserved, kAsIs, file_put(20, u8{1})},
    {"ReservedEnd0x200", image_reserved, kAsIs, file_put(4095, u8{1})},
    {"OffsetUnaligned", image_module_offset, kAsIs, file_put(4, u32{0x2001}), Format::v0x100},
    {"OffsetInHeader", image_module_offset, kAsIs, file_put(4, u32{0}), Format::v0x100},
    {"OffsetBeyondEnd", image_module_offset, kAsIs, file_put(4, u32{0xFFFFF000}), Format::v0x100},
    {"NoSigstructPage0x100", image_sigstruct_pages, kAsIs, file_put(4, u32{0x1000}), Format::v0x100},
    {"TwoSigstructPages0x100", image_sigstruct_pages, kAsIs, file_put(4, u32{0x3000}), Format::v0x100},
    {"NoSigstructPage0x200", image_sigstruct_pages, kAsIs, file_put(12, u32{0})},
    {"TwoSigstructPages0x200", image_sigstruct_pages, kAsIs, file_put(12, u32{2})},
    {"ManySigstructPages0x200", image_sigstruct_pages, kAsIs, file_put(12, u32{0xFFFFFFFF})},
    {"NoModule0x100", image_module_missing, kAsIs,
     [](File& file) {
       file.resize(2 * kPageBytes);
       put(file, 16, u32{2 * kPageBytes});
     },
     Format::v0x100},
    {"NoModule0x200", image_module_missing, kAsIs, file_put(16, u32{0})},
    {"TooLarge0x100", image_module_too_large, kAsIs,
     [](File& file) {
       file.resize(kMaxFileBytes + kPageBytes);
       put(file, 16, static_cast<u32>(file.size()));
     },
     Format::v0x100},
    {"TooLarge0x200", image_module_too_large, kAsIs,
     [](File& file) {
       file.resize(kMaxFileBytes + kPageBytes);
       put(file, 16, u32{kMaxModulePages + 1});
     }},
    {"HugeCount0x200", image_module_too_large, kAsIs, file_put(16, u32{0xFFFFFFFF})},
    {"Unaligned0x100", image_module_unaligned, kAsIs,
     [](File& file) {
       file.resize(file.size() + 2);
       put(file, 16, static_cast<u32>(file.size()));
     },
     Format::v0x100},
    {"PaddingStart0x100", image_sigstruct_padding, kAsIs, file_put(4096 + 2048, u8{1}), Format::v0x100},
    {"PaddingEnd0x200", image_sigstruct_padding, kAsIs, file_put(8191, u8{1})},

    // The sigstruct.
    {"ReservedHeader", image_sigstruct_reserved, [](TestImage& i) { i.sigstruct.reserved_header[87] = 1; }},
    {"ReservedTdmr", image_sigstruct_reserved, [](TestImage& i) { i.sigstruct.reserved_tdmr[0] = 1; }},
    {"ReservedHandoff", image_sigstruct_reserved, [](TestImage& i) { i.sigstruct.reserved_handoff = 1; }},
    {"ReservedBody", image_sigstruct_reserved, [](TestImage& i) { i.sigstruct.reserved_body[0] = 1; }},
    {"BuildUpdate", image_sigstruct_build_info, [](TestImage& i) { i.sigstruct.build_update = 5; }},
    {"BuildUnknown", image_sigstruct_build_info, [](TestImage& i) { i.sigstruct.build_unknown = 8; }},
    {"HeaderType", image_sigstruct_header_type, [](TestImage& i) { i.sigstruct.header_type = 7; }},
    {"HeaderLength", image_sigstruct_header_length, [](TestImage& i) { i.sigstruct.header_dwords = 0xE2; }},
    {"HeaderVersion", image_sigstruct_header_version,
     [](TestImage& i) { i.sigstruct.header_version = 0x10001; }},
    {"KeySize", image_sigstruct_key_size, [](TestImage& i) { i.sigstruct.key_dwords = 0x40; }},
    {"ExponentSize", image_sigstruct_exponent_size, [](TestImage& i) { i.sigstruct.exponent_dwords = 2; }},
    {"ModulusSize", image_sigstruct_modulus_size, [](TestImage& i) { i.sigstruct.modulus_dwords = 0x40; }},
    {"Vendor", image_sigstruct_vendor, [](TestImage& i) { i.sigstruct.vendor = 0x1022; }},
    {"ModuleType", image_sigstruct_module_type, [](TestImage& i) { i.sigstruct.module_type = 1; }},
    {"Attributes", image_sigstruct_attributes, [](TestImage& i) { i.sigstruct.attributes = u64{1} << 63; }},
    {"SigstructSize", image_sigstruct_size, [](TestImage& i) { i.sigstruct.size_dwords = 0x201; }},
    {"CpuCount", image_sigstruct_cpu_count, [](TestImage& i) { i.sigstruct.cpu_count = 256; }},
    {"Exponent", image_sigstruct_exponent, [](TestImage& i) { i.sigstruct.exponent = 3; }},
    {"HandoffVersions", image_sigstruct_handoff_versions,
     [](TestImage& i) { i.sigstruct.min_update_hv = 1; }},
    {"GdtIdtAlignment", image_sigstruct_gdt_idt_alignment,
     [](TestImage& i) { i.sigstruct.gdt_idt_offset = 0x1800; }},
    {"GdtIdtAlone", image_sigstruct_gdt_idt_pair, [](TestImage& i) { i.sigstruct.fault_wrapper_offset = 0; }},
    {"FaultWrapperAlone", image_sigstruct_gdt_idt_pair, [](TestImage& i) { i.sigstruct.gdt_idt_offset = 0; }},
    {"SvnMajor", image_sigstruct_svn_major, [](TestImage& i) { i.sigstruct.svn_major = 0; }},
    {"GdtIdtOutside", image_sigstruct_gdt_idt_outside,
     [](TestImage& i) { i.sigstruct.gdt_idt_offset = 0x4000; }},
    {"GdtIdtFarOutside", image_sigstruct_gdt_idt_outside,
     [](TestImage& i) { i.sigstruct.gdt_idt_offset = 0xFFFFF000; }},
    {"FaultWrapperOutside", image_sigstruct_fault_wrapper_outside,
     [](TestImage& i) { i.sigstruct.fault_wrapper_offset = 0x3E01; }},
    {"CpuListEmpty", image_sigstruct_cpu_list_empty,
     [](TestImage& i) {
       i.sigstruct.cpu_count = 0;
       i.sigstruct.cpus = {};
     }},
    {"CpuListPadding", image_sigstruct_cpu_list_padding, [](TestImage& i) { i.sigstruct.cpus[254] = 1; }},
    {"DateDigit", image_sigstruct_date, [](TestImage& i) { i.sigstruct.date_bcd = 0x2024012A; }},
    {"DateDay", image_sigstruct_date, [](TestImage& i) { i.sigstruct.date_bcd = 0x20240230; }},
    {"DateMonth", image_sigstruct_date, [](TestImage& i) { i.sigstruct.date_bcd = 0x20241301; }},
    {"EntryOutside", image_sigstruct_entry_outside, [](TestImage& i) { i.sigstruct.rip_offset = 0x4000; }},
    {"DebugSigned", image_debug_signed, [](TestImage& i) { i.sigstruct.module_type = 1u << 31; }},

    // The module.
    {"ElfMagic", image_elf_magic, module_put(3, u8{'G'})},
    {"ElfClass", image_elf_class, module_put(EI_CLASS, u8{ELFCLASS32})},
    {"ElfByteOrder", image_elf_byte_order, module_put(EI_DATA, u8{ELFDATA2MSB})},
    {"ElfVersion", image_elf_version, module_put(EI_VERSION, u8{2})},
    {"SectionsOutside", image_elf_sections,
     module_put(offsetof(Elf64_Ehdr, e_shoff), u64{0x4000 - 3 * 64 + 1})},
    {"SectionsWrap", image_elf_sections, module_put(offsetof(Elf64_Ehdr, e_shoff), ~u64{0})},
    {"SectionSize", image_elf_sections, module_put(offsetof(Elf64_Ehdr, e_shentsize), u16{1})},
    {"RelaEntrySize", image_elf_rela_table,
     module_put(kRelaSection + offsetof(Elf64_Shdr, sh_entsize), u64{0})},
    {"RelaSize", image_elf_rela_table, module_put(kRelaSection + offsetof(Elf64_Shdr, sh_size), u64{25})},
    {"RelaOutside", image_elf_rela_table,
     module_put(kRelaSection + offsetof(Elf64_Shdr, sh_addr), u64{0x4000 - 95})},
    {"RelaWraps", image_elf_rela_table,
     module_put(kRelaSection + offsetof(Elf64_Shdr, sh_addr), ~u64{0} - 23)},
    {"RelaType", image_elf_rela_type,
     module_put(kTestRelocationsAt + offsetof(Elf64_Rela, r_info), u64{R_X86_64_64})},
    {"RelaSymbol", image_elf_rela_type,
     module_put(kTestRelocationsAt + offsetof(Elf64_Rela, r_info), u64{1} << 32 | R_X86_64_RELATIVE)},
    {"RelaOffset", image_elf_rela_offset,
     module_put(kTestRelocationsAt + offsetof(Elf64_Rela, r_offset), u64{0x4000 - 7})},
    {"RelaAddend", image_elf_rela_addend,
     module_put(kTestRelocationsAt + offsetof(Elf64_Rela, r_addend), u64{0x4000})},
    {"RelaAddendNegative", image_elf_rela_addend,
     module_put(kTestRelocationsAt + offsetof(Elf64_Rela, r_addend), ~u64{0})},
};

File mutated_file(const Mutation& mutation) {
  TestImage image = make_test_image();
  mutation.image(image);
  File file = image.sign().file(mutation.format);
  if (mutation.file) {
    mutation.file(file);
    reseal(file);
  }
  return file;
}

class BrokenImage : public testing::TestWithParam<Mutation> {};

TEST_P(BrokenImage, IsKnownByTheOneRuleThatItBreaks) {
  const Verification image = verify(mutated_file(GetParam()), test_options());
  EXPECT_EQ(names_of(Verdict::bad, image.checks),
            std::set<std::string>{std::string(error_info(GetParam().broken).name)});
  EXPECT_FALSE(image.sound());
}

INSTANTIATE_TEST_SUITE_P(EveryRule, BrokenImage, testing::ValuesIn(kMutations),
                         [](const auto& mutation) { return mutation.param.name; });

// Rules about key, hash and file that cannot be broken before signing have tests of their own, in
// verify_test.
TEST(BrokenImage, CoversEveryRuleOfTheReport) {
  std::set<std::string> rules = {"image_too_short", "image_checksum", "image_key",
                                 "image_signature", "image_seamhash", "image_sigstruct_length"};
  for (const Mutation& mutation : kMutations) rules.emplace(error_info(mutation.broken).name);

  std::set<std::string> reported;
  const TestImage image = make_test_image();
  for (const Format format : {Format::v0x100, Format::v0x200}) {
    for (const Check& check : verify(image.file(format), test_options()).checks)
      reported.emplace(check.name());
  }
  for (const Check& check : verify_parts(image.sigstruct_bytes(), image.module, test_options()).checks) {
    reported.emplace(check.name());
  }
  EXPECT_EQ(rules, reported);
}

TEST(BrokenImage, IsNoticedWhateverFieldOfTheSigstructChanges) {
  File file = make_test_image().file();
  // Every byte of the small fields, and some of modulus, signature, hash and CPU list.
  const auto step = [](std::size_t i) { return (i >= 128 && i < 948) || i >= 1032 ? 11 : 1; };
  for (std::size_t i = 0; i < kSigstructBytes; i += step(i)) {
    const auto bit = static_cast<u8>(1 << i % 8);
    file[kPageBytes + i] ^= bit;
    reseal(file);
    const Verification image = verify(file, test_options());
    const bool is_exponent = i >= 512 && i < 516;  // no part of the message: it has a rule of its own
    EXPECT_EQ(names_of(Verdict::bad, image.checks).contains("image_signature"), !is_exponent) << i;
    EXPECT_FALSE(image.sound()) << i;
    file[kPageBytes + i] ^= bit;
  }
}

TEST(BrokenImage, IsNoticedWhateverByteOfTheFileChanges) {
  for (const Format format : {Format::v0x100, Format::v0x200}) {
    File file = make_test_image().file(format);
    for (std::size_t i = 0; i < file.size(); i += i < 64 ? 1 : 53) {
      file[i] ^= 0x80;
      std::vector<Check> checks;
      check_container(file, checks);
      ASSERT_NE(first_with(Verdict::bad, checks), nullptr) << to_string(format) << " byte " << i;
      file[i] ^= 0x80;
    }
  }
}

TEST(BrokenImage, IsNoticedWhereverItIsCut) {
  const File whole = make_test_image().file();
  for (std::size_t length = 0; length < whole.size(); length += length < 64 ? 1 : 509) {
    EXPECT_FALSE(verify(Bytes(whole).first(length), test_options()).sound()) << length;
  }
}

}  // namespace
}  // namespace tdxctl::image
