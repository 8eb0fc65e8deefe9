// SPDX-License-Identifier: GPL-2.0-only
/* The device tdx_host, its files, and the firmware upload tdx_module. */
#include <linux/cleanup.h>
#include <linux/device/faux.h>
#include <linux/err.h>
#include <linux/firmware.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "tdx_host.h"

#define LEAF_SEAMLDR_INFO	0

#define FEATURE_TD_PRESERVING	BIT_ULL(1)

static bool seamret_invd_vmcs;
module_param(seamret_invd_vmcs, bool, 0444);
MODULE_PARM_DESC(seamret_invd_vmcs, "the CPU has this bug: Linux does not call the P-SEAMLDR (default: no)");

static DEFINE_MUTEX(lock);		/* guards @module */
static struct tdx_host_module module;
static bool can_update;			/* decided once */

static struct faux_device *device;
static struct fw_upload *upload;

static int print_version(char *text, const struct tdx_host_version *version)
{
	return sysfs_emit(text, "%u.%u.%02u\n", version->major, version->minor, version->update);
}

static ssize_t version_show(struct device *dev, struct device_attribute *attr, char *text)
{
	guard(mutex)(&lock);
	return module.works ? print_version(text, &module.version) : -ENXIO;
}
static DEVICE_ATTR_RO(version);

static int ask_seamldr(struct tdx_host_version *version, u32 *updates_left)
{
	/* As large as it is aligned. */
	struct tdx_seamldr_info *info __free(kfree) = kzalloc(sizeof(*info), GFP_KERNEL);
	struct tdxctl_seamcall_regs regs = { };
	const u16 *numbers;
	int ret;

	if (!info)
		return -ENOMEM;
	regs.rcx = virt_to_phys(info);
	ret = tdx_host_seamldr_call(LEAF_SEAMLDR_INFO, &regs);
	if (ret)
		return ret;
	numbers = (const u16 *)(info->about_itself + 18);
	*version = (struct tdx_host_version) { numbers[1], numbers[0], numbers[2] };
	*updates_left = info->updates_left;
	return 0;
}

static ssize_t seamldr_version_show(struct device *dev, struct device_attribute *attr, char *text)
{
	struct tdx_host_version version;
	u32 updates_left;

	return ask_seamldr(&version, &updates_left) ?: print_version(text, &version);
}
static DEVICE_ATTR_ADMIN_RO(seamldr_version);

static ssize_t num_remaining_updates_show(struct device *dev, struct device_attribute *attr,
					  char *text)
{
	struct tdx_host_version version;
	u32 updates_left;

	return ask_seamldr(&version, &updates_left) ?: sysfs_emit(text, "%u\n", updates_left);
}
static DEVICE_ATTR_ADMIN_RO(num_remaining_updates);

static struct attribute *attributes[] = {
	&dev_attr_version.attr,
	&dev_attr_seamldr_version.attr,
	&dev_attr_num_remaining_updates.attr,
	NULL
};

static umode_t is_visible(struct kobject *kobject, struct attribute *attribute, int index)
{
	return attribute == &dev_attr_version.attr || can_update ? attribute->mode : 0;
}

static const struct attribute_group tdx_host_group = {
	.attrs = attributes,
	.is_visible = is_visible,
};
__ATTRIBUTE_GROUPS(tdx_host);

static enum fw_upload_err prepare(struct fw_upload *this, const u8 *data, u32 size)
{
	return FW_UPLOAD_ERR_NONE;
}

/* One error, whatever the cause. */
static enum fw_upload_err write(struct fw_upload *this, const u8 *data, u32 offset, u32 size,
				u32 *written)
{
	guard(mutex)(&lock);
	if (tdx_host_update(&module, data + offset, size))
		return FW_UPLOAD_ERR_FW_INVALID;
	*written = size;
	return FW_UPLOAD_ERR_NONE;
}

static enum fw_upload_err poll_complete(struct fw_upload *this)
{
	return FW_UPLOAD_ERR_NONE;
}

static void cancel(struct fw_upload *this)
{
}

static const struct fw_upload_ops upload_ops = {
	.prepare = prepare,
	.write = write,
	.poll_complete = poll_complete,
	.cancel = cancel,
};

static int __init tdx_host_init(void)
{
	u64 features0;

	if (tdx_host_read_version(&module.version) ||
	    tdx_host_read_field(TDX_FIELD_FEATURES0, &features0))
		return -ENODEV;
	module.works = true;
	can_update = features0 & FEATURE_TD_PRESERVING && !seamret_invd_vmcs;

	device = faux_device_create_with_groups("tdx_host", NULL, NULL, tdx_host_groups);
	if (!device)
		return -ENODEV;
	if (!can_update)
		return 0;
	/* Its reference to a module would keep this one from being unloaded. */
	upload = firmware_upload_register(NULL, &device->dev, "tdx_module", &upload_ops, NULL);
	if (!IS_ERR(upload))
		return 0;
	faux_device_destroy(device);
	return PTR_ERR(upload);
}

static void __exit tdx_host_exit(void)
{
	if (can_update)
		firmware_upload_unregister(upload);
	faux_device_destroy(device);
}

module_init(tdx_host_init);
module_exit(tdx_host_exit);

MODULE_AUTHOR("The tdxctl authors");
MODULE_DESCRIPTION("Test only: the device, the files and the firmware upload of Linux's tdx-host");
MODULE_LICENSE("GPL");
