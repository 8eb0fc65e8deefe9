/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TDXCTL_LINUX_KEXEC_H
#define TDXCTL_LINUX_KEXEC_H

/* Disable the TDX module on kexec, if the parameter disable_on_kexec says so then. */
int tdxctl_kexec_init(void);
void tdxctl_kexec_exit(void);

#endif
