// SPDX-License-Identifier: MIT
// What Linux logs of its own SEAMCALLs: its firmware upload has one error word for every cause.
#pragma once

#include <optional>

#include "core/error.h"
#include "drv/host/root.h"

namespace tdxctl {

/// The kernel log from the moment on at which this was made.
class KernelLog {
 public:
  explicit KernelLog(const Root& root);
  KernelLog(const KernelLog&) = delete;
  KernelLog& operator=(const KernelLog&) = delete;
  ~KernelLog();

  /// The first failure of a call that an update consists of; to be asked once. Nothing where there is none,
  /// where the instruction itself failed, which Linux does not log, and where the log cannot be read. Source:
  /// Linux arch/x86/virt/vmx/tdx, "SEAMCALL (0x...) failed: 0x...".
  [[nodiscard]] std::optional<SeamcallFailure> failed_update_call();

 private:
  int fd_;
};

}  // namespace tdxctl
