// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "leaves.h"
#include "tdx.h"

/* Others hold the module's lock for a call, and an LP needs microseconds for new entropy. */
#define PATIENT_TRIES 10000

/*
 * The leaf policy: all that the helper may execute, and in which version. What
 * the second part lists changes the state of the machine.
 */
static const struct {
	u16 number;
	u8 version;
	bool seamldr;
} leaves[TDXCTL_NR_LEAVES] = {
	[TDXCTL_LEAF_PHYMEM_PAGE_RDMD]	= { .number = 24 },
	[TDXCTL_LEAF_SYS_RD]		= { .number = 34 },
	[TDXCTL_LEAF_SYS_RDALL]		= { .number = 37 },
	[TDXCTL_LEAF_SEAMLDR_INFO]	= { .number = 0, .seamldr = true },

	[TDXCTL_LEAF_SYS_INIT]		= { .number = 33 },
	[TDXCTL_LEAF_SYS_LP_INIT]	= { .number = 35 },
	[TDXCTL_LEAF_SYS_SHUTDOWN]	= { .number = 52 },
	[TDXCTL_LEAF_SYS_UPDATE]	= { .number = 53 },
	[TDXCTL_LEAF_SYS_UPDATE_V1]	= { .number = 53, .version = 1 },
	[TDXCTL_LEAF_SYS_DISABLE]	= { .number = 69 },
	[TDXCTL_LEAF_SEAMLDR_INSTALL]	= { .number = 1, .seamldr = true },
	[TDXCTL_LEAF_SYS_CONFIG]	= { .number = TDX_SYS_CONFIG },
	[TDXCTL_LEAF_SYS_CONFIG_V1]	= { .number = TDX_SYS_CONFIG, .version = 1 },
	[TDXCTL_LEAF_SYS_KEY_CONFIG]	= { .number = 31 },
	[TDXCTL_LEAF_SYS_TDMR_INIT]	= { .number = 36 },
	[TDXCTL_LEAF_EXT_MEM_ADD]	= { .number = 61 },
	[TDXCTL_LEAF_EXT_INIT]		= { .number = 60 },
	[TDXCTL_LEAF_QUOTE_INIT]	= { .number = 100 },
};

u64 tdxctl_seamcall(struct tdxctl_host *host, enum tdxctl_leaf leaf,
		    struct tdxctl_seamcall_regs *regs)
{
	u64 rax = leaves[leaf].number | (u64)leaves[leaf].version << TDX_RAX_VERSION_SHIFT;

	if (leaves[leaf].seamldr)
		rax |= TDX_RAX_SEAMLDR;
	return host->ops->seamcall(host, rax, regs);
}

u64 tdxctl_module_call(struct tdxctl_host *host, enum tdxctl_leaf leaf,
		       struct tdxctl_seamcall_regs *regs)
{
	const struct tdxctl_seamcall_regs arguments = *regs;
	u64 status = tdxctl_seamcall(host, leaf, regs);
	int tries;

	for (tries = 1; tries < TDXCTL_ENTROPY_TRIES; tries++) {
		if (!tdx_status_is(status, TDX_RND_NO_ENTROPY))
			break;
		host->ops->relax(host);
		*regs = arguments;
		status = tdxctl_seamcall(host, leaf, regs);
	}
	return status;
}

u64 tdxctl_patient_call(struct tdxctl_host *host, enum tdxctl_leaf leaf,
			struct tdxctl_seamcall_regs *regs)
{
	const struct tdxctl_seamcall_regs arguments = *regs;
	int tries = 0;
	u64 status;

	for (;;) {
		host->ops->pin_lp(host);
		status = tdxctl_module_call(host, leaf, regs);
		host->ops->unpin_lp(host);
		if (!tdx_status_is(status, TDX_SYS_BUSY) &&
		    !tdx_status_is(status, TDX_OPERAND_BUSY) &&
		    !tdx_status_is(status, TDX_KEY_GENERATION_FAILED))
			return status;
		if (++tries == PATIENT_TRIES)
			return status;
		host->ops->relax(host);
		*regs = arguments;
	}
}

u64 tdxctl_read_field(struct tdxctl_host *host, u64 id, u64 *value)
{
	struct tdxctl_seamcall_regs regs = { .rdx = id };
	u64 status = tdxctl_module_call(host, TDXCTL_LEAF_SYS_RD, &regs);

	*value = regs.r8;
	return status;
}
