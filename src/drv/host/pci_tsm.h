// SPDX-License-Identifier: MIT
// PCI devices of a Linux host that have to do with trusted I/O.
#pragma once

#include "core/port/platform.h"
#include "drv/host/root.h"

namespace tdxctl {

/// Errors: driver_unavailable where Linux shows no PCI devices.
Result<PciTsm> read_pci_tsm(const Root& root);

}  // namespace tdxctl
