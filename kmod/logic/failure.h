/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* Which call of an operation failed. */
#ifndef TDXCTL_LOGIC_FAILURE_H
#define TDXCTL_LOGIC_FAILURE_H

#include "tdx.h"

/**
 * struct tdxctl_failure - the first call that failed
 * @failed: 1 when one has
 * @step: of the operation
 * @at: the LP, or what else the step counts
 * @status: completion status
 */
struct tdxctl_failure {
	u32 failed;
	u32 step;
	u32 at;
	u64 status;
};

/* Whether @status is none of an error. Of LPs that fail at once one is noted in @first. */
static inline bool tdxctl_succeeded(struct tdxctl_failure *first, u32 step, u32 at, u64 status)
{
	if (!(status & TDX_STATUS_ERROR))
		return true;
	if (!cmpxchg(&first->failed, 0, 1)) {
		first->step = step;
		first->at = at;
		first->status = status;
	}
	return false;
}

#endif
