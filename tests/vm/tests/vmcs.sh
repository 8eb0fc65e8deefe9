# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# The current VMCS around calls of the P-SEAMLDR, on CPUs where SEAMRET loses it and on CPUs where it does not.
# shellcheck source-path=SCRIPTDIR source=../guest/helper.sh
. /root/helper.sh

none=0xffffffffffffffff
seamret() { ioctl_test print-platform | grep -o 'seamret_vmcs=[0-9]'; }
counts() { echo "$(lp "$1" seamldr_calls) $(lp "$1" vmptrst) $(lp "$1" vmptrld)"; }

power_on profile=sapphire-rapids boot=ready
expect_equal "save: the platform says so" seamret_vmcs=1 "$(seamret)"
echo "2 1234000" >"$seam_host"/vmptrld
expect_equal "save: LP 2 has a current VMCS" 0x1234000 "$(lp 2 current_vmcs)"
expect_equal "save: SEAMLDR.INFO succeeds on LP 2" status=0 "$(ioctl_test print-seamldr 2)"
expect_equal "save: LP 2 has its current VMCS again" 0x1234000 "$(lp 2 current_vmcs)"
expect_equal "save: LP 2 executed VMPTRST once, and VMPTRLD after the test's own" "1 1 2" "$(counts 2)"

expect_equal "save: SEAMLDR.INFO succeeds on LP 1, which has no current VMCS" status=0 "$(ioctl_test print-seamldr 1)"
expect_equal "save: LP 1 still has none" $none "$(lp 1 current_vmcs)"
expect_equal "save: LP 1 executed VMPTRST once and VMPTRLD never" "1 1 0" "$(counts 1)"
expect_equal "save: LP 3 executed nothing" "0 0 0" "$(counts 3)"

arm "seamldr=0,status=0x8000000000010003"
expect_equal "save: a call that fails is reported" status=0x8000000000010003 "$(ioctl_test print-seamldr 2)"
expect_equal "save: LP 2 has its current VMCS after it" 0x1234000 "$(lp 2 current_vmcs)"
arm "seamldr=0,status=0x8000000000030001,count=3"
expect_equal "save: a call without entropy is repeated" status=0 "$(ioctl_test print-seamldr 2)"
expect_equal "save: LP 2 has its current VMCS after all four" 0x1234000 "$(lp 2 current_vmcs)"
arm "seamldr=0,outcome=vmfailinvalid"
expect_equal "save: VMfailInvalid is reported" status=0x8000ff00ffff0000 "$(ioctl_test print-seamldr 2)"
expect_equal "save: LP 2 has its current VMCS after it too" 0x1234000 "$(lp 2 current_vmcs)"
unload_module tdxctl

load_module tdxctl.ko seamret_vmcs=refuse
before=$(counts 2)
expect_equal "refuse: the platform says so" seamret_vmcs=2 "$(seamret)"
expect_equal "refuse: SEAMLDR.INFO is refused with its own errno" errno=ECANCELED "$(ioctl_test print-seamldr 2)"
expect_equal "refuse: nothing was executed" "$before" "$(counts 2)"
expect_equal "refuse: LP 2 has its current VMCS" 0x1234000 "$(lp 2 current_vmcs)"
expect_equal "refuse: the module can be read" status=0 "$(ioctl_test print-read)"
power_off

power_on profile=granite-rapids boot=ready
echo "2 1234000" >"$seam_host"/vmptrld
expect_equal "no erratum: the platform says so" seamret_vmcs=0 "$(seamret)"
expect_equal "no erratum: SEAMLDR.INFO succeeds" status=0 "$(ioctl_test print-seamldr 2)"
expect_equal "no erratum: LP 2 has its current VMCS" 0x1234000 "$(lp 2 current_vmcs)"
expect_equal "no erratum: no VMPTRST is executed on any LP" 0 "$(lp all vmptrst)"
expect_equal "no erratum: no VMPTRLD is executed but the test's own" 1 "$(lp all vmptrld)"
unload_module tdxctl
load_module tdxctl.ko seamret_vmcs=refuse
expect_equal "no erratum: refuse has nothing to refuse" status=0 "$(ioctl_test print-seamldr 2)"
power_off
