// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* TDH.SYS.CONFIG, TDH.SYS.KEY.CONFIG and TDH.SYS.TDMR.INIT. */
#include "lock.h"
#include "tdmr.h"

#define TDMR_INFO_ALIGN		512
#define R8_HKID			0xffffull
#define R8_DYNAMIC_PAMT		BIT_ULL(16)
#define FEATURE_DYNAMIC_PAMT	36
#define DYNAMIC_PAMT_MAX_SHIFT	48	/* address bits below the KeyID */

static bool has_feature(const struct seam_machine *m, u32 bit)
{
	return m->release.features0 >> bit & 1;
}

/* R9 to R11 of version 1, of CONFIG as well as of UPDATE. */
u64 seam_check_features(const struct call *c, u32 version)
{
	const struct seam_module_release *release = &c->m->release;
	const struct seam_regs *r = c->regs;

	if (!version)
		return TDX_SUCCESS;
	if (version > 1)
		return TDX_OPERAND_INVALID | OPERAND_RAX;
	if (r->r9 & ~release->features0)
		return TDX_OPERAND_INVALID | OPERAND_R9;
	if (r->r10)
		return TDX_OPERAND_INVALID | OPERAND_R10;
	if (!r->r11 && release->wall_clock_policy == SEAM_WALL_CLOCK_REJECT_ZERO)
		return TDX_OPERAND_INVALID | OPERAND_R11;
	return TDX_SUCCESS;
}

/* Read the TDMRs into the module's table one by one, checking each against those before. */
static u64 take_tdmrs(struct call *c, u64 array, u32 nr)
{
	struct module *module = &c->m->module;
	u64 pa, status;
	u32 i;

	for (i = 0; i < nr; i++) {
		seam_mem_read(c, array + i * sizeof(pa), &pa, sizeof(pa));
		if (!seam_shared_pa_ok(c, pa, TDMR_INFO_ALIGN))
			return TDX_OPERAND_INVALID | OPERAND_RCX;
		seam_mem_read(c, pa, &module->tdmr[i].info, sizeof(module->tdmr[i].info));
		status = seam_check_tdmr(c->m, i);
		if (status)
			return status;
	}
	for (i = 0; i < nr; i++) {
		module->tdmr[i].next = module->tdmr[i].info.base;
		module->tdmr[i].lock = 0;
	}
	return TDX_SUCCESS;
}

static u64 sys_config_locked(struct call *c, u32 version)
{
	struct seam_machine *m = c->m;
	struct module *module = &m->module;
	const struct seam_regs *r = c->regs;
	bool dynamic_pamt = has_feature(m, FEATURE_DYNAMIC_PAMT) && r->r8 & R8_DYNAMIC_PAMT;
	u64 status;

	if (sys_state(m) != SYS_INIT_DONE || module->lps_initialised < m->profile.lps)
		return TDX_SYS_CONFIG_NOT_PENDING;
	if (!seam_shared_pa_ok(c, r->rcx, TDMR_INFO_ALIGN))
		return TDX_OPERAND_INVALID | OPERAND_RCX;
	if (r->rdx < 1 || r->rdx > MAX_TDMRS)
		return TDX_OPERAND_INVALID | OPERAND_RDX;
	if ((r->r8 & ~(dynamic_pamt ? R8_DYNAMIC_PAMT : 0)) >> 16 ||
	    !seam_is_private_hkid(m, r->r8 & R8_HKID))
		return TDX_OPERAND_INVALID | OPERAND_R8;
	status = seam_check_features(c, version);
	if (status)
		return status;
	module->dynamic_pamt = dynamic_pamt;
	if (dynamic_pamt && m->keyids.shift > DYNAMIC_PAMT_MAX_SHIFT)
		return TDX_OPERAND_INVALID | OPERAND_R8;
	status = take_tdmrs(c, r->rcx, (u32)r->rdx);
	if (status)
		return status;
	module->hkid = r->r8 & R8_HKID;
	module->nr_tdmrs = (u32)r->rdx;
	module->package_bitmap = 0;
	module->packages_configured = 0;
	store_relaxed(module->features, version ? r->r9 : 0);
	module->ext_initialised = 0;
	store_relaxed(module->quote_initialised, 0);
	store_relaxed(module->pool_pages, 0);
	module->ext_progress = 0;
	seam_zero(&m->tds, sizeof(m->tds)); /* an update would have kept them */
	set_sys_state(m, SYS_CONFIG_DONE);
	return TDX_SUCCESS;
}

u64 seam_sys_config(struct call *c, u32 version)
{
	u64 status;

	if (!try_exclusive(&c->m->module_lock))
		return TDX_SYS_BUSY;
	status = sys_config_locked(c, version);
	release_exclusive(&c->m->module_lock);
	return status;
}

static u64 pconfig(struct seam_machine *m)
{
	u32 failure = m->platform.pconfig_failure;

	m->platform.pconfig_failure = 0;
	if (failure == SEAM_PCONFIG_BUSY)
		return TDX_OPERAND_BUSY | OPERAND_KET;
	return failure ? TDX_KEY_GENERATION_FAILED : TDX_SUCCESS;
}

static u64 sys_key_config_locked(struct call *c)
{
	struct module *module = &c->m->module;
	u32 package = 1u << this_lp(c)->package;
	u64 status;

	if (sys_state(c->m) != SYS_CONFIG_DONE)
		return TDX_SYS_KEY_CONFIG_NOT_PENDING;
	if (module->package_bitmap & package)
		return TDX_KEY_CONFIGURED;
	status = pconfig(c->m);
	if (status)
		return status;
	module->package_bitmap |= package;
	if (++module->packages_configured == c->m->profile.packages)
		set_sys_state(c->m, SYS_READY);
	return TDX_SUCCESS;
}

u64 seam_sys_key_config(struct call *c)
{
	u64 status;

	if (!try_exclusive(&c->m->module_lock))
		return TDX_SYS_BUSY;
	status = sys_key_config_locked(c);
	release_exclusive(&c->m->module_lock);
	return status;
}

/* Memory whose PAMT entries one call initialises: 1024 entries, or with dynamic PAMT 4096. */
#define TDMR_INIT_BYTES		(1024 * PAGE_4K)
#define TDMR_INIT_BYTES_DYNAMIC	(4096 * PAGE_4K)

static struct tdmr *tdmr_with_base(struct seam_machine *m, u64 base)
{
	struct tdmr *t = m->module.tdmr;

	for (; t < m->module.tdmr + m->module.nr_tdmrs; t++) {
		if (t->info.base == base)
			return t;
	}
	return NULL;
}

u64 seam_sys_tdmr_init(struct call *c)
{
	struct seam_machine *m = c->m;
	struct tdmr *t = tdmr_with_base(m, c->regs->rcx);
	u64 status = TDX_SUCCESS, next;

	c->regs->rdx = 0;
	if (!t)
		return TDX_OPERAND_INVALID | OPERAND_RCX;
	if (!try_exclusive(&t->lock))
		return TDX_OPERAND_BUSY | OPERAND_RCX;
	next = t->next;
	if (next == t->info.base + t->info.size) {
		status = TDX_TDMR_ALREADY_INITIALIZED;
	} else {
		next += m->module.dynamic_pamt ? TDMR_INIT_BYTES_DYNAMIC : TDMR_INIT_BYTES;
		__atomic_store_n(&t->next, next, __ATOMIC_RELEASE);
		c->regs->rdx = usable_end(t);
	}
	release_exclusive(&t->lock);
	return status;
}
