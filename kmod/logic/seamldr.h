/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
#ifndef TDXCTL_LOGIC_SEAMLDR_H
#define TDXCTL_LOGIC_SEAMLDR_H

#include "leaves.h"

/*
 * TDXCTL_SEAMRET_*: what is done about the current VMCS around a P-SEAMLDR call.
 * A CPU whose IA32_VMX_BASIC cannot be read has no VMX, so no VMCS to lose.
 */
u32 tdxctl_seamret_vmcs(struct tdxctl_host *host);

/*
 * One call of the P-SEAMLDR on this LP; -EIO when the current VMCS was saved and
 * could not be loaded again.
 */
int tdxctl_seamldr_call(struct tdxctl_host *host, bool save_vmcs, enum tdxctl_leaf leaf,
			struct tdxctl_seamcall_regs *regs, u64 *status);

#endif
