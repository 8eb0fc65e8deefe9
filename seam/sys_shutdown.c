// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* TDH.SYS.SHUTDOWN and TDH.SYS.UPDATE: handing over to the next module. */
#include "lock.h"
#include "machine.h"

#define RCX_VERSION		0xffffull
#define RCX_AVOID_COMPAT_SENSITIVE BIT_ULL(16)
#define FEATURE_UPDATE_COMPAT	47

/* Whether RCX asks for a handoff version that this module can write. */
static bool version_ok(const struct seam_machine *m, u64 rcx)
{
	const struct seam_sysinfo *info = &m->module.sysinfo;
	u64 version = rcx;

	if (m->release.features0 >> FEATURE_UPDATE_COMPAT & 1)
		version &= ~RCX_AVOID_COMPAT_SENSITIVE;
	return version >= info->min_update_hv && version <= info->module_hv &&
	       (!info->no_downgrade || version == info->module_hv);
}

/* What an update now would break, as the details of the status; or 0. */
static u64 compat_sensitive(const struct seam_machine *m)
{
	if (m->tds.building)
		return (u64)m->tds.building << 16;
	if (m->tds.migrations)
		return (u64)m->tds.migrations << 16 | 1;
	return 0;
}

static void write_handoff(struct seam_machine *m, u32 version)
{
	const struct module *module = &m->module;
	struct handoff_data *data = &m->handoff_data;

	data->nr_tdmrs = module->nr_tdmrs;
	data->package_bitmap = module->package_bitmap;
	data->pool_pages = module->pool_pages;
	data->hkid = module->hkid;
	data->dynamic_pamt = module->dynamic_pamt;
	seam_copy(data->tdmr, module->tdmr, sizeof(data->tdmr));
	m->handoff.valid = 1;
	m->handoff.version = (u16)version;
	m->handoff.size = seam_handoff_bytes(&m->release, version);
	m->handoff.pages = module->sysinfo.handoff_pages;
}

static u64 sys_shutdown_locked(struct call *c)
{
	struct seam_machine *m = c->m;
	u64 rcx = c->regs->rcx, sensitive = 0;

	set_sys_state(m, SYS_SHUT_DOWN);
	if (seam_other_lp_inside(c)) {
		set_sys_state(m, SYS_READY);
		return TDX_SYS_BUSY;
	}
	if (rcx & RCX_AVOID_COMPAT_SENSITIVE)
		sensitive = compat_sensitive(m);
	if (sensitive) {
		set_sys_state(m, SYS_READY);
		return TDX_UPDATE_COMPATIBILITY_SENSITIVE | sensitive;
	}
	write_handoff(m, rcx & RCX_VERSION);
	return TDX_SUCCESS;
}

u64 seam_sys_shutdown(struct call *c)
{
	u64 status;

	if (!version_ok(c->m, c->regs->rcx))
		return TDX_OPERAND_INVALID | OPERAND_RCX;
	if (!try_exclusive(&c->m->module_lock))
		return TDX_SYS_BUSY;
	status = sys_shutdown_locked(c);
	release_exclusive(&c->m->module_lock);
	return status;
}

static void read_handoff(struct seam_machine *m)
{
	const struct handoff_data *data = &m->handoff_data;
	struct module *module = &m->module;

	module->nr_tdmrs = data->nr_tdmrs;
	module->package_bitmap = data->package_bitmap;
	module->packages_configured = m->profile.packages;
	store_relaxed(module->pool_pages, data->pool_pages);
	module->hkid = data->hkid;
	module->dynamic_pamt = data->dynamic_pamt;
	seam_copy(module->tdmr, data->tdmr, sizeof(module->tdmr));
}

static u64 sys_update_locked(struct call *c, u32 version)
{
	struct seam_machine *m = c->m;
	struct module *module = &m->module;
	u64 status;

	if (sys_state(m) != SYS_INIT_DONE || module->lps_initialised < m->profile.lps)
		return TDX_SYS_STATE_INCORRECT;
	if (!m->handoff.valid || m->handoff.version < module->sysinfo.min_update_hv ||
	    m->handoff.version > module->sysinfo.module_hv)
		return TDX_SYS_INVALID_HANDOFF;
	read_handoff(m);
	status = seam_check_features(c, version);
	if (status)
		return status;
	store_relaxed(module->features, version ? c->regs->r9 : 0);
	store_relaxed(m->handoff.valid, 0);
	store_relaxed(m->handoff.size, 0);
	set_sys_state(m, SYS_READY);
	return TDX_SUCCESS;
}

u64 seam_sys_update(struct call *c, u32 version)
{
	u64 status;

	if (!try_exclusive(&c->m->module_lock))
		return TDX_SYS_BUSY;
	status = sys_update_locked(c, version);
	release_exclusive(&c->m->module_lock);
	return status;
}
