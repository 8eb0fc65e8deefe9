// SPDX-License-Identifier: GPL-2.0-only
/* The P-SEAMLDR's cryptography, or what stands in for it here. */
#include <linux/string.h>

#include "seam_host.h"
#include "stand_in.h"

/* Of what the P-SEAMLDR hashes: it has one caller. */
static u64 running;

void seam_host_hash_start(void *ctx)
{
	running = STAND_IN_START;
}

void seam_host_hash_add(void *ctx, const void *data, u32 bytes)
{
	running = stand_in_add(running, data, bytes);
}

void seam_host_hash_end(void *ctx, u8 *digest)
{
	stand_in_end(running, digest);
}

bool seam_host_rsa_verify(void *ctx, const u8 *modulus, const u8 *signature, const u8 *digest)
{
	return !memcmp(signature, digest, STAND_IN_DIGEST_BYTES);
}

void seam_host_trust_key(struct seam_profile *profile)
{
	u8 modulus[SIGSTRUCT_RSA_BYTES];

	memset(modulus, STAND_IN_KEY, sizeof(modulus));
	stand_in_end(stand_in_add(STAND_IN_START, modulus, sizeof(modulus)),
		     profile->seamldr.trusted_key);
}
