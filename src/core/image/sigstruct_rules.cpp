// SPDX-License-Identifier: MIT
// The rules about single fields of the sigstruct, one row each. Rows with an answer of the P-SEAMLDR are in
// its order; the rows without are what all published images keep. Source: intel/tdx-loader
// p-seam-loader/src/api_calls/seamldr_install.c.
#include <algorithm>

#include "core/abi/bits.h"
#include "core/hex.h"
#include "core/image/sigstruct.h"

namespace tdxctl::image {
namespace {

constexpr std::string_view kBadSig = "SEAMLDR_EBADSIG";
constexpr std::uint64_t kFaultWrapperBytes = 32 * 16;
constexpr std::uint8_t kSvnMajorOf15 = 1;

struct Subject {
  const Sigstruct& sigstruct;
  std::size_t module_bytes;
};

Finding is(std::uint64_t found, std::uint64_t wanted) { return holds(found == wanted, hex(found)); }

Finding inside_module(const Subject& s, std::uint64_t offset, std::uint64_t bytes) {
  if (s.module_bytes == 0) return skipped("there is no module");
  return holds(offset + bytes <= s.module_bytes, hex(offset) + " of " + hex(s.module_bytes) +
                                                     (bytes > 1 ? ", " + hex(bytes) + " bytes long" : ""));
}

template <std::size_t N>
std::optional<std::size_t> first_set(const std::array<std::uint8_t, N>& bytes) {
  const auto set = std::ranges::find_if(bytes, [](std::uint8_t byte) { return byte != 0; });
  if (set == bytes.end()) return std::nullopt;
  return static_cast<std::size_t>(set - bytes.begin());
}

Finding reserved_is_zero(const Subject& s) {
  const Sigstruct& sig = s.sigstruct;
  const auto set_at = [](std::size_t offset) {
    return bad("byte " + std::to_string(offset) + " is not zero");
  };
  if (const auto at = first_set(sig.reserved_header))
    return set_at(offsetof(Sigstruct, reserved_header) + *at);
  if (const auto at = first_set(sig.reserved_tdmr)) return set_at(offsetof(Sigstruct, reserved_tdmr) + *at);
  if (sig.reserved_handoff != 0) return set_at(offsetof(Sigstruct, reserved_handoff));
  if (const auto at = first_set(sig.reserved_body)) return set_at(offsetof(Sigstruct, reserved_body) + *at);
  return ok("all zero");
}

// A P-SEAMLDR of the 1.5 line counts these bytes as reserved; images of later lines use them.
Finding build_info_fits_line(const Subject& s) {
  const std::optional<BuildInfo> info = build_info(s.sigstruct);
  if (!info) return ok("none");
  return holds(s.sigstruct.svn_major != kSvnMajorOf15,
               to_string(info->version) + " build " + std::to_string(info->build_number));
}

Finding unused_cpus_are_zero(const Subject& s) {
  const Sigstruct& sig = s.sigstruct;
  for (std::size_t i = sig.cpu_count; i < sig.cpus.size(); ++i) {
    const std::uint32_t fms = sig.cpus[i];
    if (fms != 0) return bad("entry " + std::to_string(i) + " is " + hex(fms));
  }
  return ok("all zero");
}

Finding cpus_are_listed(const Subject& s) {
  std::string names;
  for (const std::uint32_t fms : cpus(s.sigstruct)) names += (names.empty() ? "" : ", ") + cpu_name(fms);
  if (!names.empty()) return ok(names);
  return is_debug(s.sigstruct) ? ok("none, which lets a debug module run on every CPU")
                               : bad("the list is empty");
}

Finding date_is_real(const Subject& s) {
  const auto signed_on = date(s.sigstruct);
  return signed_on ? ok(to_string(*signed_on)) : bad(hex(s.sigstruct.date_bcd, 8));
}

Finding handoff_versions_are_ordered(const Subject& s) {
  const Sigstruct& sig = s.sigstruct;
  return holds(sig.min_update_hv <= sig.module_hv,
               "reads " + std::to_string(sig.min_update_hv) + ", is " + std::to_string(sig.module_hv));
}

Finding tables_come_in_pairs(const Subject& s) {
  const Sigstruct& sig = s.sigstruct;
  return holds((sig.gdt_idt_offset == 0) == (sig.fault_wrapper_offset == 0),
               hex(sig.gdt_idt_offset) + " and " + hex(sig.fault_wrapper_offset));
}

// Offset 0 stands for none.
Finding optional_inside_module(const Subject& s, std::uint64_t offset, std::uint64_t bytes) {
  return offset == 0 ? ok("none") : inside_module(s, offset, bytes);
}

using enum ErrorId;

constexpr RuleRow<Subject> kRules[] = {
    {{image_sigstruct_reserved, "the reserved bytes of the sigstruct are zero", kBadSig}, reserved_is_zero},
    {{image_sigstruct_build_info, "only images after the 1.5 line have build information", kBadSig},
     build_info_fits_line},
    {{image_sigstruct_header_type, "the header type is 6", kBadSig},
     [](const Subject& s) { return is(s.sigstruct.header_type, 6); }},
    {{image_sigstruct_header_length, "the header length is 0xe1 dwords", kBadSig},
     [](const Subject& s) { return is(s.sigstruct.header_dwords, 0xE1); }},
    {{image_sigstruct_header_version, "the header version is 0x10000", kBadSig},
     [](const Subject& s) { return is(s.sigstruct.header_version, 0x10000); }},
    {{image_sigstruct_key_size, "the key size is 0x60 dwords", kBadSig},
     [](const Subject& s) { return is(s.sigstruct.key_dwords, 0x60); }},
    {{image_sigstruct_exponent_size, "the exponent size is 1 dword", kBadSig},
     [](const Subject& s) { return is(s.sigstruct.exponent_dwords, 1); }},
    {{image_sigstruct_modulus_size, "the modulus size is 0x60 dwords", kBadSig},
     [](const Subject& s) { return is(s.sigstruct.modulus_dwords, 0x60); }},
    {{image_sigstruct_vendor, "the vendor is 0x8086", kBadSig},
     [](const Subject& s) { return is(s.sigstruct.vendor, 0x8086); }},
    {{image_sigstruct_module_type, "bits 30:0 of the module type are zero", kBadSig},
     [](const Subject& s) { return is(abi::field(s.sigstruct.module_type, 30, 0), 0); }},
    {{image_sigstruct_attributes, "the attributes are zero", kBadSig},
     [](const Subject& s) { return is(s.sigstruct.attributes, 0); }},
    {{image_sigstruct_size, "the sigstruct size is 0x200 dwords", kBadSig},
     [](const Subject& s) { return is(s.sigstruct.size_dwords, 0x200); }},
    {{image_sigstruct_cpu_count, "the CPU list has at most 255 entries", kBadSig},
     [](const Subject& s) {
       return holds(s.sigstruct.cpu_count <= s.sigstruct.cpus.size(), std::to_string(s.sigstruct.cpu_count));
     }},
    {{image_sigstruct_exponent, "the exponent is 65537", kBadSig},
     [](const Subject& s) {
       return holds(s.sigstruct.exponent == 65537, std::to_string(s.sigstruct.exponent));
     }},
    {{image_sigstruct_handoff_versions, "the oldest handoff version it reads is not above its own", kBadSig},
     handoff_versions_are_ordered},
    {{image_sigstruct_gdt_idt_alignment, "the GDT and IDT lie on a page boundary", kBadSig},
     [](const Subject& s) {
       return holds(s.sigstruct.gdt_idt_offset % kPageBytes == 0, hex(s.sigstruct.gdt_idt_offset));
     }},
    {{image_sigstruct_gdt_idt_pair, "GDT and IDT offset and fault wrapper offset are both zero or both set",
      kBadSig},
     tables_come_in_pairs},
    {{image_sigstruct_svn_major, "the major SVN is not zero", "SEAMLDR_EUNSUPPORTED"},
     [](const Subject& s) { return holds(s.sigstruct.svn_major != 0, to_string(svn(s.sigstruct))); }},
    {{image_sigstruct_gdt_idt_outside, "the GDT and IDT page lies inside the module", kBadSig},
     [](const Subject& s) { return optional_inside_module(s, s.sigstruct.gdt_idt_offset, kPageBytes); }},
    {{image_sigstruct_fault_wrapper_outside, "the 32 fault wrappers lie inside the module", kBadSig},
     [](const Subject& s) {
       return optional_inside_module(s, s.sigstruct.fault_wrapper_offset, kFaultWrapperBytes);
     }},
    {{image_sigstruct_cpu_list_empty, "a module that is not debug-signed lists its CPUs", kBadSig},
     cpus_are_listed},
    {{image_sigstruct_cpu_list_padding, "unused entries of the CPU list are zero"}, unused_cpus_are_zero},
    {{image_sigstruct_date, "the date is a day of the calendar in BCD"}, date_is_real},
    {{image_sigstruct_entry_outside, "the entry point lies inside the module"},
     [](const Subject& s) { return inside_module(s, s.sigstruct.rip_offset, 1); }},
};

}  // namespace

void check_sigstruct(const std::optional<Sigstruct>& sigstruct, std::size_t module_bytes,
                     std::vector<Check>& checks) {
  if (!sigstruct) return skip_rules<Subject>(kRules, "there is no sigstruct", checks);
  run_rules<Subject>(kRules, {*sigstruct, module_bytes}, checks);
}

}  // namespace tdxctl::image
