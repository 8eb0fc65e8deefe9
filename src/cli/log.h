// SPDX-License-Identifier: MIT
// The log of -v: standard error only, and nothing of it is made without -v.
#pragma once

#include "core/drivers.h"

namespace tdxctl::cli {

/// Sends the log to standard error: 1 shows information, 2 debug, 3 and more all.
void start_log(int verbosity);

/// With -v, what each driver can do here and why not.
void log_drivers(Drivers& drivers, int verbosity);

}  // namespace tdxctl::cli
