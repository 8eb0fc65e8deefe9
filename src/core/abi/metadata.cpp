// SPDX-License-Identifier: MIT
// Sources: intel/tdx-module 1.5.25 include/auto_gen_1_5/global_sys_fields_lookup.c, 1.5.34, 2.0.08
// and 2.0.18; Linux 7.3 arch/x86/virt/vmx/tdx/tdx_global_metadata.c; TDX patch series on LKML for quoting,
// Connect and extensions.
#include "core/abi/metadata.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/abi/names.h"
#include "core/abi/table.h"

namespace tdxctl::abi {
namespace {

constexpr MetadataField kFields[] = {
    // Class 0: Platform information.
    {0x0000000200000000, "NUM_PKGS", 1, 1, FieldFormat::count, Readers::host, "1.5.01",
     "Number of CPU packages (sockets) that the SEAM loader found."},
    {0x0000000200000001, "PKG_FMS", 8, 1, FieldFormat::cpu_fms, Readers::host, "1.5.01",
     "CPUID(1).EAX-style family/model/stepping word of each package; entries past the number of packages are "
     "0."},
    // Class 8: Module version.
    {0x0800000200000000, "VENDOR_ID", 1, 1, FieldFormat::hex, Readers::host_and_guest, "1.5.01",
     "Vendor number of the module; 0x8086 for Intel."},
    {0x8800000200000001, "BUILD_DATE", 1, 1, FieldFormat::bcd_date, Readers::host, "1.5.01",
     "Build date as packed decimal digits, yyyymmdd (0x20240131 is 31 January 2024)."},
    {0x8800000100000002, "BUILD_NUM", 1, 1, FieldFormat::dec, Readers::host, "1.5.01",
     "Build number of the module."},
    {0x0800000100000003, "MINOR_VERSION", 1, 1, FieldFormat::dec, Readers::host_and_guest, "1.5.01",
     "Minor part of the module version (the 5 in 1.5.25)."},
    {0x0800000100000004, "MAJOR_VERSION", 1, 1, FieldFormat::dec, Readers::host_and_guest, "1.5.01",
     "Major part of the module version (the 1 in 1.5.25)."},
    {0x0800000100000005, "UPDATE_VERSION", 1, 1, FieldFormat::dec, Readers::host, "1.5.01",
     "Third part of the module version (the 25 in 1.5.25)."},
    {0x0800000100000006, "INTERNAL_VERSION", 1, 1, FieldFormat::dec, Readers::host, "1.5.01",
     "Fourth, Intel-internal part of the module version; usually 0."},
    // Class 9: Module handoff (update).
    {0x8900000100000000, "MODULE_HV", 1, 1, FieldFormat::dec, Readers::host, "1.5.01",
     "Handoff version that this module writes for its successor; pass it to TDH.SYS.SHUTDOWN."},
    {0x8900000100000001, "MIN_UPDATE_HV", 1, 1, FieldFormat::dec, Readers::host, "1.5.01",
     "Oldest handoff version this module can take over from."},
    {0x8900000000000002, "NO_DOWNGRADE", 1, 1, FieldFormat::boolean, Readers::host, "1.5.01",
     "1 if this module refuses to take over from a newer one."},
    {0x8900000100000003, "NUM_HANDOFF_PAGES", 1, 1, FieldFormat::dec, Readers::host, "1.5.01",
     "Pages set aside for handoff data, less one (the source compares value+1 with the minimum it needs).",
     "The \"less one\" reading is from a comparison in TDH.SYS.INIT of the public source."},
    {0x8900000000000004, "HANDOFF_DATA_VALID", 1, 1, FieldFormat::boolean, Readers::host, "1.5.01",
     "1 if usable handoff data is present."},
    {0x8900000100000005, "HANDOFF_DATA_HV", 1, 1, FieldFormat::dec, Readers::host, "1.5.01",
     "Handoff version of the data that is present."},
    {0x8900000200000006, "HANDOFF_DATA_SIZE", 1, 1, FieldFormat::bytes, Readers::host, "1.5.01",
     "Size in bytes of the handoff data."},
    // Class 10: Module information.
    {0x0A00000200000000, "SYS_ATTRIBUTES", 1, 1, FieldFormat::flags, Readers::host_and_guest, "1.5.01",
     "Module attributes; bit 31 set means a debug-signed module, the rest reserved."},
    {0x0A00000000000001, "NUM_TDX_FEATURES", 1, 1, FieldFormat::dec, Readers::host_and_guest, "1.5.01",
     "How many TDX_FEATURESn words exist; 1 in every public source."},
    {0x0A00000300000008, "TDX_FEATURES0", 1, 1, FieldFormat::features0, Readers::host_and_guest, "1.5.01",
     "Enumeration of optional module features."},
    // Class 16: Convertible memory ranges.
    {0x9000000100000000, "NUM_CMRS", 1, 1, FieldFormat::dec, Readers::host, "1.5.01",
     "Number of convertible-memory-range entries. The public 1.5.25 source always says 32 and leaves unused "
     "entries with size 0.",
     "Linux 7.3 does not read the CMR fields."},
    {0x9000000300000080, "CMR_BASE", 32, 1, FieldFormat::hpa, Readers::host, "1.5.01",
     "Base physical address of each convertible memory range."},
    {0x9000000300000100, "CMR_SIZE", 32, 1, FieldFormat::bytes, Readers::host, "1.5.01",
     "Size in bytes of each convertible memory range; 0 marks an unused entry."},
    // Class 17: TDMR information.
    {0x9100000100000008, "MAX_TDMRS", 1, 1, FieldFormat::dec, Readers::host, "1.5.01",
     "Largest number of TDMRs TDH.SYS.CONFIG takes (64 in public source)."},
    {0x9100000100000009, "MAX_RESERVED_PER_TDMR", 1, 1, FieldFormat::dec, Readers::host, "1.5.01",
     "Largest number of reserved areas in one TDMR (16 in public source)."},
    {0x9100000100000010, "PAMT_4K_ENTRY_SIZE", 1, 1, FieldFormat::bytes, Readers::host, "1.5.01",
     "Bytes of PAMT needed per 4 KB page (16 in public source). Not used as-is under dynamic PAMT."},
    {0x9100000100000011, "PAMT_2M_ENTRY_SIZE", 1, 1, FieldFormat::bytes, Readers::host, "1.5.01",
     "Bytes of PAMT needed per 2 MB page (16 in public source)."},
    {0x9100000100000012, "PAMT_1G_ENTRY_SIZE", 1, 1, FieldFormat::bytes, Readers::host, "1.5.01",
     "Bytes of PAMT needed per 1 GB page (16 in public source)."},
    {0x9100000000000013, "PAMT_PAGE_BITMAP_ENTRY_BITS", 1, 1, FieldFormat::dec, Readers::host, "1.5.20",
     "Under dynamic PAMT: bits of bitmap needed per 4 KB page in the area that stands in for the 4 KB PAMT "
     "(1 in public source)."},
    {0x9100000000000014, "MIN_DYNAMIC_PAMT_NUM_HKID_BITS", 1, 1, FieldFormat::dec, Readers::host, "1.5.20",
     "Under dynamic PAMT: least number of key-id bits that firmware must have left in the physical address; "
     "0 where the physical width needs nothing special."},
    // Class 24: TD control structures.
    {0x9800000100000000, "TDR_BASE_SIZE", 1, 1, FieldFormat::bytes, Readers::host, "1.5.01",
     "Bytes of the TD root structure (one page)."},
    {0x9800000100000100, "TDCS_BASE_SIZE", 1, 1, FieldFormat::bytes, Readers::host, "1.5.01",
     "Bytes of the TD control structure without L2 VMs; a multiple of 4096 that gives the number of "
     "TDH.MNG.ADDCX calls."},
    {0x9800000100000101, "TDCS_SIZE_PER_L2_VM", 1, 1, FieldFormat::bytes, Readers::host, "1.5.01",
     "Extra bytes of TD control structure per L2 VM."},
    {0x9800000100000200, "TDVPS_BASE_SIZE", 1, 1, FieldFormat::bytes, Readers::host, "1.5.01",
     "Bytes of the VCPU control structure without L2 VMs, root page included."},
    {0x9800000100000201, "TDVPS_SIZE_PER_L2_VM", 1, 1, FieldFormat::bytes, Readers::host, "1.5.01",
     "Extra bytes of VCPU control structure per L2 VM."},
    // Class 25: TD configurability.
    {0x1900000300000000, "ATTRIBUTES_FIXED0", 1, 1, FieldFormat::td_attributes, Readers::host, "1.5.01",
     "TD attributes: a bit that is 0 here must be 0 in TD_PARAMS."},
    {0x1900000300000001, "ATTRIBUTES_FIXED1", 1, 1, FieldFormat::td_attributes, Readers::host, "1.5.01",
     "TD attributes: a bit that is 1 here must be 1 in TD_PARAMS."},
    {0x1900000300000002, "XFAM_FIXED0", 1, 1, FieldFormat::xfam, Readers::host, "1.5.01",
     "XFAM: a bit that is 0 here must be 0 in TD_PARAMS (also limited by what the CPU has)."},
    {0x1900000300000003, "XFAM_FIXED1", 1, 1, FieldFormat::xfam, Readers::host, "1.5.01",
     "XFAM: a bit that is 1 here must be 1 in TD_PARAMS."},
    {0x9900000100000004, "NUM_CPUID_CONFIG", 1, 1, FieldFormat::dec, Readers::host, "1.5.01",
     "Number of CPUID (sub)leaves the host may configure."},
    {0x9900000300000006, "CONFIG_FLAGS_FIXED0", 1, 1, FieldFormat::config_flags, Readers::host, "1.5.01",
     "Configuration flags: a bit that is 0 here must be 0 in TD_PARAMS."},
    {0x9900000300000007, "CONFIG_FLAGS_FIXED1", 1, 1, FieldFormat::config_flags, Readers::host, "1.5.01",
     "Configuration flags: a bit that is 1 here must be 1 in TD_PARAMS."},
    {0x9900000100000008, "MAX_VCPUS_PER_TD", 1, 1, FieldFormat::dec, Readers::host, "1.5.05",
     "Largest number of VCPUs of one TD (576 in the 1.5.25 source)."},
    {0x9900000000000009, "MIN_VIRT_MAXPA", 1, 1, FieldFormat::dec, Readers::host, "1.5.06",
     "Smallest guest physical-address width that can be given to a TD (45 in public source)."},
    {0x990000010000000A, "MAX_EVENT_FILTERS", 1, 1, FieldFormat::dec, Readers::host, "1.5.09",
     "Largest number of performance-event filters of one TD (512 in public source)."},
    {0x9900000300000400, "CPUID_CONFIG_LEAVES", 32, 1, FieldFormat::cpuid_leaf, Readers::host, "1.5.01",
     "Leaf (low 32 bits) and subleaf (high 32 bits, all ones where there is none) of each configurable CPUID "
     "entry; an unused entry is all ones.",
     "Field i has id 0x9900000300000400 + i (Linux 7.3, which allows for up to 128)."},
    {0x9900000300000500, "CPUID_CONFIG_VALUES", 32, 2, FieldFormat::cpuid_mask, Readers::host, "1.5.01",
     "Two words per entry: EAX (low half) with EBX (high half), then ECX with EDX. A 1 bit may be set by the "
     "host.",
     "Field i, element j has id 0x9900000300000500 + 2*i + j (Linux 7.3)."},
    {0x9900000300000600, "IA32_ARCH_CAPABILITIES_CONFIG_MASK", 1, 1, FieldFormat::hex, Readers::host,
     "1.5.01", "Bits of the virtual IA32_ARCH_CAPABILITIES MSR that the host may configure."},
    {0x9900000100000800, "NUM_ALLOWED_FMS", 1, 1, FieldFormat::dec, Readers::host, "1.5.01",
     "Number of used entries in ALLOWED_FMS."},
    {0x9900000100000801, "NUM_DISALLOWED_FMS", 1, 1, FieldFormat::dec, Readers::host, "1.5.01",
     "Number of used entries in DISALLOWED_FMS."},
    {0x9900000300000810, "ALLOWED_FMS", 64, 1, FieldFormat::cpu_fms, Readers::host, "1.5.01",
     "Family/model/stepping words that the host may show to a TD; unused entries are 0. Source keeps each in "
     "an 8-byte slot."},
    {0x9900000300000850, "DISALLOWED_FMS", 64, 1, FieldFormat::cpu_fms, Readers::host, "1.5.01",
     "Family/model/stepping words that the host may not show to a TD; unused entries are 0."},
    // Class 26: Memory management.
    {0x9A00000300000000, "GUEST_GPA_ATTR_MASK", 1, 1, FieldFormat::flags, Readers::host_and_guest, "2.0.08",
     "Page-attribute bits that a guest may set on its own memory."},
    // Class 32: Migration.
    {0xA000000300000000, "MIG_ATTRIBUTES", 1, 1, FieldFormat::flags, Readers::host_and_guest, "1.5.01",
     "Migration attributes of the module; 0 in public 1.5 source."},
    {0x2000000100000001, "MIN_EXPORT_VERSION", 1, 1, FieldFormat::dec, Readers::host_and_guest, "1.5.01",
     "Oldest migration protocol version this module can export."},
    {0x2000000100000002, "MAX_EXPORT_VERSION", 1, 1, FieldFormat::dec, Readers::host_and_guest, "1.5.01",
     "Newest migration protocol version this module can export."},
    {0x2000000100000003, "MIN_IMPORT_VERSION", 1, 1, FieldFormat::dec, Readers::host_and_guest, "1.5.01",
     "Oldest migration protocol version this module can import."},
    {0x2000000100000004, "MAX_IMPORT_VERSION", 1, 1, FieldFormat::dec, Readers::host_and_guest, "1.5.01",
     "Newest migration protocol version this module can import."},
    {0xA000000100000010, "MAX_MIGS", 1, 1, FieldFormat::dec, Readers::host, "1.5.01",
     "Largest number of migration streams of one TD (512 in public source)."},
    {0xA000000000000020, "NUM_IMMUTABLE_STATE_PAGES", 1, 1, FieldFormat::dec, Readers::host, "1.5.01",
     "Least number of buffer pages for TDH.EXPORT.STATE.IMMUTABLE."},
    {0xA000000000000021, "NUM_TD_STATE_PAGES", 1, 1, FieldFormat::dec, Readers::host, "1.5.01",
     "Least number of buffer pages for TDH.EXPORT.STATE.TD."},
    {0xA000000000000022, "NUM_VP_STATE_PAGES", 1, 1, FieldFormat::dec, Readers::host, "1.5.01",
     "Least number of buffer pages for TDH.EXPORT.STATE.VP."},
    {0xA000000000000030, "NUM_MEM_SCAN_CONTROL_PAGES", 1, 1, FieldFormat::dec, Readers::host,
     "1.5.34 / 2.0.18", "Control pages needed for an export memory scan.",
     "Exact first release not known (absent from 1.5.25 and 2.0.08)."},
    {0xA000000100000031, "MAX_MEM_SCAN_RANGES", 1, 1, FieldFormat::dec, Readers::host, "1.5.34 / 2.0.18",
     "Largest number of ranges in one export memory scan.",
     "Exact first release not known (absent from 1.5.25 and 2.0.08)."},
    {0xA000000100000032, "NUM_MEM_SCAN_CONTEXTS", 1, 1, FieldFormat::dec, Readers::host, "1.5.34 / 2.0.18",
     "Number of contexts of an export memory scan.",
     "Exact first release not known (absent from 1.5.25 and 2.0.08)."},
    // Class 33: Service TD.
    {0xA100000100000000, "MAX_SERV_TDS", 1, 1, FieldFormat::dec, Readers::host, "1.5.01",
     "Largest number of service TDs bound to one TD."},
    {0xA100000300000001, "SERVTD_ATTR_FIXED0", 1, 1, FieldFormat::flags, Readers::host, "1.5.01",
     "Service-TD binding attributes: a bit that is 0 here must be 0."},
    {0xA100000300000002, "SERVTD_ATTR_FIXED1", 1, 1, FieldFormat::flags, Readers::host, "1.5.01",
     "Service-TD binding attributes: a bit that is 1 here must be 1."},
    // Class 34: TD partitioning.
    {0xA200000100000000, "GUEST_L2_GPA_ATTR_MASK", 1, 1, FieldFormat::flags, Readers::host_and_guest,
     "1.5.01", "Page-attribute bits that L1 may set for an L2 VM's memory."},
    {0xA200000300000001, "VM_CTLS_FIXED0", 1, 1, FieldFormat::flags, Readers::host, "1.5.01",
     "L2 VM controls: a bit that is 0 here must be 0."},
    {0xA200000300000002, "VM_CTLS_FIXED1", 1, 1, FieldFormat::flags, Readers::host, "1.5.01",
     "L2 VM controls: a bit that is 1 here must be 1."},
    {0xA200000300000003, "VPCU_L2_CTLS_FIXED0", 1, 1, FieldFormat::flags, Readers::host, "1.5.01",
     "Per-VCPU L2 controls: a bit that is 0 here must be 0.",
     "The misspelling VPCU is in the source; read it as VCPU.", "VCPU_L2_CTLS_FIXED0"},
    {0xA200000300000004, "VCPU_L2_CTLS_FIXED1", 1, 1, FieldFormat::flags, Readers::host, "1.5.01",
     "Per-VCPU L2 controls: a bit that is 1 here must be 1."},
    {0xA200000300000005, "VPCU_L2_DEBUG_CTLS_FIXED0", 1, 1, FieldFormat::flags, Readers::host, "1.5.01",
     "Per-VCPU L2 debug controls: a bit that is 0 here must be 0.",
     "The misspelling VPCU is in the source; read it as VCPU.", "VCPU_L2_DEBUG_CTLS_FIXED0"},
    {0xA200000300000006, "VCPU_L2_DEBUG_CTLS_FIXED1", 1, 1, FieldFormat::flags, Readers::host, "1.5.01",
     "Per-VCPU L2 debug controls: a bit that is 1 here must be 1."},
    // Class 35: Quoting.
    {0x2300000200000002, "MAX_QUOTE_SIZE", 1, 1, FieldFormat::bytes, Readers::host, "",
     "Largest size in bytes of a quote from TDH.QUOTE.GET. Good after TDH.QUOTE.INIT.",
     "From kernel patches; not in the public module source."},
    // Class 48: TDX Connect.
    {0x3000000300000000, "TDX_CONNECT_FEATURES", 1, 1, FieldFormat::flags, Readers::host_and_guest, "2.0.08",
     "Enumeration of TDX Connect abilities; the 2.0.08 source gives bits 0, 7, 9 and 12. The bit names are "
     "not public as far as could be found."},
    {0x3000000100000001, "IDE_MT_PAGE_COUNT", 1, 1, FieldFormat::dec, Readers::host, "",
     "Metadata pages to give when an IDE stream is made.",
     "From kernel patches; not in the public 2.0.18 module source."},
    {0x3000000100000002, "SPDM_MT_PAGE_COUNT", 1, 1, FieldFormat::dec, Readers::host, "",
     "Metadata pages to give when an SPDM session is made.",
     "From kernel patches; not in the public 2.0.18 module source."},
    {0x3000000100000003, "IOMMU_MT_PAGE_COUNT", 1, 1, FieldFormat::dec, Readers::host, "",
     "Metadata pages to give when a trusted IOMMU is set up.",
     "From kernel patches; not in the public 2.0.18 module source."},
    {0x3000000100000007, "SPDM_MAX_DEV_INFO_PAGES", 1, 1, FieldFormat::dec, Readers::host, "",
     "Largest number of pages for the device information of an SPDM session.",
     "From kernel patches; not in the public 2.0.18 module source."},
    // Class 49: Module extensions.
    {0x3100000200000000, "MEMORY_POOL_REQUIRED_PAGES", 1, 1, FieldFormat::dec, Readers::host, "",
     "4 KB pages the host must give with TDH.EXT.MEM.ADD before TDH.EXT.INIT. Good after TDH.SYS.CONFIG.",
     "Newest series: 4-byte element. Earlier series: 0x3100000100000000 (2-byte element). Ask for the 4-byte "
     "id first and fall back; or let TDH.SYS.RD iterate and match on class 49, field code 0."},
    {0x3100000100000000, "MEMORY_POOL_REQUIRED_PAGES", 1, 1, FieldFormat::dec, Readers::host, "",
     "Older id of the field above (2-byte element).", "Superseded by 0x3100000200000000.",
     "MEMORY_POOL_REQUIRED_PAGES (2-byte form)"},
    {0x3100000000000001, "EXT_REQUIRED", 1, 1, FieldFormat::boolean, Readers::host, "",
     "1 if a feature turned on by TDH.SYS.CONFIG needs the extension part of the module, so TDH.EXT.* must "
     "be run. Good after TDH.SYS.CONFIG.",
     "An older series used 0x3100000100000001 (2-byte element)."},
    {0x3100000100000001, "EXT_REQUIRED", 1, 1, FieldFormat::boolean, Readers::host, "",
     "Older id of the field above (2-byte element).", "Superseded by 0x3100000000000001.",
     "EXT_REQUIRED (2-byte form)"},
};

// Two sizes of one code are told apart by the release: the newer spelling, without an alias, comes first.
static_assert(strictly_ascending(kFields, [](const MetadataField& row) {
  return std::pair(std::uint64_t{row.class_code()} << 24 | row.code(), row.alias.ends_with("(2-byte form)"));
}));

constexpr NamedNumber kClasses[] = {
    {0, "Platform information"},
    {8, "Module version"},
    {9, "Module handoff (update)"},
    {10, "Module information"},
    {16, "Convertible memory ranges"},
    {17, "TDMR information"},
    {24, "TD control structures"},
    {25, "TD configurability"},
    {26, "Memory management"},
    {32, "Migration"},
    {33, "Service TD"},
    {34, "TD partitioning"},
    {35, "Quoting"},
    {48, "TDX Connect"},
    {49, "Module extensions"},
};
static_assert(strictly_ascending(kClasses, number_of));

constexpr std::uint64_t kContext = mask(54, 52);
constexpr std::uint64_t kReserved = mask(31, 24) | mask(49, 47) | mask(55, 55) | mask(62, 62);

const MetadataField* find_row(std::string_view name) {
  const auto row = std::find_if(std::begin(kFields), std::end(kFields), [&](const MetadataField& field) {
    return same_name(field.name, name) || same_name(field.alias, name);
  });
  return row != std::end(kFields) ? row : nullptr;
}

// Takes "[n]" off the front of text.
std::optional<unsigned> take_index(std::string_view& text) {
  unsigned value = 0;
  if (!text.starts_with('[')) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data() + text.size() || *end != ']') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return value;
}

tl::unexpected<Error> out_of_range(const MetadataField& field, unsigned last) {
  return fail(ErrorId::unknown_name,
              "index of " + quoted(field.name) + " is out of range: 0 to " + std::to_string(last));
}

}  // namespace

