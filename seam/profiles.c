// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The built-in profiles. Family, model and the releases that fit it, version
 * numbers and TDX_FEATURES0 are those of the published modules
 * (intel/confidential-computing.tdx.tdx-module.binaries). Topology, memory and
 * KeyIDs are typical of two-socket servers. Latencies, the SVN minor of
 * releases after 1.5.05, the size of the update database and the build of the
 * 2.0 P-SEAMLDR are our choice: nothing public tells them.
 */
#include "machine.h"
#include "profiles.h"

#define GIB(n) ((u64)(n) << 30)
#define MIB(n) ((u64)(n) << 20)

/*
 * SEAMRR and SMRAM right below 2.25 GiB, RAM from 1 MiB to 2 GiB and above
 * 4 GiB, as firmware lays it out; all RAM is convertible.
 */
#define MEMORY_LAYOUT(gib_above_4g)						\
	.nr_cmrs = 2,								\
	.cmrs = { { MIB(1), GIB(2) - MIB(1) }, { GIB(4), GIB(gib_above_4g) } },	\
	.nr_memory = 2,								\
	.memory = { { MIB(1), GIB(2) - MIB(1) }, { GIB(4), GIB(gib_above_4g) } }, \
	.seamrr = { GIB(2), MIB(128) }

#define LATENCIES						\
	.default_ns = 1000,					\
	.reset_page_ns = 100,					\
	.install_page_ns = 20000,				\
	.nr_latencies = 12,					\
	.latencies = {						\
		{ .leaf = 31, .ns = 10000000 },	/* SYS.KEY.CONFIG */ \
		{ .leaf = 33, .ns = 1000000 },	/* SYS.INIT */	\
		{ .leaf = 34, .ns = 300 },	/* SYS.RD */	\
		{ .leaf = 35, .ns = 200000 },	/* SYS.LP.INIT */ \
		{ .leaf = 36, .ns = 40000 },	/* SYS.TDMR.INIT */ \
		{ .leaf = 37, .ns = 20000 },	/* SYS.RDALL */	\
		{ .leaf = 45, .ns = 500000 },	/* SYS.CONFIG */ \
		{ .leaf = 52, .ns = 50000 },	/* SYS.SHUTDOWN */ \
		{ .leaf = 53, .ns = 300000 },	/* SYS.UPDATE */ \
		{ .leaf = 69, .ns = 5000 },	/* SYS.DISABLE */ \
		{ .leaf = 0, .seamldr = 1, .ns = 1000000 }, /* INFO */ \
		{ .leaf = 1, .seamldr = 1, .ns = 20000 }, /* INSTALL */ \
	}

#define MODULE_1_5_05							\
	{								\
		.major = 1, .minor = 5, .update = 5,			\
		.build_date = 20240129, .build_num = 698,		\
		.generation = SEAM_GENERATION_OLD,			\
		.features0 = 0x61f0fbf,					\
		.handoff_pages = 13, .svn_major = 1, .svn_minor = 5,	\
		.mrseam = {						\
			0x1c, 0xc6, 0xa1, 0x7a, 0xb7, 0x99, 0xe9, 0xa6,	\
			0x93, 0xfa, 0xc7, 0x53, 0x6b, 0xe6, 0x1c, 0x12,	\
			0xee, 0x1e, 0x0f, 0xab, 0xad, 0xa8, 0x2d, 0x0c,	\
			0x99, 0x9e, 0x08, 0xcc, 0xee, 0x2a, 0xa8, 0x6d,	\
			0xe7, 0x7b, 0x08, 0x70, 0xf5, 0x58, 0xc5, 0x70,	\
			0xe7, 0xff, 0xe5, 0x5d, 0x6d, 0x47, 0xfa, 0x04,	\
		},							\
	}

#define MODULE_1_5_28							\
	{								\
		.major = 1, .minor = 5, .update = 28,			\
		.build_date = 20251126, .build_num = 989,		\
		.generation = SEAM_GENERATION_MID,			\
		.features0 = 0x18d1326f3f0fbf,				\
		.module_hv = 1,						\
		.handoff_pages = 13, .svn_major = 1, .svn_minor = 11,	\
	}

#define MODULE_2_0_16							\
	{								\
		.major = 2, .minor = 0, .update = 16,			\
		.build_date = 20251204, .build_num = 994,		\
		.generation = SEAM_GENERATION_MID,			\
		.features0 = 0x18d1326f3f0fbf,				\
		.module_hv = 1,						\
		.handoff_pages = 24, .svn_major = 3, .svn_minor = 8,	\
	}

