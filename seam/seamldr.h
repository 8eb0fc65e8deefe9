/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the leaves of the P-SEAMLDR share. */
#ifndef SEAM_SEAMLDR_H
#define SEAM_SEAMLDR_H

#include "machine.h"

/* Room of the P-SEAMLDR at the end of the SEAM range. */
#define SEAMLDR_RANGE_BYTES	0x400000ull

/* This LP's bit in the bitmap of a session; false when its id cannot be kept. */
bool seamldr_lp_bit(const struct call *c, u32 *word, u64 *bit);

/* Whether this LP has its bit in the bitmap of the session. */
bool seamldr_lp_seen(const struct call *c);

/* Set it, and begin the session's @flow. */
void seamldr_see_lp(const struct call *c, u32 flow);

void seamldr_end_session(struct loader *loader);

u64 seamldr_install(struct call *c);

/* Why the sigstruct in loader->sigstruct is refused, or SEAMLDR_SUCCESS. */
u64 seamldr_check_sigstruct(struct call *c, u32 scenario, u32 nr_pages);

#endif
