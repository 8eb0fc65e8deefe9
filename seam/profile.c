// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Looking up profiles, and what is wrong with one. */
#include "machine.h"
#include "profiles.h"

const char *const seam_boot_names[SEAM_NR_BOOTS] = {
	"no-vmx", "no-seam", "no-seamldr", "no-module", "loaded", "ready",
};

const char *const seam_generation_names[SEAM_NR_GENERATIONS] = {
	"old", "mid", "next",
};

const char *const seam_wall_clock_names[SEAM_NR_WALL_CLOCKS] = {
	"ignored", "zero-disables", "reject-zero",
};

static bool same_name(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

const struct seam_profile *seam_profile_at(u32 index)
{
	return index < seam_nr_profiles ? &seam_profiles[index] : NULL;
}

const struct seam_profile *seam_profile_find(const char *name)
{
	u32 i;

	for (i = 0; i < seam_nr_profiles; i++) {
		if (same_name(seam_profiles[i].name, name))
			return &seam_profiles[i];
	}
	return NULL;
}

u32 seam_profile_package(const struct seam_profile *profile, u32 lp)
{
	return lp / (profile->lps / profile->packages);
}

/* x2APIC id bits below the package number. */
u32 seam_profile_package_shift(const struct seam_profile *profile)
{
	u32 ids = profile->lps / profile->packages * profile->apic_id_stride;
	u32 shift = 1;	/* a core has room for two threads */

	while (1u << shift < ids)
		shift++;
	return shift;
}

u32 seam_profile_apic_id(const struct seam_profile *profile, u32 lp)
{
	u32 local = lp % (profile->lps / profile->packages);

	return seam_profile_package(profile, lp) << seam_profile_package_shift(profile) |
	       local * profile->apic_id_stride;
}

static const char *check_topology(const struct seam_profile *p)
{
	u32 i;

	if (!p->packages || p->packages > SEAM_MAX_PACKAGES)
		return "the number of packages must be 1 to 8";
	if (!p->lps)
		return "a machine needs at least one LP";
	if (p->lps > SEAM_MAX_LPS)
		return "a machine cannot have more than 1024 LPs";
	if (p->lps % p->packages)
		return "the LPs cannot be divided evenly among the packages";
	if (p->apic_id_stride != 1 && p->apic_id_stride != 2)
		return "the stride of x2APIC ids must be 1 or 2";
	for (i = 0; i < p->packages; i++) {
		if (!p->fms[i] || (p->fms[i] ^ p->fms[0]) & ~0xfu)
			return "the packages must all have CPUs of the same family and model";
	}
	return NULL;
}

/* Whether the @nr ranges are page-aligned, in rising order, and below @limit. */
static bool ranges_ok(const struct seam_range *range, u32 nr, u64 limit)
{
	u64 end = 0;
	u32 i;

	for (i = 0; i < nr; i++) {
		if ((range[i].base | range[i].size) & (PAGE_4K - 1) || !range[i].size)
			return false;
		if (range[i].base < end || range[i].base >= limit ||
		    range[i].size > limit - range[i].base)
			return false;
		end = range[i].base + range[i].size;
	}
	return true;
}

static const char *check_memory(const struct seam_profile *p)
{
	u64 limit;
	u32 i, j;

	if (p->keyid_bits < 1 || p->keyid_bits > 15)
		return "the number of KeyID bits must be 1 to 15";
	if (p->tdx_keyids < 2)
		return "TDX needs at least two private KeyIDs";
	if ((u32)p->mktme_keyids + p->tdx_keyids >= 1u << p->keyid_bits)
		return "the KeyIDs do not fit into the KeyID bits";
	if ((u32)p->mktme_keyids + p->tdx_keyids >= MAX_HKIDS)
		return "a machine cannot have more than 2047 KeyIDs";
	limit = PA_LIMIT >> p->keyid_bits;
	if (p->nr_cmrs > SEAM_MAX_CMRS || p->nr_memory > SEAM_MAX_MEMORY)
		return "there can be at most 32 CMRs and 32 memory ranges";
	if (!ranges_ok(p->cmrs, p->nr_cmrs, limit))
		return "CMRs must be page-aligned, in rising order and below the KeyID bits";
	if (!ranges_ok(p->memory, p->nr_memory, limit))
		return "memory must be page-aligned, in rising order and below the KeyID bits";
	if (!ranges_ok(&p->seamrr, 1, limit) || p->seamrr.size & (p->seamrr.size - 1) ||
	    p->seamrr.base & (p->seamrr.size - 1))
		return "the SEAMRR must be a power of two in size and aligned to it";
	for (i = 0; i < p->nr_cmrs; i++) {
		if (p->cmrs[i].base < p->seamrr.base + p->seamrr.size &&
		    p->seamrr.base < p->cmrs[i].base + p->cmrs[i].size)
			return "a CMR overlaps the SEAMRR";
	}
	for (i = 0; p->boot == SEAM_BOOT_READY && i < p->nr_memory; i++) {
		for (j = 0; j < p->nr_cmrs; j++) {
			if (p->memory[i].base >= p->cmrs[j].base &&
			    p->memory[i].base + p->memory[i].size <=
				    p->cmrs[j].base + p->cmrs[j].size)
				break;
		}
		if (j == p->nr_cmrs)
			return "to boot ready, every memory range must lie inside one CMR";
	}
	return NULL;
}

static const char *check_software(const struct seam_profile *p)
{
	const struct seam_td_population *td = &p->population;

	if (p->boot >= SEAM_NR_BOOTS)
		return "there is no such boot state";
	if (p->module.generation >= SEAM_NR_GENERATIONS ||
	    p->module.wall_clock_policy >= SEAM_NR_WALL_CLOCKS)
		return "there is no such module generation or wall clock policy";
	if (p->module.major < 1 || p->module.major > 2)
		return "the module must be of the 1.5 or the 2.0 line";
	if (p->module.min_update_hv > p->module.module_hv)
		return "the module's oldest handoff version is above its own";
	if (p->module.build_date > 99991231 || p->seamldr.build_date > 99991231)
		return "a build date must be a decimal YYYYMMDD";
	if (td->tds && p->boot != SEAM_BOOT_READY)
		return "only a machine that boots ready can have TDs";
	if (td->tds > p->tdx_keyids - 1u)
		return "there are more TDs than private KeyIDs left for them";
	if (td->building > td->tds)
		return "there are more TDs under construction than TDs";
	if (td->building > 0xffff || td->migrations > 0xffff)
		return "at most 65535 TDs can be under construction or in migration";
	if (p->boot >= SEAM_BOOT_LOADED && !p->seamldr.updates)
		return "a P-SEAMLDR that has loaded a module has room for at least one";
	if (p->nr_latencies > SEAM_MAX_LATENCIES)
		return "there can be at most 32 latencies";
	return NULL;
}

const char *seam_profile_check(const struct seam_profile *profile)
{
	const char *wrong;

	if (!profile->name[0] || profile->name[SEAM_NAME_BYTES - 1])
		return "a profile needs a name of at most 31 characters";
	wrong = check_topology(profile);
	if (!wrong)
		wrong = check_memory(profile);
	if (!wrong)
		wrong = check_software(profile);
	return wrong;
}
