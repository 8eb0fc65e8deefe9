// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "model_machine.h"
#include "sparse_memory.h"

namespace tdxctl::seam_test {

/// A modelled machine in this process.
class Machine final : public ModelMachine {
 public:
  explicit Machine(const seam_profile& profile) {
    callbacks_.read = [](void* ctx, u64 pa, void* buf, u32 len) {
      static_cast<Machine*>(ctx)->memory_.read(pa, buf, len);
      return true;
    };
    callbacks_.write = [](void* ctx, u64 pa, const void* buf, u32 len) {
      static_cast<Machine*>(ctx)->memory_.write(pa, buf, len);
      return true;
    };
    callbacks_.delay = [](void* ctx, u64 ns) { static_cast<Machine*>(ctx)->now_ns_ += ns; };
    power_on(profile);
  }
  explicit Machine(const char* name) : Machine(*seam_profile_find(name)) {}

  void power_on(const seam_profile& profile) override {
    state_.assign(seam_machine_bytes(profile.lps) / sizeof(u64) + 1, 0);
    seam_init(get(), &profile);
  }

  seam_machine* get() override { return reinterpret_cast<seam_machine*>(state_.data()); }

  seam_outcome execute(u32 lp, seam_regs& regs) override {
    callbacks_.ctx = this;
    return seam_call(get(), &callbacks_, lp, &regs);
  }

  void write_memory(u64 pa, const void* data, std::size_t len) override { memory_.write(pa, data, len); }
  void read_memory(u64 pa, void* data, std::size_t len) override { memory_.read(pa, data, len); }
  [[nodiscard]] u64 now_ns() const override { return now_ns_; }

  SparseMemory& memory() { return memory_; }
  std::vector<u64>& state() { return state_; }
  seam_callbacks& callbacks() { return callbacks_; }

 private:
  std::vector<u64> state_;
  SparseMemory memory_;
  seam_callbacks callbacks_{};
  u64 now_ns_ = 0;
};

}  // namespace tdxctl::seam_test
