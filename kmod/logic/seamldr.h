/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
#ifndef TDXCTL_LOGIC_SEAMLDR_H
#define TDXCTL_LOGIC_SEAMLDR_H

#include "host.h"

/*
 * TDXCTL_SEAMRET_*: what is done about the current VMCS around a P-SEAMLDR call.
 * A CPU whose IA32_VMX_BASIC cannot be read has no VMX, so no VMCS to lose.
 */
u32 tdxctl_seamret_vmcs(struct tdxctl_host *host);

#endif
