// SPDX-License-Identifier: MIT
#include "drv/host/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace tdxctl {
namespace {

Error write_error(const std::string& path, int error_number) {
  const std::string sentence = "cannot write '" + path + "': " + std::strerror(error_number);
  switch (error_number) {
    case EEXIST:
      return {ErrorId::file_exists, "'" + path + "' is there already"};
    case EACCES:
    case EPERM:
      return {ErrorId::not_permitted, sentence};
    case ENOENT:
      return {ErrorId::file_unwritable, sentence, "name a folder that is there"};
    default:
      return {ErrorId::file_unwritable, sentence};
  }
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

mode_t current_umask() {
  const mode_t mask = umask(0);
  umask(mask);
  return mask;
}

/// Writes beside and renames with these flags of renameat2().
Result<void> write_file(const std::string& path, std::string_view content, Readers readers,
                        unsigned int rename_flags) {
  std::string beside = path + ".XXXXXX";
  const int fd = mkstemp(beside.data());
  if (fd < 0) return fail(write_error(path, errno));
  // mkstemp() made it for its owner alone.
  const bool readable = readers == Readers::owner || fchmod(fd, 0666 & ~current_umask()) == 0;
  const bool written = readable && write_all(fd, content) && fsync(fd) == 0;
  const int write_errno = errno;
  close(fd);
  if (!written) {
    unlink(beside.c_str());
    return fail(write_error(path, write_errno));
  }
  if (renameat2(AT_FDCWD, beside.c_str(), AT_FDCWD, path.c_str(), rename_flags) != 0) {
    const int rename_errno = errno;
    unlink(beside.c_str());
    return fail(write_error(path, rename_errno));
  }
  return {};
}

}  // namespace

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool sync_folder_of(const std::string& path) {
  const int fd = open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool synced = fsync(fd) == 0;
  const int sync_errno = errno;
  close(fd);
  errno = sync_errno;
  return synced;
}

// A file that has no name before it is whole leaves nothing behind when the run is killed. Not every file
// system has such files, and they get their name by /proc.
Result<void> write_new_file(const std::string& path, std::string_view content) {
  const int fd = open(folder_of(path).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  if (fd < 0) return write_file(path, content, Readers::umask, RENAME_NOREPLACE);
  const bool written = write_all(fd, content) && fsync(fd) == 0;
  const std::string nameless = "/proc/self/fd/" + std::to_string(fd);
  const bool named =
      written && linkat(AT_FDCWD, nameless.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0;
  const int error = errno;
  close(fd);
  if (named) return {};
  if (!written || error == EEXIST) return fail(write_error(path, error));
  return write_file(path, content, Readers::umask, RENAME_NOREPLACE);
}

Result<void> replace_file(const std::string& path, std::string_view content, Readers readers) {
  const auto written = write_file(path, content, readers, 0);
  if (written && !sync_folder_of(path)) return fail(write_error(path, errno));
  return written;
}

}  // namespace tdxctl
