// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What RDMSR gives on a modelled LP. */
#include "machine.h"
#include "msr.h"

struct msr_row {
	u32 msr;
	u64 value;
};

/* A server CPU with TDX; what depends on the profile is added below. */
static const struct msr_row msr_rows[] = {
	{ MSR_TSC_ADJUST, 0 },
	{ MSR_MKTME_KEYID_PARTITIONING, 0 },
	{ MSR_WBINVDP, 4 },
	{ MSR_WBNOINVDP, 4 },
	{ MSR_MISC_PACKAGE_CTLS, 1 },
	{ MSR_XAPIC_DISABLE_STATUS, 1 },
	{ MSR_CORE_CAPABILITIES, 0x20 },
	{ MSR_MTRRCAP, 0xcd0a },
	{ MSR_ARCH_CAPABILITIES, 0x12afd6b },
	{ MSR_MISC_ENABLE, 0x850089 },
	{ MSR_TSX_CTRL, 0 },
	{ MSR_SMRR_BASE, 0x88000006 },
	{ MSR_SMRR_MASK, 0xff800c00 },
	{ MSR_SMRR2_BASE, 0 },
	{ MSR_SMRR2_MASK, 0 },
	{ MSR_PERF_CAPABILITIES, 0x7fc5 },
	{ MSR_VMX_BASIC, 0x00da040000000013 },
	{ MSR_VMX_MISC, 0x7004c1e7 },
	{ MSR_VMX_CR0_FIXED0, 0x80000021 },
	{ MSR_VMX_CR0_FIXED1, 0xffffffff },
	{ MSR_VMX_CR4_FIXED0, 0x2000 },
	{ MSR_VMX_CR4_FIXED1, ~0ull },
	{ MSR_VMX_PROCBASED_CTLS2, 0xffffffff00000000 },
	{ MSR_VMX_EPT_VPID_CAP, 0xf0106f34141 | 0x10106334041 },
	{ MSR_VMX_TRUE_PINBASED_CTLS, 0xffffffff00000000 },
	{ MSR_VMX_TRUE_PROCBASED_CTLS, 0xffffffff00000000 },
	{ MSR_VMX_TRUE_EXIT_CTLS, 0xffffffff00000000 },
	{ MSR_VMX_TRUE_ENTRY_CTLS, 0xffffffff00000000 },
	{ MSR_VMX_PROCBASED_CTLS3, ~0ull },
	{ MSR_TME_CAPABILITY, 0x1f500000003 },
	{ MSR_TME_ACTIVATE, 0x3000000000003 },
	{ MSR_SEAMRR_BASE, 8 },
	{ MSR_SEAMRR_MASK, 0xc00 },
};

static u64 of_this_machine(const struct seam_profile *p, u32 msr)
{
	u32 shared_bits = 0;

	switch (msr) {
	case MSR_MKTME_KEYID_PARTITIONING:
		return (u64)p->tdx_keyids << 32 | p->mktme_keyids;
	case MSR_TME_ACTIVATE:
		/* Bits 39:36: the KeyID bits that only TDX uses. */
		while (shared_bits < p->keyid_bits && 1u << shared_bits <= p->mktme_keyids)
			shared_bits++;
		return (u64)p->keyid_bits << 32 | (u64)(p->keyid_bits - shared_bits) << 36;
	case MSR_VMX_BASIC:
		return p->seamret_keeps_vmcs ? VMX_BASIC_SEAMRET_KEEPS_VMCS : 0;
	case MSR_SEAMRR_BASE:
		return p->seamrr.base;
	case MSR_SEAMRR_MASK:
		return (PA_LIMIT - 1) & ~(p->seamrr.size - 1);
	}
	return 0;
}

bool seam_rdmsr(const struct seam_machine *m, u32 lp, u32 msr, u64 *value)
{
	const struct platform *platform = &m->platform;
	const struct msr_row *row;
	bool exists = false;
	u32 i;

	*value = 0;
	for (i = 0; i < ARRAY_SIZE(msr_rows) && !exists; i++) {
		row = &msr_rows[i];
		if (row->msr == msr) {
			*value = row->value | of_this_machine(&m->profile, msr);
			exists = true;
		}
	}
	for (i = 0; i < platform->nr_msrs; i++) {
		if (platform->msrs[i].msr == msr &&
		    (platform->msrs[i].lp == SEAM_ALL_LPS || platform->msrs[i].lp == lp)) {
			*value = platform->msrs[i].value;
			exists = true;
		}
	}
	return exists;
}
