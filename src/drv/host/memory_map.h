// SPDX-License-Identifier: MIT
// Where a Linux host has RAM, and on which NUMA nodes.
#pragma once

#include <string_view>
#include <vector>

#include "core/port/platform.h"
#include "drv/host/root.h"

namespace tdxctl {

/// The top-level "System RAM" lines of /proc/iomem.
/// Errors: not_permitted, since Linux shows zeros to anyone without CAP_SYS_ADMIN; driver_unavailable where
/// there are none.
Result<std::vector<MemoryRange>> parse_iomem(std::string_view text);

/// RAM with its nodes, a range for each run of one node. Nodes are those of /sys/devices/system/node; where
/// Linux does not tell, as it does without memory blocks, they stay unknown.
Result<std::vector<MemoryRange>> read_memory(const Root& root);

}  // namespace tdxctl
