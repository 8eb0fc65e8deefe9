// SPDX-License-Identifier: MIT
#include "core/metadata_read.h"

#include "core/abi/bits.h"
#include "core/abi/metadata.h"
#include "core/decode/number.h"
#include "core/hex.h"
#include "core/module_answers.h"

namespace tdxctl {
namespace {

/// Asks the module that serves metadata, and keeps who answered.
template <class T, class Ask>
Result<Answer<T>> ask_module(Drivers& drivers, Ask ask) {
  const auto served = drivers.module(Operation::metadata);
  if (!served) return fail(served.error());
  Result<T> data = ask(*served->port);
  if (!data) return fail(data.error());
  return Answer<T>{std::move(*data), served->driver};
}

/// The ids that one argument asks for. A number may name a field that no table knows.
Result<void> append_ids(const std::string& name, std::vector<std::uint64_t>& ids) {
  if (!name.empty() && name.front() >= '0' && name.front() <= '9') {
    const auto id = parse_number(name);
    if (!id) return fail(id.error());
    ids.push_back(*id);
    return {};
  }
  const auto field = abi::find_metadata_field(name);
  if (!field) return fail(field.error());
  for (unsigned i = 0; i < field->count; ++i) ids.push_back(field->id(i));
  return {};
}

}  // namespace

Result<Answer<std::uint64_t>> read_features0(Drivers& drivers) {
  return ask_module<std::uint64_t>(drivers, [](Module& module) -> Result<std::uint64_t> {
    const auto answers = module.read({&kFeatures0Id, 1});
    if (!answers) return fail(answers.error());
    const FieldAnswer& answer = answers->front();
    if (!abi::bit(answer.status, 63)) return answer.value;
    return fail(seamcall_error(kReadLeaf, answer.status));
  });
}

Result<Answer<std::vector<Field>>> read_all_metadata(Drivers& drivers, ReadAllMethod method) {
  return ask_module<std::vector<Field>>(drivers, [&](Module& module) { return module.read_all(method); });
}

Result<Answer<std::vector<FieldAnswer>>> read_metadata(Drivers& drivers, std::span<const std::string> names) {
  std::vector<std::uint64_t> ids;
  for (const std::string& name : names) {
    if (auto appended = append_ids(name, ids); !appended) return fail(appended.error());
  }
  return ask_module<std::vector<FieldAnswer>>(drivers, [&](Module& module) { return module.read(ids); });
}

}  // namespace tdxctl
