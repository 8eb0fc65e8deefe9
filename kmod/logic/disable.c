// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "bring_up.h"
#include "leaves.h"
#include "logic.h"
#include "tdx.h"

#define NS_PER_MS 1000000ULL

static u64 end_of(struct tdxctl_host *host, u32 ms)
{
	return host->ops->now_ns(host) + ms * NS_PER_MS;
}

/*
 * Call TDH.SYS.DISABLE until it has an answer, but not for longer than @end. The
 * LP is pinned for each call only: interrupts and others get their turn between
 * them, and the module goes on from any LP.
 */
static void disable_until(struct tdxctl_host *host, u64 end, struct tdxctl_disable *arg)
{
	do {
		struct tdxctl_seamcall_regs regs = { };

		host->ops->pin_lp(host);
		arg->status = tdxctl_module_call(host, TDXCTL_LEAF_SYS_DISABLE, &regs);
		host->ops->unpin_lp(host);

		arg->calls++;
		if (tdx_status_is(arg->status, TDX_INTERRUPTED_RESUMABLE)) {
			arg->interrupted++;
		} else if (tdx_status_is(arg->status, TDX_SYS_BUSY)) {
			arg->busy++;
			host->ops->relax(host);
		} else {
			arg->finished = 1;
			break;
		}
	} while (!host->ops->signal_pending(host) && host->ops->now_ns(host) < end);

	/* A kexec must not meet lines that were written with a private KeyID. */
	if (arg->finished && !(arg->status & TDX_STATUS_ERROR))
		host->ops->write_back_caches(host);
}

int tdxctl_disable(struct tdxctl_host *host, struct tdxctl_disable *arg)
{
	if (arg->slice_ms > TDXCTL_DISABLE_SLICE_MAX_MS)
		return -EINVAL;
	*arg = (struct tdxctl_disable) { .size = arg->size, .slice_ms = arg->slice_ms };
	disable_until(host, end_of(host, arg->slice_ms), arg);
	if (arg->finished && tdx_status_is(arg->status, 0))
		tdxctl_give_memory_back(host);
	return 0;
}

int tdxctl_disable_on_kexec(struct tdxctl_host *host, struct tdxctl_disable *arg)
{
	u64 end = end_of(host, TDXCTL_DISABLE_ON_KEXEC_MAX_MS);
	int ret = tdxctl_begin_change(host, arg);

	if (ret)
		return ret;
	*arg = (struct tdxctl_disable) { .size = sizeof(*arg) };
	do {
		disable_until(host, end, arg);
	} while (!arg->finished && host->ops->now_ns(host) < end);
	tdxctl_end_change(host);
	tdxctl_close(host, arg);
	return 0;
}
