/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What stands in for the P-SEAMLDR's cryptography in a guest, on both sides: a
 * hash that only tells bytes apart, and a signature that is the hash itself. The
 * real algorithms are tested over the model in user space.
 */
#ifndef SEAM_HOST_STAND_IN_H
#define SEAM_HOST_STAND_IN_H

#include "../../../seam/sigstruct.h"

#define STAND_IN_DIGEST_BYTES	48
#define STAND_IN_START		0xcbf29ce484222325ull
#define STAND_IN_KEY		0x55	/* each byte of the modulus that is trusted */

/* FNV-1a. */
static inline u64 stand_in_add(u64 hash, const void *data, u32 bytes)
{
	const u8 *from = data;

	while (bytes--)
		hash = (hash ^ *from++) * 0x100000001b3ull;
	return hash;
}

static inline void stand_in_end(u64 hash, u8 *digest)
{
	u32 i;

	for (i = 0; i < STAND_IN_DIGEST_BYTES; i++)
		digest[i] = (u8)(hash >> i % 8 * 8);
}

#endif
