// SPDX-License-Identifier: MIT
#include "core/error.h"

#include <cstddef>
#include <iterator>

namespace tdxctl {
namespace {

using enum ErrorClass;

constexpr std::string_view kOtherFile =
    "give a TDX module image: a .blob file, or a .bin file with its .sigstruct";
constexpr std::string_view kDamagedImage = "the file is damaged: get it again from where it was published";
constexpr std::string_view kAlteredImage =
    "this is not what was published: get the image again, and do not load this one";

constexpr ErrorInfo kErrors[] = {
    {ErrorId::internal, "internal", failed, "this is a bug in tdxctl: please report it"},
    {ErrorId::usage, "usage", usage, "see tdxctl --help"},
    {ErrorId::bad_number, "bad_number", usage, "give decimal or 0x-prefixed hexadecimal, at most 64 bits"},
    {ErrorId::unknown_name, "unknown_name", usage, "see the list that the verb prints without a name"},
    {ErrorId::no_such_machine, "no_such_machine", usage, "'tdxctl sim show' lists the built-in machines"},
    {ErrorId::file_exists, "file_exists", usage, "name another file, or remove this one"},
    {ErrorId::profile_invalid, "profile_invalid", usage, "see tdxctl-sim(8) for the form of a machine file"},
    {ErrorId::profile_limit, "profile_limit", usage,
     "see tdxctl-sim(8) for the limits of a simulated machine"},
    {ErrorId::file_unreadable, "file_unreadable", failed, ""},
    {ErrorId::file_unwritable, "file_unwritable", failed, ""},
    {ErrorId::not_permitted, "not_permitted", denied, "run as root"},
    {ErrorId::driver_unavailable, "driver_unavailable", not_supported,
     "'tdxctl status' shows what each driver can do here"},
    {ErrorId::helper_not_loaded, "helper_not_loaded", not_supported, "load the helper: modprobe tdxctl"},
    {ErrorId::helper_mismatch, "helper_mismatch", not_supported,
     "install the tdxctl kernel helper of the same release and load it again"},
    {ErrorId::helper_failed, "helper_failed", failed, "see the kernel log"},
    {ErrorId::kernel_without_tdx_host, "kernel_without_tdx_host", not_supported,
     "boot a kernel with CONFIG_INTEL_TDX_HOST, or load the helper: modprobe tdxctl"},
    {ErrorId::not_a_tdx_host, "not_a_tdx_host", not_supported,
     "enable TDX in the BIOS, and see the kernel log for lines with 'virt/tdx:'"},
    {ErrorId::seamcall_ud, "seamcall_ud", not_supported,
     "enter VMX operation first: load kvm_intel, and on kernels before 7.1 keep a virtual machine running"},
    {ErrorId::seamcall_gp, "seamcall_gp", not_supported, "enable TDX, and with it SEAMRR, in the BIOS"},
    {ErrorId::seamcall_vmfailinvalid, "seamcall_vmfailinvalid", not_supported,
     "have the BIOS load a TDX module, or reset if an update or a shutdown left none"},
    {ErrorId::seamcall_failed, "seamcall_failed", failed, "explain the status with 'tdxctl decode'"},
    {ErrorId::seamldr_failed, "seamldr_failed", failed, "explain the status with 'tdxctl decode'"},
    {ErrorId::seamret_vmcs_refused, "seamret_vmcs_refused", refused,
     "load the helper with seamret_vmcs=save, or read P-SEAMLDR information on a CPU without the erratum"},
    {ErrorId::module_state, "module_state", not_supported, "'tdxctl status' shows the state of the module"},
    {ErrorId::field_not_available, "field_not_available", not_supported,
     "this module does not have the field: 'tdxctl metadata dump' shows those it has"},
    {ErrorId::feature_missing, "feature_missing", not_supported,
     "'tdxctl features' shows what this module has"},
    {ErrorId::bad_key, "bad_key", usage,
     "give 96 hexadecimal digits, or a file made by 'openssl pkey -pubout'"},
    {ErrorId::catalog_invalid, "catalog_invalid", image_invalid,
     "get mapping_file.json again, or name a folder of images"},
    {ErrorId::image_too_short, "image_too_short", image_invalid, kDamagedImage},
    {ErrorId::image_version, "image_version", image_invalid, kOtherFile},
    {ErrorId::image_magic, "image_magic", image_invalid, kOtherFile},
    {ErrorId::image_reserved, "image_reserved", image_invalid, kDamagedImage},
    {ErrorId::image_length, "image_length", image_invalid, kDamagedImage},
    {ErrorId::image_module_offset, "image_module_offset", image_invalid, kDamagedImage},
    {ErrorId::image_sigstruct_pages, "image_sigstruct_pages", image_invalid, kDamagedImage},
    {ErrorId::image_sigstruct_length, "image_sigstruct_length", image_invalid,
     "name the .sigstruct file that belongs to the .bin file"},
    {ErrorId::image_sigstruct_padding, "image_sigstruct_padding", image_invalid, kDamagedImage},
    {ErrorId::image_module_missing, "image_module_missing", image_invalid, kDamagedImage},
    {ErrorId::image_module_too_large, "image_module_too_large", image_invalid, kDamagedImage},
    {ErrorId::image_module_unaligned, "image_module_unaligned", image_invalid, kDamagedImage},
    {ErrorId::image_checksum, "image_checksum", image_invalid, kDamagedImage},
    {ErrorId::image_sigstruct_reserved, "image_sigstruct_reserved", image_invalid, kAlteredImage},
    {ErrorId::image_sigstruct_build_info, "image_sigstruct_build_info", image_invalid, kAlteredImage},
    {ErrorId::image_sigstruct_header_type, "image_sigstruct_header_type", image_invalid, kAlteredImage},
    {ErrorId::image_sigstruct_header_length, "image_sigstruct_header_length", image_invalid, kAlteredImage},
    {ErrorId::image_sigstruct_header_version, "image_sigstruct_header_version", image_invalid, kAlteredImage},
    {ErrorId::image_sigstruct_key_size, "image_sigstruct_key_size", image_invalid, kAlteredImage},
    {ErrorId::image_sigstruct_exponent_size, "image_sigstruct_exponent_size", image_invalid, kAlteredImage},
    {ErrorId::image_sigstruct_modulus_size, "image_sigstruct_modulus_size", image_invalid, kAlteredImage},
    {ErrorId::image_sigstruct_vendor, "image_sigstruct_vendor", image_invalid, kAlteredImage},
    {ErrorId::image_sigstruct_module_type, "image_sigstruct_module_type", image_invalid, kAlteredImage},
    {ErrorId::image_sigstruct_attributes, "image_sigstruct_attributes", image_invalid, kAlteredImage},
    {ErrorId::image_sigstruct_size, "image_sigstruct_size", image_invalid, kAlteredImage},
    {ErrorId::image_sigstruct_cpu_count, "image_sigstruct_cpu_count", image_invalid, kAlteredImage},
    {ErrorId::image_sigstruct_exponent, "image_sigstruct_exponent", image_invalid, kAlteredImage},
    {ErrorId::image_sigstruct_handoff_versions, "image_sigstruct_handoff_versions", image_invalid,
     kAlteredImage},
    {ErrorId::image_sigstruct_gdt_idt_alignment, "image_sigstruct_gdt_idt_alignment", image_invalid,
     kAlteredImage},
    {ErrorId::image_sigstruct_gdt_idt_pair, "image_sigstruct_gdt_idt_pair", image_invalid, kAlteredImage},
    {ErrorId::image_sigstruct_svn_major, "image_sigstruct_svn_major", image_invalid, kAlteredImage},
    {ErrorId::image_sigstruct_gdt_idt_outside, "image_sigstruct_gdt_idt_outside", image_invalid,
     kAlteredImage},
    {ErrorId::image_sigstruct_fault_wrapper_outside, "image_sigstruct_fault_wrapper_outside", image_invalid,
     kAlteredImage},
    {ErrorId::image_sigstruct_cpu_list_empty, "image_sigstruct_cpu_list_empty", image_invalid, kAlteredImage},
    {ErrorId::image_sigstruct_cpu_list_padding, "image_sigstruct_cpu_list_padding", image_invalid,
     kAlteredImage},
    {ErrorId::image_sigstruct_date, "image_sigstruct_date", image_invalid, kAlteredImage},
    {ErrorId::image_sigstruct_entry_outside, "image_sigstruct_entry_outside", image_invalid, kAlteredImage},
    {ErrorId::image_key, "image_key", image_invalid,
     "only images signed by Intel load on a production platform; name a test key with --key"},
    {ErrorId::image_signature, "image_signature", image_invalid, kAlteredImage},
    {ErrorId::image_seamhash, "image_seamhash", image_invalid, kAlteredImage},
    {ErrorId::image_elf_magic, "image_elf_magic", image_invalid, kAlteredImage},
    {ErrorId::image_elf_class, "image_elf_class", image_invalid, kAlteredImage},
    {ErrorId::image_elf_byte_order, "image_elf_byte_order", image_invalid, kAlteredImage},
    {ErrorId::image_elf_version, "image_elf_version", image_invalid, kAlteredImage},
    {ErrorId::image_elf_sections, "image_elf_sections", image_invalid, kAlteredImage},
    {ErrorId::image_elf_rela_table, "image_elf_rela_table", image_invalid, kAlteredImage},
    {ErrorId::image_elf_rela_type, "image_elf_rela_type", image_invalid, kAlteredImage},
    {ErrorId::image_elf_rela_offset, "image_elf_rela_offset", image_invalid, kAlteredImage},
    {ErrorId::image_elf_rela_addend, "image_elf_rela_addend", image_invalid, kAlteredImage},
    {ErrorId::image_debug_signed, "image_debug_signed", image_incompatible,
     "use the production image of the release"},
    {ErrorId::image_not_verified, "image_not_verified", refused, "see 'tdxctl update verify'"},
    {ErrorId::image_cpu_not_listed, "image_cpu_not_listed", image_incompatible,
     "choose a release whose image lists every CPU of the platform"},
    {ErrorId::image_seamldr_too_old, "image_seamldr_too_old", image_incompatible,
     "update the P-SEAMLDR, which comes with the BIOS"},
    {ErrorId::image_other_line, "image_other_line", image_incompatible,
     "choose a release with the major and minor version of the running module"},
    {ErrorId::image_older_version, "image_older_version", image_incompatible,
     "going back takes a reboot with the older module in the BIOS or boot loader"},
    {ErrorId::image_running_too_old, "image_running_too_old", image_incompatible,
     "go by a release between, or reboot into the new module"},
    {ErrorId::image_not_strict, "image_not_strict", image_incompatible,
     "choose a release that lists the running one, or do not insist on the list"},
    {ErrorId::image_svn_line, "image_svn_line", image_incompatible,
     "choose a release of the line of the running module"},
    {ErrorId::image_svn_lower, "image_svn_lower", image_incompatible,
     "choose a release with at least the SVN of the running module"},
    {ErrorId::image_handoff_version, "image_handoff_version", image_incompatible,
     "choose a release that reads the handoff data of the running module"},
    {ErrorId::image_features_lost, "image_features_lost", image_incompatible,
     "running TDs may use these features: choose a newer release"},
    {ErrorId::image_already_running, "image_already_running", image_incompatible, ""},
    {ErrorId::image_not_pinned, "image_not_pinned", image_incompatible, ""},
    {ErrorId::image_passed_over, "image_passed_over", image_incompatible, ""},
    {ErrorId::image_duplicate, "image_duplicate", image_incompatible, ""},
    {ErrorId::no_image_fits, "no_image_fits", image_incompatible,
     "'tdxctl update select --explain' says why each one does not"},
    {ErrorId::image_fit_unknown, "image_fit_unknown", refused,
     "run as root, and have Intel's list and the image of the running release in the catalog"},
    {ErrorId::no_updates_left, "no_updates_left", refused, "reboot: the count starts again"},
    {ErrorId::busy, "busy", busy, "try again"},
};

constexpr bool rows_match_ids() {
  for (std::size_t i = 0; i < std::size(kErrors); ++i) {
    if (kErrors[i].id != static_cast<ErrorId>(i)) return false;
  }
  return std::size(kErrors) == static_cast<std::size_t>(ErrorId::busy) + 1;
}
static_assert(rows_match_ids(), "one row per ErrorId, in the order of the enum");

}  // namespace

const ErrorInfo& error_info(ErrorId id) { return kErrors[static_cast<std::size_t>(id)]; }

}  // namespace tdxctl
