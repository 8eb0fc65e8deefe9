// SPDX-License-Identifier: MIT
#include "cli/exit_codes.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace tdxctl::cli {
namespace {

TEST(ExitCodes, EveryClassOfErrorsHasItsOwn) {
  for (int value = 0; value <= static_cast<int>(ErrorClass::time_limit); ++value) {
    const auto error_class = static_cast<ErrorClass>(value);
    int rows = 0;
    for (const ExitCode& row : kExitCodes) rows += row.error_class == error_class ? 1 : 0;
    EXPECT_EQ(rows, 1) << "class " << value;
  }
}

TEST(ExitCodes, TheManPageShowsTheTable) {
  std::ifstream file(TDXCTL_SOURCE_DIR "/man/tdxctl-exit-codes.7");
  ASSERT_TRUE(file);
  std::ostringstream page;
  page << file.rdbuf();
  for (const ExitCode& row : kExitCodes) {
    const std::string item = ".It " + std::to_string(row.code) + "\n" + std::string(row.meaning);
    EXPECT_NE(page.str().find(item), std::string::npos) << item;
  }
}

}  // namespace
}  // namespace tdxctl::cli
