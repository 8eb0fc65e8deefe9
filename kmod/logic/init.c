// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "bring_up.h"
#include "failure.h"
#include "leaves.h"
#include "logic.h"

static bool init(struct tdxctl_host *host, u32 nth, void *context)
{
	struct tdxctl_seamcall_regs regs = { };
	u64 status = tdxctl_patient_call(host, TDXCTL_LEAF_SYS_INIT, &regs);

	return tdx_status_is(status, TDX_SYS_INIT_NOT_PENDING) ||
	       tdxctl_succeeded(context, TDXCTL_BRING_UP_INIT, nth, status);
}

static bool lp_init(struct tdxctl_host *host, u32 nth, void *context)
{
	struct tdxctl_seamcall_regs regs = { };
	u64 status = tdxctl_patient_call(host, TDXCTL_LEAF_SYS_LP_INIT, &regs);

	return tdx_status_is(status, TDX_SYS_LP_INIT_DONE) ||
	       tdxctl_succeeded(context, TDXCTL_BRING_UP_LP_INIT, nth, status);
}

int tdxctl_init(struct tdxctl_host *host, struct tdxctl_init *arg)
{
	struct tdxctl_failure failure = { };
	u32 online, present, packages;

	*arg = (struct tdxctl_init) { .size = arg->size };
	/* The module counts all LPs of the machine. */
	host->ops->nr_lps(host, &online, &present, &packages);
	if (online < present)
		return -EAGAIN;
	arg->init_ns = host->ops->on_lps(host, TDXCTL_ONE_LP, init, &failure);
	if (!failure.failed)
		arg->lp_init_ns = host->ops->on_lps(host, TDXCTL_ALL_LPS_AT_ONCE, lp_init,
						    &failure);
	arg->failed_step = failure.step;
	arg->failed_lp = failure.at;
	arg->status = failure.status;
	return 0;
}
