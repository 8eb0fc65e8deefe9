// SPDX-License-Identifier: MIT
// The helper's host operations over a modelled machine, in this process.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "drv/sim/machine_state.h"
#include "drv/uapi/transport.h"

extern "C" {
#include "kmod/logic/logic.h"
#include "seam/fault.h"
#include "seam/profile.h"
#include "seam/seam.h"
}

namespace tdxctl {

/// A machine that is powered on. Commands run on LP 0, but for steps that stop all LPs.
class SimHost : public Transport {
 public:
  /// The profile must have passed seam_profile_check().
  SimHost(const seam_profile& profile, const seam_faults& faults);
  SimHost(const SimHost&) = delete;
  SimHost& operator=(const SimHost&) = delete;
  ~SimHost() override;

  /// From now on the machine is the one that was saved, if one was, and its changes are kept.
  /// Errors: those of MachineState::load.
  [[nodiscard]] Result<void> keep_in(std::unique_ptr<MachineState> kept);

  [[nodiscard]] int run(unsigned int command, void* argument) override;
  [[nodiscard]] int start_over() override;
  [[nodiscard]] const Error* own_trouble() const override { return trouble_ ? &*trouble_ : nullptr; }

  [[nodiscard]] const seam_profile& profile() const { return profile_; }
  [[nodiscard]] std::uint32_t tds() const;  ///< that are alive
  /// Blocks of memory that the helper has allocated: PAMTs, and the pool of the module's Extensions.
  [[nodiscard]] std::size_t blocks() const { return blocks_.size(); }

 private:
  using Page = std::array<std::uint8_t, 4096>;

  // What the helper's logic and the model call back. The logic knows a host by its first member, so it is
  // wrapped.
  struct LogicHost {
    tdxctl_host host;
    SimHost* self;
  };
  struct Ops;

  bool run_on(tdxctl_lps lps, bool (*step)(tdxctl_host*, std::uint32_t, void*), void* context);
  [[nodiscard]] bool takes_part(tdxctl_lps lps, std::uint32_t lp) const;
  [[nodiscard]] std::span<const seam_range> ram() const;

  [[nodiscard]] seam_machine* machine() { return reinterpret_cast<seam_machine*>(state_.data()); }
  [[nodiscard]] Result<void> resume();
  void take_over(const tdxctl_bring_up& bring_up);
  [[nodiscard]] Result<void> save() const;
  [[nodiscard]] int fail_with(const Error& trouble);
  [[nodiscard]] int run_change(const tdxctl_command& command, void* argument, std::uint32_t bytes);

  seam_profile profile_;
  seam_faults faults_;
  LogicHost logic_;
  std::vector<std::uint64_t> state_;  ///< the model's state: one flat block, aligned to 8
  seam_callbacks callbacks_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Page>>
      pages_;                                      ///< memory that holds something, by page number
  std::map<std::uint64_t, std::uint64_t> blocks_;  ///< bytes of each, by address
  std::uint64_t next_page_;                        ///< page number that is handed out next
  std::unique_ptr<MachineState> kept_;             ///< null for a machine that ends with the run
  std::optional<Error> trouble_{};                 ///< see own_trouble()
  std::vector<std::uint8_t> hashed_;
  std::uint32_t lp_ = 0;      ///< that runs now
  std::uint64_t now_ns_ = 0;  ///< modelled time since power on: it passes with calls alone
};

}  // namespace tdxctl
