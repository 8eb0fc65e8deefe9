// SPDX-License-Identifier: MIT
#include "core/bringup/call_times.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "core/bringup/configure.h"
#include "core/port/bring_up.h"
#include "core/rfc3339.h"

namespace tdxctl::bringup {
namespace {

using nlohmann::json;
using Nanoseconds = CallTimes::Nanoseconds;

constexpr std::string_view kForm = "tdxctl.call-times/1";
constexpr std::size_t kMaxBytes = 4096;

Nanoseconds took(const ConfigureResult& result, BringUpStep step) {
  const auto found = std::ranges::find(result.steps, to_string(step), &StepTime::name);
  return found != result.steps.end() ? found->took : Nanoseconds{0};
}

std::optional<CallTimes> parse(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object() || object.value("schema", json()) != kForm) return std::nullopt;
  const auto nanoseconds = [&](const char* key) -> std::optional<Nanoseconds> {
    const auto member = object.find(key);
    if (member == object.end() || !member->is_number_unsigned()) return std::nullopt;
    return Nanoseconds{member->get<std::int64_t>()};
  };
  const auto at = object.find("at"), dynamic_pamt = object.find("dynamic_pamt");
  const auto once = nanoseconds("once_ns"), key_config = nanoseconds("key_config_ns"),
             tdmr_init = nanoseconds("tdmr_init_ns");
  if (at == object.end() || !at->is_string() || dynamic_pamt == object.end() || !dynamic_pamt->is_boolean() ||
      !once || !key_config || !tdmr_init) {
    return std::nullopt;
  }
  const auto time = parse_rfc3339(at->get<std::string>());
  if (!time) return std::nullopt;
  return CallTimes{*time, dynamic_pamt->get<bool>(), *once, *key_config, *tdmr_init, nanoseconds("page_ns")};
}

}  // namespace

std::optional<CallTimes> times_of(const ConfigureResult& result, std::chrono::sys_seconds at) {
  const Plan& plan = result.plan.plan;
  if (!plan.calls || plan.calls->key_config == 0 || plan.calls->tdmr_init_in_a_row == 0) return std::nullopt;
  CallTimes times{.at = at,
                  .dynamic_pamt = plan.dynamic_pamt,
                  .once = took(result, BringUpStep::init) + took(result, BringUpStep::lp_init) +
                          took(result, BringUpStep::config),
                  .key_config = took(result, BringUpStep::key_config) / plan.calls->key_config,
                  .tdmr_init = took(result, BringUpStep::tdmr_init) / plan.calls->tdmr_init_in_a_row};
  if (const std::uint64_t pages = result.progress.pool_pages; pages != 0) {
    times.page = (took(result, BringUpStep::ext_mem_add) + took(result, BringUpStep::ext_init)) / pages;
  }
  return times;
}

Result<void> write_call_times(Store& store, const CallTimes& times) {
  const nlohmann::ordered_json object = {
      {"schema", kForm},
      {"at", rfc3339(times.at)},
      {"dynamic_pamt", times.dynamic_pamt},
      {"once_ns", times.once.count()},
      {"key_config_ns", times.key_config.count()},
      {"tdmr_init_ns", times.tdmr_init.count()},
      {"page_ns", times.page ? json(times.page->count()) : json(nullptr)},
  };
  const std::string text = object.dump(2) + "\n";
  return store.write(kCallTimes, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

Result<std::optional<CallTimes>> read_call_times(Store& store) {
  const auto bytes = store.read(kCallTimes, kMaxBytes);
  if (!bytes) return fail(bytes.error());
  if (!*bytes) return std::optional<CallTimes>();
  auto times = parse({reinterpret_cast<const char*>((*bytes)->data()), (*bytes)->size()});
  if (!times) return fail(ErrorId::store_damaged, "what the calls of the last bring-up took makes no sense");
  return times;
}

Expectation foretell(const Plan& plan, Store& store) {
  const auto read = read_call_times(store);
  if (!read) return {.reason = read.error().what};
  if (!*read) return {};
  const CallTimes& times = **read;
  if (!plan.calls) return {.reason = "the LPs are not known"};
  if (times.dynamic_pamt != plan.dynamic_pamt) {
    return {.reason = times.dynamic_pamt ? "calls were timed with dynamic PAMT only"
                                         : "calls were timed without dynamic PAMT only"};
  }
  if (plan.extensions && !times.page) return {.reason = "no call of the Extensions was timed yet"};
  Nanoseconds sum = times.once + times.key_config * plan.calls->key_config +
                    times.tdmr_init * plan.calls->tdmr_init_in_a_row;
  if (plan.extensions) sum += *times.page * (plan.extensions->bytes / kPageBytes);
  return {.duration = std::chrono::ceil<std::chrono::milliseconds>(sum),
          .reason = "by the bring-up of " + rfc3339(times.at)};
}

}  // namespace tdxctl::bringup
