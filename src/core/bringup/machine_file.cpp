// SPDX-License-Identifier: MIT
#include "core/bringup/machine_file.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>

#include "core/decode/number.h"
#include "core/hex.h"
#include "core/json_object.h"

namespace tdxctl::bringup {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kStates = {ModuleState::not_initialised, ModuleState::initialising,
                                ModuleState::ready,           ModuleState::disabling,
                                ModuleState::shut_down,       ModuleState::not_loaded};

// As many as TDX hosts can have: a key for each is configured in turn.
constexpr std::size_t kMostPackages = 8;

/// Members of an object, each taken once. A member that is absent is as good as null. The first that is wrong
/// is kept as what is wrong with the whole.
class Reader {
 public:
  Reader(const Json& object, std::string where, std::string& wrong)
      : object_(object), where_(std::move(where)), wrong_(wrong) {
    if (!object.is_object()) complain("", "must be an object");
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() {
    if (!object_.is_object()) return;
    for (const auto& [key, value] : object_.items()) {
      if (!taken_.contains(key)) complain(key, "is not known");
    }
  }

  void number(const char* key, std::optional<std::uint32_t>& to) {
    const Json* value = take(key);
    if (value == nullptr) return;
    if (!value->is_number_unsigned() ||
        value->get<std::uint64_t>() > std::numeric_limits<std::uint32_t>::max()) {
      return complain(key, "must be a whole number below 2^32");
    }
    to = value->get<std::uint32_t>();
  }
  void bytes(const char* key, std::optional<std::uint64_t>& to) {
    const Json* value = take(key);
    if (value == nullptr) return;
    if (!value->is_number_unsigned()) return complain(key, "must be a whole number of bytes");
    to = value->get<std::uint64_t>();
  }
  void flag(const char* key, std::optional<bool>& to) {
    const Json* value = take(key);
    if (value == nullptr) return;
    if (!value->is_boolean()) return complain(key, "must be true or false");
    to = value->get<bool>();
  }
  /// Addresses and masks: "0x100000000".
  void word(const char* key, std::optional<std::uint64_t>& to) {
    const auto text = text_of(key);
    if (!text) return;
    const auto number = parse_number(*text);
    if (!number || !text->starts_with("0x")) return complain(key, "must be a string such as \"0x100000000\"");
    to = *number;
  }
  void version(const char* key, std::optional<Version>& to) {
    const auto text = text_of(key);
    if (!text) return;
    to = parse_version(*text);
    if (!to) complain(key, "must be a version such as \"1.5.05\"");
  }
  void state(const char* key, std::optional<ModuleState>& to) {
    const auto text = text_of(key);
    if (!text) return;
    const auto found = std::ranges::find(kStates, *text, [](ModuleState each) { return to_string(each); });
    if (found == kStates.end()) return complain(key, "is not a state of the module");
    to = *found;
  }
  template <class Each>
  void object(const char* key, Each each) {
    if (const Json* value = take(key)) {
      Reader reader(*value, name(key), wrong_);
      each(reader);
    }
  }
  /// A list of objects; false where it is not there.
  template <class Each>
  bool list(const char* key, Each each) {
    const Json* value = take(key);
    if (value == nullptr) return false;
    if (!value->is_array()) {
      complain(key, "must be a list");
      return true;
    }
    for (std::size_t i = 0; i < value->size(); ++i) {
      Reader reader((*value)[i], name(key) + "[" + std::to_string(i) + "]", wrong_);
      each(reader);
    }
    return true;
  }
  template <class T>
  T required(const char* key, const std::optional<T>& value) {
    if (!value) complain(key, "is missing");
    return value.value_or(T{});
  }
  void complain(std::string_view key, std::string_view what) {
    if (wrong_.empty()) wrong_ = "'" + name(key) + "' " + std::string(what);
  }

 private:
  [[nodiscard]] std::string name(std::string_view key) const {
    if (where_.empty() || key.empty()) return where_ + std::string(key);
    return where_ + "." + std::string(key);
  }
  const Json* take(const char* key) {
    taken_.insert(key);
    if (!object_.is_object()) return nullptr;
    const auto at = object_.find(key);
    return at == object_.end() || at->is_null() ? nullptr : &*at;
  }
  std::optional<std::string> text_of(const char* key) {
    const Json* value = take(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_string()) return value->get<std::string>();
    complain(key, "must be a string");
    return std::nullopt;
  }

  const Json& object_;
  std::string where_;
  std::string& wrong_;
  std::set<std::string, std::less<>> taken_;
};

Range read_range(Reader& reader) {
  std::optional<std::uint64_t> base, bytes;
  reader.word("base", base);
  reader.bytes("bytes", bytes);
  const Range range = {reader.required("base", base), reader.required("bytes", bytes)};
  if (range.bytes > kAddressEnd || range.base > kAddressEnd - range.bytes) {
    reader.complain("bytes", "must not lead above 2^52");
  }
  return range;
}

ModuleLimits read_limits(Reader& reader) {
  ModuleLimits limits;
  const auto take = [&](const char* key, std::uint32_t& to, std::uint32_t most, std::uint32_t least = 0) {
    std::optional<std::uint32_t> value;
    reader.number(key, value);
    if (!value) return;
    if (*value < least) return reader.complain(key, "must be at least " + std::to_string(least));
    if (*value > most) return reader.complain(key, "must be at most " + std::to_string(most));
    to = *value;
  };
  take("max_tdmrs", limits.max_tdmrs, 1024);
  take("max_reserved_per_tdmr", limits.max_reserved_per_tdmr, 1024);
  take("pamt_4k_entry_bytes", limits.pamt_4k_entry_bytes, 4096, 1);
  take("pamt_2m_entry_bytes", limits.pamt_2m_entry_bytes, 4096, 1);
  take("pamt_1g_entry_bytes", limits.pamt_1g_entry_bytes, 4096, 1);
  take("pamt_bitmap_entry_bits", limits.pamt_bitmap_entry_bits, 4096, 1);
  take("dynamic_pamt_hkid_bits", limits.dynamic_pamt_hkid_bits, 16);
  return limits;
}

Package read_package(Reader& reader) {
  std::optional<std::uint32_t> id, lps;
  std::optional<std::uint64_t> fms;
  reader.number("id", id);
  reader.word("fms", fms);
  reader.number("lps_online", lps);
  if (fms.value_or(0) > std::numeric_limits<std::uint32_t>::max())
    reader.complain("fms", "must be below 2^32");
  return {reader.required("id", id), static_cast<std::uint32_t>(fms.value_or(0)), lps.value_or(0)};
}

void check_packages(Reader& reader, std::span<const Package> packages) {
  if (packages.size() > kMostPackages)
    reader.complain("packages", "must be at most " + std::to_string(kMostPackages));
  std::set<std::uint32_t> ids;
  for (const Package& package : packages) {
    if (!ids.insert(package.id).second)
      reader.complain("packages", "has the id " + std::to_string(package.id) + " twice");
  }
}

void check_lps(Reader& reader, const Machine& machine) {
  if (machine.lps_online == 0u) reader.complain("lps_online", "must be at least 1");
  if (machine.lps_present == 0u) reader.complain("lps_present", "must be at least 1");
  if (machine.lps_online && machine.lps_present && *machine.lps_online > *machine.lps_present)
    reader.complain("lps_online", "must not be more than lps_present");
}

Machine read_machine(Reader& reader) {
  Machine machine;
  const bool memory = reader.list("memory", [&](Reader& each) {
    std::optional<std::uint32_t> node;
    each.number("node", node);
    const Range range = read_range(each);
    machine.memory.push_back({range.base, range.bytes, node});
  });
  if (!memory) reader.complain("memory", "is missing");
  std::vector<Range> cmrs;
  if (reader.list("cmrs", [&](Reader& each) { cmrs.push_back(read_range(each)); })) machine.cmrs = cmrs;
  if (!std::ranges::is_sorted(cmrs, {}, &Range::base)) reader.complain("cmrs", "must be in rising order");
  reader.object("limits", [&](Reader& each) { machine.limits = read_limits(each); });
  reader.word("features0", machine.features0);
  reader.version("module_version", machine.module_version);
  reader.state("module_state", machine.module_state);
  std::vector<Package> packages;
  if (reader.list("packages", [&](Reader& each) { packages.push_back(read_package(each)); })) {
    check_packages(reader, packages);
    machine.packages = packages;
  }
  reader.number("lps_online", machine.lps_online);
  reader.number("lps_present", machine.lps_present);
  check_lps(reader, machine);
  reader.object("keyids", [&](Reader& each) {
    std::optional<std::uint32_t> mktme, tdx;
    each.number("mktme", mktme);
    each.number("tdx", tdx);
    machine.keyids = KeyIdPartition{each.required("mktme", mktme), each.required("tdx", tdx)};
  });
  reader.flag("kernel_owns_module", machine.kernel_owns_module);
  reader.flag("hibernation_possible", machine.hibernation_possible);
  reader.flag("partial_write_erratum", machine.partial_write_erratum);
  reader.bytes("extension_pool_bytes", machine.extension_pool_bytes);
  if (machine.extension_pool_bytes.value_or(0) > kAddressEnd)
    reader.complain("extension_pool_bytes", "must be at most 2^52");
  return machine;
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json range_json(const Range& range) { return {{"base", hex(range.base)}, {"bytes", range.bytes}}; }

Json limits_json(const ModuleLimits& limits) {
  return {{"max_tdmrs", limits.max_tdmrs},
          {"max_reserved_per_tdmr", limits.max_reserved_per_tdmr},
          {"pamt_4k_entry_bytes", limits.pamt_4k_entry_bytes},
          {"pamt_2m_entry_bytes", limits.pamt_2m_entry_bytes},
          {"pamt_1g_entry_bytes", limits.pamt_1g_entry_bytes},
          {"pamt_bitmap_entry_bits", limits.pamt_bitmap_entry_bits},
          {"dynamic_pamt_hkid_bits", limits.dynamic_pamt_hkid_bits}};
}

}  // namespace

Result<Machine> parse_machine(std::string_view text) {
  // Nothing in a machine is nested deeper than its lists.
  const auto object = parse_json_object(text, 4, ErrorId::machine_invalid, "the machine");
  if (!object) return fail(object.error());
  std::string wrong;
  Machine machine;
  {
    Reader reader(*object, "", wrong);
    machine = read_machine(reader);
  }
  if (!wrong.empty()) return fail(ErrorId::machine_invalid, std::move(wrong));
  return machine;
}

Json to_json(const Machine& machine) {
  Json memory = Json::array(), cmrs = nullptr, packages = nullptr, keyids = nullptr;
  for (const MemoryRange& range : machine.memory) {
    memory.push_back({{"base", hex(range.base)}, {"bytes", range.bytes}, {"node", or_null(range.node)}});
  }
  if (machine.cmrs) {
    cmrs = Json::array();
    for (const Range& cmr : *machine.cmrs) cmrs.push_back(range_json(cmr));
  }
  if (machine.packages) {
    packages = Json::array();
    for (const Package& package : *machine.packages) {
      packages.push_back({{"id", package.id}, {"fms", hex(package.fms)}, {"lps_online", package.lps_online}});
    }
  }
  if (machine.keyids) keyids = {{"mktme", machine.keyids->mktme}, {"tdx", machine.keyids->tdx}};
  return {
      {"memory", std::move(memory)},
      {"cmrs", std::move(cmrs)},
      {"limits", machine.limits ? limits_json(*machine.limits) : Json(nullptr)},
      {"features0", machine.features0 ? Json(hex64(*machine.features0)) : Json(nullptr)},
      {"module_version", machine.module_version ? Json(to_string(*machine.module_version)) : Json(nullptr)},
      {"module_state", machine.module_state ? Json(to_string(*machine.module_state)) : Json(nullptr)},
      {"packages", std::move(packages)},
      {"lps_online", or_null(machine.lps_online)},
      {"lps_present", or_null(machine.lps_present)},
      {"keyids", std::move(keyids)},
      {"kernel_owns_module", or_null(machine.kernel_owns_module)},
      {"hibernation_possible", or_null(machine.hibernation_possible)},
      {"partial_write_erratum", or_null(machine.partial_write_erratum)},
      {"extension_pool_bytes", or_null(machine.extension_pool_bytes)},
  };
}

}  // namespace tdxctl::bringup
