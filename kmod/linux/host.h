/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TDXCTL_LINUX_HOST_H
#define TDXCTL_LINUX_HOST_H

#include "../logic/host.h"

/* This machine, as the logic sees it. */
extern struct tdxctl_host tdxctl_linux_host;

#endif
