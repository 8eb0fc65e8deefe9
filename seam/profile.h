/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What a modelled machine is made of. A profile is plain data: copy a built-in
 * one, change members, have it checked, and power on a machine with it.
 */
#ifndef SEAM_PROFILE_H
#define SEAM_PROFILE_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SEAM_MAX_LPS		1024	/* LP ids that the P-SEAMLDR can keep */
#define SEAM_MAX_PACKAGES	8
#define SEAM_MAX_CMRS		32
#define SEAM_MAX_MEMORY		32
#define SEAM_MAX_LATENCIES	32
#define SEAM_NAME_BYTES		32
#define SEAM_HASH_BYTES		48	/* SHA-384 */

struct seam_range {
	u64 base, size;
};

/* How far the machine has come when the OS starts. */
enum seam_boot {
	SEAM_BOOT_NO_VMX,	/* LPs are not in VMX operation: #UD */
	SEAM_BOOT_NO_SEAM,	/* the BIOS left SEAM off: #GP */
	SEAM_BOOT_NO_SEAMLDR,	/* no P-SEAMLDR, no module: VMfailInvalid */
	SEAM_BOOT_NO_MODULE,	/* P-SEAMLDR only; module calls are VMfailInvalid */
	SEAM_BOOT_LOADED,	/* module loaded, TDH.SYS.INIT not called yet */
	SEAM_BOOT_READY,	/* the OS has brought the module up on all memory */
	SEAM_NR_BOOTS,
};

/* Spellings of enum seam_boot, for profiles written as text. */
extern const char *const seam_boot_names[SEAM_NR_BOOTS];

/* Which rules the module follows where releases differ; see docs/model.md. */
enum seam_generation {
	SEAM_GENERATION_OLD,	/* up to 1.5.16 and 2.0.08 */
	SEAM_GENERATION_MID,	/* up to 1.5.28 and 2.0.16: CONFIG v1, handoff flag */
	SEAM_GENERATION_NEXT,	/* Connect, Extensions, SYS.DISABLE; not released */
	SEAM_NR_GENERATIONS,
};

extern const char *const seam_generation_names[SEAM_NR_GENERATIONS];

/* What TDH.SYS.CONFIG v1 does with the wall clock in R11. */
enum seam_wall_clock {
	SEAM_WALL_CLOCK_IGNORED,
	SEAM_WALL_CLOCK_ZERO_DISABLES,
	SEAM_WALL_CLOCK_REJECT_ZERO,
	SEAM_NR_WALL_CLOCKS,
};

extern const char *const seam_wall_clock_names[SEAM_NR_WALL_CLOCKS];

/* A release of the TDX module. */
struct seam_module_release {
	u16 major, minor, update, internal;
	u32 build_date;		/* decimal YYYYMMDD */
	u16 build_num;
	u8 generation;		/* enum seam_generation */
	u8 wall_clock_policy;	/* enum seam_wall_clock */
	u64 features0;		/* TDX_FEATURES0 */
	u16 module_hv, min_update_hv;
	u16 handoff_pages;	/* minus one */
	u8 no_downgrade;
	u8 svn_major, svn_minor;
	u8 reserved[3];
	u32 ext_pages_per_feature; /* memory pool that an Extension needs, 4 KiB pages */
	u8 mrseam[SEAM_HASH_BYTES];
};

/* The P-SEAMLDR. */
struct seam_seamldr_release {
	u16 major, minor, update;
	u16 build_num;
	u32 build_date;		/* decimal YYYYMMDD */
	u32 updates;		/* entries of the update database */
	u64 features0;		/* bit 0: S4, bit 1: CLEANUP */
	u8 trusted_key[SEAM_HASH_BYTES]; /* SHA-384 of a test signing key's modulus, or 0 */
};

/* TDs that run when the OS hands over; only with SEAM_BOOT_READY. */
struct seam_td_population {
	u32 tds;		/* HKIDs in use by TDs */
	u32 building;		/* of these under construction */
	u32 migrations;		/* interrupted exports and imports */
	u32 reserved;
	u64 private_pages;	/* 4 KiB pages of each TD */
};

/* Modelled time of one call of a leaf. */
struct seam_latency {
	u16 leaf;
	u8 seamldr;		/* 1: a P-SEAMLDR leaf */
	u8 reserved;
	u32 ns;
};

struct seam_profile {
	char name[SEAM_NAME_BYTES];

	/* Topology: LP i is in package i / (lps / packages). */
	u32 lps;
	u32 packages;
	u32 apic_id_stride;	/* 1 with SMT, 2 when only one thread per core is there */
	u32 reserved;
	u32 fms[SEAM_MAX_PACKAGES]; /* CPUID(1).EAX of each package */

	/* Memory: what MCHECK found, and what the OS sees as RAM. */
	u32 nr_cmrs;
	u32 nr_memory;
	struct seam_range cmrs[SEAM_MAX_CMRS];
	struct seam_range memory[SEAM_MAX_MEMORY];
	struct seam_range seamrr;

	/* KeyIDs: 0..mktme_keyids shared, the next tdx_keyids private. */
	u16 mktme_keyids;
	u16 tdx_keyids;
	u8 keyid_bits;
	u8 seamret_keeps_vmcs;	/* IA32_VMX_BASIC bit 60 */
	u8 partial_write_erratum;
	u8 boot;		/* enum seam_boot */

	struct seam_module_release module;
	struct seam_seamldr_release seamldr;
	struct seam_td_population population;

	/* Modelled time; leaves that are not listed take @default_ns. */
	u32 nr_latencies;
	u32 default_ns;
	struct seam_latency latencies[SEAM_MAX_LATENCIES];
	u32 interrupt_every_ns;	/* a host interrupt comes this often; 0: never */
	u32 reset_page_ns;	/* TDH.SYS.DISABLE, for each 4 KiB page */
	u32 install_page_ns;	/* SEAMLDR.INSTALL on the last LP, for each 4 KiB page */
	u32 reserved2;
};

/* The built-in profile of that name, or NULL. */
const struct seam_profile *seam_profile_find(const char *name);

/* The built-in profile number @index, or NULL after the last. */
const struct seam_profile *seam_profile_at(u32 index);

/* What makes a machine with this profile impossible, or NULL. */
const char *seam_profile_check(const struct seam_profile *profile);

u32 seam_profile_package(const struct seam_profile *profile, u32 lp);
u32 seam_profile_apic_id(const struct seam_profile *profile, u32 lp);

#ifdef __cplusplus
}
#endif

#endif