FieldId parse_field_id(std::uint64_t id) {
  return {.field_code = static_cast<std::uint32_t>(field(id, 23, 0)),
          .element_size_code = static_cast<std::uint8_t>(field(id, 33, 32)),
          .last_element = static_cast<std::uint8_t>(field(id, 37, 34)),
          .last_field = static_cast<std::uint16_t>(field(id, 46, 38)),
          .step_by_two = bit(id, 50),
          .write_mask_valid = bit(id, 51),
          .context = static_cast<std::uint8_t>(field(id, 54, 52)),
          .class_code = static_cast<std::uint8_t>(field(id, 61, 56)),
          .non_architectural = bit(id, 63),
          .reserved = id & kReserved};
}

std::uint64_t compose_field_id(const FieldId& id) {
  return place(id.field_code, 23, 0) | place(id.element_size_code, 33, 32) | place(id.last_element, 37, 34) |
         place(id.last_field, 46, 38) | place(id.step_by_two, 50, 50) | place(id.write_mask_valid, 51, 51) |
         place(id.context, 54, 52) | place(id.class_code, 61, 56) | place(id.non_architectural, 63, 63) |
         (id.reserved & kReserved);
}

bool is_null_field_id(std::uint64_t id) { return (id | kContext) == kNullFieldId; }

