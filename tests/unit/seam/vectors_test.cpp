// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "vector_replay.h"

namespace tdxctl::seam_test {
namespace {

std::vector<std::string> vector_files() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(TDXCTL_TEST_DATA_DIR "/seam")) {
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path().stem().string());
  }
  std::ranges::sort(files);
  return files;
}

class SeamVectors : public testing::TestWithParam<std::string> {};

TEST_P(SeamVectors, AgreeWithTheModel) {
  auto report = replay_vectors(std::filesystem::path(TDXCTL_TEST_DATA_DIR "/seam") / (GetParam() + ".jsonl"));
  EXPECT_GT(report.sequences, 0u);
  EXPECT_GT(report.ops, report.sequences);
  for (const auto& line : report.differences) ADD_FAILURE() << line;
  for (const auto& line : report.malformed) ADD_FAILURE() << line;
}

INSTANTIATE_TEST_SUITE_P(Files, SeamVectors, testing::ValuesIn(vector_files()), [](const auto& test) {
  std::string name;
  for (char c : test.param) {
    if (std::isalpha(static_cast<unsigned char>(c))) name += c;
  }
  return name;
});

TEST(SeamVectorReplay, ReportsADifferenceWithItsLineAndOp) {
  auto file = std::filesystem::temp_directory_path() / "tdxctl-vector-replay-test.jsonl";
  std::ofstream(file) << R"({"id":"good","ops":[]})"
                         "\n"
                      << R"({"id":"wrong","ops":[{"op":"seamcall","lp":0,"rax":"0x22","out":{"rax":"0x0",)"
                         R"("rcx":"0x0","rdx":"0x0","r8":"0x0","r9":"0x0","r10":"0x0","r11":"0x0"}}]})"
                         "\n"
                      << "not json\n"
                      << R"({"id":"strange","ops":[{"op":"dance"}]})"
                         "\n";
  auto report = replay_vectors(file);
  std::filesystem::remove(file);
  EXPECT_EQ(report.sequences, 3u);
  ASSERT_EQ(report.differences.size(), 1u);
  EXPECT_NE(report.differences[0].find(":2: wrong, op 1: "), std::string::npos) << report.differences[0];
  EXPECT_NE(report.differences[0].find("rax expected 0x0, got 0xc000050200000000"), std::string::npos);
  ASSERT_EQ(report.malformed.size(), 2u);
  EXPECT_NE(report.malformed[0].find(":3: "), std::string::npos);
  EXPECT_NE(report.malformed[1].find("unknown op: dance"), std::string::npos);
}

TEST(SeamVectorReplay, SaysThatAFileCannotBeRead) {
  EXPECT_EQ(replay_vectors("/nonexistent/vectors").malformed.size(), 1u);
}

}  // namespace
}  // namespace tdxctl::seam_test
