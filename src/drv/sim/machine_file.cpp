// SPDX-License-Identifier: MIT
#include "drv/sim/machine_file.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "core/decode/number.h"
#include "core/hex.h"
#include "core/json_object.h"

namespace tdxctl {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kSchema = "tdxctl.machine/1";
constexpr std::size_t kLargestFile = 64 * 1024;

tl::unexpected<Error> invalid(std::string what) { return fail(ErrorId::profile_invalid, std::move(what)); }

/// Takes members out of the object one by one, so that what is left over is known to be unknown.
class Members {
 public:
  explicit Members(Json object) : object_(std::move(object)) {}

  /// The text of an optional member. Errors: profile_invalid when it is no text.
  Result<std::optional<std::string>> text(const char* key) {
    const auto value = take(key);
    if (!value) return std::nullopt;
    if (!value->is_string()) return invalid("'" + std::string(key) + "' must be a string");
    return value->get<std::string>();
  }

  Result<std::optional<std::uint32_t>> count(const char* key) {
    const auto value = take(key);
    if (!value) return std::nullopt;
    if (!value->is_number_unsigned() ||
        value->get<std::uint64_t>() > std::numeric_limits<std::uint32_t>::max()) {
      return invalid("'" + std::string(key) + "' must be a whole number below 2^32");
    }
    return value->get<std::uint32_t>();
  }

  Result<std::optional<Version>> version(const char* key) {
    const auto value = text(key);
    if (!value) return fail(value.error());
    if (!*value) return std::nullopt;
    const auto version = parse_version(**value);
    if (!version) return invalid("'" + std::string(key) + "' must be a version such as \"1.5.05\"");
    return version;
  }

  Result<std::optional<std::uint64_t>> mask(const char* key) {
    const auto value = text(key);
    if (!value) return fail(value.error());
    if (!*value) return std::nullopt;
    const auto number = parse_number(**value);
    if (!number) return invalid("'" + std::string(key) + "' must be a string such as \"0x61f0fbf\"");
    return *number;
  }

  [[nodiscard]] Result<void> nothing_left() const {
    if (object_.empty()) return {};
    return invalid("'" + object_.begin().key() + "' is not a member of a machine file");
  }

 private:
  std::optional<Json> take(const char* key) {
    const auto at = object_.find(key);
    if (at == object_.end()) return std::nullopt;
    Json value = std::move(*at);
    object_.erase(at);
    return value;
  }

  Json object_;
};

/// One assignment per member; the first that is wrong is the error.
template <class T>
Result<void> assign(T& to, Result<T> from) {
  if (!from) return fail(from.error());
  to = std::move(*from);
  return {};
}

}  // namespace

Result<MachineSpec> parse_machine(std::string_view text) {
  if (text.size() > kLargestFile) return invalid("it is larger than 64 KiB");
  auto object = parse_json_object(text, 2, ErrorId::profile_invalid, "it");
  if (!object) return fail(object.error());
  Members members(std::move(*object));
  MachineSpec spec;
  std::optional<std::string> schema, profile, trusted_key, faults;

  Result<void> read = assign(schema, members.text("schema"));
  const auto next = [&](auto& to, auto member) {
    if (read) read = assign(to, std::move(member));
  };
  next(profile, members.text("profile"));
  next(spec.packages, members.count("packages"));
  next(spec.lps, members.count("lps"));
  next(spec.boot, members.text("boot"));
  next(spec.module, members.version("module"));
  next(spec.seamldr, members.version("seamldr"));
  next(spec.features0, members.mask("features0"));
  next(spec.updates, members.count("updates"));
  next(spec.tds, members.count("tds"));
  next(trusted_key, members.text("trusted_key"));
  next(faults, members.text("faults"));
  if (read) read = members.nothing_left();
  if (!read) return fail(read.error());

  if (schema != kSchema) return invalid("'schema' must be \"" + std::string(kSchema) + "\"");
  if (!profile) return invalid("'profile' is missing");
  spec.profile = *profile;
  spec.trusted_key = trusted_key.value_or("");
  spec.faults = faults.value_or("");
  return spec;
}

std::string print_machine(const MachineSpec& spec) {
  Json json;
  const auto add = [&](const char* key, const auto& value) {
    if (value) json[key] = *value;
  };
  json["schema"] = kSchema;
  json["profile"] = spec.profile;
  add("packages", spec.packages);
  add("lps", spec.lps);
  add("boot", spec.boot);
  if (spec.module) json["module"] = to_string(*spec.module);
  if (spec.seamldr) json["seamldr"] = to_string(*spec.seamldr);
  if (spec.features0) json["features0"] = hex(*spec.features0);
  add("updates", spec.updates);
  add("tds", spec.tds);
  if (!spec.trusted_key.empty()) json["trusted_key"] = spec.trusted_key;
  if (!spec.faults.empty()) json["faults"] = spec.faults;
  // Only a comment among the faults can hold what is not UTF-8.
  return json.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tdxctl
