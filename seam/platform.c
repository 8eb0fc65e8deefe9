// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Changing a modelled machine from outside. */
#include "lock.h"
#include "machine.h"

bool seam_set_msr(struct seam_machine *m, u32 lp, u32 msr, u64 value)
{
	struct platform *p = &m->platform;

	if (p->nr_msrs == MAX_OVERRIDES)
		return false;
	p->msrs[p->nr_msrs++] = (struct msr_override){ lp, msr, value };
	return true;
}

void seam_reset_msrs(struct seam_machine *m)
{
	m->platform.nr_msrs = 0;
}

bool seam_set_cpuid(struct seam_machine *m, u32 lp, u32 leaf, u32 subleaf,
		    enum seam_cpuid_register reg, u32 value)
{
	struct platform *p = &m->platform;

	if (p->nr_cpuids == MAX_OVERRIDES)
		return false;
	p->cpuids[p->nr_cpuids++] = (struct cpuid_override){ lp, leaf, subleaf, reg, value };
	return true;
}

void seam_reset_cpuid(struct seam_machine *m)
{
	m->platform.nr_cpuids = 0;
}

bool seam_set_cmrs(struct seam_machine *m, const struct seam_range *cmrs, u32 nr)
{
	if (nr > SEAM_MAX_CMRS)
		return false;
	seam_zero(m->profile.cmrs, sizeof(m->profile.cmrs));
	seam_copy(m->profile.cmrs, cmrs, nr * sizeof(*cmrs));
	m->profile.nr_cmrs = nr;
	return true;
}

bool seam_set_seamops(struct seam_machine *m, u32 lp, u64 capabilities)
{
	struct platform *p = &m->platform;

	if (p->nr_seamops == MAX_OVERRIDES)
		return false;
	p->seamops[p->nr_seamops++] = (struct seamops_override){ lp, 0, capabilities };
	return true;
}

u64 seam_seamops(const struct seam_machine *m, u32 lp)
{
	u64 capabilities = SEAMOPS_ALL;
	u32 i;

	for (i = 0; i < m->platform.nr_seamops; i++) {
		if (m->platform.seamops[i].lp == SEAM_ALL_LPS || m->platform.seamops[i].lp == lp)
			capabilities = m->platform.seamops[i].capabilities;
	}
	return capabilities;
}

void seam_set_sysinfo(struct seam_machine *m, const struct seam_sysinfo *sysinfo)
{
	m->sysinfo = *sysinfo;
}

void seam_fail_rdrand(struct seam_machine *m, u32 times)
{
	m->platform.rdrand_failures = times;
}

bool seam_rdrand(struct seam_machine *m)
{
	u32 left = __atomic_load_n(&m->platform.rdrand_failures, __ATOMIC_RELAXED);

	while (left) {
		if (__atomic_compare_exchange_n(&m->platform.rdrand_failures, &left, left - 1,
						false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			return false;
	}
	return true;
}

void seam_fail_pconfig(struct seam_machine *m, u32 code)
{
	m->platform.pconfig_failure = code;
}

void seam_hold(struct seam_machine *m, enum seam_hold hold)
{
	static const struct {
		u32 lock, tdmr0, busy;
	} held[] = {
		[SEAM_HOLD_NOTHING] = { 0, 0, 0 },
		[SEAM_HOLD_EXCLUSIVE] = { LOCK_EXCLUSIVE, 0, 0 },
		[SEAM_HOLD_SHARED] = { 1, 0, 0 },
		[SEAM_HOLD_TDMR0] = { 0, LOCK_EXCLUSIVE, 0 },
		[SEAM_HOLD_LP1] = { 0, 0, 1 },
	};

	m->module_lock = held[hold].lock;
	m->module.tdmr[0].lock = held[hold].tdmr0;
	if (m->profile.lps > 1)
		m->lp[1].busy = (u8)held[hold].busy;
}
