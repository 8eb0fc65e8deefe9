// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include "model_machine.h"
#include "test_image.h"

namespace tdxctl::seam_test {

/// A modelled machine in the kernel: the model of the test-only module seam_host executes its SEAMCALLs. Its
/// state and its memory are shared with this process.
/// All its functions throw std::system_error; there is one when seam_host is not loaded.
class KernelMachine final : public ModelMachine {
 public:
  /// @hash_results: what its P-SEAMLDR may ask for.
  explicit KernelMachine(const seam_profile& profile, const HashResults& hash_results = {});
  ~KernelMachine() override;
  KernelMachine(const KernelMachine&) = delete;
  KernelMachine& operator=(const KernelMachine&) = delete;

  void power_on(const seam_profile& profile) override;
  seam_machine* get() override { return state_; }
  seam_outcome execute(u32 lp, seam_regs& regs) override;
  void write_memory(u64 pa, const void* data, std::size_t len) override;
  void read_memory(u64 pa, void* data, std::size_t len) override;
  [[nodiscard]] u64 now_ns() const override { return now_ns_; }

 private:
  void power_off();

  HashResults hash_results_;
  int memory_;
  int file_ = -1;
  seam_machine* state_ = nullptr;
  std::size_t state_bytes_ = 0;
  u64 now_ns_ = 0;
};

}  // namespace tdxctl::seam_test
