// SPDX-License-Identifier: MIT
// Port: files that a person names, such as module images. Implemented in drv/host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"

namespace tdxctl {

/// A file to make.
struct NewFile {
  std::string path;
  std::vector<std::uint8_t> content;
};

/// What a folder holds.
struct FolderEntry {
  std::string name;
  bool is_folder = false;
};

class Files {
 public:
  virtual ~Files() = default;

  /// All bytes of a file; a pipe is read to its end.
  /// Errors: not_permitted; file_unreadable, also for a directory and for more than `limit_bytes`.
  [[nodiscard]] virtual Result<std::vector<std::uint8_t>> read(const std::string& path,
                                                               std::size_t limit_bytes) = 0;

  /// The files and folders in a folder, by rising name, without those whose name starts with a dot. A link to
  /// a file counts as one; a link to a folder is left out, so that nothing can be met twice, and so is all
  /// that is neither, such as a pipe. Errors: folder_missing; not_permitted; file_unreadable, also for what
  /// is no folder.
  [[nodiscard]] virtual Result<std::vector<FolderEntry>> list(const std::string& path) = 0;

  /// Makes files that are each either whole or not there at all. What is there already is never
  /// replaced: with the same content it counts as made, so that a run that was killed between two files can
  /// be repeated; with any other content nothing is made. False where all of them were there.
  /// Errors: file_exists, where another file is there; file_unwritable, not_permitted.
  [[nodiscard]] virtual Result<bool> create(std::span<const NewFile> files) = 0;
};

}  // namespace tdxctl
