// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * What TDH.SYS.CONFIG checks of a TDMR: itself, its reserved areas, its PAMTs,
 * and these against all TDMRs before it and the CMRs.
 * Source: intel/tdx-module 1.5.05, tdh_sys_config.c.
 */
#include "tdmr.h"

static bool range_ok(u64 base, u64 size)
{
	return base <= ~0ull - size;
}

static bool overlap(u64 base, u64 size, u64 base2, u64 size2)
{
	return base < base2 + size2 && base2 < base + size;
}

/* An address of memory: in the architectural range, without KeyID. */
static bool plain_pa(const struct seam_machine *m, u64 pa)
{
	return pa < PA_LIMIT && !seam_hkid(m, pa);
}

u64 seam_pamt_bytes(const struct seam_machine *m, u64 tdmr_bytes, enum pamt_level level)
{
	static const u8 page_shift[NR_PAMT_LEVELS] = { 12, 21, 30 };
	u64 pages = tdmr_bytes >> page_shift[level];

	return level == PAMT_4K && m->module.dynamic_pamt ? pages / 8 : pages * PAMT_ENTRY_BYTES;
}

bool seam_next_piece(const struct tdmr_info *t, u64 *at, u64 *end)
{
	const struct seam_range *reserved = t->reserved;
	u64 start;

	for (; reserved < t->reserved + MAX_RESERVED && reserved->size; reserved++) {
		start = t->base + reserved->base;
		if (*at < start) {
			*end = start;
			return true;
		}
		if (*at < start + reserved->size)
			*at = start + reserved->size;
	}
	*end = t->base + t->size;
	return *at < *end;
}

const struct tdmr *seam_find_tdmr(const struct seam_machine *m, u64 pa)
{
	const struct tdmr *t = m->module.tdmr;

	for (; t < m->module.tdmr + m->module.nr_tdmrs; t++) {
		if (pa >= t->info.base && pa - t->info.base < t->info.size)
			return t;
	}
	return NULL;
}

static u64 check_range(const struct seam_machine *m, u32 i)
{
	const struct tdmr_info *t = &m->module.tdmr[i].info;
	const struct tdmr_info *before = i ? &m->module.tdmr[i - 1].info : NULL;

	if (!range_ok(t->base, t->size))
		return TDX_INVALID_TDMR | DETAIL_BYTES(i, 0, 0);
	if (before && (t->base < before->base || t->base < before->base + before->size))
		return TDX_NON_ORDERED_TDMR | DETAIL_BYTES(i, 0, 0);
	if ((t->base | t->size) & (SIZE_1G - 1) || !t->size || !plain_pa(m, t->base) ||
	    !plain_pa(m, t->base + t->size - 1))
		return TDX_INVALID_TDMR | DETAIL_BYTES(i, 0, 0);
	return TDX_SUCCESS;
}

static u64 check_reserved(const struct seam_machine *m, u32 i)
{
	const struct tdmr_info *t = &m->module.tdmr[i].info;
	const struct seam_range *area, *before;
	u64 invalid, non_ordered;
	u32 j;

	for (j = 0; j < MAX_RESERVED; j++) {
		area = &t->reserved[j];
		before = j ? area - 1 : NULL;
		invalid = TDX_INVALID_RESERVED_IN_TDMR | DETAIL_BYTES(i, j, 0);
		non_ordered = TDX_NON_ORDERED_RESERVED_IN_TDMR | DETAIL_BYTES(i, j, 0);
		if (!area->size) {
			if (j < MAX_RESERVED - 1 && area[1].size)
				return non_ordered;
			continue;
		}
		if (!range_ok(area->base, area->size))
			return invalid;
		if (before && (area->base < before->base ||
			       area->base < before->base + before->size))
			return non_ordered;
		if ((area->base | area->size) & (PAGE_4K - 1) ||
		    !range_ok(t->base, area->base) ||
		    !range_ok(t->base + area->base, area->size) ||
		    t->base + area->base + area->size > t->base + t->size)
			return invalid;
	}
	return TDX_SUCCESS;
}

static bool pamt_ok(const struct seam_machine *m, const struct tdmr_info *t,
		    enum pamt_level level)
{
	const struct seam_range *pamt = pamt_of(t, level);

	return range_ok(pamt->base, pamt->size) &&
	       !((pamt->base | pamt->size) & (PAGE_4K - 1)) && plain_pa(m, pamt->base) &&
	       plain_pa(m, pamt->base + pamt->size - 1) &&
	       pamt->size >= seam_pamt_bytes(m, t->size, level);
}

