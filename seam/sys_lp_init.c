// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* TDH.SYS.LP.INIT. */
#include "lock.h"
#include "machine.h"

static u64 sys_lp_init_locked(struct call *c)
{
	struct lp *lp = this_lp(c);
	u64 status;

	if (sys_state(c->m) != SYS_INIT_DONE)
		return TDX_SYS_LP_INIT_NOT_PENDING;
	if (lp->initialised)
		return TDX_SYS_LP_INIT_DONE;
	if (!seam_rdrand(c->m))
		return TDX_RND_NO_ENTROPY;
	if (seam_seamops(c->m, c->lp) != c->m->module.seamops)
		return TDX_INCOMPATIBLE_SEAM_CAPABILITIES;
	status = seam_compare_platform(c);
	if (status)
		return status;
	lp->initialised = 1;
	__atomic_add_fetch(&c->m->module.lps_initialised, 1, __ATOMIC_ACQ_REL);
	return TDX_SUCCESS;
}

u64 seam_sys_lp_init(struct call *c)
{
	struct seam_regs *r = c->regs;
	u64 status;

	r->rcx = 0;
	r->rdx = 0;
	r->r8 = 0;
	if (!try_shared(&c->m->module_lock))
		return TDX_SYS_BUSY;
	status = sys_lp_init_locked(c);
	release_shared(&c->m->module_lock);
	return status;
}
