// SPDX-License-Identifier: GPL-2.0-only
/*
 * The P-SEAMLDR's cryptography: what was handed in of the real one, as in
 * machine_file.h, and for everything else what stands in for it here.
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "machine_file.h"
#include "seam_host.h"
#include "stand_in.h"

static u8 trusted_key[SEAM_HASH_BYTES];
static uint trusted_key_bytes;
module_param_array(trusted_key, byte, &trusted_key_bytes, 0444);
MODULE_PARM_DESC(trusted_key, "SHA-384 of the modulus of the key that images are signed with");

/* Of what the P-SEAMLDR hashes: it has one caller. */
static u64 running;

/* Written before the P-SEAMLDR is called. */
static struct seam_host_hash hashes[SEAM_HOST_MAX_HASHES];
static u32 nr_hashes;

/* Takes whole struct seam_host_hash. */
static ssize_t hashes_write(struct file *file, const char __user *user, size_t bytes, loff_t *at)
{
	size_t nr = bytes / sizeof(hashes[0]);

	if (!nr || bytes % sizeof(hashes[0]) || nr > ARRAY_SIZE(hashes) - nr_hashes)
		return -EINVAL;
	if (copy_from_user(&hashes[nr_hashes], user, bytes))
		return -EFAULT;
	nr_hashes += nr;
	return bytes;
}

const struct file_operations seam_host_hashes_fops = {
	.owner = THIS_MODULE,
	.write = hashes_write,
};

static const struct seam_host_hash *find_hash(u64 input)
{
	u32 i;

	for (i = 0; i < nr_hashes; i++) {
		if (hashes[i].input == input)
			return &hashes[i];
	}
	return NULL;
}

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
	const struct seam_host_hash *hash = find_hash(running);

	if (hash)
		memcpy(digest, hash->digest, sizeof(hash->digest));
	else
		stand_in_end(running, digest);
}

bool seam_host_rsa_verify(void *ctx, const u8 *modulus, const u8 *signature, const u8 *digest)
{
	u64 input = seam_host_fingerprint(SEAM_HOST_NO_BYTES, modulus, SIGSTRUCT_RSA_BYTES);

	input = seam_host_fingerprint(input, signature, SIGSTRUCT_RSA_BYTES);
	input = seam_host_fingerprint(input, digest, SEAM_HASH_BYTES);
	return find_hash(input) || !memcmp(signature, digest, STAND_IN_DIGEST_BYTES);
}

void seam_host_trust_key(struct seam_profile *profile)
{
	u8 modulus[SIGSTRUCT_RSA_BYTES];

	if (trusted_key_bytes) {
		memcpy(profile->seamldr.trusted_key, trusted_key, sizeof(trusted_key));
		return;
	}
	memset(modulus, STAND_IN_KEY, sizeof(modulus));
	stand_in_end(stand_in_add(STAND_IN_START, modulus, sizeof(modulus)),
		     profile->seamldr.trusted_key);
}
