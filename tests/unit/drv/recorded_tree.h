// SPDX-License-Identifier: MIT
// A tree that stands in for a host, and rights to look at it with.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "drv/host/root.h"

namespace tdxctl::test {

/// A directory that lives as long as the test.
class RecordedTree {
 public:
  RecordedTree() : directory_(testing::TempDir() + "tdxctl-XXXXXX") {
    if (mkdtemp(directory_.data()) == nullptr) std::abort();
    std::filesystem::permissions(directory_, std::filesystem::perms(0755));
  }
  RecordedTree(const RecordedTree&) = delete;
  RecordedTree& operator=(const RecordedTree&) = delete;
  ~RecordedTree() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] Root root() const { return Root(directory_); }
  [[nodiscard]] std::string locate(std::string_view path) const { return directory_ + std::string(path); }

  void write(std::string_view path, std::string_view content) const {
    make_parents(path);
    std::ofstream(locate(path), std::ios::binary) << content;
  }
  void make_directory(std::string_view path) const { std::filesystem::create_directories(locate(path)); }
  void remove(std::string_view path) const { std::filesystem::remove_all(locate(path)); }

  /// Nobody but root can read it.
  void deny(std::string_view path) const {
    std::filesystem::permissions(locate(path), std::filesystem::perms::none);
  }

  /// Reading it fails with EIO, as a sysfs attribute does whose driver got no answer: nothing is mapped at
  /// the start of a process's memory.
  void break_file(std::string_view path) const {
    remove(path);
    make_parents(path);
    std::filesystem::create_symlink("/proc/self/mem", locate(path));
  }

  /// Opening it fails with ENXIO, as a sysfs attribute does whose device has gone: it is a socket.
  void unplug(std::string_view path) const {
    remove(path);
    make_parents(path);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string where = locate(path);
    ASSERT_LT(where.size(), sizeof address.sun_path);
    std::memcpy(address.sun_path, where.data(), where.size());
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ASSERT_GE(fd, 0);
    ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0)
        << std::strerror(errno);
    close(fd);
  }

  /// An MSR device: 8 bytes at the offset that is the MSR's number.
  void write_msr(std::uint32_t msr, std::uint64_t value) const {
    constexpr std::string_view kDevice = "/dev/cpu/0/msr";
    make_parents(kDevice);
    std::fstream device(locate(kDevice), std::ios::binary | std::ios::in | std::ios::out);
    if (!device) device.open(locate(kDevice), std::ios::binary | std::ios::out);
    device.seekp(msr);
    device.write(reinterpret_cast<const char*>(&value), sizeof value);
  }

  /// Names of all that is in a directory.
  [[nodiscard]] std::vector<std::string> names(std::string_view path = "") const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(locate(path))) {
      found.push_back(entry.path().filename());
    }
    return found;
  }

 private:
  void make_parents(std::string_view path) const {
    std::filesystem::create_directories(std::filesystem::path(locate(path)).parent_path());
  }

  std::string directory_;
};

/// For as long as it lives the process is not root. Root itself is never denied anything.
class Unprivileged {
 public:
  Unprivileged() : was_root_(geteuid() == 0), dropped_(!was_root_ || seteuid(kNobody) == 0) {}
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;
  ~Unprivileged() {
    if (was_root_ && dropped_ && seteuid(0) != 0) std::abort();
  }
  /// False where root cannot become anybody else, such as in a user namespace of one user.
  [[nodiscard]] bool works() const { return dropped_; }

 private:
  static constexpr uid_t kNobody = 65534;
  bool was_root_;
  bool dropped_;
};

#define TDXCTL_DROP_PRIVILEGES(name) \
  const test::Unprivileged name;     \
  if (!name.works())                 \
  GTEST_SKIP() << "root cannot become another user here, so that nothing can be denied to it"

}  // namespace tdxctl::test
