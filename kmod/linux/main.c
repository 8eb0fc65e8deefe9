// SPDX-License-Identifier: GPL-2.0-only
/* /dev/tdxctl: copies arguments in and out, and leaves the rest to the logic. */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "../logic/logic.h"
#include "host.h"
#include "kexec.h"
#include "lps.h"
#include "trace.h"

/*
 * Who may change the state of the machine. Lockdown has no reason of its own for
 * SEAMCALLs; they change the CPU's state behind the kernel's back, as MSRs do.
 */
static int may_change_state(const struct file *file)
{
	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	return security_locked_down(LOCKDOWN_MSR);
}

static long tdxctl_ioctl(struct file *file, unsigned int number, unsigned long uarg)
{
	const struct tdxctl_command *command = tdxctl_find_command(number);
	void __user *user = (void __user *)uarg;
	u64 start;
	void *arg;
	u32 bytes;
	int ret;

	if (!command)
		return -ENOTTY;
	if (command->changes_state) {
		ret = may_change_state(file);
		if (ret)
			return ret;
	}
	/* Read once: a size that changes after this check does not count. */
	if (get_user(bytes, (u32 __user *)user))
		return -EFAULT;
	ret = tdxctl_check_size(command, bytes);
	if (ret)
		return ret;

	arg = kvzalloc(max(bytes, command->size), GFP_KERNEL);
	if (!arg)
		return -ENOMEM;
	if (copy_from_user(arg, user, bytes)) {
		ret = -EFAULT;
		goto out;
	}

	start = ktime_get_ns();
	ret = tdxctl_run_command(&tdxctl_linux_host, file, command, arg, bytes);
	trace_tdxctl_operation(number, ktime_get_ns() - start, ret);

	if (!ret && copy_to_user(user, arg, bytes))
		ret = -EFAULT;
out:
	kvfree(arg);
	return ret;
}

static int tdxctl_release(struct inode *inode, struct file *file)
{
	tdxctl_close(&tdxctl_linux_host, file);
	return 0;
}

static const struct file_operations tdxctl_fops = {
	.owner = THIS_MODULE,
	.release = tdxctl_release,
	.unlocked_ioctl = tdxctl_ioctl,
	/* The structs are the same for 32-bit callers. */
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice tdxctl_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "tdxctl",
	.mode = 0600,
	.fops = &tdxctl_fops,
};

static int __init load(void)
{
	int ret = tdxctl_lps_init();

	if (ret)
		return ret;
	ret = tdxctl_kexec_init();
	if (ret)
		goto err_lps;
	ret = misc_register(&tdxctl_device);
	if (ret)
		goto err_kexec;
	return 0;

err_kexec:
	tdxctl_kexec_exit();
err_lps:
	tdxctl_lps_exit();
	return ret;
}
module_init(load);

static void __exit unload(void)
{
	misc_deregister(&tdxctl_device);
	tdxctl_kexec_exit();
	tdxctl_lps_exit();
}
module_exit(unload);

static const char *const seamret_vmcs_names[] = { "save", "refuse" };

static int seamret_vmcs_set(const char *value, const struct kernel_param *param)
{
	int choice = sysfs_match_string(seamret_vmcs_names, value);

	if (choice < 0)
		return choice;
	tdxctl_linux_host.refuse_vmcs_loss = choice;
	return 0;
}

static int seamret_vmcs_get(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%s\n",
			  seamret_vmcs_names[tdxctl_linux_host.refuse_vmcs_loss]);
}

static const struct kernel_param_ops seamret_vmcs_ops = {
	.set = seamret_vmcs_set,
	.get = seamret_vmcs_get,
};

module_param_cb(seamret_vmcs, &seamret_vmcs_ops, NULL, 0444);
MODULE_PARM_DESC(seamret_vmcs,
		 "Where SEAMRET from the P-SEAMLDR loses the current VMCS: save it around a call (save, the default), or refuse the call (refuse)");

MODULE_AUTHOR("The tdxctl authors");
MODULE_DESCRIPTION("Executes SEAMCALLs for tdxctl");
MODULE_VERSION(TDXCTL_HELPER_VERSION);
MODULE_LICENSE("GPL");
