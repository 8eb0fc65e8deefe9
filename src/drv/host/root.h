// SPDX-License-Identifier: MIT
// Reading files below a root directory, so that a recorded tree can stand in for a live host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace tdxctl {

/// Why a file could not be read: an absent one and a forbidden one are different answers.
enum class FileTrouble : std::uint8_t { absent, denied, no_device, other };

struct FileError {
  FileTrouble trouble;
  std::string path;  ///< as the host names it
  int error_number;
};

class Root {
 public:
  explicit Root(std::string directory) : directory_(std::move(directory)) {}

  [[nodiscard]] const std::string& directory() const { return directory_; }

  /// The whole file at an absolute path of the host. sysfs and procfs give no size, so it is read to its end.
  [[nodiscard]] tl::expected<std::string, FileError> read(std::string_view path) const;

  /// 8 bytes at an offset: how /dev/cpu/N/msr gives MSR number `offset`.
  [[nodiscard]] tl::expected<std::uint64_t, FileError> read_u64_at(std::string_view path,
                                                                   std::uint64_t offset) const;

  [[nodiscard]] bool exists(std::string_view path) const;

  /// Names of what is in a directory, in rising order.
  [[nodiscard]] tl::expected<std::vector<std::string>, FileError> list(std::string_view path) const;

  /// Where the path is on this machine.
  [[nodiscard]] std::string locate(std::string_view path) const;

 private:
  std::string directory_;
};

/// The error for a person: not_permitted where it was denied, `absent` where it or its device is not there,
/// file_unreadable where it is there and cannot be read.
Error file_error(const FileError& error, ErrorId absent, std::string_view what);

/// Without trailing white space, which sysfs files end in.
std::string_view trimmed(std::string_view text);

}  // namespace tdxctl
