// SPDX-License-Identifier: GPL-2.0-only
/* Powers on a modelled machine with as many LPs and packages as this one has. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/topology.h>
#include <linux/vmalloc.h>

#include "seam_host.h"

static char *profile = "sapphire-rapids";
module_param(profile, charp, 0444);
MODULE_PARM_DESC(profile, "built-in profile of seam/ to start from");

static uint lps;
module_param(lps, uint, 0444);
MODULE_PARM_DESC(lps, "LPs of the machine (default: those online)");

static uint packages;
module_param(packages, uint, 0444);
MODULE_PARM_DESC(packages, "packages of the machine (default: those online)");

static char *boot;
module_param(boot, charp, 0444);
MODULE_PARM_DESC(boot, "how far the machine has come: no-vmx, no-seam, ... ready (default: the profile's)");

static uint update_version;
module_param(update_version, uint, 0444);
MODULE_PARM_DESC(update_version, "third number of the module's version (default: the profile's)");

static uint tds;
module_param(tds, uint, 0444);
MODULE_PARM_DESC(tds, "TDs of a module that is ready (default: the profile's)");

static ulong td_pages;
module_param(td_pages, ulong, 0444);
MODULE_PARM_DESC(td_pages, "private 4 KiB pages of each TD (default: the profile's)");

static uint interrupt_every_ns;
module_param(interrupt_every_ns, uint, 0444);
MODULE_PARM_DESC(interrupt_every_ns, "modelled time between interrupts of TDH.SYS.DISABLE (default: the profile's)");

static char *faults;
module_param(faults, charp, 0444);
MODULE_PARM_DESC(faults, "faults to arm, as in seam/fault.h");

static bool latency;
module_param(latency, bool, 0444);
MODULE_PARM_DESC(latency, "let calls take their modelled time (default: no)");

static ulong state_pa;
module_param(state_pa, ulong, 0444);
MODULE_PARM_DESC(state_pa, "keep the machine in memory that memmap= reserves here, and find it again after a kexec");

static ulong state_bytes;
module_param(state_bytes, ulong, 0444);
MODULE_PARM_DESC(state_bytes, "bytes reserved at state_pa");

struct seam_machine *seam_host_machine;

/* Where the guest has RAM, the direct map has it too. */
static void *ram(u64 pa, u32 len)
{
	if (!len || !page_is_ram(PHYS_PFN(pa)) || !page_is_ram(PHYS_PFN(pa + len - 1)))
		return NULL;
	return phys_to_virt(pa);
}

static bool read_memory(void *ctx, u64 pa, void *buf, u32 len)
{
	const void *from = ram(pa, len);

	if (from)
		memcpy(buf, from, len);
	return from;
}

static bool write_memory(void *ctx, u64 pa, const void *buf, u32 len)
{
	void *to = ram(pa, len);

	if (to)
		memcpy(to, buf, len);
	return to;
}

static void delay(void *ctx, u64 ns)
{
	if (!latency)
		return;
	for (; ns > NSEC_PER_MSEC; ns -= NSEC_PER_MSEC)
		udelay(USEC_PER_MSEC);
	ndelay(ns);
}

const struct seam_callbacks seam_host_callbacks = {
	.read = read_memory,
	.write = write_memory,
	.delay = delay,
	.hash_start = seam_host_hash_start,
	.hash_add = seam_host_hash_add,
	.hash_end = seam_host_hash_end,
	.rsa_verify = seam_host_rsa_verify,
};

static u32 packages_online(void)
{
	u32 nr = 0;
	int cpu;

	for_each_online_cpu(cpu) {
		if (cpumask_first(topology_core_cpumask(cpu)) == cpu)
			nr++;
	}
	return nr;
}

