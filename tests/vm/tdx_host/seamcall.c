// SPDX-License-Identifier: GPL-2.0-only
/* SEAMCALLs, and what the kernel log tells of those that fail. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/spinlock.h>

#include "../../../kmod/linux/insn.h"
#include "tdx_host.h"

#define LEAF_SYS_RD		34

#define FIELD_MINOR_VERSION	0x0800000100000003ULL
#define FIELD_MAJOR_VERSION	0x0800000100000004ULL
#define FIELD_UPDATE_VERSION	0x0800000100000005ULL

#define ENTROPY_TRIES		10

static int result_of(u64 rax, u64 status)
{
	switch (status) {
	case TDXCTL_STATUS_VMFAILINVALID:
	case TDXCTL_STATUS_UD:
	case TDXCTL_STATUS_GP:
		return -ENODEV;		/* Linux logs none of these */
	}
	if (!(status & TDX_STATUS_ERROR))
		return 0;
	pr_err("SEAMCALL (0x%llx) failed: 0x%llx\n", rax, status);
	return -EIO;
}

int tdx_host_module_call(u16 leaf, struct tdxctl_seamcall_regs *regs)
{
	u32 tries = ENTROPY_TRIES;
	u64 status;

	do {
		preempt_disable();
		status = insn_seamcall(leaf, regs);
		preempt_enable();
	} while (tdx_status_is(status, TDX_RND_NO_ENTROPY) && --tries);
	return result_of(leaf, status);
}

/* The P-SEAMLDR refuses a second caller. Linux asks it only once if it has no entropy. */
int tdx_host_seamldr_call(u16 leaf, struct tdxctl_seamcall_regs *regs)
{
	static DEFINE_RAW_SPINLOCK(lock);
	u64 rax = TDX_RAX_SEAMLDR | leaf, status;
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	status = insn_seamcall(rax, regs);
	raw_spin_unlock_irqrestore(&lock, flags);
	return result_of(rax, status);
}

int tdx_host_read_field(u64 id, u64 *value)
{
	struct tdxctl_seamcall_regs regs = { .rdx = id };
	int ret = tdx_host_module_call(LEAF_SYS_RD, &regs);

	*value = regs.r8;
	return ret;
}

int tdx_host_read_version(struct tdx_host_version *version)
{
	u64 major, minor, update;
	int ret = tdx_host_read_field(FIELD_MAJOR_VERSION, &major);

	if (!ret)
		ret = tdx_host_read_field(FIELD_MINOR_VERSION, &minor);
	if (!ret)
		ret = tdx_host_read_field(FIELD_UPDATE_VERSION, &update);
	if (!ret)
		*version = (struct tdx_host_version) { major, minor, update };
	return ret;
}
