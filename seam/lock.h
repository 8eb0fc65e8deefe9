/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The locks of the TDX module. They are only ever tried: who does not get one
 * answers busy, and nobody waits.
 */
#ifndef SEAM_LOCK_H
#define SEAM_LOCK_H

#include "types.h"

#define LOCK_EXCLUSIVE	0x80000000u	/* otherwise: number of sharers */

static inline bool try_exclusive(u32 *lock)
{
	u32 free = 0;

	return __atomic_compare_exchange_n(lock, &free, LOCK_EXCLUSIVE, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* Subtract: a sharer that is just being turned away may be counted as well. */
static inline void release_exclusive(u32 *lock)
{
	__atomic_fetch_sub(lock, LOCK_EXCLUSIVE, __ATOMIC_RELEASE);
}

/* Adding a sharer cannot overflow: there are at most as many as LPs. */
static inline bool try_shared(u32 *lock)
{
	if (!(__atomic_fetch_add(lock, 1, __ATOMIC_ACQUIRE) & LOCK_EXCLUSIVE))
		return true;
	__atomic_fetch_sub(lock, 1, __ATOMIC_RELAXED);
	return false;
}

static inline void release_shared(u32 *lock)
{
	__atomic_fetch_sub(lock, 1, __ATOMIC_RELEASE);
}

#endif
