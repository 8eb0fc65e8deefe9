// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The P-SEAMLDR's leaves, but for INSTALL.
 * Source: intel/tdx-loader 1.5.02, p-seam-loader/src/pseamldr_dispatcher.
 */
#include "seamldr.h"

#define SEAMLDR_INFO		0x8000000000000000ull
#define SEAMLDR_INSTALL		0x8000000000000001ull
#define SEAMLDR_SHUTDOWN	0x8000000000000002ull
#define SEAMLDR_SEAMINFO	0x8000000000000003ull
#define SEAMLDR_CLEANUP		0x8000000000000004ull

#define FEATURE_CLEANUP		1

#define INFO_BYTES		256
#define SEAMINFO_BYTES		2048

struct seamldr_info {
	u32 version;
	u32 attributes;
	u32 vendor;
	u32 build_date;
	u16 build_num;
	u16 minor;
	u16 major;
	u16 update;
	u32 acm_x2apic_id;
	u32 num_remaining_updates;
	u64 seamextend_valid;
	u8 svn_minor;
	u8 svn_major;
	u8 reserved0[14];
	u8 mrseam[SEAM_HASH_BYTES];
	u8 mrsignerseam[SEAM_HASH_BYTES];
	u64 seam_attributes;
	u8 seam_ready;
	u8 seam_debug;
	u8 p_seam_ready;
	u8 reserved1[5];
	u64 features0;
	u8 reserved2[80];
};

static_assert(sizeof(struct seamldr_info) == INFO_BYTES, "SEAMLDR_INFO layout");

static u64 seamldr_info(struct call *c)
{
	const struct seam_seamldr_release *ldr = &c->m->profile.seamldr;
	const struct loader *loader = &c->m->loader;
	const struct seamextend *ext = &loader->seamextend;
	struct seamldr_info info;

	if (!seam_shared_pa_ok(c, c->regs->rcx, INFO_BYTES))
		return SEAMLDR_EBADPARAM;
	seam_zero(&info, sizeof(info));
	info.vendor = 0x8086;
	info.build_date = ldr->build_date;
	info.build_num = ldr->build_num;
	info.minor = ldr->minor;
	info.major = ldr->major;
	info.update = ldr->update;
	info.acm_x2apic_id = seam_profile_apic_id(&c->m->profile, 0);
	info.num_remaining_updates = ldr->updates - loader->updates_used;
	info.seamextend_valid = ext->valid;
	info.svn_minor = ext->svn_minor;
	info.svn_major = ext->svn_major;
	info.seam_ready = ext->seam_ready;
	info.p_seam_ready = ext->p_seam_ready;
	info.features0 = ldr->features0;
	seam_copy(info.mrseam, ext->mrseam, SEAM_HASH_BYTES);
	seam_mem_write(c, c->regs->rcx, &info, sizeof(info));
	return SEAMLDR_SUCCESS;
}

/* What MCHECK left; the CMRs end the table. */
struct seaminfo {
	u64 version;
	u32 lps;
	u32 packages;
	u32 fms[SEAM_MAX_PACKAGES];
	struct seam_range seamldr;
	u8 smrr2_not_checked;
	u8 access_control_only;
	u8 padding[6];
};

#define SEAMINFO_CMRS_AT (SEAMINFO_BYTES - SEAM_MAX_CMRS * sizeof(struct seam_range))

static u64 seamldr_seaminfo(struct call *c)
{
	const struct seam_profile *p = &c->m->profile;
	struct seaminfo info;

	if (!seam_shared_pa_ok(c, c->regs->rcx, SEAMINFO_BYTES))
		return SEAMLDR_EBADPARAM;
	seam_zero(&info, sizeof(info));
	info.lps = p->lps;
	info.packages = p->packages;
	seam_copy(info.fms, p->fms, p->packages * sizeof(info.fms[0]));
	info.seamldr.base = p->seamrr.base + p->seamrr.size - SEAMLDR_RANGE_BYTES;
	info.seamldr.size = SEAMLDR_RANGE_BYTES;
	seam_mem_zero(c, c->regs->rcx, SEAMINFO_BYTES);
	seam_mem_write(c, c->regs->rcx, &info, sizeof(info));
	seam_mem_write(c, c->regs->rcx + SEAMINFO_CMRS_AT, p->cmrs, sizeof(p->cmrs));
	return SEAMLDR_SUCCESS;
}

bool seamldr_lp_bit(const struct call *c, u32 *word, u64 *bit)
{
	u32 id = seam_profile_apic_id(&c->m->profile, c->lp);

	*word = id / 64;
	*bit = 1ull << id % 64;
	return id < SEAM_MAX_LPS;
}

bool seamldr_lp_seen(const struct call *c)
{
	u32 word;
	u64 bit;

	return seamldr_lp_bit(c, &word, &bit) && c->m->loader.lps_seen[word] & bit;
}

void seamldr_see_lp(const struct call *c, u32 flow)
{
	struct loader *loader = &c->m->loader;
	u32 word;
	u64 bit;

	if (!seamldr_lp_bit(c, &word, &bit) || loader->lps_seen[word] & bit)
		return;
	loader->lps_seen[word] |= bit;
	loader->nr_seen++;
	loader->flow = flow;
}

