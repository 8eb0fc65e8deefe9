// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * What TDH.SYS.INIT demands of the platform: MSRs, CPUID, VMX capabilities, key
 * management, CMRs and SMRRs, in the module's order.
 * Source: intel/tdx-module 1.5.05, tdh_sys_init.c.
 */
#include "machine.h"
#include "msr.h"

u64 seam_msr(const struct call *c, u32 msr)
{
	u64 value;

	/* MSRs that the CPU does not have read as 0 here. */
	(void)seam_rdmsr(c->m, c->lp, msr, &value);
	return value;
}

static u64 incorrect_msr(u32 msr)
{
	return TDX_INCORRECT_MSR_VALUE | msr;
}

/* Bits of IA32_ARCH_CAPABILITIES: mitigations that must be needless, and the
 * MSRs 0xbc and 0xbd, that must be there.
 */
#define ARCH_CAPABILITIES_ONES	0x20fd6bull
#define ARCH_CAPABILITIES_ZEROS	(BIT_ULL(2) | BIT_ULL(18))
#define PERF_CAPABILITIES_ONES	(BIT_ULL(12) | BIT_ULL(13)) /* freeze while in SMM, full write */

static u64 check_msrs(const struct call *c)
{
	u64 arch = seam_msr(c, MSR_ARCH_CAPABILITIES);

	if ((arch & (ARCH_CAPABILITIES_ONES | ARCH_CAPABILITIES_ZEROS)) != ARCH_CAPABILITIES_ONES)
		return incorrect_msr(MSR_ARCH_CAPABILITIES);
	if (seam_msr(c, MSR_XAPIC_DISABLE_STATUS) != 1)
		return incorrect_msr(MSR_XAPIC_DISABLE_STATUS);
	if (!(seam_msr(c, MSR_MISC_PACKAGE_CTLS) & 1))
		return incorrect_msr(MSR_MISC_PACKAGE_CTLS);
	if ((seam_msr(c, MSR_PERF_CAPABILITIES) & PERF_CAPABILITIES_ONES) != PERF_CAPABILITIES_ONES)
		return incorrect_msr(MSR_PERF_CAPABILITIES);
	return TDX_SUCCESS;
}

/* What the checks of one CPUID leaf leave for those of later ones. */
struct cpuid_scan {
	u32 lps_of_l3;
	u32 level_type;		/* of the topology level before */
	u32 shift, core_shift;
	u32 xcr0, xss;
	bool core_level;
	bool la57;
};

static u64 pair(u32 low, u32 high)
{
	return (u64)high << 32 | low;
}

/* The registers that explain an incorrect CPUID value. */
static u64 incorrect_cpuid(struct call *c, const struct cpuid_rule *rule, const u32 mask[4],
			   const u32 expected[4])
{
	c->regs->rcx = pair(rule->leaf, rule->subleaf);
	c->regs->rdx = pair(mask[SEAM_EAX], mask[SEAM_EBX]);
	c->regs->r8 = pair(mask[SEAM_ECX], mask[SEAM_EDX]);
	c->regs->r9 = pair(expected[SEAM_EAX], expected[SEAM_EBX]);
	c->regs->r10 = pair(expected[SEAM_ECX], expected[SEAM_EDX]);
	return TDX_INCORRECT_CPUID_VALUE;
}

static u64 check_rule(struct call *c, const struct cpuid_rule *rule, const u32 *regs)
{
	u32 i;

	for (i = 0; i < SEAM_NR_CPUID_REGISTERS; i++) {
		if ((regs[i] & rule->mask[i]) != rule->value[i])
			return incorrect_cpuid(c, rule, rule->mask, rule->value);
	}
	return TDX_SUCCESS;
}

