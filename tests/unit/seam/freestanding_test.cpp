// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <memory>
#include <set>
#include <sstream>

namespace tdxctl::seam_test {
namespace {

std::string output_of(const std::string& command) {
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string output;
  std::array<char, 4096> chunk;
  while (pipe && std::fgets(chunk.data(), chunk.size(), pipe.get())) output += chunk.data();
  return output;
}

TEST(SeamLibrary, CallsNothingButItself) {
#if defined(__SANITIZE_ADDRESS__) || defined(TDXCTL_SANITIZED)
  GTEST_SKIP() << "a sanitizer adds calls of its own";
#endif
  std::istringstream symbols(output_of("nm -g " SEAM_LIBRARY));
  std::set<std::string> defined, undefined;
  std::string line;
  while (std::getline(symbols, line)) {
    std::istringstream words(line);
    std::string first, second, third;
    words >> first >> second >> third;
    if (third.empty() && first == "U") undefined.insert(second);
    if (!third.empty()) defined.insert(third);
  }
  ASSERT_TRUE(defined.contains("seam_call")) << "nm did not list the library";
  for (const auto& symbol : undefined) EXPECT_TRUE(defined.contains(symbol)) << symbol;
}

}  // namespace
}  // namespace tdxctl::seam_test
