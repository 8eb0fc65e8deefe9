// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The state in which the OS finds the machine: what the BIOS did, and for
 * SEAM_BOOT_READY what an OS did that brought the module up on all memory.
 */
#include "tdmr.h"

static u64 align_up(u64 value, u64 to)
{
	return (value + to - 1) & ~(to - 1);
}

/* The parts of the TDMR that hold no memory, as reserved areas. */
static void reserve_holes(const struct seam_profile *p, struct tdmr_info *t)
{
	struct seam_range *reserved = t->reserved;
	u64 at = t->base, start;
	u32 i;

	for (i = 0; i < p->nr_memory && at < t->base + t->size; i++) {
		start = p->memory[i].base;
		if (start + p->memory[i].size <= at)
			continue;
		if (start > t->base + t->size)
			start = t->base + t->size;
		if (start > at)
			*reserved++ = (struct seam_range){ at - t->base, start - at };
		at = p->memory[i].base + p->memory[i].size;
	}
	if (at < t->base + t->size)
		*reserved = (struct seam_range){ at - t->base, t->base + t->size - at };
}

/*
 * Take the PAMTs from the end of the TDMR's last run of memory, and reserve
 * them. The run is long enough: a PAMT takes 1/256 of its TDMR.
 */
static void place_pamts(const struct seam_machine *m, struct tdmr_info *t)
{
	struct seam_range *pamts[NR_PAMT_LEVELS] = { &t->pamt_4k, &t->pamt_2m, &t->pamt_1g };
	struct seam_range *last = NULL, *free;
	u64 end = t->base + t->size;
	u32 level, nr = 0;

	while (nr < MAX_RESERVED && t->reserved[nr].size)
		nr++;
	if (nr && t->base + t->reserved[nr - 1].base + t->reserved[nr - 1].size == end) {
		last = &t->reserved[nr - 1];
		end = t->base + last->base;
	}
	free = last ? last : &t->reserved[nr];
	for (level = 0; level < NR_PAMT_LEVELS; level++) {
		pamts[level]->size = align_up(seam_pamt_bytes(m, t->size, level), PAGE_4K);
		end -= pamts[level]->size;
		pamts[level]->base = end;
	}
	*free = (struct seam_range){ end - t->base, t->base + t->size - end };
}

/* One TDMR for each run of 1 GiB blocks that have memory. */
static void make_tdmrs(struct seam_machine *m)
{
	const struct seam_profile *p = &m->profile;
	struct module *module = &m->module;
	struct tdmr_info *t = NULL;
	u64 base, end;
	u32 i;

	for (i = 0; i < p->nr_memory; i++) {
		base = p->memory[i].base & ~(SIZE_1G - 1);
		end = align_up(p->memory[i].base + p->memory[i].size, SIZE_1G);
		if (t && base <= t->base + t->size) {
			t->size = end - t->base;
			continue;
		}
		t = &module->tdmr[module->nr_tdmrs++].info;
		t->base = base;
		t->size = end - base;
	}
	for (i = 0; i < module->nr_tdmrs; i++) {
		t = &module->tdmr[i].info;
		reserve_holes(p, t);
		place_pamts(m, t);
		module->tdmr[i].next = t->base + t->size;
	}
}

static void boot_ready(struct seam_machine *m)
{
	struct seam_regs regs;
	struct call call = { .m = m, .regs = &regs, .keyids = &m->keyids };
	struct module *module = &m->module;
	u32 i;

	seam_zero(&regs, sizeof(regs));
	(void)seam_sys_init(&call, 0);
	for (i = 0; i < m->profile.lps; i++) {
		m->lp[i].initialised = 1;
		m->lp[i].package = (u8)seam_profile_package(&m->profile, i);
	}
	module->lps_initialised = m->profile.lps;
	make_tdmrs(m);
	module->packages_configured = m->profile.packages;
	module->package_bitmap = (1u << m->profile.packages) - 1;
	module->hkid = (u16)m->keyids.first_private;
	set_sys_state(m, SYS_READY);
	m->tds = m->profile.population;
}

void seam_reset_module(struct seam_machine *m)
{
	u32 i;

	for (i = 0; i < m->profile.lps; i++)
		m->lp[i].initialised = 0;
	/* The state last: from then on others may come in. */
	seam_zero((u8 *)&m->module + sizeof(m->module.state),
		  sizeof(m->module) - sizeof(m->module.state));
	set_sys_state(m, SYS_INIT_PENDING);
}

void seam_load_module(struct seam_machine *m, const struct seam_module_release *release)
{
	seam_copy(&m->release, release, sizeof(m->release));
	m->sysinfo.module_hv = release->module_hv;
	m->sysinfo.min_update_hv = release->min_update_hv;
	m->sysinfo.handoff_pages = release->handoff_pages;
	m->sysinfo.no_downgrade = release->no_downgrade;
	seam_reset_module(m);
}

void seam_reload_module(struct seam_machine *m)
{
	struct seam_sysinfo sysinfo = m->sysinfo;
	struct seam_module_release release;

	seam_copy(&release, &m->release, sizeof(release));
	seam_load_module(m, &release);
	m->sysinfo = sysinfo;
	m->module_lock = 0;
}

static void install_by_bios(struct seam_machine *m)
{
	struct seamextend *ext = &m->loader.seamextend;
	const struct seam_module_release *release = &m->profile.module;

	seam_load_module(m, release);
	seam_copy(ext->mrseam, release->mrseam, SEAM_HASH_BYTES);
	ext->valid = SEAMEXTEND_VALID;
	ext->svn_major = release->svn_major;
	ext->svn_minor = release->svn_minor;
	ext->seam_ready = 1;
	m->loader.updates_used = 1;
	m->loader.installed = 1;
	m->loader.dirty = 1;
}

void seam_boot_machine(struct seam_machine *m)
{
	const struct seam_profile *p = &m->profile;
	u32 i;

	m->keyids.shift = 52 - p->keyid_bits;
	m->keyids.first_private = p->mktme_keyids + 1u;
	m->keyids.last_private = (u32)p->mktme_keyids + p->tdx_keyids;
	m->boot_keyids = m->keyids;
	for (i = 0; i < p->lps; i++) {
		m->lp[i].current_vmcs = SEAM_NO_VMCS;
		m->lp[i].vmx_on = p->boot != SEAM_BOOT_NO_VMX;
	}
	seam_copy(&m->release, &p->module, sizeof(m->release));
	m->loader.seamextend.p_seam_ready = p->boot >= SEAM_BOOT_NO_MODULE;
	if (p->boot >= SEAM_BOOT_LOADED)
		install_by_bios(m);
	if (p->boot == SEAM_BOOT_READY)
		boot_ready(m);
}
