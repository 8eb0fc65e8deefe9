// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "core/port/store.h"
#include "drv/host/root.h"

namespace tdxctl {

/// /var/lib/tdxctl, for root alone; the lock is /run/tdxctl.lock. Both are made when first written to.
class HostStore : public Store {
 public:
  explicit HostStore(Root root) : root_(std::move(root)) {}

  Result<std::unique_ptr<StoreLock>> lock() override;
  Result<std::optional<std::vector<std::uint8_t>>> read(std::string_view name,
                                                        std::size_t limit_bytes) override;
  Result<void> write(std::string_view name, std::span<const std::uint8_t> bytes) override;
  Result<void> append_line(std::string_view name, std::string_view line) override;
  Result<bool> remove(std::string_view name) override;
  Result<std::vector<std::string>> list(std::string_view folder) override;

 private:
  [[nodiscard]] std::string path_of(std::string_view name) const;

  Root root_;
};

}  // namespace tdxctl
