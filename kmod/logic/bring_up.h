/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* What the files about bringing the TDX module up have in common. */
#ifndef TDXCTL_LOGIC_BRING_UP_H
#define TDXCTL_LOGIC_BRING_UP_H

#include "host.h"
#include "tdx.h"

/* What the module says that a TDMR takes. */
struct tdxctl_tdmr_limits {
	u64 max_reserved;
	u64 pamt_1g_entry_bytes;
	u64 pamt_2m_entry_bytes;
	u64 pamt_4k_entry_bytes;
	u64 pamt_bitmap_entry_bits;	/* for a 4 KiB page, with dynamic PAMT */
};

/*
 * Take the TDMRs over from the caller: -ERANGE when they do not fit the kernel's
 * own memory map.
 */
int tdxctl_take_tdmrs(struct tdxctl_host *host, const struct tdxctl_configure *arg);

/*
 * Allocate the PAMTs: -ENOSPC when there is no room for one, -EPROTO when the
 * module asks for what makes no sense.
 */
int tdxctl_alloc_pamts(struct tdxctl_host *host, const struct tdxctl_tdmr_limits *limits,
		       const struct tdxctl_configure *arg);

/*
 * What TDH.SYS.CONFIG is told of TDMR @index: its PAMTs, and what is reserved,
 * which is holes in the RAM, and PAMTs.
 */
void tdxctl_describe_tdmr(struct tdxctl_host *host, const struct tdxctl_tdmr_limits *limits,
			  u32 index, struct tdx_tdmr_info *info);

/* Let as many LPs as there are TDMRs share them, so that all end at much the same time. */
void tdxctl_share_tdmrs(struct tdxctl_host *host, u32 lps);

/*
 * Give the module's Extensions the memory that they need, until now_ns() is @end.
 * -EAGAIN when there is more to give, -ENOMEM, -EPROTO, or 0 with the completion status of
 * the last call in @status.
 */
int tdxctl_add_pool(struct tdxctl_host *host, u64 end, u64 *status);

/*
 * Give all memory of the module back, which it must not use any more: caches are
 * written back before.
 */
void tdxctl_give_memory_back(struct tdxctl_host *host);

/* Under lock_lps(): whether the helper reaches each LP that the module counts. */
bool tdxctl_all_lps_online(struct tdxctl_host *host);

/* Give up the bring-up that is under way, if there is one. */
void tdxctl_abandon_bring_up(struct tdxctl_host *host);

#endif
