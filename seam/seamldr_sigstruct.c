// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * What SEAMLDR.INSTALL checks of a sigstruct, in its order.
 * Source: intel/tdx-loader 1.5.02.
 */
#include "seamldr.h"

/* SHA-384 of the modulus, in the order of the file, of Intel's signing key. */
static const u8 intel_key[SEAM_HASH_BYTES] = {
	0xc8, 0x57, 0x2f, 0x54, 0x88, 0x69, 0xa0, 0xbe, 0xca, 0x19, 0x37, 0x6b,
	0x81, 0xc2, 0xdf, 0xfc, 0x2a, 0x23, 0xb5, 0xa5, 0xf7, 0x1d, 0xa0, 0xb8,
	0x75, 0x79, 0xb4, 0x3f, 0x40, 0x8d, 0xaa, 0x1a, 0x33, 0xba, 0xd9, 0xc1,
	0x49, 0xeb, 0x56, 0xc6, 0x34, 0xf8, 0x83, 0x73, 0x79, 0x68, 0xa3, 0x4c,
};

static bool all_zero(const u8 *bytes, u32 len)
{
	u8 any = 0;

	while (len--)
		any |= *bytes++;
	return !any;
}

static bool reserved_ok(const struct seam_sigstruct *s, u32 loader_major)
{
	/* The 2.0 line has the module's version where 1.5 loaders want zeros. */
	u32 used = loader_major >= 2 ? 8 : 0;

	return all_zero(s->reserved0, sizeof(s->reserved0)) &&
	       all_zero(s->reserved1, sizeof(s->reserved1)) && !s->reserved2 &&
	       all_zero(s->reserved3 + used, sizeof(s->reserved3) - used);
}

#define MODULE_TYPE_DEBUG	0x80000000u

static bool header_ok(const struct seam_sigstruct *s)
{
	return s->header_type == 6 && s->header_dwords == 0xe1 && s->header_version == 0x10000 &&
	       s->key_dwords == 0x60 && s->exponent_dwords == 1 && s->modulus_dwords == 0x60 &&
	       s->vendor == 0x8086 && !(s->module_type & ~MODULE_TYPE_DEBUG) &&
	       all_zero(s->attributes, sizeof(s->attributes)) && s->dwords == 0x200 &&
	       s->cpuid_table_size <= ARRAY_SIZE(s->cpuid_table) && s->exponent == 65537;
}

static bool layout_ok(const struct seam_sigstruct *s)
{
	return s->min_update_hv <= s->module_hv && !(s->gdt_idt_offset & (PAGE_4K - 1)) &&
	       !s->gdt_idt_offset == !s->fault_wrapper_offset;
}

#define MSR_SEAM_DEBUG		0x503
#define SEAM_DEBUG_UNLOCKED	2

static bool key_ok(struct call *c, const struct seam_sigstruct *s)
{
	const u8 *trusted = c->m->profile.seamldr.trusted_key;
	u8 digest[SEAM_HASH_BYTES];
	u64 debug;

	if (!c->cb->hash_start)
		return false;
	c->cb->hash_start(c->cb->ctx);
	c->cb->hash_add(c->cb->ctx, s->modulus, sizeof(s->modulus));
	c->cb->hash_end(c->cb->ctx, digest);
	if (!seam_same(digest, intel_key, sizeof(digest)) &&
	    (all_zero(trusted, SEAM_HASH_BYTES) || !seam_same(digest, trusted, sizeof(digest))))
		return false;
	(void)seam_rdmsr(c->m, c->lp, MSR_SEAM_DEBUG, &debug);
	return !(s->module_type & MODULE_TYPE_DEBUG) || debug & SEAM_DEBUG_UNLOCKED;
}

static u64 check_svn(const struct call *c, const struct seam_sigstruct *s, u32 scenario)
{
	const struct loader *loader = &c->m->loader;
	const struct seamextend *running = &loader->saved;
	/* After an INSTALL that failed late there is no SVN to compare with. */
	bool none = !running->svn_major;
	bool other_line = !none && s->svn_major != running->svn_major;
	bool lower = !none && s->svn_minor < running->svn_minor;

	if (!s->svn_major)
		return SEAMLDR_EUNSUPPORTED;
	if (scenario == PARAMS_SCENARIO_UPDATE) {
		if (other_line)
			return SEAMLDR_EUNSUPPORTED;
		return lower ? SEAMLDR_EBADSIG : SEAMLDR_SUCCESS;
	}
	return loader->dirty && (other_line || lower) ? SEAMLDR_ECLEANUPREQ : SEAMLDR_SUCCESS;
}

