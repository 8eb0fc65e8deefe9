// SPDX-License-Identifier: MIT
// Port: the TDX module as the host sees it. Implemented in drv/helper, drv/native and drv/sim.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/port/bring_up.h"
#include "core/result.h"
#include "core/version.h"

namespace tdxctl {

/// How far the module is in its life, as far as it can be learned without changing it.
enum class ModuleState : std::uint8_t {
  not_initialised,  ///< loaded; TDH.SYS.INIT or TDH.SYS.LP.INIT is missing
  initialising,     ///< LPs are initialised; configuration or keys are missing
  ready,            ///< all leaves answer
  disabling,        ///< TDH.SYS.DISABLE was interrupted: only another one leads on
  shut_down,        ///< TDH.SYS.SHUTDOWN was done: only the P-SEAMLDR or a reset leads on
  not_loaded,       ///< SEAMCALL fails with VMfailInvalid: there is no module that can be called
};

std::string_view to_string(ModuleState state);

/// One element of the module's global metadata.
struct Field {
  std::uint64_t id = 0;
  std::uint64_t value = 0;
};

/// Answer to one element of a batch: a value, or the completion status that refused it.
struct FieldAnswer {
  std::uint64_t id = 0;
  std::uint64_t value = 0;  ///< valid when bit 63 of status is clear
  std::uint64_t status = 0;
};

/// The two ways to enumerate all fields; both must give the same list.
enum class ReadAllMethod : std::uint8_t { rd, rdall };

/// What a while of TDH.SYS.DISABLE came to.
struct DisableSlice {
  bool finished = false;          ///< the module answered for good: `status` is that answer
  std::uint64_t status = 0;       ///< last completion status
  std::uint64_t calls = 0;        ///< SEAMCALLs made
  std::uint64_t interrupted = 0;  ///< of which TDX_INTERRUPTED_RESUMABLE
  std::uint64_t busy = 0;         ///< of which TDX_SYS_BUSY
};

class Module {
 public:
  virtual ~Module() = default;

  /// Errors: seamcall_ud, seamcall_gp when SEAMCALLs cannot be made at all; not_permitted.
  [[nodiscard]] virtual Result<ModuleState> state() = 0;

  [[nodiscard]] virtual Result<Version> version() = 0;

  /// Reads a batch in one go. The call succeeds when the module was asked; each answer has its own status.
  /// Errors: seamcall_* when no SEAMCALL could be made, driver_unavailable when this driver has no metadata.
  [[nodiscard]] virtual Result<std::vector<FieldAnswer>> read(std::span<const std::uint64_t> ids) = 0;

  /// Every element that the module enumerates, in its order.
  [[nodiscard]] virtual Result<std::vector<Field>> read_all(ReadAllMethod method) = 0;

  /// Whether this driver can reach TDH.SYS.DISABLE.
  [[nodiscard]] virtual bool can_disable() const { return false; }

  /// Repeats TDH.SYS.DISABLE while the module says that it was interrupted or is busy, until it answers
  /// otherwise, `limit` is over or a signal comes. Caches are written back on all CPUs once it succeeded. A
  /// module that was interrupted goes on where it was, whoever calls next. Errors: not_permitted, busy when
  /// another state-changing operation holds the driver, driver_unavailable. Source: Intel TDX Module ABI
  /// Reference, TDH.SYS.DISABLE.
  [[nodiscard]] virtual Result<DisableSlice> disable_slice(std::chrono::milliseconds /*limit*/) {
    return fail(ErrorId::driver_unavailable, "this driver cannot disable the TDX module");
  }

  /// Whether the calls below can be made here. Errors: driver_unavailable, helper_mismatch.
  [[nodiscard]] virtual Result<void> can_bring_up() {
    return fail(ErrorId::driver_unavailable, "this driver cannot bring the TDX module up");
  }

  /// Features, as bits of TDX_FEATURES0, with which this driver brought the module up that there is now;
  /// nothing where it was somebody else, or nobody. Errors: driver_unavailable, not_permitted; busy while
  /// somebody does, bring_up_not_taken_back after one that failed: then the module looks ready and is not.
  [[nodiscard]] virtual Result<std::optional<std::uint64_t>> brought_up() {
    return fail(ErrorId::driver_unavailable, "this driver cannot bring the TDX module up");
  }

  /// TDH.SYS.INIT, and TDH.SYS.LP.INIT on all LPs. What was done before is not done again; it holds no memory
  /// and harms nobody. Afterwards the module tells its metadata. A call that fails is an outcome. Errors:
  /// not_permitted, busy, also while an LP is offline.
  [[nodiscard]] virtual Result<InitOutcome> initialise() {
    return fail(ErrorId::driver_unavailable, "this driver cannot bring the TDX module up");
  }

  /// Configures a module that is initialised, for at most `limit` within a step; to be called until it is
  /// finished. Only the first call heeds the order. PAMTs are allocated in the first one, and given back when
  /// a step fails, unless the module may still use them: one that has become ready by then is disabled
  /// before, if it can be. Errors, with memory treated alike: no_pamt_memory, memory_map_differs,
  /// module_not_pending when it is ready, too_few_keyids, not_permitted, busy, helper_failed. Source: Intel
  /// TDX Module Base Architecture Specification, "TDX Module Lifecycle".
  [[nodiscard]] virtual Result<BringUpSlice> configure_slice(const BringUpOrder& /*order*/,
                                                             std::chrono::milliseconds /*limit*/) {
    return fail(ErrorId::driver_unavailable, "this driver cannot bring the TDX module up");
  }

  /// Takes back what configure_slice() has begun and not finished. Errors: those of opening the driver anew.
  [[nodiscard]] virtual Result<void> give_up() {
    return fail(ErrorId::driver_unavailable, "this driver cannot bring the TDX module up");
  }
};

}  // namespace tdxctl