static u64 check_perfmon(struct call *c, const struct cpuid_rule *rule, const u32 *regs)
{
	static const u32 version_mask[4] = { 0xf }, version[4] = { 5 };
	static const u32 counters_mask[4] = { 0, 0, 0, 0x1f }, counters[4] = { 0, 0, 0, 7 };

	if ((regs[SEAM_EAX] & 0xff) < version[SEAM_EAX])
		return incorrect_cpuid(c, rule, version_mask, version);
	if ((regs[SEAM_EDX] & 0x1f) > counters[SEAM_EDX])
		return incorrect_cpuid(c, rule, counters_mask, counters);
	return TDX_SUCCESS;
}

/* Leaf 0xd: which state components there are, and that user and system agree. */
static u64 check_xsave(struct call *c, struct cpuid_scan *scan, u32 subleaf, const u32 *regs)
{
	u32 system = regs[SEAM_ECX] & 1;

	if (subleaf == 0)
		scan->xcr0 = regs[SEAM_EAX] & 0x602ff;
	else if (subleaf == 1)
		scan->xss = regs[SEAM_ECX] & 0x1fd00;
	else if ((system ? scan->xcr0 : scan->xss) & BIT_ULL(subleaf))
		c->fatal = true;
	return TDX_SUCCESS;
}

/* Leaf 0x15: a frequency that TSC virtualisation can work with. */
static u64 check_tsc(struct call *c, const u32 *regs)
{
	if (!regs[SEAM_EBX])
		return TDX_CPUID_LEAF_NOT_SUPPORTED | 0x15;
	if (!regs[SEAM_EAX] ||
	    (u64)regs[SEAM_ECX] * regs[SEAM_EBX] / regs[SEAM_EAX] < 0x2540c)
		c->fatal = true;
	return TDX_SUCCESS;
}

enum topology_level { LEVEL_INVALID, LEVEL_SMT, LEVEL_CORE, LEVEL_MAX = 6 };

/* Leaf 0x1f: rising levels, and an L3 cache that is shared by the package. */
static u64 check_topology(struct call *c, struct cpuid_scan *scan, u32 subleaf, const u32 *regs)
{
	u32 type = regs[SEAM_ECX] >> 8 & 0xff;

	if (type != LEVEL_INVALID) {
		if (type <= scan->level_type || type >= LEVEL_MAX)
			return TDX_CPUID_LEAF_1F_FORMAT_UNRECOGNIZED;
		scan->shift = regs[SEAM_EAX] & 0x1f;
		if (type == LEVEL_SMT)
			scan->core_shift = scan->shift;
		else if (type == LEVEL_CORE)
			scan->core_level = true;
	} else {
		if (subleaf == 0 || !scan->core_level)
			return TDX_CPUID_LEAF_NOT_SUPPORTED;
		if (scan->level_type != LEVEL_INVALID) {
			c->m->module.package_shift = scan->shift;
			if (scan->shift < scan->core_shift)
				c->fatal = true;
			else if (!scan->shift || scan->lps_of_l3 >> (scan->shift - 1) != 1)
				return TDX_INVALID_WBINVD_SCOPE;
		}
	}
	scan->level_type = type;
	return TDX_SUCCESS;
}

static u64 check_address_width(struct call *c, const struct cpuid_scan *scan,
			       const struct cpuid_rule *rule, const u32 *regs)
{
	static const u32 mask[4] = { 0xff00 }, la48[4] = { 0x3000 }, la57[4] = { 0x3900 };
	const u32 *expected = scan->la57 ? la57 : la48;

	if ((regs[SEAM_EAX] & mask[SEAM_EAX]) != expected[SEAM_EAX])
		return incorrect_cpuid(c, rule, mask, expected);
	return TDX_SUCCESS;
}

static u64 check_leaf(struct call *c, struct cpuid_scan *scan, const struct cpuid_rule *rule,
		      const u32 *regs)
{
	switch (rule->leaf) {
	case 4:
		if (rule->subleaf == 3)
			scan->lps_of_l3 = regs[SEAM_EAX] >> 14 & 0xfff;
		break;
	case 7:
		if (rule->subleaf == 0)
			scan->la57 = regs[SEAM_ECX] >> 16 & 1;
		break;
	case 0xa:
		return check_perfmon(c, rule, regs);
	case 0xd:
		return check_xsave(c, scan, rule->subleaf, regs);
	case 0x15:
		return check_tsc(c, regs);
	case 0x1c:
		/* No LBR depth at all. */
		if (!(regs[SEAM_EAX] & 0xff))
			c->fatal = true;
		break;
	case 0x1f:
		return check_topology(c, scan, rule->subleaf, regs);
	case 0x80000008:
		return check_address_width(c, scan, rule, regs);
	}
	return TDX_SUCCESS;
}

