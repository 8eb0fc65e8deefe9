// SPDX-License-Identifier: MIT
#include "drv/host/new_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <iterator>

#include "recorded_tree.h"

namespace tdxctl {
namespace {

using Names = std::vector<std::string>;

class WriteNewFile : public testing::Test {
 protected:
  std::string content(std::string_view path) {
    std::ifstream in(tree_.locate(path), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  test::RecordedTree tree_;
};

TEST_F(WriteNewFile, MakesItWholeAndAlone) {
  const std::string text = std::string("a\0b\n", 4) + std::string(300'000, 'x');
  ASSERT_TRUE(write_new_file(tree_.locate("/new"), text));
  EXPECT_EQ(content("/new"), text);
  EXPECT_EQ(tree_.names(), Names{"new"});
}

TEST_F(WriteNewFile, MakesAnEmptyOne) {
  ASSERT_TRUE(write_new_file(tree_.locate("/new"), ""));
  EXPECT_EQ(content("/new"), "");
}

TEST_F(WriteNewFile, RightsAreThoseOfAnyNewFile) {
  const mode_t before = umask(027);
  ASSERT_TRUE(write_new_file(tree_.locate("/new"), "x"));
  umask(before);
  struct stat status {};
  ASSERT_EQ(stat(tree_.locate("/new").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
}

TEST_F(WriteNewFile, WhatIsThereStays) {
  tree_.write("/old", "old");
  tree_.make_directory("/directory");
  ASSERT_EQ(symlink("nowhere", tree_.locate("/link").c_str()), 0);
  const Names before = tree_.names();
  for (const char* path : {"/old", "/directory", "/link"}) {
    const auto written = write_new_file(tree_.locate(path), "new");
    ASSERT_FALSE(written) << path;
    EXPECT_EQ(written.error().id, ErrorId::file_exists) << path;
  }
  EXPECT_EQ(content("/old"), "old");
  EXPECT_EQ(tree_.names(), before);
}

TEST_F(WriteNewFile, NeedsADirectory) {
  for (const std::string& path : {tree_.locate("/none/new"), tree_.locate("/none/"), std::string()}) {
    const auto written = write_new_file(path, "new");
    ASSERT_FALSE(written) << path;
    EXPECT_EQ(written.error().id, ErrorId::file_unwritable) << path;
  }
  EXPECT_EQ(tree_.names(), Names{});
}

TEST_F(WriteNewFile, ADirectoryThatMayNotBeWrittenIsAnotherCause) {
  tree_.make_directory("/closed");
  std::filesystem::permissions(tree_.locate("/closed"), std::filesystem::perms(0555));
  TDXCTL_DROP_PRIVILEGES(nobody);
  const auto written = write_new_file(tree_.locate("/closed/new"), "new");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().id, ErrorId::not_permitted);
  EXPECT_EQ(tree_.names("/closed"), Names{});
}

TEST_F(WriteNewFile, ANameThatIsTooLongIsRefused) {
  const auto written = write_new_file(tree_.locate("/" + std::string(300, 'n')), "new");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().id, ErrorId::file_unwritable);
}

/// As on a disk that is full after so many bytes: writes go on until there and then fail.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, signal_);
  }

 private:
  rlimit before_{};
  void (*signal_)(int);
};

TEST_F(WriteNewFile, AFullDiskLeavesNothingBehind) {
  Result<void> written;
  {
    const FileSizeLimit limit(4096);
    written = write_new_file(tree_.locate("/new"), std::string(10'000, 'x'));
  }
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().id, ErrorId::file_unwritable);
  EXPECT_NE(written.error().what.find(tree_.locate("/new")), std::string::npos) << written.error().what;
  EXPECT_EQ(tree_.names(), Names{});
}

TEST_F(WriteNewFile, WhatFitsExactlyIsWritten) {
  const FileSizeLimit limit(4096);
  EXPECT_TRUE(write_new_file(tree_.locate("/new"), std::string(4096, 'x')));
}

}  // namespace
}  // namespace tdxctl
