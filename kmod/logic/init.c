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

bool tdxctl_all_lps_online(struct tdxctl_host *host)
{
	u32 online, present, packages;

	host->ops->nr_lps(host, &online, &present, &packages);
	return online == present;
}

static int init_all(struct tdxctl_host *host, struct tdxctl_init *arg)
{
	struct tdxctl_failure failure = { };

	/* The module counts all LPs of the machine. */
	if (!tdxctl_all_lps_online(host))
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

int tdxctl_init(struct tdxctl_host *host, struct tdxctl_init *arg)
{
	int ret;

	if (host->bring_up.step != TDXCTL_BRING_UP_NONE)
		return -EINPROGRESS;
	*arg = (struct tdxctl_init) { .size = arg->size };
	host->ops->lock_lps(host);
	ret = init_all(host, arg);
	host->ops->unlock_lps(host);
	return ret;
}