/* The lowest stepping of all packages, with the family and model of the first. */
static u32 platform_fms(const struct seam_profile *p)
{
	u32 fms = p->fms[0], i;

	for (i = 1; i < p->packages; i++) {
		if ((p->fms[i] & 0xf) < (fms & 0xf))
			fms = (fms & ~0xfu) | (p->fms[i] & 0xf);
	}
	return fms;
}

#define FIRST_EXTENDED_LEAF	0x80000000u
#define MIN_LAST_BASE_LEAF	0x1f
#define MIN_LAST_EXTENDED_LEAF	0x80000008u

/* Whether the CPU has the leaf, by its own word. */
static bool cpu_has_leaf(const struct seam_machine *m, u32 lp, u32 leaf)
{
	u32 regs[SEAM_NR_CPUID_REGISTERS];

	seam_cpuid(m, lp, leaf & FIRST_EXTENDED_LEAF, 0, regs);
	return leaf <= regs[SEAM_EAX];
}

static u64 check_cpuid(struct call *c)
{
	struct module *module = &c->m->module;
	struct cpuid_scan scan;
	const struct cpuid_rule *rule;
	u64 misc = seam_msr(c, MSR_MISC_ENABLE), status;
	u32 i, *regs;

	if (misc & BIT_ULL(22))
		return TDX_LIMIT_CPUID_MAXVAL_SET;
	if (!(misc & BIT_ULL(7)) || misc & BIT_ULL(11)) /* perfmon there, BTS not missing */
		return incorrect_msr(MSR_MISC_ENABLE);
	if (!cpu_has_leaf(c->m, c->lp, MIN_LAST_BASE_LEAF))
		return TDX_CPUID_LEAF_NOT_SUPPORTED | MIN_LAST_BASE_LEAF;
	if (!cpu_has_leaf(c->m, c->lp, MIN_LAST_EXTENDED_LEAF))
		return TDX_CPUID_LEAF_NOT_SUPPORTED | MIN_LAST_EXTENDED_LEAF;

	seam_zero(&scan, sizeof(scan));
	for (i = 0; i < NR_CPUID_RULES && !c->fatal; i++) {
		rule = &seam_cpuid_rules[i];
		regs = module->cpuid[i];
		if (cpu_has_leaf(c->m, c->lp, rule->leaf))
			seam_cpuid(c->m, c->lp, rule->leaf, rule->subleaf, regs);
		else
			seam_zero(regs, sizeof(module->cpuid[i]));
		status = check_rule(c, rule, regs);
		if (!status)
			status = check_leaf(c, &scan, rule, regs);
		if (status)
			return status;
		if (rule->leaf == 1)
			regs[SEAM_EAX] = platform_fms(&c->m->profile);
	}
	module->xfam = scan.xcr0 | scan.xss;
	return TDX_SUCCESS;
}

/*
 * A VMX control as TDs need it: bits that the CPU fixes to 1 must be in @init
 * or not be known, all of @init must be allowed, and @variable bits free.
 */
struct vmx_control {
	u32 msr;
	u32 init, variable, unknown;
};

static const struct vmx_control td_controls[] = {
	{ MSR_VMX_TRUE_PINBASED_CTLS, 0x00000029, 0x00000080, 0xffffff16 },
	{ MSR_VMX_TRUE_PROCBASED_CTLS, 0x91220088, 0x20400c00, 0x04046173 },
	{ MSR_VMX_PROCBASED_CTLS2, 0x133cb3fa, 0xcc000400, 0 },
	{ MSR_VMX_PROCBASED_CTLS3, 0, 0x20, 0 },
	{ MSR_VMX_TRUE_EXIT_CTLS, 0x1f3c8204, 0x40001000, 0x00036dfb },
	{ MSR_VMX_TRUE_ENTRY_CTLS, 0x003ec004, 0x00402200, 0xff8011fb },
};

