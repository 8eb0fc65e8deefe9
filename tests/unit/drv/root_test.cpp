// SPDX-License-Identifier: MIT
#include "drv/host/root.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>

#include "recorded_tree.h"

namespace tdxctl {
namespace {

using test::RecordedTree;

TEST(Root, PathsAreBelowIt) {
  EXPECT_EQ(Root("/").locate("/proc/cpuinfo"), "/proc/cpuinfo");
  EXPECT_EQ(Root("/srv/tree").locate("/proc/cpuinfo"), "/srv/tree/proc/cpuinfo");
}

TEST(Root, ReadsAFileToItsEnd) {
  const RecordedTree tree;
  const std::string content = std::string("a\0b\n", 4) + std::string(100'000, 'x');
  tree.write("/some/file", content);
  const auto text = tree.root().read("/some/file");
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, content);
}

TEST(Root, ReadsFilesThatGiveNoSize) {
  const auto text = Root("/").read("/proc/self/status");
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("Name:"), std::string::npos);
}

TEST(Root, TellsWhyAFileCannotBeRead) {
  const RecordedTree tree;
  tree.write("/file", "");
  tree.make_directory("/directory");
  tree.unplug("/socket");
  tree.break_file("/broken");
  EXPECT_EQ(tree.root().read("/none").error().trouble, FileTrouble::absent);
  EXPECT_EQ(tree.root().read("/file/below").error().trouble, FileTrouble::absent);
  EXPECT_EQ(tree.root().read("/socket").error().trouble, FileTrouble::no_device);
  EXPECT_EQ(tree.root().read("/broken").error().trouble, FileTrouble::other);
  EXPECT_EQ(tree.root().read("/directory").error().error_number, EISDIR);
}

TEST(Root, DeniedIsNotAbsent) {
  const RecordedTree tree;
  tree.write("/secret", "1");
  tree.deny("/secret");
  TDXCTL_DROP_PRIVILEGES(nobody);
  const auto text = tree.root().read("/secret");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().trouble, FileTrouble::denied);
  EXPECT_TRUE(tree.root().exists("/secret"));
}

TEST(Root, AFileWithoutEndIsRefused) {
  const auto text = Root("/").read("/dev/zero");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().error_number, EFBIG);
}

TEST(Root, APipeWithoutAWriterIsEmptyAndNotWaitedFor) {
  const RecordedTree tree;
  ASSERT_EQ(mkfifo(tree.locate("/pipe").c_str(), 0600), 0);
  const auto text = tree.root().read("/pipe");
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "");
}

TEST(Root, AnMsrIsEightBytesAtItsNumber) {
  const RecordedTree tree;
  tree.write_msr(0x87, 0x4000000003F);
  const auto value = tree.root().read_u64_at("/dev/cpu/0/msr", 0x87);
  ASSERT_TRUE(value);
  EXPECT_EQ(*value, 0x4000000003Fu);
  EXPECT_EQ(tree.root().read_u64_at("/dev/cpu/0/msr", 0x88).error().trouble, FileTrouble::other) << "7 bytes";
  EXPECT_EQ(tree.root().read_u64_at("/dev/cpu/0/msr", 0x480).error().trouble, FileTrouble::other)
      << "at the end";
  EXPECT_EQ(tree.root().read_u64_at("/dev/cpu/1/msr", 0x87).error().trouble, FileTrouble::absent);
}

TEST(FileError, EachTroubleHasItsOwnError) {
  const auto error = [](FileTrouble trouble, int number) {
    return file_error({trouble, "/sys/x", number}, ErrorId::driver_unavailable, "the version");
  };
  EXPECT_EQ(error(FileTrouble::absent, ENOENT).id, ErrorId::driver_unavailable);
  EXPECT_EQ(error(FileTrouble::no_device, ENXIO).id, ErrorId::driver_unavailable);
  EXPECT_EQ(error(FileTrouble::denied, EACCES).id, ErrorId::not_permitted);
  EXPECT_EQ(error(FileTrouble::other, EIO).id, ErrorId::file_unreadable);
  EXPECT_EQ(error(FileTrouble::denied, EACCES).what,
            "cannot read the version from '/sys/x': permission denied");
}

TEST(Trimmed, TakesWhiteSpaceOffTheEnd) {
  EXPECT_EQ(trimmed("1.5.05\n"), "1.5.05");
  EXPECT_EQ(trimmed(" a b \t\r\n"), " a b");
  EXPECT_EQ(trimmed("\n"), "");
  EXPECT_EQ(trimmed(""), "");
}

}  // namespace
}  // namespace tdxctl
