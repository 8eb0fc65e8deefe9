/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the module demands of CPUID, and which of it a host can configure for TDs. */
#ifndef SEAM_CPUID_RULES_H
#define SEAM_CPUID_RULES_H

#include "platform.h"

/* A leaf that SYS.INIT samples: @value under @mask; @same on all LPs. */
struct cpuid_rule {
	u32 leaf, subleaf;
	u32 mask[SEAM_NR_CPUID_REGISTERS];
	u32 value[SEAM_NR_CPUID_REGISTERS];
	u32 same[SEAM_NR_CPUID_REGISTERS];
};

#define NR_CPUID_RULES 69
extern const struct cpuid_rule seam_cpuid_rules[NR_CPUID_RULES];

/* Bits that a host may set for a TD: @direct, and those of @native that the CPU has. */
struct cpuid_config {
	u32 rule;		/* index into the table above */
	u32 direct[SEAM_NR_CPUID_REGISTERS];
	u32 native[SEAM_NR_CPUID_REGISTERS];
};

#define NR_CPUID_CONFIGS 18
extern const struct cpuid_config seam_cpuid_configs[NR_CPUID_CONFIGS];

#endif
