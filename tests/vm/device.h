/* SPDX-License-Identifier: GPL-2.0-only */
/* What the programs that call /dev/tdxctl in a guest share: result lines as tests/vm/guest/lib.sh describes them. */
#ifndef TESTS_VM_DEVICE_H
#define TESTS_VM_DEVICE_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../../kmod/uapi/tdxctl.h"

static int device = -1;

__attribute__((format(printf, 2, 3))) static inline void expect(bool good, const char *format, ...)
{
	va_list arguments;

	printf("%sok - ", good ? "" : "not ");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf(good ? "\n" : ": %s\n", strerror(errno));
	fflush(stdout);
}

__attribute__((noreturn)) static inline void die(const char *what)
{
	printf("not ok - %s: %s\n", what, strerror(errno));
	exit(1);
}

/* 0 or the errno of the ioctl. */
static inline int call(unsigned int number, void *arg)
{
	return ioctl(device, number, arg) ? errno : 0;
}

static inline int open_device(int flags)
{
	int file = open(TDXCTL_DEVICE, flags);

	if (file < 0)
		die("open " TDXCTL_DEVICE);
	return file;
}

#endif
