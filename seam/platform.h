/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What can be changed on a modelled machine from outside: what its MSRs and
 * CPUID say, what the P-SEAMLDR and MCHECK told the module, hardware that
 * fails, and other LPs that are in the way. For tests and for replaying
 * conformance vectors.
 */
#ifndef SEAM_PLATFORM_H
#define SEAM_PLATFORM_H

#include "seam.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SEAM_ALL_LPS		0xffffffffu
#define SEAM_NO_SUBLEAF		0xffffffffu

enum seam_cpuid_register { SEAM_EAX, SEAM_EBX, SEAM_ECX, SEAM_EDX, SEAM_NR_CPUID_REGISTERS };

/* RDMSR of @msr on @lp, or on all, gives @value from now on; false: no room. */
bool seam_set_msr(struct seam_machine *m, u32 lp, u32 msr, u64 value);
void seam_reset_msrs(struct seam_machine *m);

/*
 * A register of CPUID(@leaf, @subleaf) on @lp, or on all, is @value from now
 * on; SEAM_NO_SUBLEAF when the leaf has none. False: no room.
 */
bool seam_set_cpuid(struct seam_machine *m, u32 lp, u32 leaf, u32 subleaf,
		    enum seam_cpuid_register reg, u32 value);
void seam_reset_cpuid(struct seam_machine *m);

/* CPUID on @lp. */
void seam_cpuid(const struct seam_machine *m, u32 lp, u32 leaf, u32 subleaf,
		u32 regs[SEAM_NR_CPUID_REGISTERS]);

/* MCHECK found these CMRs; they need not make sense. False: more than 32. */
bool seam_set_cmrs(struct seam_machine *m, const struct seam_range *cmrs, u32 nr);

/* The SEAMOPS capabilities of @lp, or of all. False: no room. */
bool seam_set_seamops(struct seam_machine *m, u32 lp, u64 capabilities);

/* What the P-SEAMLDR copied from the loaded module's sigstruct. */
struct seam_sysinfo {
	u16 module_hv, min_update_hv;
	u16 handoff_pages;	/* minus one */
	u8 no_downgrade;
	u8 reserved;
};

void seam_set_sysinfo(struct seam_machine *m, const struct seam_sysinfo *sysinfo);

/* The next @times RDRANDs fail. */
void seam_fail_rdrand(struct seam_machine *m, u32 times);

/* What PCONFIG fails with. */
enum { SEAM_PCONFIG_NO_ENTROPY = 2, SEAM_PCONFIG_BUSY = 5 };

/* The next PCONFIG fails with @code. */
void seam_fail_pconfig(struct seam_machine *m, u32 code);

/* Another LP is inside the module, and what it holds. */
enum seam_hold {
	SEAM_HOLD_NOTHING,	/* nobody is there */
	SEAM_HOLD_EXCLUSIVE,	/* the module's lock */
	SEAM_HOLD_SHARED,	/* the same, shared */
	SEAM_HOLD_TDMR0,	/* the lock of the first TDMR */
	SEAM_HOLD_LP1,		/* no lock, but LP 1 is inside */
};

/* Replaces what was held before. */
void seam_hold(struct seam_machine *m, enum seam_hold hold);

/* The P-SEAMLDR loads the running module anew; handoff data stay. */
void seam_reload_module(struct seam_machine *m);

#ifdef __cplusplus
}
#endif

#endif
