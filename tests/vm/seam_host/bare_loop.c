// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a SEAMCALL costs by itself: the instruction in a bare loop, beside which
 * the helper's retries are measured. Below /sys/kernel/debug/seam_host:
 *
 *   bare_loop     write "RAX CALLS": make the SEAMCALL so often
 *   bare_loop_ns  nanoseconds that this took
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/preempt.h>
#include <linux/uaccess.h>

#include "seam_host.h"

static u64 elapsed_ns;

static ssize_t bare_loop_write(struct file *file, const char __user *user, size_t bytes,
			       loff_t *at)
{
	char text[64] = "";
	u64 rax, start;
	u32 calls;

	if (bytes >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, user, bytes))
		return -EFAULT;
	if (sscanf(text, "%llu %u", &rax, &calls) != 2)
		return -EINVAL;
	start = ktime_get_ns();
	while (calls--) {
		u64 status = rax;

		preempt_disable();
		asm volatile(".byte 0x66, 0x0f, 0x01, 0xcf" /* SEAMCALL */
			     : "+a" (status)
			     :
			     : "rcx", "rdx", "r8", "r9", "r10", "r11", "cc", "memory");
		preempt_enable();
	}
	elapsed_ns = ktime_get_ns() - start;
	return bytes;
}

static const struct file_operations bare_loop_fops = {
	.owner = THIS_MODULE,
	.write = bare_loop_write,
};

void seam_host_bare_loop_init(struct dentry *directory)
{
	debugfs_create_file("bare_loop", 0200, directory, NULL, &bare_loop_fops);
	debugfs_create_u64("bare_loop_ns", 0400, directory, &elapsed_ns);
}
