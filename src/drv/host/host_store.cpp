// SPDX-License-Identifier: MIT
#include "drv/host/host_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "drv/host/host_files.h"
#include "drv/host/new_file.h"

namespace tdxctl {
namespace {

constexpr std::string_view kFolder = "/var/lib/tdxctl/";
// Not in /run/lock: anybody may make a file there, and could keep root out by it.
constexpr std::string_view kLockFile = "/run/tdxctl.lock";
constexpr mode_t kOnlyRoot = 0700;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

class FileLock : public StoreLock {
 public:
  explicit FileLock(Descriptor file) : file_(std::move(file)) {}

 private:
  Descriptor file_;  // closing it unlocks
};

tl::unexpected<Error> trouble(std::string_view doing, const std::string& path, int error_number) {
  const bool denied = error_number == EACCES || error_number == EPERM;
  return fail(denied ? ErrorId::not_permitted : ErrorId::file_unwritable,
              "cannot " + std::string(doing) + " '" + path + "': " + std::strerror(error_number));
}

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

/// Makes a folder and those above it; what is made is for its owner alone. Gives 0 or an errno.
int make_folders(const std::string& path) {
  if (mkdir(path.c_str(), kOnlyRoot) == 0 || errno == EEXIST) return 0;
  if (errno != ENOENT || (path.find('/') == 0 && path.rfind('/') == 0)) return errno;
  if (const int error = make_folders(parent_of(path))) return error;
  return mkdir(path.c_str(), kOnlyRoot) == 0 || errno == EEXIST ? 0 : errno;
}

/// Whether a line can be put at the end as it is: the file is empty or ends a line.
bool ends_a_line(int fd, off_t size) {
  char last = '\n';
  return size == 0 || (pread(fd, &last, 1, size - 1) == 1 && last == '\n');
}

}  // namespace

std::string HostStore::path_of(std::string_view name) const {
  return root_.locate(std::string(kFolder).append(name));
}

Result<std::unique_ptr<StoreLock>> HostStore::lock() {
  const std::string path = root_.locate(kLockFile);
  if (const int error = make_folders(parent_of(path))) return trouble("make the folder of", path, error);
  Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) return trouble("open", path, errno);
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return trouble("lock", path, errno);
    return fail(ErrorId::busy, "another run of tdxctl is changing something");
  }
  return std::make_unique<FileLock>(std::move(file));
}

Result<std::optional<std::vector<std::uint8_t>>> HostStore::read(std::string_view name,
                                                                 std::size_t limit_bytes) {
  const std::string path = path_of(name);
  if (access(path.c_str(), F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
    return std::optional<std::vector<std::uint8_t>>();
  }
  // To open a pipe is to wait for whoever writes.
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    return fail(ErrorId::file_unreadable, "'" + path + "' is no file", "move it out of the way");
  }
  auto bytes = HostFiles().read(path, limit_bytes);
  if (!bytes) return fail(bytes.error());
  return std::optional(std::move(*bytes));
}

Result<void> HostStore::write(std::string_view name, std::span<const std::uint8_t> bytes) {
  const std::string path = path_of(name);
  const std::string folder = parent_of(path);
  if (const int error = make_folders(folder)) return trouble("make the folder of", path, error);
  return replace_file(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, Readers::owner);
}

Result<void> HostStore::append_line(std::string_view name, std::string_view line) {
  const std::string path = path_of(name);
  const std::string folder = parent_of(path);
  if (const int error = make_folders(folder)) return trouble("make the folder of", path, error);
  const Descriptor file(open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) return trouble("write", path, errno);
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return trouble("write", path, errno);
  std::string text = ends_a_line(file.get(), status.st_size) ? "" : "\n";
  text.append(line).append("\n");
  if (!write_all(file.get(), text) || fsync(file.get()) != 0) {
    const int error = errno;
    // Half a line is of no use to anybody.
    if (ftruncate(file.get(), status.st_size) != 0) return trouble("shorten", path, errno);
    return trouble("write", path, error);
  }
  if (!sync_folder_of(path)) return trouble("write", path, errno);
  return {};
}

Result<bool> HostStore::remove(std::string_view name) {
  const std::string path = path_of(name);
  if (unlink(path.c_str()) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return trouble("remove", path, errno);
  }
  if (!sync_folder_of(path)) return trouble("remove", path, errno);
  return true;
}

Result<std::vector<std::string>> HostStore::list(std::string_view folder) {
  std::vector<std::string> names;
  const std::string path = path_of(folder);
  DIR* const opened = opendir(path.c_str());
  if (opened == nullptr) {
    if (errno == ENOENT) return names;
    return trouble("read", path, errno);
  }
  while (const dirent* entry = readdir(opened)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  closedir(opened);
  return names;
}

}  // namespace tdxctl
