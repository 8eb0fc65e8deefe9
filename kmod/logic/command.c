// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "logic.h"
#include "tdx.h"

/* No struct without elements grows beyond a page. */
#define MAX_STRUCT_BYTES 4096

static_assert(offsetof(struct tdxctl_platform, brought_up) == TDXCTL_PLATFORM_SIZE_V0,
	      "published size");
static_assert(sizeof(struct tdxctl_module_state) == TDXCTL_MODULE_STATE_SIZE_V0, "published size");
static_assert(sizeof(struct tdxctl_metadata) == TDXCTL_METADATA_SIZE_V0, "published size");
static_assert(sizeof(struct tdxctl_seamldr_info) == TDXCTL_SEAMLDR_INFO_SIZE_V0, "published size");
static_assert(sizeof(struct tdxctl_disable) == TDXCTL_DISABLE_SIZE_V0, "published size");
static_assert(sizeof(struct tdxctl_stage) == TDXCTL_STAGE_SIZE_V0, "published size");
static_assert(sizeof(struct tdxctl_apply) == TDXCTL_APPLY_SIZE_V0, "published size");
static_assert(sizeof(struct tdxctl_init) == TDXCTL_INIT_SIZE_V0, "published size");
static_assert(sizeof(struct tdxctl_configure) == TDXCTL_CONFIGURE_SIZE_V0, "published size");

/* What every argument starts with; @nr_elements only where elements follow. */
struct head {
	u32 size;
	u32 flags;
	u32 nr_elements;
};

static_assert(offsetof(struct tdxctl_metadata, nr_fields) == offsetof(struct head, nr_elements),
	      "the count follows the flags");
static_assert(offsetof(struct tdxctl_stage, nr_pages) == offsetof(struct head, nr_elements),
	      "the count follows the flags");
static_assert(offsetof(struct tdxctl_configure, nr_tdmrs) == offsetof(struct head, nr_elements),
	      "the count follows the flags");

static int run_platform(struct tdxctl_host *host, void *arg)
{
	return tdxctl_platform(host, arg);
}

static int run_module_state(struct tdxctl_host *host, void *arg)
{
	return tdxctl_module_state(host, arg);
}

static int run_read(struct tdxctl_host *host, void *arg)
{
	return tdxctl_read(host, arg);
}

static int run_read_all(struct tdxctl_host *host, void *arg)
{
	return tdxctl_read_all(host, arg);
}

static int run_seamldr_info(struct tdxctl_host *host, void *arg)
{
	return tdxctl_seamldr_info(host, arg);
}

static int run_disable(struct tdxctl_host *host, void *arg)
{
	return tdxctl_disable(host, arg);
}

static int run_stage(struct tdxctl_host *host, void *arg)
{
	return tdxctl_stage(host, arg);
}

static int run_apply(struct tdxctl_host *host, void *arg)
{
	return tdxctl_apply(host, arg);
}

static int run_init(struct tdxctl_host *host, void *arg)
{
	return tdxctl_init(host, arg);
}

static int run_configure(struct tdxctl_host *host, void *arg)
{
	return tdxctl_configure(host, arg);
}

static const struct tdxctl_command commands[] = {
	{
		.number = TDXCTL_IOC_PLATFORM,
		.size_v0 = TDXCTL_PLATFORM_SIZE_V0,
		.size = sizeof(struct tdxctl_platform),
		.run = run_platform,
	}, {
		.number = TDXCTL_IOC_MODULE_STATE,
		.size_v0 = TDXCTL_MODULE_STATE_SIZE_V0,
		.size = sizeof(struct tdxctl_module_state),
		.run = run_module_state,
	}, {
		.number = TDXCTL_IOC_READ,
		.size_v0 = TDXCTL_METADATA_SIZE_V0,
		.size = sizeof(struct tdxctl_metadata),
		.element_size = sizeof(struct tdxctl_field),
		.max_elements = TDXCTL_METADATA_MAX,
		.run = run_read,
	}, {
		.number = TDXCTL_IOC_READ_ALL,
		.size_v0 = TDXCTL_METADATA_SIZE_V0,
		.size = sizeof(struct tdxctl_metadata),
		.element_size = sizeof(struct tdxctl_field),
		.max_elements = TDXCTL_METADATA_MAX,
		.run = run_read_all,
	}, {
		.number = TDXCTL_IOC_SEAMLDR_INFO,
		.size_v0 = TDXCTL_SEAMLDR_INFO_SIZE_V0,
		.size = sizeof(struct tdxctl_seamldr_info),
		.run = run_seamldr_info,
	}, {
		.number = TDXCTL_IOC_DISABLE,
		.size_v0 = TDXCTL_DISABLE_SIZE_V0,
		.size = sizeof(struct tdxctl_disable),
		.changes_state = true,
		.run = run_disable,
	}, {
		.number = TDXCTL_IOC_STAGE,
		.size_v0 = TDXCTL_STAGE_SIZE_V0,
		.size = sizeof(struct tdxctl_stage),
		.element_size = TDX_PAGE_BYTES,
		.max_elements = TDXCTL_MODULE_PAGES_MAX,
		.changes_state = true,
		.run = run_stage,
	}, {
		.number = TDXCTL_IOC_APPLY,
		.size_v0 = TDXCTL_APPLY_SIZE_V0,
		.size = sizeof(struct tdxctl_apply),
		.changes_state = true,
		.run = run_apply,
	}, {
		.number = TDXCTL_IOC_INIT,
		.size_v0 = TDXCTL_INIT_SIZE_V0,
		.size = sizeof(struct tdxctl_init),
		.changes_state = true,
		.run = run_init,
	}, {
		.number = TDXCTL_IOC_CONFIGURE,
		.size_v0 = TDXCTL_CONFIGURE_SIZE_V0,
		.size = sizeof(struct tdxctl_configure),
		.element_size = sizeof(struct tdxctl_tdmr),
		.max_elements = TDXCTL_TDMRS_MAX,
		.changes_state = true,
		.run = run_configure,
	},
};

const struct tdxctl_command *tdxctl_find_command(unsigned int number)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (commands[i].number == number)
			return &commands[i];
	}
	return NULL;
}

int tdxctl_check_size(const struct tdxctl_command *command, u32 bytes)
{
	u32 max = command->element_size ?
		command->size + command->max_elements * command->element_size :
		MAX_STRUCT_BYTES;

	if (bytes < command->size_v0)
		return -EINVAL;
	return bytes > max ? -E2BIG : 0;
}

static bool all_zero(const u8 *bytes, u32 nr)
{
	while (nr--) {
		if (*bytes++)
			return false;
	}
	return true;
}

int tdxctl_run_command(struct tdxctl_host *host, const void *file,
		       const struct tdxctl_command *command, void *arg, u32 bytes)
{
	struct head *head = arg;
	u32 known = command->size;
	int ret = tdxctl_check_size(command, bytes);

	if (ret)
		return ret;
	if (head->flags)
		return -EOPNOTSUPP;
	if (command->element_size) {
		if (head->nr_elements > command->max_elements)
			return -EINVAL;
		known += head->nr_elements * command->element_size;
		if (bytes < known)
			return -EINVAL;
	}
	if (bytes > known && !all_zero((const u8 *)arg + known, bytes - known))
		return -E2BIG;

	/* The caller's memory may have changed since the size was first read. */
	head->size = bytes;
	if (!command->changes_state)
		return command->run(host, arg);
	ret = tdxctl_begin_change(host, file);
	if (ret)
		return ret;
	ret = command->run(host, arg);
	tdxctl_end_change(host);
	return ret;
}
