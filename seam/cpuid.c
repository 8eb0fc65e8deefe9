// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * What CPUID says on a modelled LP. One server CPU with TDX serves for all
 * profiles; signature, x2APIC id and topology are the profile's.
 */
#include "machine.h"

struct cpuid_row {
	u32 leaf, subleaf;
	u32 regs[SEAM_NR_CPUID_REGISTERS];
};

#define NONE SEAM_NO_SUBLEAF

static const struct cpuid_row cpuid_rows[] = {
	{ 0, NONE, { 0x20, 0x756e6547, 0x6c65746e, 0x49656e69 } },
	{ 1, NONE, { 0, 0x00040800, 0x7ffefbff, 0xbfebfbff } },
	{ 4, 0, { 0x04004121, 0x02c0003f, 0x3f, 0 } },
	{ 4, 1, { 0x04004122, 0x01c0003f, 0x3f, 0 } },
	{ 4, 2, { 0x04004143, 0x03c0003f, 0x7ff, 0 } },
	{ 4, 3, { 0x04000163, 0x0380003f, 0x1bfff, 4 } },
	{ 5, NONE, { 0x40, 0x40, 3, 0x2020 } },
	{ 6, NONE, { 0x5fcff7, 2, 9, 0 } },
	{ 7, 0, { 2, 0xf3bfb7eb, 0xfb417ffe, 0xffdd4432 } },
	{ 7, 1, { 0x1c30, 0, 0, 0 } },
	{ 7, 2, { 0, 0, 0, 0x17 } },
	{ 0xa, NONE, { 0x08300805, 0, 0xf, 0x8604 } },
	{ 0xd, 0, { 0x602e7, 0x2b00, 0x2b00, 0 } },
	{ 0xd, 1, { 0x1f, 0x2f68, 0xdd00, 0 } },
	{ 0xd, 2, { 0x100, 0x240, 0, 0 } },
	{ 0xd, 5, { 0x40, 0x440, 0, 0 } },
	{ 0xd, 6, { 0x200, 0x480, 0, 0 } },
	{ 0xd, 7, { 0x400, 0x680, 0, 0 } },
	{ 0xd, 8, { 0x80, 0, 1, 0 } },
	{ 0xd, 9, { 8, 0xa80, 0, 0 } },
	{ 0xd, 0xa, { 8, 0, 1, 0 } },
	{ 0xd, 0xb, { 0x10, 0, 1, 0 } },
	{ 0xd, 0xc, { 0x18, 0, 1, 0 } },
	{ 0xd, 0xe, { 0x30, 0, 1, 0 } },
	{ 0xd, 0xf, { 0x328, 0, 1, 0 } },
	{ 0xd, 0x11, { 0x40, 0xac0, 2, 0 } },
	{ 0xd, 0x12, { 0x2000, 0xb00, 6, 0 } },
	{ 0x14, 0, { 1, 0x5f, 0x80000007, 0 } },
	{ 0x14, 1, { 0x02490002, 0x003f003f, 0, 0 } },
	{ 0x15, NONE, { 2, 168, 25000000, 0 } },
	{ 0x16, NONE, { 2100, 3800, 100, 0 } },
	{ 0x1c, NONE, { 0x4000000b, 7, 7, 0 } },
	{ 0x1d, 0, { 1, 0, 0, 0 } },
	{ 0x1d, 1, { 0x04002000, 0x00080040, 0x10, 0 } },
	{ 0x1e, NONE, { 0, 0x4010, 0, 0 } },
	{ 0x20, NONE, { 0, 1, 0, 0 } },
	{ 0x80000000, NONE, { 0x80000008, 0, 0, 0 } },
	{ 0x80000001, NONE, { 0, 0, 0x121, 0x2c100800 } },
	{ 0x80000006, NONE, { 0, 0, 0x08007040, 0 } },
	{ 0x80000007, NONE, { 0, 0, 0, 0x100 } },
	{ 0x80000008, NONE, { 0x3934, 0x200, 0, 0 } },
};

/* Leaves 0xb and 0x1f: threads of a core, then cores of a package. */
static void topology(const struct seam_profile *p, u32 lp, u32 subleaf,
		     u32 regs[SEAM_NR_CPUID_REGISTERS])
{
	u32 threads = 3 - p->apic_id_stride;

	regs[SEAM_ECX] = subleaf;
	regs[SEAM_EDX] = seam_profile_apic_id(p, lp);
	if (subleaf == 0) {
		regs[SEAM_EAX] = 1;
		regs[SEAM_EBX] = threads;
		regs[SEAM_ECX] |= 1 << 8;
	} else if (subleaf == 1) {
		regs[SEAM_EAX] = seam_profile_package_shift(p);
		regs[SEAM_EBX] = p->lps / p->packages;
		regs[SEAM_ECX] |= 2 << 8;
	}
}

static void of_this_machine(const struct seam_profile *p, u32 lp, u32 leaf, u32 subleaf,
			    u32 regs[SEAM_NR_CPUID_REGISTERS])
{
	if (leaf == 1) {
		regs[SEAM_EAX] = p->fms[seam_profile_package(p, lp)];
		regs[SEAM_EBX] |= seam_profile_apic_id(p, lp) << 24;
	} else if (leaf == 4 && subleaf == 3) {
		/* The L3 cache is shared by the package. */
		regs[SEAM_EAX] |= ((1u << seam_profile_package_shift(p)) - 1) << 14;
	} else if (leaf == 0xb || leaf == 0x1f) {
		topology(p, lp, subleaf, regs);
	}
}

void seam_cpuid(const struct seam_machine *m, u32 lp, u32 leaf, u32 subleaf,
		u32 regs[SEAM_NR_CPUID_REGISTERS])
{
	const struct cpuid_override *o;
	const struct cpuid_row *row;
	u32 i;

	for (i = 0; i < SEAM_NR_CPUID_REGISTERS; i++)
		regs[i] = 0;
	for (i = 0; i < ARRAY_SIZE(cpuid_rows); i++) {
		row = &cpuid_rows[i];
		if (row->leaf == leaf && (row->subleaf == NONE || row->subleaf == subleaf)) {
			seam_copy(regs, row->regs, sizeof(row->regs));
			break;
		}
	}
	of_this_machine(&m->profile, lp, leaf, subleaf, regs);
	for (i = 0; i < m->platform.nr_cpuids; i++) {
		o = &m->platform.cpuids[i];
		if (o->leaf == leaf && (o->subleaf == NONE || o->subleaf == subleaf) &&
		    (o->lp == SEAM_ALL_LPS || o->lp == lp))
			regs[o->reg] = o->value;
	}
}
