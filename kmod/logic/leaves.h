/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The only way from the logic to a SEAMCALL: a leaf without a row in leaves.c
 * cannot be executed, whatever a caller asks for.
 */
#ifndef TDXCTL_LOGIC_LEAVES_H
#define TDXCTL_LOGIC_LEAVES_H

#include "host.h"

enum tdxctl_leaf {
	TDXCTL_LEAF_PHYMEM_PAGE_RDMD,
	TDXCTL_LEAF_SYS_RD,
	TDXCTL_LEAF_SYS_RDALL,
	TDXCTL_LEAF_SEAMLDR_INFO,
	TDXCTL_LEAF_SYS_INIT,
	TDXCTL_LEAF_SYS_LP_INIT,
	TDXCTL_LEAF_SYS_SHUTDOWN,
	TDXCTL_LEAF_SYS_UPDATE,
	TDXCTL_LEAF_SYS_UPDATE_V1,
	TDXCTL_LEAF_SYS_DISABLE,
	TDXCTL_LEAF_SEAMLDR_INSTALL,
	TDXCTL_LEAF_SYS_CONFIG,
	TDXCTL_LEAF_SYS_CONFIG_V1,
	TDXCTL_LEAF_SYS_KEY_CONFIG,
	TDXCTL_LEAF_SYS_TDMR_INIT,
	TDXCTL_LEAF_EXT_MEM_ADD,
	TDXCTL_LEAF_EXT_INIT,
	TDXCTL_LEAF_QUOTE_INIT,
	TDXCTL_NR_LEAVES,
};

/* How often a call is made in all while there is no entropy. */
#define TDXCTL_ENTROPY_TRIES 10

/* Execute @leaf once on this LP. Returns the completion status. */
u64 tdxctl_seamcall(struct tdxctl_host *host, enum tdxctl_leaf leaf,
		    struct tdxctl_seamcall_regs *regs);

/*
 * Execute a leaf of the TDX module on this LP, again with the same arguments
 * while the module finds no entropy. The LP is pinned by the caller.
 */
u64 tdxctl_module_call(struct tdxctl_host *host, enum tdxctl_leaf leaf,
		       struct tdxctl_seamcall_regs *regs);

/*
 * The same, pinned here, and again while the module finds something busy or makes
 * no key; but not for ever.
 */
u64 tdxctl_patient_call(struct tdxctl_host *host, enum tdxctl_leaf leaf,
			struct tdxctl_seamcall_regs *regs);

/* TDH.SYS.RD of one field. Returns the completion status. The LP is pinned by the caller. */
u64 tdxctl_read_field(struct tdxctl_host *host, u64 id, u64 *value);

#endif
