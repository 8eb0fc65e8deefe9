// SPDX-License-Identifier: MIT
#include "drv/host/host_store.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace tdxctl {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;

class HostStoreTest : public testing::Test {
 protected:
  HostStoreTest() : folder_(fs::path(testing::TempDir()) / ("store-" + std::to_string(getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~HostStoreTest() override { fs::remove_all(folder_); }

  [[nodiscard]] fs::path path(std::string_view name) const { return folder_ / "var/lib/tdxctl" / name; }
  [[nodiscard]] std::string text(std::string_view name) {
    const auto bytes = store_.read(name, 1 << 20);
    return bytes && *bytes ? std::string((*bytes)->begin(), (*bytes)->end()) : "";
  }
  static unsigned mode_of(const fs::path& path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 ? status.st_mode & 07777u : 0;
  }

  fs::path folder_;
  HostStore store_{Root(folder_.string())};
  const Bytes some_ = {'s', 'o', 'm', 'e'};
};

TEST_F(HostStoreTest, KeepsDocumentsForItsOwnerAlone) {
  ASSERT_TRUE(store_.write("staged/manifest.json", some_));
  EXPECT_EQ(text("staged/manifest.json"), "some");
  EXPECT_EQ(mode_of(path("")), 0700u);
  EXPECT_EQ(mode_of(path("staged")), 0700u);
  EXPECT_EQ(mode_of(path("staged/manifest.json")), 0600u);
}

TEST_F(HostStoreTest, ReplacesAndLeavesNothingBeside) {
  ASSERT_TRUE(store_.write("staged/a", some_));
  ASSERT_TRUE(store_.write("staged/a", Bytes{'x'}));
  EXPECT_EQ(text("staged/a"), "x");
  EXPECT_EQ(store_.list("staged")->size(), 1u);
}

TEST_F(HostStoreTest, WhatIsNotThereIsNothing) {
  EXPECT_EQ(store_.read("wanted", 10).value(), std::nullopt);
  EXPECT_EQ(store_.remove("wanted").value(), false);
  EXPECT_TRUE(store_.list("staged")->empty());
}

TEST_F(HostStoreTest, ListsWhatAnInterruptedRunLeft) {
  ASSERT_TRUE(store_.write("staged/a", some_));
  std::ofstream(path("staged/a.Xq3f0Z")) << "ha";
  EXPECT_EQ(store_.list("staged")->size(), 2u);
  EXPECT_EQ(store_.remove("staged/a.Xq3f0Z").value(), true);
}

TEST_F(HostStoreTest, AppendsWholeLinesOnly) {
  ASSERT_TRUE(store_.append_line("history.jsonl", "one"));
  std::ofstream(path("history.jsonl"), std::ios::app) << "tor";
  ASSERT_TRUE(store_.append_line("history.jsonl", "two"));
  EXPECT_EQ(text("history.jsonl"), "one\ntor\ntwo\n");
}

// A limit on the size of files stands for a disk that is full.
TEST_F(HostStoreTest, AFullDiskLosesNothing) {
  ASSERT_TRUE(store_.write("staged/a", some_));
  ASSERT_TRUE(store_.append_line("history.jsonl", "one"));
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit little{8, before.rlim_max};
  std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &little);
  const auto written = store_.write("staged/a", Bytes(100, 'x'));
  const auto appended = store_.append_line("history.jsonl", "a line that is too long");
  setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().id, ErrorId::file_unwritable);
  ASSERT_FALSE(appended);
  EXPECT_EQ(text("staged/a"), "some");
  EXPECT_EQ(store_.list("staged")->size(), 1u);
  EXPECT_EQ(text("history.jsonl"), "one\n");
}

TEST_F(HostStoreTest, OneHoldsTheLockAtATime) {
  HostStore other{Root(folder_.string())};
  {
    const auto held = store_.lock();
    ASSERT_TRUE(held);
    const auto second = other.lock();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().id, ErrorId::busy);
  }
  EXPECT_TRUE(other.lock());
}

}  // namespace
}  // namespace tdxctl
