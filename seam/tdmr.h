/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* TDMRs: their validation, and looking into them. */
#ifndef SEAM_TDMR_H
#define SEAM_TDMR_H

#include "machine.h"

/*
 * Whether TDMR @i of the module's table may follow the @i before it, which were
 * checked already. Returns a status with the details that point at the culprit.
 */
u64 seam_check_tdmr(const struct seam_machine *m, u32 i);

/* Bytes of the PAMT of @tdmr_bytes at @level; 4K level of dynamic PAMT: a bitmap. */
u64 seam_pamt_bytes(const struct seam_machine *m, u64 tdmr_bytes, enum pamt_level level);

/*
 * The part of @t that is not reserved and starts at or after *@at, as
 * [*@at, *@end). False when there is none.
 */
bool seam_next_piece(const struct tdmr_info *t, u64 *at, u64 *end);

const struct tdmr *seam_find_tdmr(const struct seam_machine *m, u64 pa);

/* End of the memory of @t that can be used: TDMR.INIT may be under way elsewhere. */
static inline u64 usable_end(const struct tdmr *t)
{
	return __atomic_load_n(&t->next, __ATOMIC_ACQUIRE) & ~(SIZE_1G - 1);
}

static inline const struct seam_range *pamt_of(const struct tdmr_info *t, enum pamt_level level)
{
	return level == PAMT_4K ? &t->pamt_4k : level == PAMT_2M ? &t->pamt_2m : &t->pamt_1g;
}

#endif
