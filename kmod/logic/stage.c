// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "logic.h"
#include "tdx.h"

static_assert(sizeof(struct tdx_seamldr_params) == TDX_PAGE_BYTES, "SEAMLDR_PARAMS layout");

static void free_page(struct tdxctl_host *host, struct tdxctl_page *page)
{
	if (page->va)
		host->ops->free_page(host, page);
	page->va = NULL;
}

void tdxctl_unstage(struct tdxctl_host *host)
{
	struct tdxctl_image *image = &host->image;

	while (image->nr_pages)
		free_page(host, &image->pages[--image->nr_pages]);
	free_page(host, &image->sigstruct);
	free_page(host, &image->params);
}

static bool copy_page(struct tdxctl_host *host, struct tdxctl_page *page, const u8 *from)
{
	if (!host->ops->alloc_page(host, page)) {
		page->va = NULL;
		return false;
	}
	memcpy(page->va, from, TDX_PAGE_BYTES);
	return true;
}

static bool copy_image(struct tdxctl_host *host, const struct tdxctl_stage *arg)
{
	struct tdxctl_image *image = &host->image;
	struct tdx_seamldr_params *params;

	if (!copy_page(host, &image->sigstruct, arg->sigstruct))
		return false;
	for (; image->nr_pages < arg->nr_pages; image->nr_pages++) {
		if (!copy_page(host, &image->pages[image->nr_pages], arg->pages[image->nr_pages]))
			return false;
	}
	if (!host->ops->alloc_page(host, &image->params)) {
		image->params.va = NULL;
		return false;
	}

	params = image->params.va;
	params->sigstruct_pa = image->sigstruct.pa;
	for (; params->nr_pages < image->nr_pages; params->nr_pages++)
		params->pages_pa[params->nr_pages] = image->pages[params->nr_pages].pa;
	return true;
}

int tdxctl_stage(struct tdxctl_host *host, struct tdxctl_stage *arg)
{
	if (arg->reserved)
		return -E2BIG;
	tdxctl_unstage(host);
	if (!arg->nr_pages || copy_image(host, arg))
		return 0;
	tdxctl_unstage(host);
	return -ENOMEM;
}
