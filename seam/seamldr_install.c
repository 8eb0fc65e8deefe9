// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * SEAMLDR.INSTALL: a session that every LP has to join, and the last one of
 * which does the work.
 * Source: intel/tdx-loader 1.5.02.
 */
#include "seamldr.h"

/* A module image as the host has it: pages that need not be contiguous. */
struct image {
	u64 params_pa;
	u32 nr_pages;
	u32 scenario;
};

static u64 page_pa(const struct call *c, const struct image *image, u32 i)
{
	u64 pa;

	seam_mem_read(c, image->params_pa + PARAMS_PAGES_AT + 8 * i, &pa, sizeof(pa));
	return pa;
}

/* @len bytes at @at of the image; false when they are not all in it. */
static bool image_read(const struct call *c, const struct image *image, u64 at, void *buf, u32 len)
{
	const u64 size = image->nr_pages * PAGE_4K;
	u8 *to = buf;
	u32 part;

	if (at > size || len > size - at)
		return false;
	for (; len; len -= part, at += part, to += part) {
		part = (u32)(PAGE_4K - at % PAGE_4K);
		if (part > len)
			part = len;
		seam_mem_read(c, page_pa(c, image, (u32)(at / PAGE_4K)) + at % PAGE_4K, to, part);
	}
	return true;
}

static bool params_reserved_ok(const struct seamldr_params *params)
{
	u32 i;

	for (i = 0; i < sizeof(params->reserved); i++) {
		if (params->reserved[i])
			return false;
	}
	return true;
}

/* Read and check the parameters of the LP that came last. */
static u64 take_params(struct call *c, struct image *image)
{
	const struct seam_machine *m = c->m;
	struct seamldr_params params;
	u32 i;

	if (!seam_shared_pa_ok(c, c->regs->rcx, PAGE_4K))
		return SEAMLDR_EBADPARAM;
	seam_mem_read(c, c->regs->rcx, &params, sizeof(params));
	if (params.version || !params_reserved_ok(&params) ||
	    params.scenario > PARAMS_SCENARIO_UPDATE || !params.nr_pages ||
	    params.nr_pages > PARAMS_MAX_PAGES)
		return SEAMLDR_EBADPARAM;
	image->params_pa = c->regs->rcx;
	image->nr_pages = (u32)params.nr_pages;
	image->scenario = params.scenario;
	for (i = 0; i < image->nr_pages; i++) {
		if (!seam_shared_pa_ok(c, page_pa(c, image, i), PAGE_4K))
			return SEAMLDR_EBADPARAM;
	}
	if (!seam_shared_pa_ok(c, params.sigstruct_pa, PAGE_4K))
		return SEAMLDR_EBADPARAM;
	if (params.scenario == PARAMS_SCENARIO_UPDATE && !m->loader.saved.seam_ready)
		return SEAMLDR_EBADPARAM;
	seam_mem_read(c, params.sigstruct_pa, &c->m->loader.sigstruct,
		      sizeof(c->m->loader.sigstruct));
	return SEAMLDR_SUCCESS;
}

static u64 check_update(const struct seam_machine *m)
{
	const struct seam_sigstruct *s = &m->loader.sigstruct;

	if (m->loader.updates_used >= m->profile.seamldr.updates)
		return SEAMLDR_EBADCALL;
	if (!m->handoff.valid ||
	    m->handoff.size + HANDOFF_HEADER_BYTES > (m->handoff.pages + 1u) * PAGE_4K ||
	    m->handoff.version < s->min_update_hv || m->handoff.version > s->module_hv)
		return SEAMLDR_EBADHANDOFF;
	return SEAMLDR_SUCCESS;
}

/* All that can be refused while the module before is still there. */
static u64 check_all(struct call *c, struct image *image)
{
	u64 status = take_params(c, image);

	if (!status)
		status = seamldr_check_sigstruct(c, image->scenario, image->nr_pages);
	if (!status && image->scenario == PARAMS_SCENARIO_UPDATE)
		status = check_update(c->m);
	return status;
}

