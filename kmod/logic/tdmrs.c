// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * TDMRs: what the kernel's memory map makes of them, and where their PAMTs lie.
 * Source: Intel TDX Module Base Architecture Specification, "Physical Memory
 * Management"; intel/tdx-module tdh_sys_config.c.
 */
#include "bring_up.h"

/* Linux keeps the first MiB for itself, and the BIOS does not make it convertible. */
#define LOW_MEMORY_END		0x100000ULL

#define BYTES_2M		0x200000ULL
#define MAX_TDMR_GIB		0x400000ULL	/* 2^52 bytes */

static_assert(sizeof(struct tdx_tdmr_info) == 320, "TDMR_INFO layout");

static u64 round_to_page(u64 bytes)
{
	return (bytes + TDX_PAGE_BYTES - 1) & ~(TDX_PAGE_BYTES - 1ULL);
}

/* In the order of struct tdx_tdmr_info. */
struct pamt_sizes {
	u64 bytes[3];
};

static struct pamt_sizes pamt_sizes(const struct tdxctl_tdmr_limits *limits, u64 tdmr_bytes,
				    bool dynamic_pamt)
{
	u64 pages = tdmr_bytes / TDX_PAGE_BYTES;
	u64 bytes_4k = dynamic_pamt ? (pages * limits->pamt_bitmap_entry_bits + 7) / 8 :
				      pages * limits->pamt_4k_entry_bytes;

	return (struct pamt_sizes) { .bytes = {
		round_to_page(tdmr_bytes / TDX_TDMR_BYTES * limits->pamt_1g_entry_bytes),
		round_to_page(tdmr_bytes / BYTES_2M * limits->pamt_2m_entry_bytes),
		round_to_page(bytes_4k),
	} };
}

/* The part above low memory of the first range of RAM that ends above @from. */
static bool next_ram(struct tdxctl_host *host, u64 from, u64 *start, u64 *end)
{
	if (from < LOW_MEMORY_END)
		from = LOW_MEMORY_END;
	if (!host->ops->next_ram(host, from, start, end))
		return false;
	if (*start < from)
		*start = from;
	return true;
}

/* Whether TDMRs, in rising order, leave no RAM out. */
static bool hold_all_ram(struct tdxctl_host *host)
{
	const struct tdxctl_bring_up *up = &host->bring_up;
	u64 at = 0, start, end;
	u32 i = 0;

	while (next_ram(host, at, &start, &end)) {
		while (i < up->nr_tdmrs && up->tdmrs[i].end <= start)
			i++;
		if (i == up->nr_tdmrs || up->tdmrs[i].base > start)
			return false;
		at = end < up->tdmrs[i].end ? end : up->tdmrs[i].end;
	}
	return true;
}

int tdxctl_take_tdmrs(struct tdxctl_host *host, const struct tdxctl_configure *arg)
{
	struct tdxctl_bring_up *up = &host->bring_up;
	u64 end = 0;
	u32 i;

	for (i = 0; i < arg->nr_tdmrs; i++) {
		const struct tdxctl_tdmr *from = &arg->tdmrs[i];
		struct tdxctl_tdmr_state *tdmr = &up->tdmrs[i];

		if (!from->nr_gib || (u64)from->first_gib + from->nr_gib > MAX_TDMR_GIB ||
		    from->pamt_tdmr >= arg->nr_tdmrs)
			return -ERANGE;
		*tdmr = (struct tdxctl_tdmr_state) {
			.base = from->first_gib * TDX_TDMR_BYTES,
			.end = ((u64)from->first_gib + from->nr_gib) * TDX_TDMR_BYTES,
		};
		if (tdmr->base < end)
			return -ERANGE;
		tdmr->next = tdmr->base;
		end = tdmr->end;
	}
	up->nr_tdmrs = arg->nr_tdmrs;
	return hold_all_ram(host) ? 0 : -ERANGE;
}

/* Calls @reserve for each hole in the RAM of a TDMR. */
static void each_hole(struct tdxctl_host *host, const struct tdxctl_tdmr_state *tdmr,
		      void (*reserve)(void *context, u64 start, u64 end), void *context)
{
	u64 at = tdmr->base, start, end;

	while (at < tdmr->end) {
		if (!next_ram(host, at, &start, &end) || start > tdmr->end) {
			start = tdmr->end;
			end = tdmr->end;
		}
		if (start > at)
			reserve(context, at, start);
		at = end;
	}
}

static void count(void *context, u64 start, u64 end)
{
	*(u64 *)context += start < end;
}

/* The index of the TDMRs, the largest first. */
static void by_size(const struct tdxctl_bring_up *up, u32 *order)
{
	u32 i, j;

	for (i = 0; i < up->nr_tdmrs; i++) {
		u64 bytes = up->tdmrs[i].end - up->tdmrs[i].base;

		for (j = i; j; j--) {
			const struct tdxctl_tdmr_state *before = &up->tdmrs[order[j - 1]];

			if (before->end - before->base >= bytes)
				break;
			order[j] = order[j - 1];
		}
		order[j] = i;
	}
}

