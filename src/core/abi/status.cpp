// SPDX-License-Identifier: MIT
#include "core/abi/status.h"

#include <algorithm>

#include "core/abi/bits.h"
#include "core/abi/status_tables.h"
#include "core/abi/table.h"

namespace tdxctl::abi {
namespace {

// Whole 64-bit values: the layout of the module's statuses does not apply.
// Source: intel/tdx-loader p-seam-loader/include/pseamldr_api_defs.h.
constexpr StatusCode kLoaderCodes[] = {
    {0x0000000000000000, "SEAMLDR_SUCCESS", Details::part_of_code, "", "The call finished well."},
    {0x8000000000000000, "SEAMLDR_EBADPARAM", Details::part_of_code, "",
     "Unknown leaf, or a parameter is wrong (address, alignment, parameter structure, page list)."},
    {0x8000000000000003, "SEAMLDR_EBADCALL", Details::part_of_code, "",
     "Not allowed at this moment: this processor has already called, another flow is under way, no updates "
     "are left, or a wrong order."},
    {0x8000000000000004, "SEAMLDR_EBADHANDOFF", Details::part_of_code, "",
     "On update, the handoff data is missing, too large, or of a version the new module cannot take."},
    {0x8000000000000005, "SEAMLDR_ECLEANUPREQ", Details::part_of_code, "",
     "SEAMLDR.CLEANUP must be run first (keys or caches are still dirty)."},
    {0x8000000000000006, "SEAMLDR_EUNSUPPORTED", Details::part_of_code, "",
     "The security version in the module's signature structure has an unsupported major number, or one that "
     "differs from the running module on update."},
    {0x8000000000010002, "SEAMLDR_ENOMEM", Details::part_of_code, "",
     "The SEAM range is too small for the module."},
    {0x8000000000010003, "SEAMLDR_EUNSPECERR", Details::part_of_code, "",
     "Unspecified platform error inside the loader; also no entropy on the very first call."},
    {0x8000000000010004, "SEAMLDR_EUNSUPCPU", Details::part_of_code, "",
     "The module does not support this CPU (family/model/stepping)."},
    {0x8000000000020000, "SEAMLDR_EBADSIG", Details::part_of_code, "",
     "The signature structure is malformed or does not verify, or its key, debug flag or security version is "
     "not acceptable."},
    {0x8000000000020001, "SEAMLDR_EBADHASH", Details::part_of_code, "",
     "The module image does not match the hash in its signature structure."},
    {0x8000000000030000, "SEAMLDR_EINTERRUPT", Details::part_of_code, "",
     "An interrupt stopped SEAMLDR.CLEANUP; repeat it."},
    {0x8000000000030001, "SEAMLDR_ENOENTROPY", Details::part_of_code, "",
     "No random bits were available; repeat the call.", "", "SEAMLDR_RND_NO_ENTROPY"},
};

// Seen only in boot-time tools: the ACM is launched by firmware.
constexpr StatusCode kNpLoaderCodes[] = {
    {0x8000000000000000, "NP_SEAMLDR_EBADPARAM", Details::part_of_code, "",
     "A parameter of the non-persistent loader launch is wrong."},
    {0x8000000000000001, "NP_SEAMLDR_EMODBUSY", Details::part_of_code, "",
     "A SEAM module is already loaded or running."},
    {0x8000000000000002, "NP_SEAMLDR_ELDRINPROG", Details::part_of_code, "",
     "Another loader launch is under way."},
    {0x8000000000010000, "NP_SEAMLDR_EBADRANGE", Details::part_of_code, "",
     "The SEAM range registers hold unacceptable values."},
    {0x8000000000010001, "NP_SEAMLDR_EBADPLATF", Details::part_of_code, "",
     "The platform is not set up as needed."},
    {0x8000000000010002, "NP_SEAMLDR_ENOMEM", Details::part_of_code, "", "The SEAM range is too small."},
    {0x8000000000010003, "NP_SEAMLDR_EUNSPECERR", Details::part_of_code, "", "Unspecified error."},
};

// The low half is part of the code: the trap number for #UD and #GP. Source: Linux 7.3
// arch/x86/include/asm/tdx.h.
constexpr StatusCode kSoftwareCodes[] = {
    {0x8000FF0000000000, "TDX_SW_ERROR", Details::part_of_code, "",
     "Base of the codes that the host kernel, not the module, puts in RAX."},
    {0x8000FF0000000006, "TDX_SEAMCALL_UD", Details::part_of_code, "",
     "SEAMCALL raised #UD; as a rule the CPU is not in VMX operation (VMXON not done) or lacks the "
     "instruction. Linux gives -EACCES."},
    {0x8000FF000000000D, "TDX_SEAMCALL_GP", Details::part_of_code, "",
     "SEAMCALL raised #GP; as a rule TDX is not enabled by firmware. Linux gives -EOPNOTSUPP."},
    {0x8000FF00FFFF0000, "TDX_SEAMCALL_VMFAILINVALID", Details::part_of_code, "",
     "SEAMCALL itself failed with the carry flag set: the target (module or P-SEAMLDR) is absent or switched "
     "off, or, for P-SEAMLDR, a second processor is inside it. Linux gives -ENODEV."},
};

constexpr auto value_of = [](const StatusCode& code) { return code.value; };
static_assert(strictly_ascending(kLoaderCodes, value_of) && strictly_ascending(kNpLoaderCodes, value_of) &&
              strictly_ascending(kSoftwareCodes, value_of));

constexpr NamedNumber kClasses[] = {
    {0x00, "general"},
    {0x01, "operand"},
    {0x02, "busy / resource"},
    {0x03, "physical page and PAMT"},
    {0x04, "TD-owned pages"},
    {0x05, "module (system) state"},
    {0x06, "TD state"},
    {0x07, "VCPU"},
    {0x08, "keys, HKID and cache"},
    {0x09, "platform configuration"},
    {0x0A, "TDMR, CMR and PAMT set-up"},
    {0x0B, "secure EPT"},
    {0x0C, "metadata fields"},
    {0x0D, "service TD"},
    {0x0E, "migration"},
    {0x0F, "TDX Connect"},
    {0x10, "reports, attestation and key derivation"},
    {0x11, "TD partitioning / L2"},
    {0xFF, "reserved for software"},
};
static_assert(strictly_ascending(kClasses, number_of));

constexpr std::uint8_t kSoftwareClass = 0xFF;
constexpr std::uint64_t kFatal = mask(61, 61);

const StatusCode* find_value(std::span<const StatusCode> rows, std::uint64_t value) {
  const auto row =
      std::find_if(rows.begin(), rows.end(), [&](const StatusCode& code) { return code.value == value; });
  return row != rows.end() ? &*row : nullptr;
}

StatusMatch find_module_status(std::uint64_t status) {
  const std::uint64_t code = status & mask(63, 32);
  const auto rows = module_status_codes();
  if (const auto* row = find_value(rows, code)) return {row, Interface::tdx_module, false};
  if (const auto* row = find_value(rows, code & ~kFatal)) return {row, Interface::tdx_module, true};
  return {};
}

}  // namespace

StatusWord parse_status(std::uint64_t status) {
  return {.error = bit(status, 63),
          .non_recoverable = bit(status, 62),
          .fatal = bit(status, 61),
          .host_hint = bit(status, 60),
          .reserved = static_cast<std::uint16_t>(field(status, 59, 48)),
          .class_code = static_cast<std::uint8_t>(field(status, 47, 40)),
          .details_l1 = static_cast<std::uint8_t>(field(status, 39, 32)),
          .details_l2 = static_cast<std::uint32_t>(field(status, 31, 0))};
}

std::uint64_t compose_status(const StatusWord& word) {
  return place(word.error, 63, 63) | place(word.non_recoverable, 62, 62) | place(word.fatal, 61, 61) |
         place(word.host_hint, 60, 60) | place(word.reserved, 59, 48) | place(word.class_code, 47, 40) |
         place(word.details_l1, 39, 32) | place(word.details_l2, 31, 0);
}

std::string_view status_class_name(std::uint8_t class_code) {
  for (const NamedNumber& row : kClasses) {
    if (row.number == class_code) return row.name;
  }
  return {};
}

std::span<const StatusCode> status_codes(Interface interface) {
  switch (interface) {
    case Interface::tdx_module:
      return module_status_codes();
    case Interface::p_seamldr:
      return kLoaderCodes;
    case Interface::np_seamldr:
      return kNpLoaderCodes;
    case Interface::software:
      return kSoftwareCodes;
  }
  return {};
}

StatusMatch find_status(std::uint64_t status, Interface called) {
  const StatusWord word = parse_status(status);
  if (called == Interface::software || (word.error && word.class_code == kSoftwareClass)) {
    return {find_value(kSoftwareCodes, status), Interface::software, false};
  }
  if (called == Interface::tdx_module) return find_module_status(status);
  return {find_value(status_codes(called), status), called, false};
}

std::span<const StatusCode> find_status_codes(std::string_view name, Interface interface) {
  const auto rows = status_codes(interface);
  const auto named = [&](const StatusCode& code) {
    return code.name == name || (!name.empty() && code.alias == name);
  };
  const auto first = std::find_if(rows.begin(), rows.end(), named);
  const auto last = std::find_if_not(first, rows.end(), named);
  return rows.subspan(static_cast<std::size_t>(first - rows.begin()), static_cast<std::size_t>(last - first));
}

}  // namespace tdxctl::abi
