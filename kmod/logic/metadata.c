// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "leaves.h"
#include "logic.h"
#include "tdx.h"

/* Elements read before the scheduler and a signal get their turn. */
#define CHUNK 64

/* True when the batch is to go on; @done elements were read since pin_lp. */
static bool next_in_batch(struct tdxctl_host *host, u32 done)
{
	bool stop;

	if (!done || done % CHUNK)
		return true;
	host->ops->unpin_lp(host);
	stop = host->ops->signal_pending(host);
	host->ops->pin_lp(host);
	return !stop;
}

int tdxctl_read(struct tdxctl_host *host, struct tdxctl_metadata *arg)
{
	int ret = 0;
	u32 i;

	if (arg->method)
		return -EOPNOTSUPP;
	if (arg->reserved)
		return -E2BIG;
	arg->status = 0;
	arg->nr_total = 0;

	host->ops->pin_lp(host);
	for (i = 0; i < arg->nr_fields; i++) {
		struct tdxctl_field *field = &arg->fields[i];
		struct tdxctl_seamcall_regs regs = { .rdx = field->id };

		if (!next_in_batch(host, i)) {
			ret = -EINTR;
			break;
		}
		field->status = tdxctl_module_call(host, TDXCTL_LEAF_SYS_RD, &regs);
		field->value = field->status & TDX_STATUS_ERROR ? 0 : regs.r8;
	}
	host->ops->unpin_lp(host);
	return ret;
}

/*
 * Note an element: counted always, kept while there is room. The limit is what
 * ends an enumeration that a broken module would keep going for ever.
 */
static int add_field(struct tdxctl_metadata *list, u64 id, u64 value, u64 status)
{
	if (list->nr_total == TDXCTL_METADATA_MAX)
		return -EPROTO;
	if (list->nr_total < list->nr_fields)
		list->fields[list->nr_total] = (struct tdxctl_field) {
			.id = id, .value = value, .status = status,
		};
	list->nr_total++;
	return 0;
}

/* Each call gives the value of one element and the id of the next. */
static int list_by_rd(struct tdxctl_host *host, struct tdxctl_metadata *list)
{
	struct tdxctl_seamcall_regs regs = { .rdx = TDX_FIELD_NULL };
	u64 status = tdxctl_module_call(host, TDXCTL_LEAF_SYS_RD, &regs);
	int ret = 0;

	if (status & TDX_STATUS_ERROR) {
		list->status = status;
		return 0;
	}
	if (!tdx_status_is(status, TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT))
		return -EPROTO;

	while (!ret && !tdx_field_is_null(regs.rdx)) {
		u64 id = regs.rdx;

		if (!next_in_batch(host, list->nr_total))
			return -EINTR;
		regs = (struct tdxctl_seamcall_regs) { .rdx = id };
		status = tdxctl_module_call(host, TDXCTL_LEAF_SYS_RD, &regs);
		if (status & TDX_STATUS_ERROR) {
			list->status = status;
			break;
		}
		ret = add_field(list, id, regs.r8, status);
	}
	return ret;
}

/* A sequence header names its first element and says how many follow it. */
static u32 nr_elements(u64 header)
{
	u32 fields = (header >> TDX_FIELD_LAST_FIELD_SHIFT & TDX_FIELD_LAST_FIELD) + 1;
	u32 elements = (header >> TDX_FIELD_LAST_ELEMENT_SHIFT & TDX_FIELD_LAST_ELEMENT) + 1;

	return fields * elements;
}

static u64 element_id(u64 header, u32 index)
{
	u64 code = header + ((u64)index << (header >> TDX_FIELD_STEP_SHIFT & 1));

	return (header & ~(TDX_FIELD_COUNTS | TDX_FIELD_CODE)) | (code & TDX_FIELD_CODE);
}

static u64 load_u64(const u8 *from)
{
	u64 value;

	memcpy(&value, from, sizeof(value));
	return value;
}

/* Take over a page of RDALL. Nothing in it is believed before it was checked. */
static int add_page(struct tdxctl_metadata *list, const u8 *page)
{
	struct tdx_metadata_list head;
	u32 at = sizeof(head);
	u32 sequence, i;
	int ret;

	memcpy(&head, page, sizeof(head));
	if (head.used_bytes < at || head.used_bytes > TDX_PAGE_BYTES)
		return -EPROTO;

	for (sequence = 0; sequence < head.nr_sequences; sequence++) {
		u64 header;

		if (head.used_bytes - at < sizeof(header))
			return -EPROTO;
		header = load_u64(page + at);
		at += sizeof(header);
		if ((head.used_bytes - at) / sizeof(u64) < nr_elements(header))
			return -EPROTO;
		for (i = 0; i < nr_elements(header); i++, at += sizeof(u64)) {
			ret = add_field(list, element_id(header, i), load_u64(page + at), 0);
			if (ret)
				return ret;
		}
	}
	return 0;
}

/* Each call fills a page and gives the id to go on from. */
static int list_by_rdall(struct tdxctl_host *host, struct tdxctl_metadata *list,
			 const struct tdxctl_page *page)
{
	struct tdxctl_seamcall_regs regs = { .r8 = TDX_FIELD_NULL };
	bool page_full;

	do {
		u32 before = list->nr_total;
		u64 status;
		int ret;

		if (host->ops->signal_pending(host))
			return -EINTR;
		memset(page->va, 0, TDX_PAGE_BYTES);
		regs = (struct tdxctl_seamcall_regs) { .rdx = page->pa, .r8 = regs.r8 };
		host->ops->pin_lp(host);
		status = tdxctl_module_call(host, TDXCTL_LEAF_SYS_RDALL, &regs);
		host->ops->unpin_lp(host);

		page_full = tdx_status_is(status, TDX_METADATA_LIST_OVERFLOW);
		if (status & TDX_STATUS_ERROR && !page_full) {
			list->status = status;
			return 0;
		}
		ret = add_page(list, page->va);
		if (ret)
			return ret;
		/* An empty page, or a start from the beginning, would never end. */
		if (page_full && (list->nr_total == before || tdx_field_is_null(regs.r8)))
			return -EPROTO;
	} while (page_full);
	return 0;
}

int tdxctl_read_all(struct tdxctl_host *host, struct tdxctl_metadata *arg)
{
	struct tdxctl_page page;
	int ret;

	if (arg->reserved)
		return -E2BIG;
	arg->status = 0;
	arg->nr_total = 0;

	switch (arg->method) {
	case TDXCTL_READ_ALL_RD:
		host->ops->pin_lp(host);
		ret = list_by_rd(host, arg);
		host->ops->unpin_lp(host);
		break;
	case TDXCTL_READ_ALL_RDALL:
		if (!host->ops->alloc_page(host, &page))
			return -ENOMEM;
		ret = list_by_rdall(host, arg, &page);
		host->ops->free_page(host, &page);
		break;
	default:
		return -EOPNOTSUPP;
	}
	if (arg->nr_fields > arg->nr_total)
		arg->nr_fields = arg->nr_total;
	return ret;
}
