// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * Memory for the Extensions of the TDX module. Source: Linux, "Extensions and DICE
 * quoting" series, TDH.EXT.MEM.ADD.
 */
#include "bring_up.h"
#include "leaves.h"

/* 256 GiB: more than that no module means. */
#define POOL_PAGES_MAX 0x4000000ULL

/* Whether the features that are on need Extensions, and how much memory those want. */
static u64 ask(struct tdxctl_host *host, u64 *required, u64 *pages)
{
	u64 status;

	*pages = 0;
	host->ops->pin_lp(host);
	status = tdxctl_read_field(host, TDX_FIELD_EXT_REQUIRED, required);
	if (tdx_status_is(status, TDX_METADATA_FIELD_ID_INCORRECT) ||
	    tdx_status_is(status, TDX_METADATA_FIELD_NOT_READABLE)) {
		/* A module that has none. */
		*required = 0;
		status = 0;
	}
	if (!(status & TDX_STATUS_ERROR) && *required)
		status = tdxctl_read_field(host, TDX_FIELD_EXT_POOL_PAGES, pages);
	host->ops->unpin_lp(host);
	return status;
}

/* The module takes initialised memory only: a piece of a TDMR. */
static int alloc_pool(struct tdxctl_host *host, u64 bytes)
{
	struct tdxctl_bring_up *up = &host->bring_up;
	u32 i;

	if (!host->ops->alloc_page(host, &up->list)) {
		up->list.va = NULL;
		return -ENOMEM;
	}
	for (i = 0; i < up->nr_tdmrs; i++) {
		if (host->ops->alloc_block(host, &up->pool, up->tdmrs[i].base, up->tdmrs[i].end,
					   bytes))
			return 0;
	}
	up->pool.bytes = 0;
	return -ENOMEM;
}

/* As many pages as a list can hold. Returns HPA_LIST_INFO. */
static u64 fill_list(struct tdxctl_bring_up *up)
{
	u64 *pages = up->list.va;
	u64 nr = 0;

	while (nr < TDX_HPA_LIST_ENTRIES && up->pool_given < up->pool.bytes) {
		pages[nr++] = up->pool.pa + up->pool_given;
		up->pool_given += TDX_PAGE_BYTES;
	}
	return up->list.pa | (nr - 1) << TDX_HPA_LIST_LAST_SHIFT;
}

int tdxctl_add_pool(struct tdxctl_host *host, u64 end, u64 *status)
{
	struct tdxctl_bring_up *up = &host->bring_up;

	*status = 0;
	if (!up->extensions) {
		u64 required, pages;
		int ret;

		*status = ask(host, &required, &pages);
		if (*status & TDX_STATUS_ERROR || !required)
			return 0;
		if (pages > POOL_PAGES_MAX)
			return -EPROTO;
		up->extensions = true;
		ret = pages ? alloc_pool(host, pages * TDX_PAGE_BYTES) : 0;
		if (ret)
			return ret;
	}
	while (up->list_info || up->pool_given < up->pool.bytes) {
		struct tdxctl_seamcall_regs regs = { };

		if (!up->list_info)
			up->list_info = fill_list(up);
		regs.rcx = up->list_info;
		*status = tdxctl_patient_call(host, TDXCTL_LEAF_EXT_MEM_ADD, &regs);
		if (tdx_status_is(*status, TDX_INTERRUPTED_RESUMABLE)) {
			up->list_info = regs.rcx;
			*status = 0;
		} else {
			up->list_info = 0;
		}
		if (*status & TDX_STATUS_ERROR)
			return 0;
		if (host->ops->signal_pending(host) || host->ops->now_ns(host) >= end)
			return up->list_info || up->pool_given < up->pool.bytes ? -EAGAIN : 0;
	}
	return 0;
}
