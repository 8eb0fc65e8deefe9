# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# vm: --kexec 1 --append memmap=4M$0x18000000
# The modelled hardware outlives a kexec, as the real one does.
# shellcheck source-path=SCRIPTDIR source=../guest/helper.sh
. /root/helper.sh

power_on profile=sapphire-rapids boot=ready state_pa=0x18000000 state_bytes=0x400000
# shellcheck disable=SC2154
if [ "$stage" = 1 ]; then
  echo "2 1234000" >"$seam_host"/vmptrld
  expect_equal "SEAMLDR.INFO succeeds before" status=0 "$(ioctl_test print-seamldr 2)"
  power_off
  kexec_next
else
  expect_equal "the machine remembers its calls" 1 "$(lp 2 seamldr_calls)"
  expect_equal "the machine remembers its current VMCS" 0x1234000 "$(lp 2 current_vmcs)"
  expect_equal "the module is still ready" "read=0xc0b00000000 gate=0xc000010000000001" "$(ioctl_test print-module-state)"
  power_off
fi
