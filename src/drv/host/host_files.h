// SPDX-License-Identifier: MIT
#pragma once

#include "core/port/files.h"

namespace tdxctl {

/// The files of this machine, by the paths that a person typed.
class HostFiles : public Files {
 public:
  Result<std::vector<std::uint8_t>> read(const std::string& path, std::size_t limit_bytes) override;
  Result<std::vector<FolderEntry>> list(const std::string& path) override;
  Result<bool> create(std::span<const NewFile> files) override;
};

}  // namespace tdxctl
