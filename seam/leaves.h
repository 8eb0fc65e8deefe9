/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Leaf numbers of the TDX module. Source: Intel TDX Module ABI Reference. */
#ifndef SEAM_LEAVES_H
#define SEAM_LEAVES_H

#include "machine.h"

enum {
	TDH_PHYMEM_PAGE_RDMD = 24,
	TDH_SYS_KEY_CONFIG = 31,
	TDH_SYS_INFO = 32,
	TDH_SYS_INIT = 33,
	TDH_SYS_RD = 34,
	TDH_SYS_LP_INIT = 35,
	TDH_SYS_TDMR_INIT = 36,
	TDH_SYS_RDALL = 37,
	TDH_SYS_LP_SHUTDOWN = 44,
	TDH_SYS_CONFIG = 45,
	TDH_SYS_SHUTDOWN = 52,
	TDH_SYS_UPDATE = 53,
	TDH_EXT_INIT = 60,
	TDH_EXT_MEM_ADD = 61,
	TDH_SYS_DISABLE = 69,
	TDH_QUOTE_INIT = 100,
};

/* Whether the loaded module has the leaf, and whether it takes versions above 0. */
bool seam_leaf_exists(const struct seam_machine *m, u32 leaf);
bool seam_leaf_has_versions(const struct seam_machine *m, u32 leaf);

/* A leaf of TDX Connect, on a platform of the 2.0 line without it. */
bool seam_leaf_needs_connect(const struct seam_machine *m, u32 leaf);

#endif
