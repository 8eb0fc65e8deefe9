// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* TDH.SYS.INFO: the older way to learn what TDH.SYS.RD tells. */
#include "fields.h"
#include "machine.h"

#define INFO_BYTES	1024
#define CMRS_BYTES	512

struct cpuid_config_entry {
	u64 leaf;
	u64 values[2];
};

/* TDSYSINFO_STRUCT as far as its fixed part goes; CPUID_CONFIGs follow at 132. */
struct sys_info {
	u32 attributes;
	u32 vendor;
	u32 build_date;
	u16 build_num;
	u16 minor;
	u16 major;
	u8 rd_preferred;
	u8 reserved0[13];
	u16 max_tdmrs;
	u16 max_reserved_per_tdmr;
	u16 pamt_entry_size;
	u8 reserved1[10];
	u16 tdcs_base_size;
	u16 reserved2;
	u16 tdvps_base_size;
	u8 tdvps_xfam_dependent;
	u8 reserved3[9];
	u64 attributes_fixed0;
	u64 attributes_fixed1;
	u64 xfam_fixed0;
	u64 xfam_fixed1;
	u8 reserved4[32];
	u32 nr_cpuid_configs;
	u32 padding;
};

#define CPUID_CONFIGS_AT 132

static void write_info(struct call *c, u64 pa)
{
	const struct seam_module_release *release = &c->m->release;
	struct sys_info info;
	struct cpuid_config_entry config;
	u32 i;

	seam_zero(&info, sizeof(info));
	info.vendor = 0x8086;
	info.build_date = release->build_date;
	info.build_num = release->build_num;
	info.minor = release->minor;
	info.major = release->major;
	info.rd_preferred = 1;
	info.max_tdmrs = MAX_TDMRS;
	info.max_reserved_per_tdmr = MAX_RESERVED;
	info.pamt_entry_size = PAMT_ENTRY_BYTES;
	info.tdcs_base_size = (u16)seam_metadata(c->m, 0x9800000100000100, 0);
	info.tdvps_base_size = (u16)seam_metadata(c->m, 0x9800000100000200, 0);
	info.attributes_fixed0 = seam_metadata(c->m, 0x1900000300000000, 0);
	info.attributes_fixed1 = seam_metadata(c->m, 0x1900000300000001, 0);
	info.xfam_fixed0 = seam_metadata(c->m, 0x1900000300000002, 0);
	info.xfam_fixed1 = seam_metadata(c->m, 0x1900000300000003, 0);
	info.nr_cpuid_configs = NR_CPUID_CONFIGS;
	seam_mem_write(c, pa, &info, CPUID_CONFIGS_AT);
	for (i = 0; i < NR_CPUID_CONFIGS; i++) {
		config.leaf = seam_metadata(c->m, 0x9900000300000400, i);
		config.values[0] = seam_metadata(c->m, 0x9900000300000500, 2 * i);
		config.values[1] = seam_metadata(c->m, 0x9900000300000500, 2 * i + 1);
		seam_mem_write(c, pa + CPUID_CONFIGS_AT + i * sizeof(config), &config,
			       sizeof(config));
	}
}

u64 seam_sys_info(struct call *c)
{
	struct seam_regs *r = c->regs;
	const u64 info_bytes = r->rdx, nr_cmrs = r->r9;
	struct seam_range cmr;
	u32 i;

	r->rdx = 0;
	r->r9 = 0;
	if (!this_lp(c)->initialised)
		return TDX_SYS_LP_INIT_NOT_DONE;
	if (!seam_shared_pa_ok(c, r->rcx, INFO_BYTES))
		return TDX_OPERAND_INVALID | OPERAND_RCX;
	if (info_bytes < INFO_BYTES)
		return TDX_OPERAND_INVALID | OPERAND_RDX;
	seam_mem_zero(c, r->rcx, INFO_BYTES);
	if (!seam_shared_pa_ok(c, r->r8, CMRS_BYTES))
		return TDX_OPERAND_INVALID | OPERAND_R8;
	if (nr_cmrs < SEAM_MAX_CMRS)
		return TDX_OPERAND_INVALID | OPERAND_R9;
	write_info(c, r->rcx);
	for (i = 0; i < SEAM_MAX_CMRS; i++) {
		cmr = c->m->profile.cmrs[i];
		seam_mem_write(c, r->r8 + i * sizeof(cmr), &cmr, sizeof(cmr));
	}
	r->rdx = INFO_BYTES;
	r->r9 = SEAM_MAX_CMRS;
	return TDX_SUCCESS;
}