static const struct vmx_control l2_controls[] = {
	{ MSR_VMX_TRUE_PINBASED_CTLS, 0x00000029, 0, 0xffffff16 },
	{ MSR_VMX_TRUE_PROCBASED_CTLS, 0x91220088, 0x68d81e04, 0x04046173 },
	{ MSR_VMX_PROCBASED_CTLS2, 0x1338b3fa, 0x0c513e0c, 0 },
	{ MSR_VMX_PROCBASED_CTLS3, 0, 0x2e, 0 },
	{ MSR_VMX_TRUE_EXIT_CTLS, 0x1f3c8204, 0x40001000, 0x00036dfb },
	{ MSR_VMX_TRUE_ENTRY_CTLS, 0x003ec004, 0x00402200, 0xff8011fb },
};

#define CTLS2_USER_WAIT_PAUSE	BIT_ULL(26)
#define CTLS2_ENCLV_EXITING	BIT_ULL(28)
#define CTLS3_SPEC_CTRL		BIT_ULL(7)

static bool control_ok(struct call *c, const struct vmx_control *control)
{
	u32 regs[SEAM_NR_CPUID_REGISTERS];
	u64 msr = seam_msr(c, control->msr);
	u32 fixed1 = (u32)msr, allowed1 = (u32)(msr >> 32), init = control->init;

	if (control->msr == MSR_VMX_PROCBASED_CTLS3) {
		/* All 64 bits are allowed-1 settings. */
		seam_cpuid(c->m, c->lp, 7, 2, regs);
		if (regs[SEAM_EDX] & BIT_ULL(3) && !(msr & CTLS3_SPEC_CTRL))
			return false;
		return (msr & control->variable) == control->variable;
	}
	if (control->msr == MSR_VMX_PROCBASED_CTLS2) {
		seam_cpuid(c->m, c->lp, 7, 0, regs);
		init &= ~(u32)CTLS2_USER_WAIT_PAUSE;
		if (regs[SEAM_ECX] & BIT_ULL(5))
			init |= CTLS2_USER_WAIT_PAUSE;
		if (!(allowed1 & CTLS2_ENCLV_EXITING))
			init &= ~(u32)CTLS2_ENCLV_EXITING;
	}
	if (fixed1 & ~allowed1)
		c->fatal = true;
	return !(fixed1 & ~(init | control->unknown)) && !(~allowed1 & init) &&
	       !((fixed1 | ~allowed1) & control->variable);
}

static u64 check_controls(struct call *c, const struct vmx_control *controls, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		if (!control_ok(c, &controls[i]))
			return incorrect_msr(controls[i].msr);
	}
	return TDX_SUCCESS;
}

#define NR_CONTROLS		ARRAY_SIZE(td_controls)
#define CR0_INIT		0x21ull
#define CR0_PE_PG		0x80000001ull
#define CR0_L2_VARIABLE		0x8005001full
#define CR4_INIT		0x2040ull
#define EPT_VPID_CAP_ONES	0x10106334041ull
/* HLT and shutdown states, unrestricted guest, PT in VMX, VMWRITE to any field. */
#define VMX_MISC_ONES		(BIT_ULL(5) | BIT_ULL(6) | BIT_ULL(7) | BIT_ULL(14) | BIT_ULL(29))
#define VMX_BASIC_ONES		(BIT_ULL(54) | BIT_ULL(55))
#define VMCS_MAX_BYTES		2048

