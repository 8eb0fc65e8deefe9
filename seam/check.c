// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What holds of a machine's state whenever no call is under way. */
#include "tdmr.h"

static u32 nr_bits(u64 bits)
{
	u32 nr = 0;

	for (; bits; bits &= bits - 1)
		nr++;
	return nr;
}

static const char *check_locks(const struct seam_machine *m)
{
	u32 i;

	if (m->module_lock)
		return "the module's lock is held";
	if (m->loader.lock)
		return "an LP is inside the P-SEAMLDR";
	for (i = 0; i < MAX_TDMRS; i++) {
		if (m->module.tdmr[i].lock)
			return "the lock of a TDMR is held";
	}
	for (i = 0; i < m->profile.lps; i++) {
		if (m->lp[i].busy)
			return "an LP is inside the module";
	}
	return NULL;
}

static const char *check_counts(const struct seam_machine *m)
{
	const struct module *module = &m->module;
	u32 initialised = 0, i;

	for (i = 0; i < m->profile.lps; i++)
		initialised += m->lp[i].initialised;
	if (module->state > SYS_DISABLING)
		return "the module has no such state";
	if (initialised != module->lps_initialised)
		return "the count of initialised LPs is wrong";
	if (nr_bits(module->package_bitmap) != module->packages_configured)
		return "the count of configured packages is wrong";
	if (module->state == SYS_INIT_PENDING && initialised)
		return "an LP was initialised before the module";
	if (module->state > SYS_INIT_DONE && initialised != m->profile.lps)
		return "the module was configured before all LPs were initialised";
	if (module->state >= SYS_READY && module->packages_configured != m->profile.packages)
		return "the module is ready before all packages have keys";
	return NULL;
}

static const char *check_tdmrs(const struct seam_machine *m)
{
	const struct module *module = &m->module;
	const struct tdmr *t;
	u32 i;

	if (module->nr_tdmrs > MAX_TDMRS)
		return "there are too many TDMRs";
	if (module->state < SYS_CONFIG_DONE)
		return NULL;
	if (!module->nr_tdmrs || !seam_is_private_hkid(m, module->hkid))
		return "the module was configured without TDMRs or without a private HKID";
	for (i = 0; i < module->nr_tdmrs; i++) {
		t = &module->tdmr[i];
		if (seam_check_tdmr(m, i))
			return "a TDMR is not one that CONFIG would take";
		if (t->next < t->info.base || t->next > t->info.base + t->info.size ||
		    t->next & (PAGE_4K - 1))
			return "the progress of a TDMR is outside of it";
	}
	return NULL;
}

static const char *check_loader(const struct seam_machine *m)
{
	const struct loader *loader = &m->loader;
	u32 seen = 0, i;

	for (i = 0; i < ARRAY_SIZE(loader->lps_seen); i++)
		seen += nr_bits(loader->lps_seen[i]);
	if (loader->flow > FLOW_CLEANUP)
		return "the P-SEAMLDR has no such session";
	if (seen != loader->nr_seen || seen > m->profile.lps)
		return "the count of LPs in the session is wrong";
	if (loader->flow == FLOW_READY && seen)
		return "an LP is in a session that is over";
	if (loader->updates_used > m->profile.seamldr.updates)
		return "more updates were used than there are";
	if (loader->seamextend.seam_ready && loader->seamextend.valid != SEAMEXTEND_VALID)
		return "a module without identity can be called";
	return NULL;
}

const char *seam_machine_check(const struct seam_machine *m)
{
	const char *wrong = check_locks(m);

	if (!wrong)
		wrong = check_counts(m);
	if (!wrong)
		wrong = check_tdmrs(m);
	if (!wrong)
		wrong = check_loader(m);
	if (!wrong && m->tds.building > m->tds.tds)
		wrong = "more TDs are under construction than there are";
	return wrong;
}
