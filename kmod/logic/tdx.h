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

/* A leaf that more than the table of leaves has to know. */
#define TDX_SYS_CONFIG			45

/* Completion status: the code is in 63:32, details in 31:0. */
#define TDX_STATUS_ERROR		0x8000000000000000ULL
#define TDX_STATUS_CODE			0xFFFFFFFF00000000ULL
#define TDX_INTERRUPTED_RESUMABLE	0x8000000300000000ULL
#define TDX_OPERAND_BUSY		0x8000020000000000ULL
#define TDX_SYS_BUSY			0x8000020200000000ULL
#define TDX_RND_NO_ENTROPY		0x8000020300000000ULL
#define TDX_KEY_GENERATION_FAILED	0x8000080000000000ULL
#define TDX_OPERAND_INVALID		0xC000010000000000ULL
#define TDX_SYS_INIT_NOT_PENDING	0xC000050000000000ULL
#define TDX_SYS_LP_INIT_DONE		0xC000050300000000ULL
#define TDX_SYS_NOT_READY		0xC000050500000000ULL
#define TDX_SYS_SHUTDOWN		0xC000050600000000ULL
#define TDX_METADATA_FIELD_ID_INCORRECT	0xC0000C0000000000ULL
#define TDX_METADATA_FIELD_NOT_READABLE	0xC0000C0200000000ULL
#define TDX_METADATA_LIST_OVERFLOW	0xC0000C0400000000ULL
#define TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT 0x00000C0B00000000ULL
#define TDX_TDMR_ALREADY_INITIALIZED	0x00000A0300000000ULL

/* The P-SEAMLDR's statuses are compared as a whole. */
#define SEAMLDR_EBADCALL		0x8000000000000003ULL
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
#define TDX_FIELD_FEATURES0		0x0A00000300000008ULL
#define TDX_FIELD_MODULE_HV		0x8900000100000000ULL
#define TDX_FIELD_HANDOFF_VALID		0x8900000000000004ULL
#define TDX_FIELD_MAX_RESERVED_PER_TDMR	0x9100000100000009ULL
#define TDX_FIELD_PAMT_4K_ENTRY_BYTES	0x9100000100000010ULL
#define TDX_FIELD_PAMT_2M_ENTRY_BYTES	0x9100000100000011ULL
#define TDX_FIELD_PAMT_1G_ENTRY_BYTES	0x9100000100000012ULL
#define TDX_FIELD_PAMT_BITMAP_ENTRY_BITS 0x9100000000000013ULL
#define TDX_FIELD_EXT_REQUIRED		0x3100000000000001ULL
#define TDX_FIELD_EXT_POOL_PAGES	0x3100000200000000ULL

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

/* TDH.SYS.SHUTDOWN: refuse where the update would harm a TD; TDX_FEATURES0 says whether it can. */
#define TDX_SHUTDOWN_AVOID_COMPAT_SENSITIVE	0x10000ULL
#define TDX_FEATURES0_UPDATE_COMPAT		0x800000000000ULL	/* bit 47 */

/* What TDH.SYS.CONFIG is told of a TDMR. PAMTs by page size: 1 GiB, 2 MiB, 4 KiB. */
struct tdx_tdmr_info {
	u64 base;
	u64 bytes;
	struct {
		u64 base;
		u64 bytes;
	} pamt[3];
	struct {
		u64 offset;
		u64 bytes;
	} reserved[16];
};

#define TDX_TDMR_INFO_ALIGNMENT		512
#define TDX_TDMR_BYTES			0x40000000ULL	/* TDMRs are multiples of it */

/* R8 of TDH.SYS.CONFIG: the global private HKID in 15:0, and */
#define TDX_CONFIG_DYNAMIC_PAMT		0x10000ULL

/* HPA_LIST_INFO of TDH.EXT.MEM.ADD: first entry 11:3, page of the list 51:12, last entry 63:55. */
#define TDX_HPA_LIST_ENTRIES		512
#define TDX_HPA_LIST_LAST_SHIFT		55

#define TDX_FEATURES0_QUOTE		0x4000000000000ULL	/* bit 50 */

/* SEAMLDR_PARAMS, what SEAMLDR.INSTALL is given. */
struct tdx_seamldr_params {
	u32 version;
	u32 scenario;
	u64 sigstruct_pa;
	u8 reserved[104];
	u64 nr_pages;
	u64 pages_pa[496];
};

#define TDX_SEAMLDR_SCENARIO_LOAD	0	/* a module that begins anew */
#define TDX_SEAMLDR_SCENARIO_UPDATE	1	/* TDs are kept */

/* SEAMLDR_INFO, as far as it tells modules apart. */
struct tdx_seamldr_info {
	u8 about_itself[28];
	u32 updates_left;
	u64 seamextend_valid;
	u8 tee_tcb_svn[16];
	u8 mrseam[48];
	u8 mrsignerseam[48];
	u64 attributes;
	u8 seam_ready;
	u8 rest[95];
};

/* MSRs. */
#define TDX_MSR_KEYID_PARTITIONING	0x87	/* IA32_MKTME_KEYID_PARTITIONING */
#define TDX_MSR_VMX_BASIC		0x480	/* IA32_VMX_BASIC */
#define TDX_VMX_BASIC_SEAMRET_KEEPS_VMCS 0x1000000000000000ULL	/* bit 60 */

/* What VMPTRST stores when the LP has no current VMCS. */
#define TDX_NO_VMCS			(~0ULL)

#endif
