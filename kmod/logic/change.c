// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "bring_up.h"
#include "logic.h"

int tdxctl_begin_change(struct tdxctl_host *host, const void *file)
{
	const void *holder = cmpxchg(&host->reserved_for, NULL, file);

	if (holder && holder != file)
		return -EBUSY;
	/* Threads share an open file. */
	return cmpxchg(&host->changing, 0, 1) ? -EBUSY : 0;
}

void tdxctl_end_change(struct tdxctl_host *host)
{
	(void)cmpxchg(&host->changing, 1, 0);
}

void tdxctl_close(struct tdxctl_host *host, const void *file)
{
	if (host->reserved_for != file)
		return;
	tdxctl_unstage(host);
	tdxctl_abandon_bring_up(host);
	(void)cmpxchg(&host->reserved_for, file, NULL);
}
