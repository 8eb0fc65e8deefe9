// SPDX-License-Identifier: GPL-2.0-only
/*
 * RAM: where it is, and pieces of it of any size. alloc_contig_pages() would find
 * a piece anywhere; PAMTs have to lie in a TDMR. So a piece is found here, and
 * alloc_contig_range() moves out of it whatever can be moved.
 */
#include <linux/align.h>
#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/memory_hotplug.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page-flags.h>
#include <linux/pageblock-flags.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <asm/cpufeature.h>

#include "block.h"
#include "insn.h"

/* Ordinary memory: how alloc_contig_range() is told has changed. */
#ifdef ACR_FLAGS_NONE
#define ORDINARY ACR_FLAGS_NONE
#else
#define ORDINARY MIGRATE_MOVABLE
#endif

struct ram {
	u64 from;
	u64 start;
	u64 end;
};

static int look_at_ram(struct resource *resource, void *data)
{
	struct ram *ram = data;

	ram->start = PAGE_ALIGN(resource->start);
	ram->end = PAGE_ALIGN_DOWN(resource->end + 1);
	return ram->start < ram->end && ram->end > ram->from;
}

/* What walk_system_ram_range() does, which is not for modules. */
bool tdxctl_next_ram(struct tdxctl_host *host, u64 from, u64 *start, u64 *end)
{
	struct ram ram = { .from = from };

	if (walk_iomem_res_desc(IORES_DESC_NONE, IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY, 0,
				U64_MAX, &ram, look_at_ram) != 1)
		return false;
	*start = ram.start;
	*end = ram.end;
	return true;
}

/*
 * How many pages right before @end, up to @max, may become a block: of one zone,
 * without holes and without what the kernel took before it had an allocator.
 * ZONE_MOVABLE is for what can be moved away again, and huge pages of hugetlbfs
 * hardly find another place.
 */
static unsigned long usable_before(unsigned long end, unsigned long max)
{
	const struct zone *zone = NULL;
	unsigned long nr;

	for (nr = 0; nr < max; nr++) {
		struct page *page = pfn_to_online_page(end - nr - 1);

		if (!page || PageReserved(page) || PageHuge(page))
			break;
		if (!zone)
			zone = page_zone(page);
		if (page_zone(page) != zone || zone_idx(zone) > ZONE_NORMAL)
			break;
		if (!(nr % pageblock_nr_pages))
			cond_resched();
	}
	return nr;
}

/* From the top, because the lowest memory is all that there is for some devices. */
bool tdxctl_alloc_block(struct tdxctl_host *host, struct tdxctl_block *block, u64 from, u64 to,
			u64 bytes)
{
	unsigned long first = PHYS_PFN(from), end = PHYS_PFN(to), nr = PHYS_PFN(bytes);
	/* A page that does not move spoils its pageblock; which one it was is not told. */
	unsigned long step = max(pageblock_nr_pages, nr / 16);

	/* What is moved has to find room elsewhere: not worth trying, and some kernels complain. */
	if (si_mem_available() < (long)nr)
		return false;
	while (end - first >= nr && !fatal_signal_pending(current)) {
		unsigned long usable = usable_before(end, nr);

		cond_resched();
		if (!usable) {
			/* Whatever it is, it spoils its pageblock. */
			end = max(ALIGN_DOWN(end - 1, pageblock_nr_pages), first);
		} else if (usable < nr) {
			end -= usable;
		} else if (alloc_contig_range(end - nr, end, ORDINARY,
					      GFP_KERNEL | __GFP_NOWARN)) {
			end -= min(step, end - first);
		} else {
			block->pa = PFN_PHYS(end - nr);
			block->bytes = bytes;
			return true;
		}
	}
	return false;
}

/*
 * CPUs with the partial write erratum poison a line that was written with a
 * private KeyID when a part of it is written with another; whole lines heal it.
 * Source: Linux, arch/x86/virt/vmx/tdx.
 */
static void overwrite(void *page)
{
	static const u64 zeros[8] __aligned(64);
	void *line;

	if (!boot_cpu_has(X86_FEATURE_MOVDIR64B)) {
		memset(page, 0, PAGE_SIZE);
		return;
	}
	for (line = page; line < page + PAGE_SIZE; line += sizeof(zeros))
		insn_movdir64b(line, zeros);
}

void tdxctl_free_block(struct tdxctl_host *host, struct tdxctl_block *block)
{
	u64 pa;

	for (pa = block->pa; pa < block->pa + block->bytes; pa += PAGE_SIZE) {
		overwrite(phys_to_virt(pa));
		cond_resched();
	}
	/* MOVDIR64B is not ordered with what others write there later. */
	wmb();
	free_contig_range(PHYS_PFN(block->pa), PHYS_PFN(block->bytes));
}
