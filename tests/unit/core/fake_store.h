// SPDX-License-Identifier: MIT
// A store in memory that can be cut off at any point, as by a power cut.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/port/store.h"

namespace tdxctl::test {

class FakeStore : public Store {
 public:
  using Bytes = std::vector<std::uint8_t>;

  std::map<std::string, Bytes, std::less<>> documents;
  int changes_left = -1;  ///< so many changes work, then none; -1 for no end
  bool locked = false;

  void put(std::string_view name, std::string_view text) {
    documents[std::string(name)] = Bytes(text.begin(), text.end());
  }
  [[nodiscard]] std::string text(std::string_view name) const {
    const auto found = documents.find(name);
    return found == documents.end() ? "" : std::string(found->second.begin(), found->second.end());
  }

  Result<std::unique_ptr<StoreLock>> lock() override {
    if (locked) return fail(ErrorId::busy, "locked");
    return std::make_unique<StoreLock>();
  }
  Result<std::optional<Bytes>> read(std::string_view name, std::size_t limit_bytes) override {
    const auto found = documents.find(name);
    if (found == documents.end()) return std::optional<Bytes>();
    if (found->second.size() > limit_bytes) return fail(ErrorId::file_unreadable, "too large");
    return std::optional(found->second);
  }
  Result<void> write(std::string_view name, std::span<const std::uint8_t> bytes) override {
    if (!may_change()) return cut();
    documents[std::string(name)] = Bytes(bytes.begin(), bytes.end());
    return {};
  }
  Result<void> append_line(std::string_view name, std::string_view line) override {
    if (!may_change()) return cut();
    Bytes& document = documents[std::string(name)];
    if (!document.empty() && document.back() != '\n') document.push_back('\n');
    document.insert(document.end(), line.begin(), line.end());
    document.push_back('\n');
    return {};
  }
  Result<bool> remove(std::string_view name) override {
    if (!may_change()) return cut();
    const auto found = documents.find(name);
    if (found == documents.end()) return false;
    documents.erase(found);
    return true;
  }
  Result<std::vector<std::string>> list(std::string_view folder) override {
    std::vector<std::string> names;
    const std::string start = std::string(folder) + "/";
    for (const auto& [name, bytes] : documents) {
      if (name.starts_with(start)) names.push_back(name.substr(start.size()));
    }
    return names;
  }

 private:
  bool may_change() { return changes_left < 0 || changes_left-- > 0; }
  static tl::unexpected<Error> cut() { return fail(ErrorId::file_unwritable, "no space left on device"); }
};

}  // namespace tdxctl::test
