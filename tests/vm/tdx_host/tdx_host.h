/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A test-only module in the place of Linux's tdx-host driver, which the kernels
 * under test are built without: the same device, the same files and the same
 * firmware upload. Its SEAMCALLs are the instruction; load seam_host.ko before it.
 *
 * Sources: Linux 7.3 Documentation/ABI/testing/sysfs-devices-faux-tdx-host,
 * Documentation/arch/x86/tdx.rst and Documentation/driver-api/firmware/fw_upload.rst.
 */
#ifndef TDX_HOST_H
#define TDX_HOST_H

#include <linux/types.h>

#include "../../../kmod/logic/host.h"
#include "../../../kmod/logic/tdx.h"

/* seamcall.c: -EIO where the call answers an error, -ENODEV where nobody answers. */
int tdx_host_module_call(u16 leaf, struct tdxctl_seamcall_regs *regs);
int tdx_host_seamldr_call(u16 leaf, struct tdxctl_seamcall_regs *regs);
int tdx_host_read_field(u64 id, u64 *value);

struct tdx_host_version {
	u16 major, minor, update;
};

/* seamcall.c: of the module that runs. */
int tdx_host_read_version(struct tdx_host_version *version);

/* What Linux knows of the TDX module. */
struct tdx_host_module {
	bool works;	/* false from TDH.SYS.SHUTDOWN on, until an update has succeeded */
	struct tdx_host_version version;
};

/*
 * update.c: replace the module by what the container holds. -EINVAL where it is
 * none, those of SEAMCALLs, or -ENOMEM. The caller keeps others from @module.
 */
int tdx_host_update(struct tdx_host_module *module, const u8 *container, u32 bytes);

#endif