std::string_view field_format_name(FieldFormat format) {
  switch (format) {
    case FieldFormat::count:
      return "count";
    case FieldFormat::dec:
      return "dec";
    case FieldFormat::hex:
      return "hex";
    case FieldFormat::boolean:
      return "bool";
    case FieldFormat::bytes:
      return "bytes";
    case FieldFormat::bcd_date:
      return "bcd-date";
    case FieldFormat::cpu_fms:
      return "cpu-fms";
    case FieldFormat::flags:
      return "flags";
    case FieldFormat::features0:
      return "features0";
    case FieldFormat::hpa:
      return "hpa";
    case FieldFormat::td_attributes:
      return "td-attributes";
    case FieldFormat::xfam:
      return "xfam";
    case FieldFormat::config_flags:
      return "config-flags";
    case FieldFormat::cpuid_leaf:
      return "cpuid-leaf";
    case FieldFormat::cpuid_mask:
      return "cpuid-mask";
  }
  return {};
}

std::span<const MetadataField> metadata_fields() { return kFields; }

std::string_view metadata_class_name(std::uint8_t class_code) {
  for (const NamedNumber& row : kClasses) {
    if (row.number == class_code) return row.name;
  }
  return {};
}

std::string to_name(const FieldRef& ref) {
  std::string name(ref.field->name);
  if (ref.count == ref.field->num_elements()) return name;
  const unsigned per_field = ref.field->elements_per_field;
  name += '[' + std::to_string(ref.first / per_field) + ']';
  if (ref.count < per_field) name += '[' + std::to_string(ref.first % per_field) + ']';
  return name;
}

