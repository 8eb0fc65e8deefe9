/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TDXCTL_LINUX_LPS_H
#define TDXCTL_LINUX_LPS_H

#include "../logic/host.h"

/* The operations @lock_lps, @unlock_lps, @nr_lps and @on_lps of struct tdxctl_host_ops. */
void tdxctl_lock_lps(struct tdxctl_host *host);
void tdxctl_unlock_lps(struct tdxctl_host *host);
void tdxctl_nr_lps(struct tdxctl_host *host, u32 *online, u32 *present, u32 *packages);
u64 tdxctl_on_lps(struct tdxctl_host *host, enum tdxctl_lps lps,
		  bool (*run)(struct tdxctl_host *host, u32 nth, void *context), void *context);

/* Before the first and after the last use of @on_lps. */
int tdxctl_lps_init(void);
void tdxctl_lps_exit(void);

#endif
