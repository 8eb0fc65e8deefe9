// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDH.SYS.DISABLE just before a kexec, for kernels that do not do it themselves
 * and systems on which no shutdown hook runs.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/moduleparam.h>
#include <linux/notifier.h>
#include <linux/printk.h>
#include <linux/reboot.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "../logic/logic.h"
#include "../logic/tdx.h"
#include "host.h"
#include "kexec.h"

static bool disable_on_kexec;
module_param(disable_on_kexec, bool, 0644);
MODULE_PARM_DESC(disable_on_kexec,
		 "Disable the TDX module before a kexec (default: no; Linux from 7.2 on does it itself)");

/* What came of it, in one line: nothing here stops the kexec. */
static void tell(const struct tdxctl_disable *disable, u64 duration_ms)
{
	if (!disable->finished)
		pr_warn("before kexec: TDX module still not disabled after %llu ms and %llu calls\n",
			duration_ms, disable->calls);
	else if (tdx_status_is(disable->status, 0))
		pr_notice("before kexec: TDX module disabled in %llu ms and %llu calls\n",
			  duration_ms, disable->calls);
	else
		pr_warn("before kexec: TDX module not disabled, TDH.SYS.DISABLE: %#llx\n",
			disable->status);
}

static int on_reboot(struct notifier_block *nb, unsigned long action, void *command)
{
	u64 start = ktime_get_ns();
	struct tdxctl_disable disable;

	/* kernel_kexec() announces itself by this command alone. */
	if (!disable_on_kexec || action != SYS_RESTART || !command ||
	    strcmp(command, "kexec reboot"))
		return NOTIFY_DONE;
	if (tdxctl_disable_on_kexec(&tdxctl_linux_host, &disable))
		pr_warn("before kexec: TDX module not disabled, another program is changing it\n");
	else
		tell(&disable, (ktime_get_ns() - start) / NSEC_PER_MSEC);
	return NOTIFY_DONE;
}

static struct notifier_block reboot_notifier = {
	.notifier_call = on_reboot,
	/* First: KVM's takes the LPs out of VMX operation, and SEAMCALL needs that. */
	.priority = INT_MAX,
};

int __init tdxctl_kexec_init(void)
{
	return register_reboot_notifier(&reboot_notifier);
}

void tdxctl_kexec_exit(void)
{
	unregister_reboot_notifier(&reboot_notifier);
}