/* The profile, fitted to this machine by the parameters. */
static int make_profile(struct seam_profile *made)
{
	const struct seam_profile *found = seam_profile_find(profile);
	const char *error;
	int choice;
	u32 i;

	if (!found) {
		pr_err("there is no profile '%s'\n", profile);
		return -EINVAL;
	}
	*made = *found;
	made->lps = lps ?: num_online_cpus();
	made->packages = packages ?: packages_online();
	for (i = 1; i < min_t(u32, made->packages, SEAM_MAX_PACKAGES); i++)
		made->fms[i] = made->fms[0];
	if (boot) {
		choice = match_string(seam_boot_names, SEAM_NR_BOOTS, boot);
		if (choice < 0) {
			pr_err("there is no boot state '%s'\n", boot);
			return -EINVAL;
		}
		made->boot = choice;
	}
	made->module.update = update_version ?: made->module.update;
	made->population.tds = tds ?: made->population.tds;
	made->population.private_pages = td_pages ?: made->population.private_pages;
	made->interrupt_every_ns = interrupt_every_ns ?: made->interrupt_every_ns;
	seam_host_trust_key(made);
	error = seam_profile_check(made);
	if (error) {
		pr_err("profile: %s\n", error);
		return -EINVAL;
	}
	if (made->lps < nr_cpu_ids) {
		pr_err("%u LPs are too few for %u CPUs\n", made->lps, nr_cpu_ids);
		return -EINVAL;
	}
	return 0;
}

int seam_host_arm_faults(const char *text)
{
	static DEFINE_MUTEX(lock);	/* guards @parsed, too large for the stack */
	static struct seam_faults parsed;
	const char *error;
	size_t at;

	mutex_lock(&lock);
	error = seam_faults_parse(text, strlen(text), &parsed, &at);
	if (error)
		pr_err("faults, at character %zu: %s\n", at, error);
	else
		seam_set_faults(seam_host_machine, &parsed);
	mutex_unlock(&lock);
	return error ? -EINVAL : 0;
}

static void free_machine(void)
{
	if (state_pa)
		memunmap(seam_host_machine);
	else
		vfree(seam_host_machine);
}

/* Finds the machine of the kernel before this one, or powers on a new one. */
static int get_machine(const struct seam_profile *made)
{
	size_t bytes = seam_machine_bytes(made->lps);

	if (state_pa && state_bytes < bytes) {
		pr_err("the state of the machine needs %zu bytes\n", bytes);
		return -EINVAL;
	}
	seam_host_machine = state_pa ? memremap(state_pa, state_bytes, MEMREMAP_WB) :
				       vzalloc(bytes);
	if (!seam_host_machine)
		return -ENOMEM;
	if (state_pa && seam_is_machine(seam_host_machine, bytes)) {
		pr_info("machine '%s' found again\n", seam_profile_of(seam_host_machine)->name);
		return 0;
	}
	memset(seam_host_machine, 0, bytes);
	seam_init(seam_host_machine, made);
	return 0;
}

static int __init seam_host_init(void)
{
	struct seam_profile *made = kmalloc(sizeof(*made), GFP_KERNEL);
	int ret = made ? make_profile(made) : -ENOMEM;

	if (!ret)
		ret = get_machine(made);
	kfree(made);
	if (ret)
		return ret;

	ret = faults ? seam_host_arm_faults(faults) : 0;
	if (ret)
		goto err_machine;
	ret = seam_host_msr_init();
	if (ret)
		goto err_machine;
	ret = seam_host_insn_init();
	if (ret)
		goto err_msr;
	seam_host_readout_init();
	return 0;

err_msr:
	seam_host_msr_exit();
err_machine:
	free_machine();
	return ret;
}

static void __exit seam_host_exit(void)
{
	seam_host_readout_exit();
	seam_host_insn_exit();
	seam_host_msr_exit();
	free_machine();
}

module_init(seam_host_init);
module_exit(seam_host_exit);

MODULE_AUTHOR("The tdxctl authors");
MODULE_DESCRIPTION("Test only: a modelled TDX module and P-SEAMLDR behind the SEAMCALL instruction");
MODULE_LICENSE("GPL");
