// SPDX-License-Identifier: GPL-2.0-only
/*
 * The update as Linux 7.3 makes it: one way, on which the first failure is the
 * end. What comes after it, or who may have been harmed, is left to user space.
 */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/nmi.h>
#include <linux/processor.h>
#include <linux/smp.h>
#include <linux/stop_machine.h>
#include <linux/string.h>

#include "tdx_host.h"

#define LEAF_SYS_INIT		33
#define LEAF_SYS_LP_INIT	35
#define LEAF_SYS_SHUTDOWN	52
#define LEAF_SYS_UPDATE		53
#define LEAF_SEAMLDR_INSTALL	1

#define CONTAINER_VERSION	0x200
#define MAX_SIGSTRUCT_PAGES	1
#define MAX_MODULE_PAGES	496

/* The first page of an image; sigstruct and module follow. Nobody looks at the checksum. */
struct container {
	u16 version;
	u16 checksum;
	u8 magic[8];
	u32 sigstruct_pages;
	u32 module_pages;
	u8 reserved[4076];
};

static_assert(sizeof(struct container) == PAGE_SIZE);

struct update {
	struct tdx_host_module *module;
	u64 params_pa;
	atomic_t arrived;	/* how often LPs came to the end of a step, in all */
	int error;		/* of the first step that failed */
};

static int shut_down(struct update *update)
{
	struct tdxctl_seamcall_regs regs = { };
	int ret = tdx_host_read_field(TDX_FIELD_MODULE_HV, &regs.rcx);

	if (!ret)
		ret = tdx_host_module_call(LEAF_SYS_SHUTDOWN, &regs);
	if (!ret)
		update->module->works = false;
	return ret;
}

static int install(struct update *update)
{
	struct tdxctl_seamcall_regs regs = { .rcx = update->params_pa };

	return tdx_host_seamldr_call(LEAF_SEAMLDR_INSTALL, &regs);
}

static int init(struct update *update)
{
	struct tdxctl_seamcall_regs regs = { };

	return tdx_host_module_call(LEAF_SYS_INIT, &regs);
}

static int lp_init(struct update *update)
{
	struct tdxctl_seamcall_regs regs = { };

	return tdx_host_module_call(LEAF_SYS_LP_INIT, &regs);
}

static int take_over(struct update *update)
{
	struct tdxctl_seamcall_regs regs = { };
	int ret = tdx_host_module_call(LEAF_SYS_UPDATE, &regs);

	if (!ret)
		ret = tdx_host_read_version(&update->module->version);
	if (!ret)
		update->module->works = true;
	return ret;
}

static const struct {
	int (*run)(struct update *update);
	bool every_lp;
} steps[] = {
	{ shut_down, false },
	{ install, true },
	{ init, false },
	{ lp_init, true },
	{ take_over, false },
};

/* On each LP, with interrupts off: no LP begins a step before all have ended the last. */
static int make_steps(void *data)
{
	bool first = smp_processor_id() == cpumask_first(cpu_online_mask);
	struct update *update = data;
	int i, ret;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		if ((first || steps[i].every_lp) && !READ_ONCE(update->error)) {
			ret = steps[i].run(update);
			if (ret)
				WRITE_ONCE(update->error, ret);
		}
		atomic_inc(&update->arrived);
		while (atomic_read(&update->arrived) < (i + 1) * num_online_cpus()) {
			cpu_relax();
			touch_nmi_watchdog();
		}
	}
	return 0;
}

static bool is_container(const struct container *header, u32 bytes)
{
	return bytes >= sizeof(*header) && header->version == CONTAINER_VERSION &&
	       header->sigstruct_pages <= MAX_SIGSTRUCT_PAGES &&
	       header->module_pages <= MAX_MODULE_PAGES &&
	       bytes == (1 + header->sigstruct_pages + header->module_pages) * PAGE_SIZE &&
	       !memcmp(header->magic, "TDX-BLOB", sizeof(header->magic)) &&
	       !memchr_inv(header->reserved, 0, sizeof(header->reserved));
}

/* What SEAMLDR.INSTALL is given takes the place of the header before the pages that it names. */
static void make_params(void *image)
{
	u64 at = virt_to_phys(image), end;
	struct tdx_seamldr_params *params = image;
	struct container *header = image;
	u32 sigstruct_pages = header->sigstruct_pages, module_pages = header->module_pages;

	memset(params, 0, sizeof(*params));
	params->scenario = TDX_SEAMLDR_SCENARIO_UPDATE;
	if (sigstruct_pages)
		params->sigstruct_pa = at + PAGE_SIZE;
	at += (1 + sigstruct_pages) * PAGE_SIZE;
	for (end = at + module_pages * PAGE_SIZE; at < end; at += PAGE_SIZE)
		params->pages_pa[params->nr_pages++] = at;
}

int tdx_host_update(struct tdx_host_module *module, const u8 *container, u32 bytes)
{
	struct update update = { .module = module };
	void *image;

	if (!is_container((const struct container *)container, bytes))
		return -EINVAL;
	image = alloc_pages_exact(bytes, GFP_KERNEL);
	if (!image)
		return -ENOMEM;
	memcpy(image, container, bytes);
	make_params(image);
	update.params_pa = virt_to_phys(image);
	stop_machine(make_steps, &update, cpu_online_mask);
	free_pages_exact(image, bytes);
	return update.error;
}