#define FAULT_WRAPPERS_BYTES	(32 * 16)

static bool inside_image(const struct seam_sigstruct *s, u32 nr_pages)
{
	u64 bytes = nr_pages * PAGE_4K;

	return !s->gdt_idt_offset || (s->gdt_idt_offset + PAGE_4K <= bytes &&
				      s->fault_wrapper_offset + FAULT_WRAPPERS_BYTES <= bytes);
}

static bool cpu_listed(const struct seam_sigstruct *s, u32 fms)
{
	u32 i;

	for (i = 0; i < s->cpuid_table_size; i++) {
		if (!((s->cpuid_table[i] ^ fms) & ~0xfu))
			return true;
	}
	return false;
}

static u64 check_cpus(const struct seam_profile *p, const struct seam_sigstruct *s)
{
	u32 i;

	for (i = 0; i < p->packages && s->cpuid_table_size; i++) {
		if (!cpu_listed(s, p->fms[i]))
			return SEAMLDR_EUNSUPCPU;
	}
	if (!s->cpuid_table_size && !(s->module_type & MODULE_TYPE_DEBUG))
		return SEAMLDR_EBADSIG;
	return SEAMLDR_SUCCESS;
}

static bool signature_ok(const struct call *c, const struct seam_sigstruct *s)
{
	const struct seam_callbacks *cb = c->cb;
	u8 digest[SEAM_HASH_BYTES];

	cb->hash_start(cb->ctx);
	cb->hash_add(cb->ctx, s, SIGSTRUCT_HEADER_BYTES);
	cb->hash_add(cb->ctx, (const u8 *)s + SIGSTRUCT_BODY_AT, sizeof(*s) - SIGSTRUCT_BODY_AT);
	cb->hash_end(cb->ctx, digest);
	return cb->rsa_verify && cb->rsa_verify(cb->ctx, s->modulus, s->signature, digest);
}

/* Pages that the module takes in the SEAM range, below the P-SEAMLDR. */
static bool memory_fits(const struct seam_profile *p, const struct seam_sigstruct *s)
{
	/* LPs that the x2APIC ids leave room for. */
	u64 lps = (u64)p->packages << seam_profile_package_shift(p);
	u64 data = s->handoff_pages + 1 + lps * (s->tls_pages + 1u) + s->global_data_pages + 1;
	u64 stacks = lps * (s->stack_pages + 2u);	/* and a shadow stack page each */
	u64 code = 0x200000 / PAGE_4K;
	u64 mapped = 1 + lps + data + stacks + code + lps * (s->keyhole_pages + 1u);
	u64 page_tables = mapped / 512 + 8;

	return (1 + lps + data + page_tables + stacks + code) * PAGE_4K <=
	       p->seamrr.size - SEAMLDR_RANGE_BYTES;
}

u64 seamldr_check_sigstruct(struct call *c, u32 scenario, u32 nr_pages)
{
	const struct seam_profile *p = &c->m->profile;
	const struct seam_sigstruct *s = &c->m->loader.sigstruct;
	u64 status;

	if (!reserved_ok(s, p->seamldr.major) || !header_ok(s) || !layout_ok(s) || !key_ok(c, s))
		return SEAMLDR_EBADSIG;
	status = check_svn(c, s, scenario);
	if (status)
		return status;
	if (!inside_image(s, nr_pages))
		return SEAMLDR_EBADSIG;
	status = check_cpus(p, s);
	if (status)
		return status;
	if (!signature_ok(c, s))
		return SEAMLDR_EBADSIG;
	if (!seam_rdrand(c->m))
		return SEAMLDR_ENOENTROPY;
	return memory_fits(p, s) ? SEAMLDR_SUCCESS : SEAMLDR_ENOMEM;
}
