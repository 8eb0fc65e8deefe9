// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace tdxctl {

/// Makes a file that is either whole or not there at all: written without a name or beside, fsynced, and
/// given its name. Until the folder is on disk too, which nobody waits for, a power cut leaves it not there.
/// A file that is there already stays as it is. Errors: file_exists, file_unwritable, not_permitted.
Result<void> write_new_file(const std::string& path, std::string_view content);

/// Who may read a file that is made.
enum class Readers : std::uint8_t { umask, owner };

/// Writes all of it. False with errno set otherwise.
bool write_all(int fd, std::string_view content);

/// A name is on disk only when its folder is. False with errno set where that failed.
bool sync_folder_of(const std::string& path);

/// The same as write_new_file, where a file that is there already is replaced: there is always a whole one,
/// the old or the new. It is on disk afterwards.
Result<void> replace_file(const std::string& path, std::string_view content,
                          Readers readers = Readers::umask);

}  // namespace tdxctl
