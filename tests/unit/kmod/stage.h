// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "fake_host.h"

namespace tdxctl::test {

/// struct tdxctl_stage with pages of which each byte says where it is.
class Stage {
 public:
  explicit Stage(u32 nr_pages) : bytes_(TDXCTL_STAGE_SIZE_V0 + nr_pages * TDX_PAGE_BYTES) {
    for (std::size_t i = 16; i < bytes_.size(); ++i) bytes_[i] = static_cast<std::uint8_t>(i ^ i / 4096);
    (*this)->size = static_cast<u32>(bytes_.size());
    (*this)->nr_pages = nr_pages;
  }

  struct tdxctl_stage* operator->() {
    return reinterpret_cast<struct tdxctl_stage*>(bytes_.data());
  }
  std::uint8_t* bytes() { return bytes_.data(); }
  int run(FakeHost& host, const char* file) {
    return tdxctl_run_command(host.get(), file, tdxctl_find_command(TDXCTL_IOC_STAGE), bytes_.data(),
                              static_cast<u32>(bytes_.size()));
  }

 private:
  std::vector<std::uint8_t> bytes_;
};

}  // namespace tdxctl::test
