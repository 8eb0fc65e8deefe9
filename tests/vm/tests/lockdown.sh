# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# A kernel that is locked down lets nobody change the state of the machine through the helper; reading goes on.
# shellcheck source-path=SCRIPTDIR source=../guest/helper.sh
. /root/helper.sh

power_on profile=connect-preview boot=ready
check "the security file system" mount -t securityfs securityfs /sys/kernel/security
echo integrity >/sys/kernel/security/lockdown
check "the kernel is locked down" grep -q '\[integrity\]' /sys/kernel/security/lockdown
expect_equal "DISABLE is refused with EPERM" errno=EPERM "$(disable_test slice)"
expect_equal "and so is an update" EPERM "$(update_test 6 | sed 's/errno=\([A-Z]*\).*/\1/')"
expect_equal "the module is as it was" "read=0xc0b00000000 gate=0xc000010000000001" "$(ioctl_test print-module-state)"
expect_equal "SEAMLDR.INFO succeeds" status=0 "$(ioctl_test print-seamldr)"
power_off
