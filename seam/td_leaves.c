// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The leaves that build, run and move TDs. TDs are not modelled beyond their
 * number, so no page is one of a TD: these leaves get as far as the check of
 * the page that they are about, and no further.
 * Source: intel/tdx-module 1.5.05, the checks of explicit private pages.
 */
#include "leaves.h"
#include "tdmr.h"

enum {
	TDH_MNG_CREATE = 9,
	TDH_MNG_KEY_RECLAIMID = 27,
	TDH_PHYMEM_CACHE_WB = 40,
};

/* Leaves whose TDR or TDVPR is in RDX, since RCX has an address of the guest or a new page. */
static bool page_in_rdx(u32 leaf)
{
	static const u8 leaves[] = {
		1, 2, 3, 4, 5, 6, 7,	/* MNG.ADDCX, MEM.*.ADD, VP.ADDCX, RELOCATE, AUG, BLOCK */
		10, 12, 14, 15, 16,	/* VP.CREATE, MEM.RD, MEM.WR, DEMOTE, MR.EXTEND */
		23, 25, 29, 30, 39,	/* PROMOTE, SEPT.RD, REMOVE, SEPT.REMOVE, UNBLOCK */
		65, 66, 68, 75, 83,	/* BLOCKW, RESTORE, EXPORT.MEM, UNBLOCKW, IMPORT.MEM */
		96,			/* MIG.STREAM.CREATE */
	};
	u32 i;

	for (i = 0; i < sizeof(leaves); i++) {
		if (leaves[i] == leaf)
			return true;
	}
	return false;
}

static u64 check_page(const struct seam_machine *m, u64 pa, u32 operand)
{
	const struct tdmr *t;

	if (pa & (PAGE_4K - 1) || pa >= PA_LIMIT || seam_hkid(m, pa))
		return TDX_OPERAND_INVALID | operand;
	t = seam_find_tdmr(m, pa);
	if (!t || pa >= usable_end(t))
		return TDX_OPERAND_ADDR_RANGE_ERROR | operand;
	return TDX_PAGE_METADATA_INCORRECT | operand;
}

u64 seam_td_leaf(struct call *c, u32 leaf)
{
	const struct seam_regs *r = c->regs;

	switch (leaf) {
	case TDH_MNG_CREATE:
		if (!seam_is_private_hkid(c->m, r->rdx))
			return TDX_OPERAND_INVALID | OPERAND_RDX;
		break;
	case TDH_MNG_KEY_RECLAIMID:
		return TDX_SUCCESS;	/* does nothing since 1.5 */
	case TDH_PHYMEM_CACHE_WB:
		return r->rcx > 1 ? TDX_OPERAND_INVALID | OPERAND_RCX :
				    TDX_NO_HKID_READY_TO_WBCACHE;
	}
	if (page_in_rdx(leaf))
		return check_page(c->m, r->rdx, OPERAND_RDX);
	return check_page(c->m, r->rcx, OPERAND_RCX);
}