static u64 check_vmx(struct call *c)
{
	u64 basic = seam_msr(c, MSR_VMX_BASIC), misc = seam_msr(c, MSR_VMX_MISC);
	u64 cr0_fixed0 = seam_msr(c, MSR_VMX_CR0_FIXED0) & ~CR0_PE_PG;
	u64 cr0_fixed1 = seam_msr(c, MSR_VMX_CR0_FIXED1);
	u64 status;

	if ((basic >> 32 & 0x1fff) > VMCS_MAX_BYTES ||
	    (basic & VMX_BASIC_ONES) != VMX_BASIC_ONES)
		return incorrect_msr(MSR_VMX_BASIC);
	status = check_controls(c, td_controls, NR_CONTROLS);
	if (status || c->fatal)
		return status;
	if ((misc & VMX_MISC_ONES) != VMX_MISC_ONES || (misc >> 16 & 0x1ff) < 4)
		return incorrect_msr(MSR_VMX_MISC);
	if ((seam_msr(c, MSR_VMX_EPT_VPID_CAP) & EPT_VPID_CAP_ONES) != EPT_VPID_CAP_ONES)
		return incorrect_msr(MSR_VMX_EPT_VPID_CAP);
	if (cr0_fixed0 & ~CR0_INIT)
		return incorrect_msr(MSR_VMX_CR0_FIXED0);
	if (~cr0_fixed1 & CR0_INIT)
		return incorrect_msr(MSR_VMX_CR0_FIXED1);
	if (seam_msr(c, MSR_VMX_CR4_FIXED0) & ~CR4_INIT)
		return incorrect_msr(MSR_VMX_CR4_FIXED0);
	if (~seam_msr(c, MSR_VMX_CR4_FIXED1) & CR4_INIT)
		return incorrect_msr(MSR_VMX_CR4_FIXED1);
	status = check_controls(c, l2_controls, NR_CONTROLS);
	if (status)
		return status;
	if (cr0_fixed0 & ~cr0_fixed1)
		c->fatal = true;
	if ((cr0_fixed0 | ~cr0_fixed1) & CR0_L2_VARIABLE)
		return incorrect_msr(MSR_VMX_CR0_FIXED0);
	return TDX_SUCCESS;
}

/* Encryption with integrity: AES-XTS-128 or 256. */
#define TME_CAPABILITY_INTEGRITY	(BIT_ULL(1) | BIT_ULL(3))
#define TME_ACTIVATE_INTEGRITY		(BIT_ULL(49) | BIT_ULL(51))

static u64 check_keys(struct call *c)
{
	struct keyids *keyids = &c->m->keyids;
	u64 activate = seam_msr(c, MSR_TME_ACTIVATE);
	u64 partitioning = seam_msr(c, MSR_MKTME_KEYID_PARTITIONING);

	if (!(activate & 1))
		return incorrect_msr(MSR_TME_ACTIVATE);
	if (!(seam_msr(c, MSR_TME_CAPABILITY) & TME_CAPABILITY_INTEGRITY))
		return incorrect_msr(MSR_TME_CAPABILITY);
	if (!(activate & TME_ACTIVATE_INTEGRITY))
		return incorrect_msr(MSR_TME_ACTIVATE);
	keyids->shift = 52 - (activate >> 32 & 0xf);
	keyids->first_private = (u32)partitioning + 1;
	keyids->last_private = (u32)partitioning + (u32)(partitioning >> 32);
	if (keyids->last_private >= MAX_HKIDS)
		return TDX_NUM_ACTIVATED_HKIDS_NOT_SUPPORTED | MAX_HKIDS;
	if (seam_msr(c, MSR_WBNOINVDP) != seam_msr(c, MSR_WBINVDP))
		return incorrect_msr(MSR_WBNOINVDP);
	return TDX_SUCCESS;
}

static u64 check_cmrs(const struct seam_machine *m)
{
	const struct seam_range *cmr = m->profile.cmrs;
	u64 previous = 0, end = 0, last;

	for (; cmr < m->profile.cmrs + SEAM_MAX_CMRS; cmr++) {
		if (!cmr->size)
			continue;
		if (cmr->base > ~0ull - cmr->size)
			return TDX_CMR_LIST_INVALID;
		last = cmr->base + cmr->size - 1;
		if (last > PA_LIMIT || seam_hkid(m, cmr->base) || seam_hkid(m, last) ||
		    (cmr->base | cmr->size) & (PAGE_4K - 1))
			return TDX_CMR_LIST_INVALID;
		if (end && (cmr->base < previous || cmr->base < end))
			return TDX_CMR_LIST_INVALID;
		previous = cmr->base;
		end = last;
	}
	return TDX_SUCCESS;
}

