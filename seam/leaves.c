// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Which leaves a release of the module dispatches.
 * Source: the dispatchers of the published module sources; leaves that only
 * kernel patches know come with the feature that they belong to.
 */
#include "leaves.h"

#define NEVER		0xff
#define ALWAYS		0
#define NO_FEATURE	0xff
#define FEATURE_CONNECT	6

struct leaf_range {
	u8 first, last;
	u8 since_1_5, since_2_0;	/* first update version, or NEVER */
	u8 feature;			/* or with this bit of TDX_FEATURES0 */
};

static const struct leaf_range leaf_ranges[] = {
	{ 0, 41, ALWAYS, ALWAYS, NO_FEATURE },		/* TDH.VP.ENTER .. PHYMEM.PAGE.WBINVD */
	{ 43, 45, ALWAYS, ALWAYS, NO_FEATURE },		/* VP.WR, SYS.LP.SHUTDOWN, SYS.CONFIG */
	{ 48, 49, ALWAYS, ALWAYS, NO_FEATURE },		/* SERVTD.BIND, PREBIND */
	{ 52, 53, ALWAYS, ALWAYS, NO_FEATURE },		/* SYS.SHUTDOWN, SYS.UPDATE */
	{ 58, 59, 20, 8, NO_FEATURE },			/* PHYMEM.PAMT.ADD, REMOVE */
	{ 60, 61, NEVER, NEVER, 39 },			/* EXT.INIT, EXT.MEM.ADD */
	{ 64, 66, ALWAYS, ALWAYS, NO_FEATURE },		/* EXPORT.ABORT, BLOCKW, RESTORE */
	{ 68, 68, ALWAYS, ALWAYS, NO_FEATURE },		/* EXPORT.MEM */
	{ 69, 69, NEVER, NEVER, 53 },			/* SYS.DISABLE */
	{ 70, 75, ALWAYS, ALWAYS, NO_FEATURE },		/* EXPORT.PAUSE .. UNBLOCKW */
	{ 80, 87, ALWAYS, ALWAYS, NO_FEATURE },		/* IMPORT.ABORT .. STATE.VP */
	{ 92, 95, 34, 18, NO_FEATURE },			/* MEM.SCAN.* */
	{ 96, 96, ALWAYS, ALWAYS, NO_FEATURE },		/* MIG.STREAM.CREATE */
	{ 98, 98, NEVER, NEVER, 50 },			/* QUOTE.GET */
	{ 100, 100, NEVER, NEVER, 50 },			/* QUOTE.INIT */
	{ 128, 140, NEVER, 2, NO_FEATURE },		/* IOMMU, SPDM, IDE, DEVIF */
	{ 142, 144, NEVER, NEVER, 6 },			/* SPDM.CONNECT, DISCONNECT, MNG */
	{ 150, 166, NEVER, 2, NO_FEATURE },		/* DMAR, MMIO, IQ, SEPT, DEVIF.MT */
};

bool seam_leaf_exists(const struct seam_machine *m, u32 leaf)
{
	const struct seam_module_release *release = &m->release;
	const struct leaf_range *range = leaf_ranges;
	u32 since;

	for (; range < leaf_ranges + ARRAY_SIZE(leaf_ranges); range++) {
		if (leaf < range->first || leaf > range->last)
			continue;
		if (range->feature != NO_FEATURE)
			return release->features0 >> range->feature & 1;
		since = release->major == 1 ? range->since_1_5 : range->since_2_0;
		return since != NEVER && release->update >= since;
	}
	return false;
}

bool seam_leaf_needs_connect(const struct seam_machine *m, u32 leaf)
{
	return m->release.major == 2 && !(m->release.features0 >> FEATURE_CONNECT & 1) &&
	       leaf >= 128 && leaf <= 166;
}

bool seam_leaf_has_versions(const struct seam_machine *m, u32 leaf)
{
	switch (leaf) {
	case 3:		/* TDH.MEM.SEPT.ADD */
	case 11:	/* TDH.MNG.RD */
	case 22:	/* TDH.VP.INIT */
	case 23:	/* TDH.MEM.PAGE.PROMOTE */
	case 26:	/* TDH.VP.RD */
	case 30:	/* TDH.MEM.SEPT.REMOVE */
		return true;
	case TDH_SYS_INIT:
	case TDH_SYS_CONFIG:
	case TDH_SYS_UPDATE:
		return m->release.generation >= SEAM_GENERATION_MID;
	}
	return false;
}