static bool hash_ok(const struct call *c, const struct image *image)
{
	const struct seam_callbacks *cb = c->cb;
	u8 digest[SEAM_HASH_BYTES], chunk[512];
	u64 at;

	cb->hash_start(cb->ctx);
	for (at = 0; image_read(c, image, at, chunk, sizeof(chunk)); at += sizeof(chunk))
		cb->hash_add(cb->ctx, chunk, sizeof(chunk));
	cb->hash_end(cb->ctx, digest);
	return seam_same(digest, c->m->loader.sigstruct.seamhash, sizeof(digest));
}

/* The parts of ELF64 that are looked at. */
struct elf_header {
	u8 ident[16];
	u16 type, machine;
	u32 version;
	u64 entry, phoff, shoff;
	u32 flags;
	u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_section {
	u32 name, type;
	u64 flags, addr, offset, size;
	u32 link, info;
	u64 addralign, entsize;
};

struct elf_rela {
	u64 offset, info, addend;
};

#define ELF_SECTION_RELA	4
#define ELF_RELATIVE		8	/* R_X86_64_RELATIVE */

static bool relocations_ok(const struct call *c, const struct image *image,
			   const struct elf_section *section)
{
	const u64 size = image->nr_pages * PAGE_4K;
	struct elf_rela rela;
	u64 at;

	for (at = 0; at + sizeof(rela) <= section->size; at += sizeof(rela)) {
		if (!image_read(c, image, section->offset + at, &rela, sizeof(rela)) ||
		    (u32)rela.info != ELF_RELATIVE || rela.addend >= size ||
		    rela.offset > size - sizeof(u64))
			return false;
	}
	return true;
}

static bool elf_ok(const struct call *c, const struct image *image)
{
	static const u8 ident[] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 }; /* 64-bit, little endian */
	struct elf_header header;
	struct elf_section section;
	u32 i;

	if (!image_read(c, image, 0, &header, sizeof(header)) ||
	    !seam_same(header.ident, ident, sizeof(ident)) || header.version != 1)
		return false;
	for (i = 0; i < header.shnum; i++) {
		if (!image_read(c, image, header.shoff + (u64)i * sizeof(section), &section,
				sizeof(section)))
			return false;
		if (section.type == ELF_SECTION_RELA && !relocations_ok(c, image, &section))
			return false;
	}
	return true;
}

static u32 decimal_of_bcd(u32 bcd)
{
	u32 value = 0, scale = 1;

	for (; bcd; bcd >>= 4, scale *= 10)
		value += (bcd & 0xf) * scale;
	return value;
}

/* Bytes 1000..1007 of a 2.0 sigstruct: update, minor, major, build. */
static void take_version(struct seam_module_release *release, const u8 *bytes)
{
	if (!bytes[3])
		return;
	release->update = (u16)(bytes[0] | bytes[1] << 8);
	release->minor = bytes[2];
	release->major = bytes[3];
	release->build_num = (u16)(bytes[4] | bytes[5] << 8);
}

/*
 * Which release the image is: as its note says; otherwise like the release
 * before, but for what the sigstruct tells.
 */
static void identify(const struct call *c, const struct image *image,
		     struct seam_module_release *release)
{
	const struct seam_sigstruct *s = &c->m->loader.sigstruct;
	struct seam_image_note note;

	seam_copy(release, &c->m->release, sizeof(*release));
	release->build_date = decimal_of_bcd(s->date);
	release->svn_major = s->svn_major;
	release->svn_minor = s->svn_minor;
	release->module_hv = s->module_hv;
	release->min_update_hv = s->min_update_hv;
	release->no_downgrade = s->no_downgrade;
	release->handoff_pages = s->handoff_pages;
	seam_copy(release->mrseam, s->seamhash, sizeof(release->mrseam));
	take_version(release, s->reserved3);
	if (!image_read(c, image, SEAM_IMAGE_NOTE_AT, &note, sizeof(note)) ||
	    !seam_same(note.magic, SEAM_IMAGE_NOTE_MAGIC, sizeof(note.magic)) ||
	    note.generation >= SEAM_NR_GENERATIONS ||
	    note.wall_clock_policy >= SEAM_NR_WALL_CLOCKS)
		return;
	release->major = note.major;
	release->minor = note.minor;
	release->update = note.update;
	release->internal = note.internal;
	release->build_num = note.build_num;
	release->generation = note.generation;
	release->wall_clock_policy = note.wall_clock_policy;
	release->ext_pages_per_feature = note.ext_pages_per_feature;
	release->features0 = note.features0;
}

