/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TDXCTL_LINUX_BLOCK_H
#define TDXCTL_LINUX_BLOCK_H

#include "../logic/host.h"

/* The operations @next_ram, @alloc_block and @free_block of struct tdxctl_host_ops. */
bool tdxctl_next_ram(struct tdxctl_host *host, u64 from, u64 *start, u64 *end);
bool tdxctl_alloc_block(struct tdxctl_host *host, struct tdxctl_block *block, u64 from, u64 to,
			u64 bytes);
void tdxctl_free_block(struct tdxctl_host *host, struct tdxctl_block *block);

#endif
