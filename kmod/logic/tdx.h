/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * What the architecture defines, as far as the logic acts upon it.
 * Sources: intel/tdx-module include/tdx_api_defs.h and
 * include/auto_gen_1_5/tdx_error_codes_defs.h; intel/tdx-loader
 * p-seam-loader/include/pseamldr_api_defs.h; Intel SDM, IA32_VMX_BASIC and VMPTRST.
 */
#ifndef TDXCTL_LOGIC_TDX_H
#define TDXCTL_LOGIC_TDX_H

#include "types.h"

#define TDX_PAGE_BYTES			4096

/* RAX of a SEAMCALL: leaf in 15:0, version in 23:16, target in 63. */
#define TDX_RAX_LEAF			0xFFFFULL
#define TDX_RAX_VERSION_SHIFT		16
#define TDX_RAX_SEAMLDR			0x8000000000000000ULL

/* Completion status: the code is in 63:32, details in 31:0. */
#define TDX_STATUS_ERROR		0x8000000000000000ULL
#define TDX_STATUS_CODE			0xFFFFFFFF00000000ULL
#define TDX_INTERRUPTED_RESUMABLE	0x8000000300000000ULL
#define TDX_SYS_BUSY			0x8000020200000000ULL
#define TDX_RND_NO_ENTROPY		0x8000020300000000ULL
#define TDX_SYS_NOT_READY		0xC000050500000000ULL
#define TDX_SYS_SHUTDOWN		0xC000050600000000ULL
#define TDX_METADATA_LIST_OVERFLOW	0xC0000C0400000000ULL
#define TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT 0x00000C0B00000000ULL

/* The P-SEAMLDR's statuses are compared as a whole. */
#define SEAMLDR_ENOENTROPY		0x8000000000030001ULL

static inline bool tdx_status_is(u64 status, u64 code)
{
	return (status & TDX_STATUS_CODE) == code;
}

/* Metadata field id. */
#define TDX_FIELD_CODE			0xFFFFFFULL	/* 23:0 */
#define TDX_FIELD_LAST_ELEMENT_SHIFT	34		/* 37:34, in a sequence header */
#define TDX_FIELD_LAST_ELEMENT		0xF
#define TDX_FIELD_LAST_FIELD_SHIFT	38		/* 46:38, in a sequence header */
#define TDX_FIELD_LAST_FIELD		0x1FF
#define TDX_FIELD_COUNTS		(0x1FFFULL << TDX_FIELD_LAST_ELEMENT_SHIFT)
#define TDX_FIELD_STEP_SHIFT		50		/* 0: codes step by 1, 1: by 2 */
#define TDX_FIELD_CONTEXT		(7ULL << 52)	/* 54:52 */
#define TDX_FIELD_NULL			(~0ULL)

static inline bool tdx_field_is_null(u64 id)
{
	return (id | TDX_FIELD_CONTEXT) == TDX_FIELD_NULL;
}

/* Head of the page that TDH.SYS.RDALL fills; sequences follow. */
struct tdx_metadata_list {
	u16 used_bytes;		/* of the page, this head included */
	u16 nr_sequences;
	u32 reserved;
};

/* MSRs. */
#define TDX_MSR_KEYID_PARTITIONING	0x87	/* IA32_MKTME_KEYID_PARTITIONING */
#define TDX_MSR_VMX_BASIC		0x480	/* IA32_VMX_BASIC */
#define TDX_VMX_BASIC_SEAMRET_KEEPS_VMCS 0x1000000000000000ULL	/* bit 60 */

/* What VMPTRST stores when the LP has no current VMCS. */
#define TDX_NO_VMCS			(~0ULL)

#endif
