// SPDX-License-Identifier: MIT
/*
 * kexec load KERNEL INITRD CMDLINE
 * kexec go
 *
 * kexec-tools would bring the Xen libraries and a say in the host's own reboots.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long ret = -1;

	errno = EINVAL;
	if (argc == 5 && !strcmp(argv[1], "load"))
		ret = syscall(SYS_kexec_file_load, open(argv[2], O_RDONLY), open(argv[3], O_RDONLY),
			      strlen(argv[4]) + 1, argv[4], 0UL);
	else if (argc == 2 && !strcmp(argv[1], "go"))
		ret = syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
			      LINUX_REBOOT_CMD_KEXEC, NULL);
	if (ret)
		perror("kexec");
	return !!ret;
}