/* No such release exists: what public discussion says the next line will do. */
#define MODULE_PREVIEW							\
	{								\
		.major = 2, .minor = 1, .update = 0,			\
		.build_date = 20260601, .build_num = 1,			\
		.generation = SEAM_GENERATION_NEXT,			\
		/* 2.0.16, Connect 6, dynamic PAMT 36, Extensions 39, quote 50, disable 53 */ \
		.features0 = 0x18d1326f3f0fbf | 1ull << 6 | 1ull << 36 | \
			     1ull << 39 | 1ull << 50 | 1ull << 53,	\
		.module_hv = 1, .ext_pages_per_feature = 8960,		\
		.handoff_pages = 24, .svn_major = 3, .svn_minor = 9,	\
	}

#define SEAMLDR_1_5_02							\
	{								\
		.major = 1, .minor = 5, .build_num = 212,		\
		.build_date = 20240130, .updates = 16, .features0 = 2,	\
	}

#define SEAMLDR_2_0_00							\
	{								\
		.major = 2, .minor = 0, .build_num = 300,		\
		.build_date = 20241001, .updates = 16, .features0 = 2,	\
	}

const struct seam_profile seam_profiles[] = {
	{
		.name = "sapphire-rapids",
		.lps = 224, .packages = 2, .apic_id_stride = 1,
		.fms = { 0x806f8, 0x806f8 },
		MEMORY_LAYOUT(254),
		.mktme_keyids = 63, .tdx_keyids = 64, .keyid_bits = 7,
		.partial_write_erratum = 1,
		.boot = SEAM_BOOT_READY,
		.module = MODULE_1_5_05,
		.seamldr = SEAMLDR_1_5_02,
		LATENCIES,
	},
	{
		.name = "emerald-rapids",
		.lps = 256, .packages = 2, .apic_id_stride = 1,
		.fms = { 0xc06f2, 0xc06f2 },
		MEMORY_LAYOUT(510),
		.mktme_keyids = 63, .tdx_keyids = 64, .keyid_bits = 7,
		.partial_write_erratum = 1,
		.boot = SEAM_BOOT_READY,
		.module = MODULE_1_5_28,
		.seamldr = SEAMLDR_1_5_02,
		LATENCIES,
	},
	{
		.name = "sierra-forest",
		.lps = 288, .packages = 2, .apic_id_stride = 2,
		.fms = { 0xa06f3, 0xa06f3 },
		MEMORY_LAYOUT(510),
		.mktme_keyids = 127, .tdx_keyids = 128, .keyid_bits = 8,
		.boot = SEAM_BOOT_READY,
		.module = MODULE_1_5_28,
		.seamldr = SEAMLDR_2_0_00,
		LATENCIES,
	},
	{
		.name = "granite-rapids",
		.lps = 512, .packages = 2, .apic_id_stride = 1,
		.fms = { 0xa06d1, 0xa06d1 },
		MEMORY_LAYOUT(1022),
		.mktme_keyids = 127, .tdx_keyids = 128, .keyid_bits = 8,
		.seamret_keeps_vmcs = 1,
		.boot = SEAM_BOOT_READY,
		.module = MODULE_2_0_16,
		.seamldr = SEAMLDR_2_0_00,
		LATENCIES,
	},
	{
		.name = "connect-preview",
		.lps = 16, .packages = 2, .apic_id_stride = 1,
		.fms = { 0xa06d1, 0xa06d1 },
		MEMORY_LAYOUT(126),
		.mktme_keyids = 127, .tdx_keyids = 128, .keyid_bits = 8,
		.seamret_keeps_vmcs = 1,
		.boot = SEAM_BOOT_LOADED,
		.module = MODULE_PREVIEW,
		.seamldr = SEAMLDR_2_0_00,
		LATENCIES,
	},
	{
		/* The fake platform on which the conformance vectors were made. */
		.name = "conformance",
		.lps = 4, .packages = 2, .apic_id_stride = 2,
		.fms = { 0x806f8, 0x806f8 },
		MEMORY_LAYOUT(30),
		.mktme_keyids = 15, .tdx_keyids = 16, .keyid_bits = 5,
		.boot = SEAM_BOOT_LOADED,
		.module = {
			.major = 1, .minor = 5, .update = 5,
			.build_date = 20240129, .build_num = 698,
			.generation = SEAM_GENERATION_OLD,
			.features0 = 0x1f0fbf,
			.handoff_pages = 15, .svn_major = 1, .svn_minor = 5,
		},
		.seamldr = SEAMLDR_1_5_02,
		LATENCIES,
	},
};

const u32 seam_nr_profiles = ARRAY_SIZE(seam_profiles);