#define MTRRCAP_SMRR		BIT_ULL(11)
#define MTRRCAP_SMRR2		BIT_ULL(13)
#define MTRRCAP_SMRR_LOCK	BIT_ULL(14)
#define SMRR_LOCK		BIT_ULL(10)
#define SMRR_VALID		BIT_ULL(11)
#define SMRR_ADDRESS		0xfffff000ull

static u64 check_smrr(const struct seam_machine *m, u32 index, u64 base, u64 mask)
{
	const struct seam_range *cmr = m->profile.cmrs;
	u64 bits = mask & SMRR_ADDRESS, size = bits & (~bits + 1);
	u32 i;

	base &= SMRR_ADDRESS;
	/* The mask must be one run of ones up to bit 31, and the base aligned to it. */
	if (!bits || bits + size != BIT_ULL(32) || base & ~bits)
		return TDX_INVALID_SMRR_CONFIGURATION | index;
	for (i = 0; i < SEAM_MAX_CMRS; i++) {
		if (cmr[i].size && base < cmr[i].base + cmr[i].size && cmr[i].base < base + size)
			return TDX_SMRR_OVERLAPS_CMR | DETAIL_BYTES(index, i, 0);
	}
	return TDX_SUCCESS;
}

static u64 check_smrrs(const struct call *c)
{
	static const u32 msrs[][2] = {
		{ MSR_SMRR_BASE, MSR_SMRR_MASK },
		{ MSR_SMRR2_BASE, MSR_SMRR2_MASK },
	};
	u64 cap = seam_msr(c, MSR_MTRRCAP), mask, status;
	u32 nr = cap & MTRRCAP_SMRR2 ? 2 : 1, i;

	if (!(cap & MTRRCAP_SMRR))
		return TDX_SMRR_NOT_SUPPORTED;
	if (!(cap & MTRRCAP_SMRR_LOCK))
		return TDX_SMRR_LOCK_NOT_SUPPORTED;
	for (i = 0; i < nr; i++) {
		if (!(seam_msr(c, msrs[i][1]) & SMRR_LOCK))
			return TDX_SMRR_NOT_LOCKED | i;
	}
	for (i = 0; i < nr; i++) {
		mask = seam_msr(c, msrs[i][1]);
		if (!(mask & SMRR_VALID))
			continue;
		status = check_smrr(c->m, i, seam_msr(c, msrs[i][0]), mask);
		if (status)
			return status;
	}
	return TDX_SUCCESS;
}

/* The MSRs that must be the same on all LPs, in the order of comparison. */
static const u16 sampled_msrs[] = {
	MSR_CORE_CAPABILITIES, MSR_ARCH_CAPABILITIES, MSR_TSX_CTRL, MSR_MISC_PACKAGE_CTLS,
	MSR_XAPIC_DISABLE_STATUS,
	/* CPUID is compared here. */
	MSR_TSC_ADJUST, MSR_MTRRCAP, MSR_SMRR_BASE, MSR_SMRR_MASK, MSR_SMRR2_BASE,
	MSR_SMRR2_MASK, MSR_VMX_BASIC, MSR_VMX_TRUE_PINBASED_CTLS,
	MSR_VMX_TRUE_PROCBASED_CTLS, MSR_VMX_PROCBASED_CTLS2, MSR_VMX_PROCBASED_CTLS3,
	MSR_VMX_TRUE_EXIT_CTLS, MSR_VMX_TRUE_ENTRY_CTLS, MSR_VMX_MISC,
	MSR_VMX_EPT_VPID_CAP, MSR_VMX_CR0_FIXED0, MSR_VMX_CR0_FIXED1, MSR_VMX_CR4_FIXED0,
	MSR_VMX_CR4_FIXED1, MSR_PERF_CAPABILITIES, MSR_TME_CAPABILITY, MSR_TME_ACTIVATE,
	MSR_MKTME_KEYID_PARTITIONING, MSR_WBINVDP, MSR_WBNOINVDP,
};

