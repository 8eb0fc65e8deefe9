// SPDX-License-Identifier: MIT
#include "drv/host/host_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "drv/host/new_file.h"

namespace tdxctl {
namespace {

constexpr std::size_t kChunkBytes = 65536;

Error read_error(const std::string& path, int error_number) {
  const ErrorId id =
      error_number == EACCES || error_number == EPERM ? ErrorId::not_permitted : ErrorId::file_unreadable;
  std::string reason = std::strerror(error_number);
  if (error_number == EISDIR) reason = "it is a directory";
  if (error_number == ENOTDIR) reason = "it is not a directory";
  if (error_number == ENOENT) reason = "there is no such file";
  return {id, "cannot read '" + path + "': " + reason, {}, {}};
}

Error too_large(const std::string& path, std::size_t limit_bytes) {
  return {ErrorId::file_unreadable,
          "cannot read '" + path + "': it has more than " + std::to_string(limit_bytes >> 10) +
              " KiB, too much for a file of its kind",
          {},
          {}};
}

/// What a file is expected to hold, so that most are read into place at once: a pipe tells nothing, and a
/// device or a file that grows can hold more than it says.
std::size_t expected_bytes(int fd, std::size_t limit_bytes) {
  struct stat status {};
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  return std::min(static_cast<std::size_t>(status.st_size), limit_bytes);
}

Result<std::vector<std::uint8_t>> read_all(int fd, const std::string& path, std::size_t limit_bytes) {
  std::vector<std::uint8_t> bytes(expected_bytes(fd, limit_bytes) + 1);  // the one more is to find the end
  std::size_t used = 0;
  for (;;) {
    const ssize_t got = ::read(fd, bytes.data() + used, bytes.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(read_error(path, errno));
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
    if (used > limit_bytes) return fail(too_large(path, limit_bytes));
    if (used == bytes.size()) bytes.resize(used + kChunkBytes);
  }
  bytes.resize(used);
  return bytes;
}

enum class Present : std::uint8_t { nothing, same, other };

Present what_is_at(Files& files, const NewFile& file) {
  struct stat status {};
  if (lstat(file.path.c_str(), &status) != 0) return Present::nothing;
  // Only a file: reading anything else could wait for ever.
  if (!S_ISREG(status.st_mode)) return Present::other;
  const auto content = files.read(file.path, file.content.size());
  return content && *content == file.content ? Present::same : Present::other;
}

std::string_view text_of(const std::vector<std::uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Result<std::vector<std::uint8_t>> HostFiles::read(const std::string& path, std::size_t limit_bytes) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return fail(read_error(path, errno));
  auto bytes = read_all(fd, path, limit_bytes);
  close(fd);
  return bytes;
}

Result<std::vector<FolderEntry>> HostFiles::list(const std::string& path) {
  DIR* const folder = opendir(path.c_str());
  if (folder == nullptr && errno == ENOENT) {
    return fail(ErrorId::folder_missing, "there is no folder '" + path + "'");
  }
  if (folder == nullptr) return fail(read_error(path, errno));
  std::vector<FolderEntry> entries;
  while (const dirent* entry = readdir(folder)) {
    if (entry->d_name[0] == '.') continue;
    struct stat itself {};
    struct stat target {};
    if (fstatat(dirfd(folder), entry->d_name, &itself, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (S_ISDIR(itself.st_mode)) {
      entries.push_back({entry->d_name, true});
    } else if (fstatat(dirfd(folder), entry->d_name, &target, 0) == 0 && S_ISREG(target.st_mode)) {
      entries.push_back({entry->d_name, false});
    }
  }
  closedir(folder);
  std::ranges::sort(entries, {}, &FolderEntry::name);
  return entries;
}

Result<bool> HostFiles::create(std::span<const NewFile> files) {
  std::vector<const NewFile*> missing;
  for (const NewFile& file : files) {
    const Present present = what_is_at(*this, file);
    if (present == Present::other) return fail(ErrorId::file_exists, "'" + file.path + "' is there already");
    if (present == Present::nothing) missing.push_back(&file);
  }
  for (const NewFile* file : missing) {
    const auto written = write_new_file(file->path, text_of(file->content));
    if (!written) return fail(written.error());
  }
  return !missing.empty();
}

}  // namespace tdxctl
