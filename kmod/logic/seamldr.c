// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "logic.h"
#include "seamldr.h"
#include "tdx.h"

u32 tdxctl_seamret_vmcs(struct tdxctl_host *host)
{
	u64 vmx_basic;

	if (!host->ops->rdmsr(host, TDX_MSR_VMX_BASIC, &vmx_basic) ||
	    vmx_basic & TDX_VMX_BASIC_SEAMRET_KEEPS_VMCS)
		return TDXCTL_SEAMRET_KEEPS;
	return host->refuse_vmcs_loss ? TDXCTL_SEAMRET_REFUSE : TDXCTL_SEAMRET_SAVE;
}

/*
 * One call of the P-SEAMLDR, with no other LP in it and no interrupt on this
 * one: a VCPU that was scheduled in between would find its VMCS gone, and an
 * IPI that asks for the VMCS to be dropped would be undone by loading it again.
 */
int tdxctl_seamldr_call(struct tdxctl_host *host, bool save_vmcs, enum tdxctl_leaf leaf,
			struct tdxctl_seamcall_regs *regs, u64 *status)
{
	unsigned long flags;
	u64 vmcs = TDX_NO_VMCS;
	int ret = 0;

	host->ops->seamldr_lock(host, &flags);
	/* Outside VMX operation there is nothing to save, and SEAMCALL will say so. */
	if (save_vmcs && !host->ops->vmptrst(host, &vmcs))
		vmcs = TDX_NO_VMCS;
	*status = tdxctl_seamcall(host, leaf, regs);
	if (vmcs != TDX_NO_VMCS && !host->ops->vmptrld(host, vmcs))
		ret = -EIO;
	host->ops->seamldr_unlock(host, flags);
	return ret;
}

int tdxctl_seamldr_info(struct tdxctl_host *host, struct tdxctl_seamldr_info *arg)
{
	u32 seamret = tdxctl_seamret_vmcs(host);
	struct tdxctl_page page;
	int ret, tries;
	u64 status;

	if (seamret == TDXCTL_SEAMRET_REFUSE)
		return -ECANCELED;
	if (!host->ops->alloc_page(host, &page))
		return -ENOMEM;

	for (tries = 1; ; tries++) {
		struct tdxctl_seamcall_regs regs = { .rcx = page.pa };

		ret = tdxctl_seamldr_call(host, seamret == TDXCTL_SEAMRET_SAVE,
					  TDXCTL_LEAF_SEAMLDR_INFO, &regs, &status);
		if (ret || status != SEAMLDR_ENOENTROPY || tries == TDXCTL_ENTROPY_TRIES)
			break;
		host->ops->relax(host);
	}

	arg->status = status;
	if (status)
		memset(arg->info, 0, sizeof(arg->info));
	else
		memcpy(arg->info, page.va, sizeof(arg->info));
	host->ops->free_page(host, &page);
	return ret;
}
