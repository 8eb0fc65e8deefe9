// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The TDX module's dispatcher: what is checked before any leaf. */
#include "leaves.h"

#define RAX_LEAF	0xffffull
#define RAX_VERSION	0xff0000ull
#define RAX_RESERVED	(~(RAX_LEAF | RAX_VERSION))

static bool allowed_before_ready(u32 leaf)
{
	switch (leaf) {
	case TDH_SYS_INFO:
	case TDH_SYS_RD:
	case TDH_SYS_RDALL:
	case TDH_SYS_INIT:
	case TDH_SYS_LP_INIT:
	case TDH_SYS_CONFIG:
	case TDH_SYS_KEY_CONFIG:
	case TDH_SYS_LP_SHUTDOWN:
	case TDH_SYS_UPDATE:
		return true;
	}
	return false;
}

static u64 execute(struct call *c, u32 leaf, u32 version)
{
	switch (leaf) {
	case TDH_SYS_INIT:
		return seam_sys_init(c, version);
	case TDH_SYS_LP_INIT:
		return seam_sys_lp_init(c);
	case TDH_SYS_RD:
		return seam_sys_rd(c);
	case TDH_SYS_RDALL:
		return seam_sys_rdall(c);
	case TDH_SYS_INFO:
		return seam_sys_info(c);
	case TDH_SYS_CONFIG:
		return seam_sys_config(c, version);
	case TDH_SYS_KEY_CONFIG:
		return seam_sys_key_config(c);
	case TDH_SYS_TDMR_INIT:
		return seam_sys_tdmr_init(c);
	case TDH_SYS_LP_SHUTDOWN:
		return TDX_SUCCESS;
	case TDH_SYS_SHUTDOWN:
		return seam_sys_shutdown(c);
	case TDH_SYS_UPDATE:
		return seam_sys_update(c, version);
	case TDH_SYS_DISABLE:
		return seam_sys_disable(c);
	case TDH_EXT_MEM_ADD:
		return seam_ext_mem_add(c);
	case TDH_EXT_INIT:
		return seam_ext_init(c);
	case TDH_QUOTE_INIT:
		return seam_quote_init(c);
	case TDH_PHYMEM_PAGE_RDMD:
		return seam_phymem_page_rdmd(c);
	}
	return seam_td_leaf(c, leaf);
}

/* While DISABLE is under way it keeps others out. */
static u64 refused_by_disable(u32 leaf)
{
	switch (leaf) {
	case TDH_SYS_KEY_CONFIG:
	case TDH_SYS_INFO:
	case TDH_SYS_INIT:
	case TDH_SYS_RD:
	case TDH_SYS_LP_INIT:
	case TDH_SYS_TDMR_INIT:
	case TDH_SYS_RDALL:
	case TDH_SYS_LP_SHUTDOWN:
	case TDH_SYS_CONFIG:
	case TDH_SYS_SHUTDOWN:
	case TDH_SYS_UPDATE:
		return TDX_SYS_BUSY;
	}
	return TDX_SYS_NOT_READY;
}

static u64 dispatch(struct call *c)
{
	u64 rax = c->regs->rax;
	u32 leaf = rax & RAX_LEAF;
	u32 state = sys_state(c->m);

	if (rax & RAX_RESERVED)
		return TDX_OPERAND_INVALID | OPERAND_RAX;
	if (seam_leaf_needs_connect(c->m, leaf))
		return TDX_OPERAND_INVALID | OPERAND_RAX;
	if (rax & RAX_VERSION && !seam_leaf_has_versions(c->m, leaf))
		return TDX_OPERAND_INVALID | OPERAND_RAX;
	if (state == SYS_SHUT_DOWN && leaf != TDH_SYS_LP_SHUTDOWN)
		return TDX_SYS_SHUTDOWN;
	if (state == SYS_DISABLING && leaf != TDH_SYS_DISABLE)
		return refused_by_disable(leaf);
	if (state != SYS_READY && state != SYS_DISABLING && !allowed_before_ready(leaf))
		return TDX_SYS_NOT_READY;
	if (!seam_leaf_exists(c->m, leaf))
		return TDX_OPERAND_INVALID | OPERAND_RAX;
	return execute(c, leaf, (rax & RAX_VERSION) >> 16);
}

bool seam_other_lp_inside(const struct call *c)
{
	u32 i;

	for (i = 0; i < c->m->profile.lps; i++) {
		if (i != c->lp && __atomic_load_n(&c->m->lp[i].busy, __ATOMIC_SEQ_CST))
			return true;
	}
	return false;
}

void seam_module_call(struct call *c)
{
	struct lp *lp = this_lp(c);
	u64 status;

	__atomic_store_n(&lp->busy, 1, __ATOMIC_SEQ_CST);
	status = dispatch(c);
	__atomic_store_n(&lp->busy, 0, __ATOMIC_RELEASE);
	c->regs->rax = status;
}
