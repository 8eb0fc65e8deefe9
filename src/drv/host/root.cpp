// SPDX-License-Identifier: MIT
#include "drv/host/root.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace tdxctl {
namespace {

// A live /proc/cpuinfo of 512 LPs has about 1 MB. Nothing that we read is near this.
constexpr std::size_t kLargestFile = 64u << 20;

FileTrouble trouble_of(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return FileTrouble::absent;
    case EACCES:
    case EPERM:
      return FileTrouble::denied;
    case ENXIO:
    case ENODEV:
      return FileTrouble::no_device;
    default:
      return FileTrouble::other;
  }
}

class Descriptor {
 public:
  explicit Descriptor(const std::string& path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

tl::unexpected<FileError> trouble(std::string_view path, int error_number) {
  return tl::unexpected<FileError>({trouble_of(error_number), std::string(path), error_number});
}

}  // namespace

std::string Root::locate(std::string_view path) const {
  return directory_ == "/" ? std::string(path) : directory_ + std::string(path);
}

bool Root::exists(std::string_view path) const { return access(locate(path).c_str(), F_OK) == 0; }

tl::expected<std::vector<std::string>, FileError> Root::list(std::string_view path) const {
  std::error_code error;
  std::vector<std::string> names;
  std::filesystem::directory_iterator entry(locate(path), error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename());
  }
  if (error) return trouble(path, error.value());
  std::ranges::sort(names);
  return names;
}

tl::expected<std::string, FileError> Root::read(std::string_view path) const {
  const Descriptor file(locate(path));
  if (file.get() < 0) return trouble(path, errno);
  std::string text;
  std::array<char, 16384> chunk;
  for (;;) {
    const ssize_t got = ::read(file.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return trouble(path, errno);
    if (got == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(got));
    if (text.size() > kLargestFile) return trouble(path, EFBIG);
  }
}

tl::expected<std::uint64_t, FileError> Root::read_u64_at(std::string_view path, std::uint64_t offset) const {
  const Descriptor file(locate(path));
  if (file.get() < 0) return trouble(path, errno);
  std::uint64_t value = 0;
  const ssize_t got = pread(file.get(), &value, sizeof value, static_cast<off_t>(offset));
  if (got < 0) return trouble(path, errno);
  if (got != sizeof value) return trouble(path, EIO);
  return value;
}

Error file_error(const FileError& error, ErrorId absent, std::string_view what) {
  const std::string sentence = "cannot read " + std::string(what) + " from '" + error.path + "': ";
  if (error.trouble == FileTrouble::denied) return {ErrorId::not_permitted, sentence + "permission denied"};
  const bool there = error.trouble == FileTrouble::other;
  return {there ? ErrorId::file_unreadable : absent, sentence + std::strerror(error.error_number)};
}

std::string_view trimmed(std::string_view text) {
  const auto last = text.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? std::string_view{} : text.substr(0, last + 1);
}

}  // namespace tdxctl