static u64 check_pamts(const struct seam_machine *m, u32 i)
{
	u32 level;

	for (level = NR_PAMT_LEVELS; level-- > 0;) {
		if (!pamt_ok(m, &m->module.tdmr[i].info, level))
			return TDX_INVALID_PAMT | DETAIL_BYTES(i, level, 0);
	}
	return TDX_SUCCESS;
}

static u64 pamt_overlap(u32 owner, u32 level, u32 other)
{
	return TDX_PAMT_OVERLAP | DETAIL_BYTES(owner, level, other);
}

static bool hits_a_pamt(const struct seam_range *range, const struct tdmr_info *t)
{
	const struct seam_range *pamt;
	u32 level;

	for (level = 0; level < NR_PAMT_LEVELS; level++) {
		pamt = pamt_of(t, level);
		if (overlap(range->base, range->size, pamt->base, pamt->size))
			return true;
	}
	return false;
}

/* PAMTs against PAMTs: those of the TDMRs before, then its own. */
static u64 check_pamts_apart(const struct seam_machine *m, u32 i)
{
	const struct tdmr *tdmr = m->module.tdmr;
	const struct tdmr_info *t = &tdmr[i].info;
	const struct seam_range *a, *b;
	u32 j, level, other;

	for (j = 0; j < i; j++) {
		for (level = 0; level < NR_PAMT_LEVELS; level++) {
			if (hits_a_pamt(pamt_of(t, level), &tdmr[j].info))
				return pamt_overlap(i, level, j);
		}
	}
	for (level = PAMT_4K; level < PAMT_1G; level++) {
		a = pamt_of(t, level);
		for (other = level + 1; other < NR_PAMT_LEVELS; other++) {
			b = pamt_of(t, other);
			if (overlap(a->base, a->size, b->base, b->size))
				return pamt_overlap(i, level, i);
		}
	}
	return TDX_SUCCESS;
}

static bool hits_usable_memory(const struct seam_range *pamt, const struct tdmr_info *t)
{
	u64 at = t->base, end;

	for (; seam_next_piece(t, &at, &end); at = end) {
		if (overlap(pamt->base, pamt->size, at, end - at))
			return true;
	}
	return false;
}

/* The PAMTs of TDMR @owner against the usable memory of TDMR @other. */
static u64 check_pamts_against(const struct seam_machine *m, u32 owner, u32 other)
{
	u32 level;

	for (level = 0; level < NR_PAMT_LEVELS; level++) {
		if (hits_usable_memory(pamt_of(&m->module.tdmr[owner].info, level),
				       &m->module.tdmr[other].info))
			return pamt_overlap(owner, level, other);
	}
	return TDX_SUCCESS;
}

static u64 check_pamts_outside_memory(const struct seam_machine *m, u32 i)
{
	u64 status = TDX_SUCCESS;
	u32 j;

	for (j = 0; j <= i && !status; j++) {
		status = check_pamts_against(m, i, j);
		if (!status && j < i)
			status = check_pamts_against(m, j, i);
	}
	return status;
}

/* Whether [@base, @end) lies in one CMR, or in several that touch. */
static bool in_cmrs(const struct seam_machine *m, u64 base, u64 end)
{
	const struct seam_range *cmr = m->profile.cmrs;
	u64 start = 0, stop = 0;

	for (; cmr < m->profile.cmrs + SEAM_MAX_CMRS; cmr++) {
		if (!cmr->size)
			continue;
		if (cmr->base != stop)
			start = cmr->base;
		stop = cmr->base + cmr->size;
		if (base >= start && end <= stop)
			return true;
	}
	return false;
}

static u64 check_convertible(const struct seam_machine *m, u32 i)
{
	const struct tdmr_info *t = &m->module.tdmr[i].info;
	const struct seam_range *pamt;
	u64 at = t->base, end;
	u32 level;

	for (level = NR_PAMT_LEVELS; level-- > 0;) {
		pamt = pamt_of(t, level);
		if (!in_cmrs(m, pamt->base, pamt->base + pamt->size))
			return TDX_PAMT_OUTSIDE_CMRS | DETAIL_BYTES(i, level, 0);
	}
	for (; seam_next_piece(t, &at, &end); at = end) {
		if (!in_cmrs(m, at, end))
			return TDX_TDMR_OUTSIDE_CMRS | DETAIL_BYTES(i, 0, 0);
	}
	return TDX_SUCCESS;
}

u64 seam_check_tdmr(const struct seam_machine *m, u32 i)
{
	u64 status = check_range(m, i);

	if (!status)
		status = check_reserved(m, i);
	if (!status)
		status = check_pamts(m, i);
	if (!status)
		status = check_pamts_apart(m, i);
	if (!status)
		status = check_pamts_outside_memory(m, i);
	if (!status)
		status = check_convertible(m, i);
	return status;
}