void seamldr_end_session(struct loader *loader)
{
	seam_zero(loader->lps_seen, sizeof(loader->lps_seen));
	loader->nr_seen = 0;
	loader->flow = FLOW_READY;
}

static u64 seamldr_shutdown(struct call *c)
{
	struct loader *loader = &c->m->loader;
	u32 word;
	u64 bit;

	if (!seamldr_lp_bit(c, &word, &bit))
		return SEAMLDR_EUNSPECERR;
	if (loader->flow != FLOW_READY && loader->flow != FLOW_SHUTDOWN)
		return SEAMLDR_EBADCALL;
	if (loader->dirty)
		return SEAMLDR_ECLEANUPREQ;
	seamldr_see_lp(c, FLOW_SHUTDOWN);
	set_seam_ready(c->m, 0);
	if (loader->nr_seen < c->m->profile.lps)
		return SEAMLDR_SUCCESS;
	if (c->lp != 0) /* the LP that launched the NP-SEAMLDR */
		return SEAMLDR_EBADCALL;
	seam_zero(&loader->seamextend, sizeof(loader->seamextend));
	return SEAMLDR_SUCCESS;
}

/* Cache blocks of a package, and the time of flushing one or of setting a key. */
#define CACHE_BLOCKS		4
#define CLEANUP_STEP_NS		10000

/* New keys for the package, then its caches, until a host interrupt comes. */
static u64 clean_package(struct call *c)
{
	const struct seam_profile *p = &c->m->profile;
	u32 *done = &c->m->loader.steps_done[seam_profile_package(p, c->lp)];
	const u32 steps = p->tdx_keyids + CACHE_BLOCKS;
	u64 ns = 0;

	while (*done < steps) {
		if (*done < p->tdx_keyids && !seam_rdrand(c->m))
			return SEAMLDR_ENOENTROPY;
		ns += CLEANUP_STEP_NS;
		c->ns += CLEANUP_STEP_NS;
		++*done;
		if (p->interrupt_every_ns && ns >= p->interrupt_every_ns && *done < steps)
			return SEAMLDR_EINTERRUPT;
	}
	return SEAMLDR_SUCCESS;
}

static bool last_of_package(const struct call *c)
{
	const struct seam_profile *p = &c->m->profile;
	struct call other = *c;

	for (other.lp = 0; other.lp < p->lps; other.lp++) {
		if (other.lp != c->lp && !seamldr_lp_seen(&other) &&
		    seam_profile_package(p, other.lp) == seam_profile_package(p, c->lp))
			return false;
	}
	return true;
}

static void begin_cleanup(struct seam_machine *m)
{
	set_seam_ready(m, 0);
	m->loader.seamextend.svn_major = 0;
	m->loader.seamextend.svn_minor = 0;
	m->handoff.valid = 0;
	seam_zero(m->loader.steps_done, sizeof(m->loader.steps_done));
}

static void end_cleanup(struct loader *loader)
{
	u8 p_seam_ready = loader->seamextend.p_seam_ready;

	seam_zero(&loader->seamextend, sizeof(loader->seamextend));
	loader->seamextend.p_seam_ready = p_seam_ready;
	loader->updates_used = 0;
	loader->dirty = 0;
	seamldr_end_session(loader);
}

static u64 seamldr_cleanup(struct call *c)
{
	struct loader *loader = &c->m->loader;
	u64 bit, status;
	u32 word;

	if (!(c->m->profile.seamldr.features0 >> FEATURE_CLEANUP & 1))
		return SEAMLDR_EBADPARAM;
	if (!seamldr_lp_bit(c, &word, &bit))
		return SEAMLDR_EUNSPECERR;
	if ((loader->flow != FLOW_READY && loader->flow != FLOW_CLEANUP) ||
	    seamldr_lp_seen(c) || !loader->installed)
		return SEAMLDR_EBADCALL;
	if (loader->flow == FLOW_READY)
		begin_cleanup(c->m);
	loader->flow = FLOW_CLEANUP;
	if (last_of_package(c)) {
		status = clean_package(c);
		if (status)
			return status;
	}
	seamldr_see_lp(c, FLOW_CLEANUP);
	if (loader->nr_seen == c->m->profile.lps)
		end_cleanup(loader);
	return SEAMLDR_SUCCESS;
}

void seam_loader_call(struct call *c)
{
	u64 status = SEAMLDR_EBADPARAM;

	switch (c->regs->rax) {
	case SEAMLDR_INFO:
		status = seamldr_info(c);
		break;
	case SEAMLDR_INSTALL:
		status = seamldr_install(c);
		break;
	case SEAMLDR_SHUTDOWN:
		status = seamldr_shutdown(c);
		break;
	case SEAMLDR_SEAMINFO:
		status = seamldr_seaminfo(c);
		break;
	case SEAMLDR_CLEANUP:
		status = seamldr_cleanup(c);
		break;
	}
	c->regs->rax = status;
}
