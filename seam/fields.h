/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The global metadata fields that the modelled modules have, in the order of enumeration. */
#ifndef SEAM_FIELDS_H
#define SEAM_FIELDS_H

#include "types.h"

/* Where the value of a field comes from. */
enum field_source {
	FROM_CONSTANT,		/* field.value */
	FROM_RELEASE,		/* member at offset field.value of struct seam_module_release */
	FROM_NUM_PACKAGES,
	FROM_FMS,
	FROM_CMR_BASE,
	FROM_CMR_SIZE,
	FROM_HANDOFF_PAGES,
	FROM_HANDOFF_VALID,
	FROM_HANDOFF_VERSION,
	FROM_HANDOFF_SIZE,
	FROM_XFAM_FIXED0,
	FROM_CPUID_LEAVES,
	FROM_CPUID_VALUES,
	FROM_NUM_ALLOWED_FMS,
	FROM_ALLOWED_FMS,
	FROM_EXT_REQUIRED,
	FROM_EXT_PAGES,
	FROM_QUOTE_SIZE,
};

struct field {
	u64 id;			/* of the first element */
	u8 fields;		/* in the array */
	u8 elements;		/* of each field */
	u8 since_1_5;		/* first update version of the 1.5 line, or NEVER */
	u8 since_2_0;		/* of the 2.0 line */
	u8 feature;		/* or with this bit of TDX_FEATURES0, or NO_FEATURE */
	u8 source;		/* enum field_source */
	u64 value;
};

#define NEVER		0xff
#define NO_FEATURE	0xff

extern const struct field seam_fields[];
extern const u32 seam_nr_fields;

#endif
