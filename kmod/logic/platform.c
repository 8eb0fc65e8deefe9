// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "leaves.h"
#include "logic.h"
#include "seamldr.h"
#include "tdx.h"

static u32 brought_up(const struct tdxctl_bring_up *up)
{
	if (up->step != TDXCTL_BRING_UP_NONE)
		return TDXCTL_BROUGHT_UP_HALF;
	if (up->kept)
		return TDXCTL_BROUGHT_UP_FAILED;
	return up->held ? TDXCTL_BROUGHT_UP_MODULE : TDXCTL_BROUGHT_UP_NONE;
}

int tdxctl_platform(struct tdxctl_host *host, struct tdxctl_platform *arg)
{
	const struct tdxctl_host_ops *ops = host->ops;
	u64 keyid_partitioning = 0, vmx_basic = 0;
	u32 msrs_valid = 0;
	u32 state = brought_up(&host->bring_up);

	if (ops->rdmsr(host, TDX_MSR_KEYID_PARTITIONING, &keyid_partitioning))
		msrs_valid |= TDXCTL_MSR_KEYID_PARTITIONING;
	if (ops->rdmsr(host, TDX_MSR_VMX_BASIC, &vmx_basic))
		msrs_valid |= TDXCTL_MSR_VMX_BASIC;

	*arg = (struct tdxctl_platform) {
		.size = arg->size,
		.capabilities = TDXCTL_CAP_METADATA | TDXCTL_CAP_SEAMLDR_INFO |
				TDXCTL_CAP_DISABLE | TDXCTL_CAP_UPDATE |
				TDXCTL_CAP_BRING_UP | TDXCTL_CAP_LOAD,
		.msrs_valid = msrs_valid,
		.keyid_partitioning = keyid_partitioning,
		.vmx_basic = vmx_basic,
		.seamret_vmcs = tdxctl_seamret_vmcs(host),
		.version = TDXCTL_HELPER_VERSION,
		.brought_up = state,
	};
	if (state == TDXCTL_BROUGHT_UP_MODULE) {
		arg->options = host->bring_up.options;
		arg->features = host->bring_up.features;
	}
	ops->lock_lps(host);
	ops->nr_lps(host, &arg->lps_online, &arg->lps_present, &arg->packages_online);
	ops->unlock_lps(host);
	return 0;
}

/*
 * Two calls that change nothing tell the states of the module apart: metadata
 * can be read in every state but "shut down", and only a module that is ready
 * looks at the operand of any leaf that is not part of bringing it up.
 */
int tdxctl_module_state(struct tdxctl_host *host, struct tdxctl_module_state *arg)
{
	struct tdxctl_seamcall_regs first_field = { .rdx = TDX_FIELD_NULL };
	struct tdxctl_seamcall_regs no_page = { .rcx = ~0ULL };	/* no address, in any version */

	host->ops->pin_lp(host);
	arg->read_status = tdxctl_module_call(host, TDXCTL_LEAF_SYS_RD, &first_field);
	arg->gate_status = tdxctl_module_call(host, TDXCTL_LEAF_PHYMEM_PAGE_RDMD, &no_page);
	host->ops->unpin_lp(host);
	return 0;
}

u32 tdxctl_module_presence(struct tdxctl_host *host)
{
	struct tdxctl_module_state state;

	tdxctl_module_state(host, &state);
	switch (state.gate_status & TDX_STATUS_CODE) {
	case TDX_SYS_SHUTDOWN:
		return TDXCTL_MODULE_SHUT_DOWN;
	case TDX_SYS_NOT_READY:
		return TDXCTL_MODULE_NOT_READY;
	case TDX_OPERAND_INVALID:
		return TDXCTL_MODULE_READY;
	}
	return TDXCTL_MODULE_UNKNOWN;
}
