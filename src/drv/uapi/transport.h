// SPDX-License-Identifier: MIT
// How a helper command reaches the helper's logic: an ioctl, or a call in this process.
#pragma once

#include "core/error.h"

namespace tdxctl {

class Transport {
 public:
  virtual ~Transport() = default;

  /// Runs command TDXCTL_IOC_* on a struct of kmod/uapi/tdxctl.h. Gives 0 or the errno that the header lists.
  [[nodiscard]] virtual int run(unsigned int command, void* argument) = 0;

  /// As if this process had ended and another begun: what it has reserved is free, and what it has not
  /// finished is taken back. Gives 0 or an errno.
  [[nodiscard]] virtual int start_over() = 0;

  /// What lies behind the last EREMOTEIO: trouble of the transport itself, for which no errno has words. Null
  /// where there was none.
  [[nodiscard]] virtual const Error* own_trouble() const { return nullptr; }
};

}  // namespace tdxctl