/* After the point of no return, only part of the module's memory is kept. */
static void wipe(struct seam_machine *m, u32 scenario)
{
	seam_reset_module(m);
	if (scenario == PARAMS_SCENARIO_UPDATE)
		return;
	seam_zero(&m->handoff, sizeof(m->handoff));
	seam_zero(&m->handoff_data, sizeof(m->handoff_data));
	seam_zero(&m->tds, sizeof(m->tds));
	m->loader.updates_used = 0;
}

#define SEAMDB_ATTEMPTS		5

static bool insert_into_seamdb(struct seam_machine *m)
{
	u32 i;

	for (i = 0; i < SEAMDB_ATTEMPTS; i++) {
		if (seam_rdrand(m)) {
			m->loader.updates_used++;
			return true;
		}
	}
	return false;
}

static void forget_module(struct loader *loader)
{
	u8 p_seam_ready = loader->seamextend.p_seam_ready;

	seam_zero(&loader->seamextend, sizeof(loader->seamextend));
	loader->seamextend.p_seam_ready = p_seam_ready;
}

static void announce_module(struct loader *loader, const struct seam_module_release *release)
{
	struct seamextend *ext = &loader->seamextend;

	ext->valid = SEAMEXTEND_VALID;
	ext->svn_major = release->svn_major;
	ext->svn_minor = release->svn_minor;
	seam_copy(ext->mrseam, release->mrseam, sizeof(ext->mrseam));
}

static u64 replace_module(struct call *c, const struct image *image)
{
	struct seam_machine *m = c->m;
	struct loader *loader = &m->loader;
	struct seam_module_release release;
	u64 status = SEAMLDR_SUCCESS;

	wipe(m, image->scenario);
	c->ns += (u64)image->nr_pages * m->profile.install_page_ns;
	if (!hash_ok(c, image))
		status = SEAMLDR_EBADHASH;
	else if (!elf_ok(c, image))
		status = SEAMLDR_EBADPARAM;
	if (status) {
		forget_module(loader);
		return status;
	}
	identify(c, image, &release);
	seam_load_module(m, &release);
	announce_module(loader, &release);
	if (!insert_into_seamdb(m))
		return SEAMLDR_ENOENTROPY;
	loader->dirty = 1;
	loader->installed = 1;
	set_seam_ready(m, 1);
	return SEAMLDR_SUCCESS;
}

u64 seamldr_install(struct call *c)
{
	struct loader *loader = &c->m->loader;
	struct image image;
	u64 bit, status;
	u32 word;

	c->regs->rdx = 0;
	if (!seamldr_lp_bit(c, &word, &bit))
		return SEAMLDR_EUNSPECERR;
	if ((loader->flow != FLOW_READY && loader->flow != FLOW_INSTALL) || seamldr_lp_seen(c))
		return SEAMLDR_EBADCALL;
	if (loader->flow == FLOW_READY) {
		loader->saved = loader->seamextend;
		set_seam_ready(c->m, 0);
	}
	seamldr_see_lp(c, FLOW_INSTALL);
	if (loader->nr_seen < c->m->profile.lps)
		return SEAMLDR_SUCCESS;

	status = check_all(c, &image);
	if (status) {
		/* Nothing was touched: the module before is reachable again. */
		set_seam_ready(c->m, loader->saved.seam_ready);
	} else {
		status = replace_module(c, &image);
		c->regs->rdx = status != SEAMLDR_SUCCESS;
	}
	seamldr_end_session(loader);
	return status;
}