Result<FieldRef> find_metadata_field(std::string_view name) {
  const auto bracket = std::min(name.find('['), name.size());
  const MetadataField* row = find_row(name.substr(0, bracket));
  if (row == nullptr)
    return fail(ErrorId::unknown_name, "no metadata field is known by the name " + quoted(name));

  FieldRef ref{row, 0, row->num_elements()};
  std::string_view rest = name.substr(bracket);
  if (rest.empty()) return ref;

  const auto i = take_index(rest);
  if (!i) return fail(ErrorId::unknown_name, "the index of " + quoted(row->name) + " is not '[number]'");
  if (*i >= row->num_fields) return out_of_range(*row, row->num_fields - 1u);
  ref.first = *i * row->elements_per_field;
  ref.count = row->elements_per_field;
  if (rest.empty()) return ref;

  const auto j = take_index(rest);
  if (!j || !rest.empty()) {
    return fail(ErrorId::unknown_name, "the index of " + quoted(row->name) + " is not '[number][number]'");
  }
  if (*j >= row->elements_per_field) return out_of_range(*row, row->elements_per_field - 1u);
  ref.first += *j;
  ref.count = 1;
  return ref;
}

std::optional<FieldRef> find_metadata_field(std::uint64_t id) {
  const FieldId wanted = parse_field_id(id);
  if (wanted.context != 0 || is_null_field_id(id)) return std::nullopt;
  std::optional<FieldRef> found;
  for (const MetadataField& row : kFields) {
    if (row.class_code() != wanted.class_code || wanted.field_code < row.code()) continue;
    const unsigned first = wanted.field_code - row.code();
    if (first >= row.num_elements()) continue;
    // Where a code has two sizes the id's own size chooses, and the newer row is the answer for any other
    // size.
    if (!found || row.element_bytes() == wanted.element_bytes()) found = FieldRef{&row, first, 1};
  }
  return found;
}

}  // namespace tdxctl::abi
