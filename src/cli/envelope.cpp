// SPDX-License-Identifier: MIT
#include "cli/envelope.h"

#include <cstdint>

#include "cli/exit_codes.h"
#include "core/abi/leaves.h"
#include "core/abi/operands.h"
#include "core/abi/status.h"
#include "core/hex.h"
#include "core/rfc3339.h"

namespace tdxctl::cli {
namespace {

Json to_json(const SeamcallFailure& failure) {
  const abi::CallWord call = abi::parse_call_word(failure.rax_in);
  const auto leaves = abi::find_leaves(call.interface(), call.leaf);
  const abi::StatusMatch match = abi::find_status(failure.status, call.interface());
  Json operand = nullptr;
  if (match.code != nullptr && match.code->details == abi::Details::operand_id) {
    const abi::Operand* row = abi::find_operand(abi::parse_status(failure.status).details_l2);
    if (row != nullptr) operand = row->name;
  }
  return {
      {"leaf", leaves.empty() ? Json(nullptr) : Json(leaves.front().name)},
      {"rax", hex64(failure.rax_in)},
      {"status", hex64(failure.status)},
      {"name", match.code == nullptr ? Json(nullptr) : Json(match.code->name)},
      {"operand", std::move(operand)},
  };
}

}  // namespace

Json to_json(const Error& error) {
  return {
      {"id", error_info(error.id).name},
      {"exit_code", exit_code(error)},
      {"message", error.what},
      {"hint", or_null(error.hint_text())},
      {"seamcall", error.seamcall ? to_json(*error.seamcall) : Json(nullptr)},
  };
}

Json to_json(Envelope envelope, std::chrono::sys_seconds now) {
  Json warnings = Json::array();
  for (const Warning& warning : envelope.warnings) {
    warnings.push_back({{"id", warning.id}, {"message", warning.message}});
  }
  Json json = Json::object();
  // Growing would copy all that it holds: the keys of an ordered object cannot be moved.
  json.get_ref<Json::object_t&>().reserve(10);
  json["schema"] = "tdxctl." + std::string(envelope.verb) + "/1";
  json["tool_version"] = TDXCTL_VERSION;
  json["generated_at"] = rfc3339(now);
  json["driver"] = or_null(envelope.driver);
  json["machine"] = or_null(envelope.machine);
  json["ok"] = envelope.error == nullptr;
  if (envelope.changed) json["changed"] = *envelope.changed;
  json["data"] = std::move(envelope.data);
  json["warnings"] = std::move(warnings);
  json["error"] = envelope.error == nullptr ? Json(nullptr) : to_json(*envelope.error);
  return json;
}

std::string serialise(const Json& json, bool pretty) {
  return json.dump(pretty ? 2 : -1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json version_parts(const Version& version) {
  return {{"major", version.major}, {"minor", version.minor}, {"update", version.update}};
}

}  // namespace tdxctl::cli
