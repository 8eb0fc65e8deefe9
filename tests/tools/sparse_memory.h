// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <unordered_map>

#include "seam/seam.h"

namespace tdxctl {

/// A modelled machine's physical memory: zero everywhere until it is written.
class SparseMemory {
 public:
  void write(std::uint64_t pa, const void* data, std::size_t len) {
    each_page(pa, len, [&](std::uint64_t page, std::size_t offset, std::size_t at, std::size_t n) {
      std::memcpy(&pages_[page][offset], static_cast<const std::uint8_t*>(data) + at, n);
    });
  }

  void read(std::uint64_t pa, void* data, std::size_t len) const {
    each_page(pa, len, [&](std::uint64_t page, std::size_t offset, std::size_t at, std::size_t n) {
      auto* to = static_cast<std::uint8_t*>(data) + at;
      if (auto found = pages_.find(page); found != pages_.end()) {
        std::memcpy(to, &found->second[offset], n);
      } else {
        std::memset(to, 0, n);
      }
    });
  }

  /// Callbacks by which the model reaches this memory; it must outlive them.
  seam_callbacks callbacks() {
    seam_callbacks cb{};
    cb.ctx = this;
    cb.read = [](void* ctx, u64 pa, void* buf, u32 len) {
      static_cast<SparseMemory*>(ctx)->read(pa, buf, len);
      return true;
    };
    cb.write = [](void* ctx, u64 pa, const void* buf, u32 len) {
      static_cast<SparseMemory*>(ctx)->write(pa, buf, len);
      return true;
    };
    return cb;
  }

 private:
  static constexpr std::size_t kPageBytes = 4096;

  template <class Visit>
  static void each_page(std::uint64_t pa, std::size_t len, Visit visit) {
    for (std::size_t at = 0; at < len;) {
      std::size_t offset = (pa + at) % kPageBytes;
      std::size_t n = std::min(len - at, kPageBytes - offset);
      visit((pa + at) / kPageBytes, offset, at, n);
      at += n;
    }
  }

  std::unordered_map<std::uint64_t, std::array<std::uint8_t, kPageBytes>> pages_;
};

}  // namespace tdxctl
