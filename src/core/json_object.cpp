// SPDX-License-Identifier: MIT
#include "core/json_object.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace tdxctl {
namespace {

using Json = nlohmann::ordered_json;

/// "line 3, column 7" of a byte, in bytes.
std::string place_of(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, byte);
  const auto line = 1 + std::ranges::count(before, '\n');
  const std::size_t column = byte - (before.rfind('\n') + 1);  // npos + 1 is 0
  return "line " + std::to_string(line) + ", column " + std::to_string(column + 1);
}

/// Notes the first member that an object has twice: the library would keep the last.
class Repetitions {
 public:
  explicit Repetitions(int depth) : members_(static_cast<std::size_t>(depth) + 2) {}

  void see(int depth, Json::parse_event_t event, const Json& parsed) {
    const auto level = static_cast<std::size_t>(depth);
    if (level + 1 >= members_.size()) return;
    if (event == Json::parse_event_t::object_start) members_[level + 1].clear();
    if (event != Json::parse_event_t::key || !repeated.empty()) return;
    auto name = parsed.get<std::string>();
    if (!members_[level].insert(name).second) repeated = std::move(name);
  }

  std::string repeated;

 private:
  std::vector<std::set<std::string>> members_;  ///< of the object that is open, by its depth
};

}  // namespace

Result<Json> parse_json_object(std::string_view text, int depth, ErrorId id, std::string_view subject) {
  const auto not_json = [&](std::size_t byte) {
    return fail(id, std::string(subject) + " is not JSON: " + place_of(text, std::min(byte, text.size())));
  };
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) return not_json(nul);
  Repetitions repetitions(depth);
  const auto watch = [&](int at, Json::parse_event_t event, Json& parsed) {
    repetitions.see(at, event, parsed);
    return at <= depth;
  };
  Json object;
  try {
    object = Json::parse(text, watch);
  } catch (const Json::parse_error& error) {
    return not_json(error.byte > 0 ? error.byte - 1 : 0);
  } catch (const Json::exception&) {
    return fail(id, std::string(subject) + " is not JSON: it has a number that is too large");
  }
  if (!object.is_object()) return fail(id, std::string(subject) + " is not a JSON object");
  if (!repetitions.repeated.empty()) return fail(id, "'" + repetitions.repeated + "' is given twice");
  return object;
}

}  // namespace tdxctl
