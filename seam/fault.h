/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Faults on demand: which call is not to be executed, and what it answers
 * instead.
 *
 * As text, faults are separated by ';' or newlines, the members of a fault by
 * ',', in any order:
 *
 *	seamcall=34,status=0x8000020300000000
 *	seamcall=34,lp=2,nth=5,count=3,status=0x8000020200000000
 *	seamldr=1,lp=*,outcome=vmfailinvalid
 *
 *	seamcall=N | seamldr=N	leaf of the TDX module or of the P-SEAMLDR (the
 *				low 16 bits of RAX); one of them is required
 *	status=N		answer with this RAX, other registers untouched
 *	outcome=vmfailinvalid|ud|gp
 *				the instruction fails; exactly one of status=
 *				and outcome= is required
 *	lp=N|*			on this LP only (default *)
 *	nth=N			starting with the nth matching call, from 1
 *				(default 1)
 *	count=N			that many times, 0 for ever after (default 1)
 *
 * Numbers are decimal, or hexadecimal after 0x. Blanks around members are
 * ignored, and so is a line that starts with '#'.
 */
#ifndef SEAM_FAULT_H
#define SEAM_FAULT_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SEAM_MAX_FAULTS		32
#define SEAM_FAULT_ANY_LP	0xffffffffu

struct seam_fault {
	u64 status;	/* used with outcome SEAM_RETURNED */
	u32 lp;		/* or SEAM_FAULT_ANY_LP */
	u32 nth;	/* first call that fails, from 1 */
	u32 count;	/* how many fail, 0: all from then on */
	u32 calls;	/* matching calls seen so far */
	u16 leaf;
	u8 seamldr;
	u8 outcome;	/* enum seam_outcome */
	u32 reserved;
};

struct seam_faults {
	u32 nr;
	u32 reserved;
	struct seam_fault fault[SEAM_MAX_FAULTS];
};

/*
 * Replace *@faults by what @text says. Returns NULL, or a sentence that says
 * what is wrong with the fault at *@at (an offset into @text); *@faults is
 * then unchanged.
 */
const char *seam_faults_parse(const char *text, size_t len, struct seam_faults *faults,
			      size_t *at);

#ifdef __cplusplus
}
#endif

#endif
