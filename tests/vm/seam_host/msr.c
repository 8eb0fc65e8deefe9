// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU's software emulation reads MSRs that it does not have as 0, without
 * a fault, so that a notifier sees nothing. The helper reads all its MSRs in one
 * function, and a probe there puts the model's answer in place of QEMU's.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "seam_host.h"

/* Arguments of bool host_rdmsr(struct tdxctl_host *host, u32 msr, u64 *value). */
struct rdmsr_arguments {
	u32 msr;
	u64 *value;
};

static int on_entry(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct rdmsr_arguments *arguments = (void *)instance->data;

	arguments->msr = regs->si;
	arguments->value = (u64 *)regs->dx;
	return 0;
}
NOKPROBE_SYMBOL(on_entry);

static int on_return(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct rdmsr_arguments *arguments = (void *)instance->data;
	u64 value;

	regs->ax = seam_rdmsr(seam_host_machine, smp_processor_id(), arguments->msr, &value);
	if (regs->ax)
		*arguments->value = value;
	return 0;
}
NOKPROBE_SYMBOL(on_return);

static struct kretprobe probe;
static bool probed;

static int on_module(struct notifier_block *nb, unsigned long what, void *data)
{
	struct module *module = data;
	int ret;

	if (strcmp(module->name, "tdxctl"))
		return NOTIFY_DONE;
	if (what == MODULE_STATE_COMING) {
		probe = (struct kretprobe) {
			.kp.symbol_name = "tdxctl:host_rdmsr",
			.entry_handler = on_entry,
			.handler = on_return,
			.data_size = sizeof(struct rdmsr_arguments),
		};
		ret = register_kretprobe(&probe);
		probed = !ret;
		if (ret)
			pr_err("seam_host: cannot probe the helper's RDMSR: %d\n", ret);
	} else if (what == MODULE_STATE_GOING && probed) {
		unregister_kretprobe(&probe);
		probed = false;
	}
	return NOTIFY_DONE;
}

static struct notifier_block module_notifier = {
	.notifier_call = on_module,
};

int seam_host_msr_init(void)
{
	return register_module_notifier(&module_notifier);
}

void seam_host_msr_exit(void)
{
	unregister_module_notifier(&module_notifier);
	if (probed)
		unregister_kretprobe(&probe);
}
