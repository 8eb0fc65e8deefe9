// SPDX-License-Identifier: MIT
#include "core/abi/operands.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/core/abi/reference.h"

namespace tdxctl::abi {
namespace {

using test::text;

TEST(Operands, AreThoseOfTheReference) {
  const auto wanted = test::reference("operand-ids");
  ASSERT_EQ(operands().size(), wanted.size());
  for (const auto& row : wanted) {
    SCOPED_TRACE(row.at("name").get<std::string>());
    const Operand* operand = find_operand(row.at("id").get<std::uint32_t>());
    ASSERT_NE(operand, nullptr);
    EXPECT_EQ(operand->name, text(row, "name"));
    EXPECT_EQ(operand->kind, text(row, "kind"));
    EXPECT_EQ(operand->since, text(row, "since"));
    EXPECT_EQ(operand->meaning, text(row, "meaning"));
    EXPECT_EQ(operand->note, text(row, "note"));
    EXPECT_EQ(operand->alias, test::alias(row));
  }
}

TEST(FindOperand, KnowsNothingBetweenTheRows) {
  for (const std::uint32_t id : {0x10u, 0x3Fu, 0xB3u, 0x141u, 0xFFFFFFFFu})
    EXPECT_EQ(find_operand(id), nullptr) << id;
}

}  // namespace
}  // namespace tdxctl::abi
