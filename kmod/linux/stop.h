/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TDXCTL_LINUX_STOP_H
#define TDXCTL_LINUX_STOP_H

#include "../logic/host.h"

/* The operation @stop_lps of struct tdxctl_host_ops. */
bool tdxctl_stop_lps(struct tdxctl_host *host, struct tdxctl_stopped_step *steps, u32 nr,
		     void *context);

#endif
