// SPDX-License-Identifier: GPL-2.0-only
/* Machines that a test program owns, see machine_file.h. */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "../../../seam/sigstruct.h"
#include "machine_file.h"
#include "seam_host.h"

struct machine_file {
	struct mutex lock;		/* guards all that follows */
	struct seam_machine *machine;	/* NULL before it is powered on */
	struct file *memory;
	u64 ns;				/* modelled time of the call under way */
	u64 hashed;			/* fingerprint of the hash under way */
	u32 nr_hashes;
	struct seam_host_hash hashes[SEAM_HOST_MAX_HASHES];
};

static bool read_memory(void *ctx, u64 pa, void *buf, u32 len)
{
	struct machine_file *m = ctx;
	loff_t at = pa;

	return kernel_read(m->memory, buf, len, &at) == len;
}

static bool write_memory(void *ctx, u64 pa, const void *buf, u32 len)
{
	struct machine_file *m = ctx;
	loff_t at = pa;

	return kernel_write(m->memory, buf, len, &at) == len;
}

static void delay(void *ctx, u64 ns)
{
	struct machine_file *m = ctx;

	m->ns += ns;
}

static const struct seam_host_hash *find_hash(const struct machine_file *m, u64 input)
{
	u32 i;

	for (i = 0; i < m->nr_hashes; i++) {
		if (m->hashes[i].input == input)
			return &m->hashes[i];
	}
	return NULL;
}

static void hash_start(void *ctx)
{
	struct machine_file *m = ctx;

	m->hashed = SEAM_HOST_NO_BYTES;
}

static void hash_add(void *ctx, const void *data, u32 len)
{
	struct machine_file *m = ctx;

	m->hashed = seam_host_fingerprint(m->hashed, data, len);
}

/* Zeros, which nothing hashes to, for what was not handed in. */
static void hash_end(void *ctx, u8 *digest)
{
	struct machine_file *m = ctx;
	const struct seam_host_hash *hash = find_hash(m, m->hashed);

	if (hash)
		memcpy(digest, hash->digest, SEAM_HASH_BYTES);
	else
		memset(digest, 0, SEAM_HASH_BYTES);
}

static bool rsa_verify(void *ctx, const u8 *modulus, const u8 *signature, const u8 *digest)
{
	u64 input = SEAM_HOST_NO_BYTES;

	input = seam_host_fingerprint(input, modulus, SIGSTRUCT_RSA_BYTES);
	input = seam_host_fingerprint(input, signature, SIGSTRUCT_RSA_BYTES);
	input = seam_host_fingerprint(input, digest, SEAM_HASH_BYTES);
	return find_hash(ctx, input);
}

static long power_on(struct machine_file *m, const struct seam_host_power_on __user *user)
{
	struct seam_host_power_on given;
	struct seam_profile *profile;
	long ret = -EINVAL;

	if (m->machine)
		return -EBUSY;
	if (copy_from_user(&given, user, sizeof(given)))
		return -EFAULT;
	profile = memdup_user(u64_to_user_ptr(given.profile), sizeof(*profile));
	if (IS_ERR(profile))
		return PTR_ERR(profile);
	if (seam_profile_check(profile))
		goto out;

	ret = -EBADF;
	m->memory = fget(given.memory);
	if (!m->memory)
		goto out;
	ret = -ENOMEM;
	m->machine = vmalloc_user(seam_machine_bytes(profile->lps));
	if (m->machine) {
		seam_init(m->machine, profile);
		ret = 0;
	} else {
		fput(m->memory);
	}
out:
	kfree(profile);
	return ret;
}

static long call(struct machine_file *m, struct seam_host_call __user *user)
{
	const struct seam_callbacks callbacks = {
		.ctx = m,
		.read = read_memory,
		.write = write_memory,
		.delay = delay,
		.hash_start = hash_start,
		.hash_add = hash_add,
		.hash_end = hash_end,
		.rsa_verify = rsa_verify,
	};
	struct seam_host_call one;

	if (copy_from_user(&one, user, sizeof(one)))
		return -EFAULT;
	if (!m->machine || one.lp >= seam_profile_of(m->machine)->lps)
		return -EINVAL;
	m->ns = 0;
	one.outcome = seam_call(m->machine, &callbacks, one.lp, &one.regs);
	one.ns = m->ns;
	return copy_to_user(user, &one, sizeof(one)) ? -EFAULT : 0;
}

static long hand_in(struct machine_file *m, const struct seam_host_hash __user *user)
{
	if (m->nr_hashes == SEAM_HOST_MAX_HASHES)
		return -ENOSPC;
	if (copy_from_user(&m->hashes[m->nr_hashes], user, sizeof(*user)))
		return -EFAULT;
	m->nr_hashes++;
	return 0;
}

static long machine_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct machine_file *m = file->private_data;
	void __user *user = (void __user *)argument;
	long ret = -ENOTTY;

	mutex_lock(&m->lock);
	switch (command) {
	case SEAM_HOST_POWER_ON:
		ret = power_on(m, user);
		break;
	case SEAM_HOST_CALL:
		ret = call(m, user);
		break;
	case SEAM_HOST_HAND_IN:
		ret = hand_in(m, user);
		break;
	}
	mutex_unlock(&m->lock);
	return ret;
}

static int machine_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct machine_file *m = file->private_data;
	int ret = -EINVAL;

	mutex_lock(&m->lock);
	if (m->machine)
		ret = remap_vmalloc_range(vma, m->machine, vma->vm_pgoff);
	mutex_unlock(&m->lock);
	return ret;
}

static int machine_open(struct inode *inode, struct file *file)
{
	struct machine_file *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return -ENOMEM;
	mutex_init(&m->lock);
	file->private_data = m;
	return 0;
}

static int machine_release(struct inode *inode, struct file *file)
{
	struct machine_file *m = file->private_data;

	if (m->machine)
		fput(m->memory);
	vfree(m->machine);
	kfree(m);
	return 0;
}

const struct file_operations seam_host_machine_fops = {
	.owner = THIS_MODULE,
	.open = machine_open,
	.release = machine_release,
	.unlocked_ioctl = machine_ioctl,
	.mmap = machine_mmap,
};
