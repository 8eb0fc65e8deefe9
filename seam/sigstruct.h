/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The layout of a SEAM sigstruct, of the parameters of SEAMLDR.INSTALL, and of
 * the note by which a module image made for the model says what it is.
 * Source: intel/tdx-loader 1.5.02; Linux arch/x86/virt/vmx/tdx.
 */
#ifndef SEAM_SIGSTRUCT_H
#define SEAM_SIGSTRUCT_H

#include "types.h"

#define SIGSTRUCT_RSA_BYTES	384
#define SIGSTRUCT_HEADER_BYTES	128	/* signed, as is everything from @seamhash on */
#define SIGSTRUCT_BODY_AT	900

struct seam_sigstruct {
	u32 header_type;
	u32 header_dwords;
	u32 header_version;
	u32 module_type;	/* bit 31: debug-signed */
	u32 vendor;
	u32 date;		/* BCD YYYYMMDD */
	u32 dwords;
	u32 key_dwords;
	u32 modulus_dwords;
	u32 exponent_dwords;
	u8 reserved0[88];
	u8 modulus[SIGSTRUCT_RSA_BYTES];	/* least significant byte first */
	u32 exponent;
	u8 signature[SIGSTRUCT_RSA_BYTES];	/* the same */
	u8 seamhash[48];
	u8 svn_minor;
	u8 svn_major;
	u8 attributes[8];
	u8 rip_offset[4];
	u8 stack_pages;		/* these are minus one */
	u8 tls_pages;
	u16 keyhole_pages;
	u16 global_data_pages;
	u16 max_tdmrs;
	u16 max_reserved_per_tdmr;
	u16 pamt_entry_size[3];
	u8 reserved1[6];
	u16 module_hv;
	u16 min_update_hv;
	u8 no_downgrade;
	u8 reserved2;
	u16 handoff_pages;	/* minus one */
	u32 gdt_idt_offset;
	u32 fault_wrapper_offset;
	u8 reserved3[24];	/* the 2.0 line has its version in the first 8 bytes */
	u32 cpuid_table_size;
	u32 cpuid_table[255];
};

#define PARAMS_SCENARIO_LOAD	0
#define PARAMS_SCENARIO_UPDATE	1
#define PARAMS_MAX_PAGES	496

/* SEAMLDR_PARAMS: 4096 bytes, of which the page addresses are read one by one. */
struct seamldr_params {
	u32 version;
	u32 scenario;
	u64 sigstruct_pa;
	u8 reserved[104];
	u64 nr_pages;
};

#define PARAMS_PAGES_AT		128

/*
 * What a sigstruct of the 1.5 line cannot tell of a module. An image made for
 * the model carries it at a fixed offset, behind the ELF header.
 */
#define SEAM_IMAGE_NOTE_AT	128
#define SEAM_IMAGE_NOTE_MAGIC	"SEAMNOTE"

struct seam_image_note {
	u8 magic[8];
	u16 major, minor, update, internal;
	u16 build_num;
	u8 generation;		/* enum seam_generation */
	u8 wall_clock_policy;	/* enum seam_wall_clock */
	u32 ext_pages_per_feature;
	u64 features0;
};

#endif