#define NR_MSRS_BEFORE_CPUID 5

static_assert(ARRAY_SIZE(sampled_msrs) == NR_SAMPLED_MSRS, "one sample for each MSR");

/* Whether the CPU has the MSR, by what the module sampled of it. */
static bool msr_is_compared(const struct module *module, u32 msr)
{
	switch (msr) {
	case MSR_TSX_CTRL:
		return module->msrs[1] & BIT_ULL(7);	/* IA32_ARCH_CAPABILITIES */
	case MSR_SMRR2_BASE:
	case MSR_SMRR2_MASK:
		return module->msrs[6] & MTRRCAP_SMRR2;	/* IA32_MTRRCAP */
	}
	return true;
}

u64 seam_check_platform(struct call *c)
{
	struct module *module = &c->m->module;
	u64 status;
	u32 i;

	for (i = 0; i < NR_SAMPLED_MSRS; i++)
		module->msrs[i] = seam_msr(c, sampled_msrs[i]);
	status = check_msrs(c);
	if (!status)
		status = check_cpuid(c);
	if (!status && !c->fatal)
		status = check_vmx(c);
	if (!status && !c->fatal)
		status = check_keys(c);
	if (!status && !c->fatal)
		status = check_cmrs(c->m);
	if (!status && !c->fatal)
		status = check_smrrs(c);
	return status;
}

static u64 compare_msrs(const struct call *c, u32 first, u32 last)
{
	u32 i;

	for (i = first; i <= last; i++) {
		if (msr_is_compared(&c->m->module, sampled_msrs[i]) &&
		    seam_msr(c, sampled_msrs[i]) != c->m->module.msrs[i])
			return TDX_INCONSISTENT_MSR | sampled_msrs[i];
	}
	return TDX_SUCCESS;
}

static u64 compare_cpuid(struct call *c)
{
	struct module *module = &c->m->module;
	u32 regs[SEAM_NR_CPUID_REGISTERS], i, j, package;
	const struct cpuid_rule *rule;

	if (seam_msr(c, MSR_MISC_ENABLE) & BIT_ULL(22))
		return TDX_LIMIT_CPUID_MAXVAL_SET;
	for (i = 0; i < NR_CPUID_RULES; i++) {
		rule = &seam_cpuid_rules[i];
		if (!cpu_has_leaf(c->m, c->lp, rule->leaf))
			continue;
		seam_cpuid(c->m, c->lp, rule->leaf, rule->subleaf, regs);
		for (j = 0; j < SEAM_NR_CPUID_REGISTERS; j++) {
			if ((regs[j] ^ module->cpuid[i][j]) & rule->same[j]) {
				c->regs->rcx = pair(rule->leaf, rule->subleaf);
				c->regs->rdx = pair(rule->same[SEAM_EAX], rule->same[SEAM_EBX]);
				c->regs->r8 = pair(rule->same[SEAM_ECX], rule->same[SEAM_EDX]);
				return TDX_INCONSISTENT_CPUID_FIELD;
			}
		}
		if (rule->leaf == 0x1f && rule->subleaf == 0) {
			package = regs[SEAM_EDX] >> module->package_shift;
			if (package >= SEAM_MAX_PACKAGES)
				return TDX_INVALID_PKG_ID | package;
			this_lp(c)->package = (u8)package;
		}
	}
	return TDX_SUCCESS;
}

u64 seam_compare_platform(struct call *c)
{
	u64 status = compare_msrs(c, 0, NR_MSRS_BEFORE_CPUID - 1);

	if (!status)
		status = compare_cpuid(c);
	if (!status)
		status = compare_msrs(c, NR_MSRS_BEFORE_CPUID, NR_SAMPLED_MSRS - 1);
	return status;
}
