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

std::string man_page() {
  std::ifstream file(TDXCTL_SOURCE_DIR "/man/tdxctl-exit-codes.7");
  EXPECT_TRUE(file);
  std::ostringstream page;
  page << file.rdbuf();
  return page.str();
}

TEST(ExitCodes, TheManPageShowsTheTable) {
  const std::string page = man_page();
  for (const ExitCode& row : kExitCodes) {
    const std::string item = ".It " + std::to_string(row.code) + "\n" + std::string(row.meaning);
    EXPECT_NE(page.find(item), std::string::npos) << item;
  }
}

TEST(ExitCodes, TheManPageHasEveryCauseBelowItsCode) {
  const std::string page = man_page();
  for (int value = 0; value <= static_cast<int>(ErrorId::busy); ++value) {
    const ErrorInfo& row = error_info(static_cast<ErrorId>(value));
    if (row.name.starts_with("image_")) continue;  // rules, which the verbs of update explain
    const std::size_t section = page.find(".Ss " + std::to_string(exit_code(row.error_class)) + ":");
    ASSERT_NE(section, std::string::npos) << row.name;
    const std::size_t end = page.find("\n.S", section);
    EXPECT_LT(page.find(".It Li " + std::string(row.name) + "\n", section), end) << row.name;
  }
}

}  // namespace
}  // namespace tdxctl::cli
