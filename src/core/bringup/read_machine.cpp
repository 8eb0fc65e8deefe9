// SPDX-License-Identifier: MIT
#include "core/bringup/read_machine.h"

#include <algorithm>
#include <map>
#include <string>

#include "core/abi/bits.h"
#include "core/abi/metadata.h"
#include "core/host_status.h"
#include "core/metadata_read.h"

namespace tdxctl::bringup {
namespace {

/// Notes a fact, or why it is not known.
class Facts {
 public:
  explicit Facts(std::vector<UnseenFact>& unseen) : unseen_(unseen) {}

  template <class T>
  void take(std::string_view name, const Result<T>& fact, std::optional<T>& to) {
    if (fact) {
      to = *fact;
    } else {
      unseen_.push_back({name, fact.error()});
    }
  }

 private:
  std::vector<UnseenFact>& unseen_;
};

/// Fields of the module by name. A field that the module refuses is not there.
class Fields {
 public:
  static Result<Fields> read(Drivers& drivers) {
    std::vector<std::string> names(std::begin(kNames), std::end(kNames));
    const auto answers = read_metadata(drivers, names);
    if (!answers) return fail(answers.error());
    Fields fields;
    for (const FieldAnswer& answer : answers->data) {
      if (abi::bit(answer.status, 63)) continue;
      const auto field = abi::find_metadata_field(answer.id);
      if (field) fields.values_[abi::to_name(*field)] = answer.value;
    }
    return fields;
  }

  [[nodiscard]] std::optional<std::uint64_t> value(const std::string& name) const {
    const auto at = values_.find(name);
    return at != values_.end() ? std::optional(at->second) : std::nullopt;
  }

 private:
  static constexpr const char* kNames[] = {
      "NUM_CMRS",
      "CMR_BASE",
      "CMR_SIZE",
      "MAX_TDMRS",
      "MAX_RESERVED_PER_TDMR",
      "PAMT_4K_ENTRY_SIZE",
      "PAMT_2M_ENTRY_SIZE",
      "PAMT_1G_ENTRY_SIZE",
      "PAMT_PAGE_BITMAP_ENTRY_BITS",
      "MIN_DYNAMIC_PAMT_NUM_HKID_BITS",
      "EXT_REQUIRED",
      "MEMORY_POOL_REQUIRED_PAGES",
  };
  std::map<std::string, std::uint64_t> values_;
};

std::optional<ModuleLimits> limits_of(const Fields& fields) {
  ModuleLimits limits;
  bool all = true;
  const auto take = [&](const char* name, std::uint32_t& to) {
    const auto value = fields.value(name);
    if (value) to = static_cast<std::uint32_t>(*value);
    return value.has_value();
  };
  all &= take("MAX_TDMRS", limits.max_tdmrs);
  all &= take("MAX_RESERVED_PER_TDMR", limits.max_reserved_per_tdmr);
  all &= take("PAMT_4K_ENTRY_SIZE", limits.pamt_4k_entry_bytes);
  all &= take("PAMT_2M_ENTRY_SIZE", limits.pamt_2m_entry_bytes);
  all &= take("PAMT_1G_ENTRY_SIZE", limits.pamt_1g_entry_bytes);
  // Modules without dynamic PAMT do not have these two.
  take("PAMT_PAGE_BITMAP_ENTRY_BITS", limits.pamt_bitmap_entry_bits);
  take("MIN_DYNAMIC_PAMT_NUM_HKID_BITS", limits.dynamic_pamt_hkid_bits);
  return all ? std::optional(limits) : std::nullopt;
}

std::optional<std::vector<Range>> cmrs_of(const Fields& fields) {
  const auto count = fields.value("NUM_CMRS");
  if (!count) return std::nullopt;
  std::vector<Range> cmrs;
  for (std::uint64_t i = 0; i < *count; ++i) {
    const std::string index = "[" + std::to_string(i) + "]";
    const auto base = fields.value("CMR_BASE" + index), bytes = fields.value("CMR_SIZE" + index);
    if (!base || !bytes) return std::nullopt;
    if (*bytes != 0) cmrs.push_back({*base, *bytes});
  }
  return cmrs;
}

std::optional<std::uint64_t> pool_of(const Fields& fields) {
  const auto required = fields.value("EXT_REQUIRED"), pages = fields.value("MEMORY_POOL_REQUIRED_PAGES");
  if (!required || *required == 0 || !pages || *pages == 0) return std::nullopt;
  // More than any memory is as good as all there can be.
  return std::min(*pages, kAddressEnd / kPageBytes) * kPageBytes;
}

/// CMRs that something else than the module tells; else why the module did not.
Result<std::vector<Range>> other_cmrs(Drivers& drivers, const Error& why) {
  const auto cmrs = drivers.platform().cmrs();
  if (!cmrs) return fail(why);
  std::vector<Range> ranges;
  for (const MemoryRange& cmr : *cmrs) ranges.push_back({cmr.base, cmr.bytes});
  return ranges;
}

}  // namespace

Result<ReadMachine> read_machine(Drivers& drivers) {
  auto memory = drivers.platform().memory();
  if (!memory) return fail(memory.error());
  ReadMachine read;
  Machine& machine = read.machine;
  machine.memory = std::move(*memory);

  const HostStatus status = read_host_status(drivers);
  const PlatformFacts& platform = status.platform;
  Facts facts(read.unseen);
  facts.take("features0", status.features0.value, machine.features0);
  facts.take("module_version", status.module_version.value, machine.module_version);
  facts.take("module_state", status.module_state.value, machine.module_state);
  facts.take("packages", platform.packages, machine.packages);
  facts.take("lps_online", platform.lps_online, machine.lps_online);
  facts.take("lps_present", platform.lps_present, machine.lps_present);
  facts.take("keyids", platform.keyids, machine.keyids);
  facts.take("kernel_owns_module", platform.kernel_owns_module, machine.kernel_owns_module);
  facts.take("hibernation_possible", platform.hibernation_possible, machine.hibernation_possible);
  facts.take("partial_write_erratum", platform.partial_write_erratum, machine.partial_write_erratum);
  read.driver = status.module_state.driver;
  read.only_looks_ready = status.only_looks_ready;

  const auto fields = Fields::read(drivers);
  const Error untold =
      fields ? Error{ErrorId::field_not_available, "the module does not tell yet"} : fields.error();
  if (fields) {
    machine.limits = limits_of(*fields);
    machine.cmrs = cmrs_of(*fields);
    machine.extension_pool_bytes = pool_of(*fields);
  }
  if (!machine.limits) read.unseen.push_back({"limits", untold});
  if (!machine.cmrs) facts.take("cmrs", other_cmrs(drivers, untold), machine.cmrs);
  return read;
}

}  // namespace tdxctl::bringup
