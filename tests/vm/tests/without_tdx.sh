# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# The helper on a machine without TDX, and everything that does not depend on TDX.
# shellcheck source-path=SCRIPTDIR source=../guest/helper.sh
. /root/helper.sh

load_module tdxctl.ko
expect_equal "the device is there, root's alone" "600 0" "$(stat -c '%a %u' /dev/tdxctl)"
report_lines ioctl_test rules
report_lines ioctl_test without-ud

topology() { ioctl_test print-platform | grep -o 'lps_online.*packages_online=[0-9]*'; }
expect_equal "4 LPs and 2 packages are counted" "lps_online=4 lps_present=4 packages_online=2" "$(topology)"
echo 0 >/sys/devices/system/cpu/cpu3/online
expect_equal "an LP that is offline is still present" "lps_online=3 lps_present=4 packages_online=2" "$(topology)"
echo 0 >/sys/devices/system/cpu/cpu2/online
expect_equal "a package without an LP online is not counted" "lps_online=2 lps_present=4 packages_online=1" "$(topology)"

exec 3</dev/tdxctl
expect_exit 1 "the helper does not unload while the device is open" rmmod tdxctl
exec 3<&-
unload_module tdxctl
expect_exit 1 "the device is gone" test -e /dev/tdxctl
expect_exit 22 "an unknown seamret_vmcs= is refused" insmod tdxctl.ko seamret_vmcs=perhaps
load_module tdxctl.ko seamret_vmcs=refuse
expect_equal "seamret_vmcs= can be read back" refuse "$(cat /sys/module/tdxctl/parameters/seamret_vmcs)"
unload_module tdxctl