/* PAMTs of one TDMR: in its home if they can, else wherever there is room. */
static bool alloc_pamt(struct tdxctl_host *host, struct tdxctl_tdmr_state *tdmr, u64 bytes,
		       u32 home, u64 *areas_left)
{
	struct tdxctl_bring_up *up = &host->bring_up;
	u32 tries;

	for (tries = 0; tries < up->nr_tdmrs; tries++) {
		u32 i = (home + tries) % up->nr_tdmrs;

		if (areas_left[i] && host->ops->alloc_block(host, &tdmr->pamt, up->tdmrs[i].base,
							    up->tdmrs[i].end, bytes)) {
			areas_left[i]--;
			return true;
		}
	}
	tdmr->pamt.bytes = 0;
	return false;
}

/* Sizes that would be 0, or more than any machine has, are not worked with. */
static bool make_sense(const struct tdxctl_tdmr_limits *limits, bool dynamic_pamt)
{
	u64 of_4k = dynamic_pamt ? limits->pamt_bitmap_entry_bits : limits->pamt_4k_entry_bytes;
	const u64 sizes[] = { limits->pamt_1g_entry_bytes, limits->pamt_2m_entry_bytes, of_4k };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (!sizes[i] || sizes[i] > TDX_PAGE_BYTES)
			return false;
	}
	return true;
}

int tdxctl_alloc_pamts(struct tdxctl_host *host, const struct tdxctl_tdmr_limits *limits,
		       const struct tdxctl_configure *arg)
{
	struct tdxctl_bring_up *up = &host->bring_up;
	u64 areas_left[TDXCTL_TDMRS_MAX];
	u32 order[TDXCTL_TDMRS_MAX];
	u32 i;

	if (!make_sense(limits, up->options & TDXCTL_CONFIGURE_DYNAMIC_PAMT))
		return -EPROTO;
	for (i = 0; i < up->nr_tdmrs; i++) {
		u64 holes = 0;

		each_hole(host, &up->tdmrs[i], count, &holes);
		if (holes > limits->max_reserved)
			return -ENOSPC;
		areas_left[i] = limits->max_reserved - holes;
	}
	by_size(up, order);
	for (i = 0; i < up->nr_tdmrs; i++) {
		struct tdxctl_tdmr_state *tdmr = &up->tdmrs[order[i]];
		struct pamt_sizes sizes = pamt_sizes(limits, tdmr->end - tdmr->base,
						     up->options & TDXCTL_CONFIGURE_DYNAMIC_PAMT);

		if (!alloc_pamt(host, tdmr, sizes.bytes[0] + sizes.bytes[1] + sizes.bytes[2],
				arg->tdmrs[order[i]].pamt_tdmr, areas_left))
			return -ENOSPC;
	}
	return 0;
}

/* Reserved areas have to be in rising order. */
static void reserve(void *context, u64 start, u64 end)
{
	struct tdx_tdmr_info *info = context;
	u64 offset = start - info->base;
	u32 i = ARRAY_SIZE(info->reserved) - 1;

	while (i && (!info->reserved[i - 1].bytes || info->reserved[i - 1].offset > offset)) {
		info->reserved[i] = info->reserved[i - 1];
		i--;
	}
	info->reserved[i].offset = offset;
	info->reserved[i].bytes = end - start;
}

void tdxctl_describe_tdmr(struct tdxctl_host *host, const struct tdxctl_tdmr_limits *limits,
			  u32 index, struct tdx_tdmr_info *info)
{
	const struct tdxctl_bring_up *up = &host->bring_up;
	const struct tdxctl_tdmr_state *tdmr = &up->tdmrs[index];
	struct pamt_sizes sizes = pamt_sizes(limits, tdmr->end - tdmr->base,
					     up->options & TDXCTL_CONFIGURE_DYNAMIC_PAMT);
	u64 pa = tdmr->pamt.pa;
	u32 i;

	*info = (struct tdx_tdmr_info) {
		.base = tdmr->base,
		.bytes = tdmr->end - tdmr->base,
	};
	for (i = 0; i < ARRAY_SIZE(info->pamt); i++) {
		info->pamt[i].base = pa;
		info->pamt[i].bytes = sizes.bytes[i];
		pa += sizes.bytes[i];
	}
	each_hole(host, tdmr, reserve, info);
	for (i = 0; i < up->nr_tdmrs; i++) {
		const struct tdxctl_block *pamt = &up->tdmrs[i].pamt;

		if (pamt->pa >= tdmr->base && pamt->pa < tdmr->end)
			reserve(info, pamt->pa, pamt->pa + pamt->bytes);
	}
}

void tdxctl_share_tdmrs(struct tdxctl_host *host, u32 lps)
{
	struct tdxctl_bring_up *up = &host->bring_up;
	u32 shares = lps < up->nr_tdmrs ? lps : up->nr_tdmrs;
	u64 bytes[TDXCTL_TDMRS_MAX] = { };
	u32 order[TDXCTL_TDMRS_MAX];
	u32 i, j;

	by_size(up, order);
	for (i = 0; i < up->nr_tdmrs; i++) {
		struct tdxctl_tdmr_state *tdmr = &up->tdmrs[order[i]];
		u32 least = 0;

		for (j = 1; j < shares; j++) {
			if (bytes[j] < bytes[least])
				least = j;
		}
		bytes[least] += tdmr->end - tdmr->base;
		/* LPs that are far from each other share least. */
		tdmr->lp = least * (lps / shares);
	}
}
