// SPDX-License-Identifier: MIT
// Reads the reference rows below tests/data/abi.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace tdxctl::test {

inline nlohmann::json reference(const std::string& name) {
  std::ifstream in(std::string(TDXCTL_TEST_DATA_DIR) + "/abi/" + name + ".json");
  return nlohmann::json::parse(in);  // a missing file is a failed test
}

inline std::uint64_t hex(const nlohmann::json& value) {
  return std::stoull(value.get<std::string>(), nullptr, 16);
}

/// The text of a member; empty where it is null or absent, as in the tables.
inline std::string text(const nlohmann::json& row, const char* key) {
  const auto member = row.find(key);
  return member == row.end() || member->is_null() ? "" : member->get<std::string>();
}

/// The only alias of a row, or empty.
inline std::string alias(const nlohmann::json& row) {
  EXPECT_LE(row.at("aliases").size(), 1u);
  return row.at("aliases").empty() ? "" : row.at("aliases")[0].get<std::string>();
}

}  // namespace tdxctl::test
