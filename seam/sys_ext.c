// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * TDH.SYS.DISABLE, and the Extension leaves TDH.EXT.MEM.ADD, TDH.EXT.INIT and
 * TDH.QUOTE.INIT. No released module has them; they follow what was said on the
 * Linux mailing lists, and where that is silent, docs/model.md.
 */
#include "lock.h"
#include "tdmr.h"

#define FEATURE_CONNECT	6
#define FEATURE_QUOTE	50
#define FEATURES_ON_EXTENSIONS (BIT_ULL(FEATURE_CONNECT) | BIT_ULL(FEATURE_QUOTE))

u32 seam_ext_pages(const struct seam_machine *m)
{
	u64 features = load_relaxed(m->module.features);
	u32 given = load_relaxed(m->module.pool_pages);
	u32 nr = (features >> FEATURE_CONNECT & 1) + (features >> FEATURE_QUOTE & 1);
	u32 needed = nr * m->release.ext_pages_per_feature;

	return needed > given ? needed - given : 0;
}

bool seam_ext_required(const struct seam_machine *m)
{
	return load_relaxed(m->module.features) & FEATURES_ON_EXTENSIONS;
}

/*
 * Pages that can be worked on before the next host interrupt, at least one;
 * takes the time for @pages or that many.
 */
static u64 pages_until_interrupt(struct call *c, u64 pages)
{
	const struct seam_profile *p = &c->m->profile;
	u64 most = pages;

	if (p->interrupt_every_ns && p->reset_page_ns)
		most = p->interrupt_every_ns / p->reset_page_ns;
	if (!most)
		most = 1;
	if (pages > most)
		pages = most;
	c->ns += pages * p->reset_page_ns;
	return pages;
}

/* All memory that TDX holds: PAMTs, TDs' pages, the Extensions' pool. */
static u64 pages_held(const struct seam_machine *m)
{
	u64 bytes = 0;
	u32 i, level;

	for (i = 0; i < m->module.nr_tdmrs; i++) {
		for (level = 0; level < NR_PAMT_LEVELS; level++)
			bytes += pamt_of(&m->module.tdmr[i].info, level)->size;
	}
	return bytes / PAGE_4K + m->tds.tds * m->tds.private_pages + m->module.pool_pages;
}

static u64 sys_disable_locked(struct call *c)
{
	struct module *module = &c->m->module;

	if (sys_state(c->m) == SYS_READY) {
		set_sys_state(c->m, SYS_DISABLING);
		if (seam_other_lp_inside(c)) {
			set_sys_state(c->m, SYS_READY);
			return TDX_SYS_BUSY;
		}
		module->pages_to_reset = pages_held(c->m);
	}
	module->pages_to_reset -= pages_until_interrupt(c, module->pages_to_reset);
	if (module->pages_to_reset)
		return TDX_INTERRUPTED_RESUMABLE;
	/* As after a load: the next OS starts with SYS.INIT. */
	seam_zero(&c->m->tds, sizeof(c->m->tds));
	seam_reset_module(c->m);
	return TDX_SUCCESS;
}

u64 seam_sys_disable(struct call *c)
{
	u64 status;

	if (!try_exclusive(&c->m->module_lock))
		return TDX_SYS_BUSY;
	status = sys_disable_locked(c);
	release_exclusive(&c->m->module_lock);
	return status;
}

/* HPA_LIST_INFO: first entry 11:3, page 51:12, last entry 63:55. */
#define LIST_FIRST_SHIFT	3
#define LIST_INDEX		0x1ffull
#define LIST_PAGE		(PA_LIMIT - PAGE_4K)
#define LIST_LAST_SHIFT		55
#define LIST_RESERVED		(7ull | 7ull << 52)

/* A page that the host may give away: initialised TDX memory. */
static bool can_be_given(const struct seam_machine *m, u64 pa)
{
	const struct tdmr *t = seam_find_tdmr(m, pa);
	u64 at = pa, end;

	return !(pa & (PAGE_4K - 1)) && t && pa < usable_end(t) &&
	       seam_next_piece(&t->info, &at, &end) && at == pa;
}

static u64 ext_mem_add_locked(struct call *c)
{
	struct module *module = &c->m->module;
	u64 rcx = c->regs->rcx, pa = rcx & LIST_PAGE, entry, left;
	u32 first = rcx >> LIST_FIRST_SHIFT & LIST_INDEX, last = (u32)(rcx >> LIST_LAST_SHIFT);

	if (rcx & LIST_RESERVED || first > last || !seam_shared_pa_ok(c, pa, PAGE_4K))
		return TDX_OPERAND_INVALID | OPERAND_RCX;
	left = last - first + 1;
	if (left > seam_ext_pages(c->m))
		left = seam_ext_pages(c->m);
	for (left = pages_until_interrupt(c, left); left; left--, first++) {
		seam_mem_read(c, pa + 8 * first, &entry, sizeof(entry));
		if (!can_be_given(c->m, entry))
			break;
		store_relaxed(module->pool_pages, module->pool_pages + 1);
	}
	c->regs->rcx = (rcx & ~(LIST_INDEX << LIST_FIRST_SHIFT)) |
		       ((u64)first & LIST_INDEX) << LIST_FIRST_SHIFT;
	if (left)
		return TDX_OPERAND_INVALID | OPERAND_RCX;
	return first <= last && seam_ext_pages(c->m) ? TDX_INTERRUPTED_RESUMABLE : TDX_SUCCESS;
}

u64 seam_ext_mem_add(struct call *c)
{
	u64 status;

	if (!try_exclusive(&c->m->module_lock))
		return TDX_SYS_BUSY;
	status = ext_mem_add_locked(c);
	release_exclusive(&c->m->module_lock);
	return status;
}

static u64 ext_init_locked(struct call *c)
{
	struct module *module = &c->m->module;

	if (!seam_ext_required(c->m) || seam_ext_pages(c->m) || module->ext_initialised)
		return TDX_SYS_STATE_INCORRECT;
	module->ext_progress += pages_until_interrupt(c, module->pool_pages - module->ext_progress);
	if (module->ext_progress < module->pool_pages)
		return TDX_INTERRUPTED_RESUMABLE;
	module->ext_initialised = 1;
	return TDX_SUCCESS;
}

u64 seam_ext_init(struct call *c)
{
	u64 status;

	if (!try_exclusive(&c->m->module_lock))
		return TDX_SYS_BUSY;
	status = ext_init_locked(c);
	release_exclusive(&c->m->module_lock);
	return status;
}

u64 seam_quote_init(struct call *c)
{
	struct module *module = &c->m->module;
	u64 status = TDX_SYS_STATE_INCORRECT;

	if (!try_exclusive(&c->m->module_lock))
		return TDX_SYS_BUSY;
	if (module->ext_initialised && module->features >> FEATURE_QUOTE & 1) {
		store_relaxed(module->quote_initialised, 1);
		status = TDX_SUCCESS;
	}
	release_exclusive(&c->m->module_lock);
	return status;
}
