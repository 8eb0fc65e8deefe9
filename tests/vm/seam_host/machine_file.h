/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * /sys/kernel/debug/seam_host/machine: each time it is opened, one more machine
 * for the model in the kernel, apart from the one that answers SEAMCALLs. Who
 * opened it powers it on and has single calls executed. The state of the machine
 * can be mapped, which is how seam/platform.h changes it and how it is compared
 * with that of another home. It trusts its user with the kernel: test only.
 */
#ifndef SEAM_HOST_MACHINE_FILE_H
#define SEAM_HOST_MACHINE_FILE_H

#include <linux/ioctl.h>

#include "../../../seam/seam.h"

#define SEAM_HOST_MACHINE_FILE	"/sys/kernel/debug/seam_host/machine"

/* Once for each open file. */
struct seam_host_power_on {
	u64 profile;	/* address of a struct seam_profile */
	int memory;	/* a file: its offsets are the machine's physical addresses */
	u32 reserved;
};

struct seam_host_call {
	u32 lp;
	u32 outcome;	/* out: enum seam_outcome */
	u64 ns;		/* out: the modelled time that it took */
	struct seam_regs regs;
};

/*
 * No SHA-384 and no RSA are here: what they say of the bytes that a call will ask
 * about is handed in before. A signature that is valid is one whose modulus,
 * signature and digest, one after the other, are an @input.
 */
struct seam_host_hash {
	u64 input;	/* seam_host_fingerprint() of the bytes */
	u8 digest[SEAM_HASH_BYTES];
};

#define SEAM_HOST_MAX_HASHES	256

#define SEAM_HOST_POWER_ON	_IOW('s', 0, struct seam_host_power_on)
#define SEAM_HOST_CALL		_IOWR('s', 1, struct seam_host_call)
#define SEAM_HOST_HAND_IN	_IOW('s', 2, struct seam_host_hash)

#define SEAM_HOST_NO_BYTES	0xcbf29ce484222325ull	/* fingerprint of nothing */

/* FNV-1a; @fingerprint: of what came before @data. */
static inline u64 seam_host_fingerprint(u64 fingerprint, const void *data, size_t len)
{
	const u8 *at = (const u8 *)data;

	while (len--)
		fingerprint = (fingerprint ^ *at++) * 0x100000001b3ull;
	return fingerprint;
}

#endif
