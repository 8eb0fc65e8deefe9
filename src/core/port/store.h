// SPDX-License-Identifier: MIT
// Port: what tdxctl keeps from run to run, as documents by name. Implemented in drv/host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace tdxctl {

/// While one exists, no other run changes anything.
class StoreLock {
 public:
  virtual ~StoreLock() = default;
};

/// A name is that of a document, or FOLDER/NAME. Whatever happens, and be it that the power goes, a document
/// is as it was before a call or as it is to be after it.
class Store {
 public:
  virtual ~Store() = default;

  /// Errors: busy while another run holds it; not_permitted, file_unwritable.
  [[nodiscard]] virtual Result<std::unique_ptr<StoreLock>> lock() = 0;

  /// Nothing where there is no such document. Errors: not_permitted; file_unreadable, also for more than
  /// `limit_bytes`.
  [[nodiscard]] virtual Result<std::optional<std::vector<std::uint8_t>>> read(std::string_view name,
                                                                              std::size_t limit_bytes) = 0;

  /// Makes or replaces a document; it is on disk afterwards. Errors: not_permitted, file_unwritable.
  [[nodiscard]] virtual Result<void> write(std::string_view name, std::span<const std::uint8_t> bytes) = 0;

  /// Puts one line at the end of a document; it is on disk afterwards. What a run that was killed left of a
  /// line is closed first, so that it spoils no other. Errors: not_permitted, file_unwritable.
  [[nodiscard]] virtual Result<void> append_line(std::string_view name, std::string_view line) = 0;

  /// False where there is no such document. Errors: not_permitted, file_unwritable.
  [[nodiscard]] virtual Result<bool> remove(std::string_view name) = 0;

  /// Names of the documents of a folder, with what interrupted runs left there. Errors: not_permitted,
  /// file_unreadable.
  [[nodiscard]] virtual Result<std::vector<std::string>> list(std::string_view folder) = 0;
};

}  // namespace tdxctl
