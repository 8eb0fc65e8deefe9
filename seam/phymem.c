// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* TDH.PHYMEM.PAGE.RDMD: what the module uses a page for. */
#include "tdmr.h"

enum page_type { PAGE_FREE, PAGE_RESERVED };

#define RCX_LEVEL	7ull
#define RCX_PA		(PA_LIMIT - PAGE_4K)

u64 seam_phymem_page_rdmd(struct call *c)
{
	struct seam_regs *r = c->regs;
	u64 rcx = r->rcx, pa = rcx & RCX_PA, at = pa, end;
	u32 level = rcx & RCX_LEVEL, most = c->m->module.dynamic_pamt ? PAMT_1G : PAMT_4K;
	const struct tdmr *t;

	r->rcx = 0;
	r->rdx = 0;
	r->r8 = 0;
	r->r9 = 0;
	r->r10 = 0;
	r->r11 = 0;
	if (rcx & ~(RCX_PA | RCX_LEVEL) || level > most || seam_hkid(c->m, pa) ||
	    pa & ((PAGE_4K << 9 * level) - 1))
		return TDX_OPERAND_INVALID | OPERAND_RCX;
	t = seam_find_tdmr(c->m, pa);
	if (!t || pa >= usable_end(t))
		return TDX_OPERAND_ADDR_RANGE_ERROR | OPERAND_RCX;
	if (!seam_next_piece(&t->info, &at, &end) || at != pa)
		r->rcx = PAGE_RESERVED;
	r->r8 = level;
	return TDX_SUCCESS;
}
