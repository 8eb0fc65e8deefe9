/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * What the helper does, one function per ioctl. The argument is a copy of the
 * caller's, and tdxctl_run_command() has checked its size, flags and number of
 * elements. Return 0 or a negative errno as listed in the UAPI header.
 */
#ifndef TDXCTL_LOGIC_LOGIC_H
#define TDXCTL_LOGIC_LOGIC_H

#include "../uapi/tdxctl.h"
#include "host.h"

#define TDXCTL_HELPER_VERSION "0.1.0"

int tdxctl_platform(struct tdxctl_host *host, struct tdxctl_platform *arg);
int tdxctl_module_state(struct tdxctl_host *host, struct tdxctl_module_state *arg);
int tdxctl_read(struct tdxctl_host *host, struct tdxctl_metadata *arg);
int tdxctl_read_all(struct tdxctl_host *host, struct tdxctl_metadata *arg);
int tdxctl_seamldr_info(struct tdxctl_host *host, struct tdxctl_seamldr_info *arg);
int tdxctl_disable(struct tdxctl_host *host, struct tdxctl_disable *arg);
int tdxctl_stage(struct tdxctl_host *host, struct tdxctl_stage *arg);
int tdxctl_apply(struct tdxctl_host *host, struct tdxctl_apply *arg);
int tdxctl_init(struct tdxctl_host *host, struct tdxctl_init *arg);
int tdxctl_configure(struct tdxctl_host *host, struct tdxctl_configure *arg);

/* TDXCTL_MODULE_*, as far as the module alone tells. */
u32 tdxctl_module_presence(struct tdxctl_host *host);

/* Give up the image that is staged, if there is one. */
void tdxctl_unstage(struct tdxctl_host *host);

/* Nobody waits longer for a kexec than this. */
#define TDXCTL_DISABLE_ON_KEXEC_MAX_MS 60000

/*
 * Disable the TDX module because the kernel is about to be replaced: one long
 * slice, which no signal ends. Fills in @arg as TDXCTL_IOC_DISABLE does; -EBUSY
 * when a file has reserved changes of state.
 */
int tdxctl_disable_on_kexec(struct tdxctl_host *host, struct tdxctl_disable *arg);

/*
 * Changes of state are made one at a time, by one open file until it is closed.
 * Begin returns -EBUSY when they are reserved for another file, or when @file is
 * making one; otherwise they are reserved for it, and one is being made until
 * tdxctl_end_change(). @file only has to be unique.
 */
int tdxctl_begin_change(struct tdxctl_host *host, const void *file);
void tdxctl_end_change(struct tdxctl_host *host);

/*
 * @file is closed, so none of its commands runs: what it has staged is given up,
 * and others may make changes now.
 */
void tdxctl_close(struct tdxctl_host *host, const void *file);

/* A row per ioctl: both homes dispatch through this table. */
struct tdxctl_command {
	unsigned int number;	/* TDXCTL_IOC_* */
	u32 size_v0;		/* smallest struct that was ever published */
	u32 size;		/* bytes that this helper knows, without elements */
	u32 element_size;	/* of the elements that may follow, or 0 */
	u32 max_elements;
	bool changes_state;	/* of the machine: for root, one at a time */
	int (*run)(struct tdxctl_host *host, void *arg);
};

/* The row of @number, NULL when there is none. */
const struct tdxctl_command *tdxctl_find_command(unsigned int number);

/*
 * Whether an argument of @bytes bytes is worth copying: -EINVAL when it is too
 * small for @command, -E2BIG when it is over the limit.
 */
int tdxctl_check_size(const struct tdxctl_command *command, u32 bytes);

/*
 * Run a command of @file on a copy of the caller's argument of @bytes bytes: the
 * size rules, the flags and then the command itself. @arg has room for @bytes and
 * for @command->size bytes, with zeros behind what was copied. On success the
 * first @bytes bytes of @arg go back to the caller.
 */
int tdxctl_run_command(struct tdxctl_host *host, const void *file,
		       const struct tdxctl_command *command, void *arg, u32 bytes);

#endif
