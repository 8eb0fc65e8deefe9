// SPDX-License-Identifier: MIT
#include "core/error.h"

#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>
#include <vector>

namespace tdxctl {
namespace {

std::vector<ErrorInfo> all_errors() {
  std::vector<ErrorInfo> rows;
  for (unsigned id = 0; id <= static_cast<unsigned>(ErrorId::busy); ++id) {
    rows.push_back(error_info(static_cast<ErrorId>(id)));
  }
  return rows;
}

class EveryError : public testing::TestWithParam<ErrorInfo> {};

TEST_P(EveryError, NameIsAnIdentifierForScripts) {
  ASSERT_FALSE(GetParam().name.empty());
  EXPECT_TRUE(std::islower(static_cast<unsigned char>(GetParam().name.front())));
  for (const char c : GetParam().name) {
    EXPECT_TRUE(std::islower(static_cast<unsigned char>(c)) || std::isdigit(static_cast<unsigned char>(c)) ||
                c == '_')
        << c;
  }
}

TEST_P(EveryError, HintIsOneSentenceWithoutCapitalOrFullStop) {
  const std::string_view hint = GetParam().hint;
  if (hint.empty()) return;  // whether it may be is the claim of the next test
  EXPECT_FALSE(std::isupper(static_cast<unsigned char>(hint.front()))) << hint;
  EXPECT_NE(hint.back(), '.') << hint;
  EXPECT_EQ(hint.find('\n'), std::string_view::npos) << hint;
}

TEST_P(EveryError, SaysWhatToDoWhereTheUserCanDoSomething) {
  switch (GetParam().error_class) {
    case ErrorClass::usage:
    case ErrorClass::not_supported:
    case ErrorClass::denied:
    case ErrorClass::busy:
    case ErrorClass::refused:
    case ErrorClass::state_changed:
    case ErrorClass::time_limit:
      EXPECT_FALSE(GetParam().hint.empty());
      break;
    case ErrorClass::failed:
    case ErrorClass::image_invalid:
    case ErrorClass::image_incompatible:
      break;  // often only the caller knows
  }
}

INSTANTIATE_TEST_SUITE_P(Table, EveryError, testing::ValuesIn(all_errors()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ErrorTable, EveryIdHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const ErrorInfo& row : all_errors()) EXPECT_TRUE(names.insert(row.name).second) << row.name;
}

TEST(ErrorHint, AnErrorsOwnHintComesBeforeTheTables) {
  const Error plain{ErrorId::busy, "in use"};
  EXPECT_EQ(plain.hint_text(), error_info(ErrorId::busy).hint);
  const Error special{ErrorId::busy, "in use", "wait for process 7"};
  EXPECT_EQ(special.hint_text(), "wait for process 7");
}

}  // namespace
}  // namespace tdxctl
