# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# What the helper makes of a module and a P-SEAMLDR that fail, and of machines that have come only part of the way.
# shellcheck source-path=SCRIPTDIR source=../guest/helper.sh
. /root/helper.sh

power_on profile=sapphire-rapids boot=ready
no_entropy=0x8000020300000000

# calls COMMAND...: runs it and prints the SEAMCALLs that it made, from the trace, and what it says.
tracing=/sys/kernel/tracing
echo 1 >$tracing/events/tdxctl/tdxctl_seamcall/enable
calls() {
  local output
  echo >$tracing/trace
  output=$("$@")
  echo "$(grep -c tdxctl_seamcall: $tracing/trace) $output"
}

arm "seamcall=34,status=$no_entropy,count=9"
expect_equal "a read without entropy is repeated" "10 status=0" "$(calls ioctl_test print-read)"
arm "seamcall=34,status=$no_entropy,count=0"
expect_equal "a read is given up after 10 calls" "10 status=$no_entropy" "$(calls ioctl_test print-read)"
arm "seamcall=37,status=$no_entropy,count=0"
expect_equal "RDALL is given up after 10 calls" "10 status=$no_entropy" "$(calls ioctl_test print-read-all-rdall)"
arm "seamldr=0,status=0x8000000000030001,count=9"
expect_equal "the P-SEAMLDR without entropy is called again" "10 status=0" "$(calls ioctl_test print-seamldr)"
arm "seamldr=0,status=0x8000000000030001,count=0"
expect_equal "the P-SEAMLDR is given up after 10 calls" "10 status=0x8000000000030001" "$(calls ioctl_test print-seamldr)"
arm "seamcall=34,status=0x8000020200000000"
expect_equal "TDX_SYS_BUSY is for the caller to repeat" "1 status=0x8000020200000000" "$(calls ioctl_test print-read)"

for outcome in ud=0x8000ff0000000006 gp=0x8000ff000000000d vmfailinvalid=0x8000ff00ffff0000; do
  arm "seamcall=34,outcome=${outcome%=*},count=0;seamcall=37,outcome=${outcome%=*},count=0;seamldr=0,outcome=${outcome%=*},count=0"
  for operation in read read-all-rd read-all-rdall seamldr; do
    expect_equal "$operation: ${outcome%=*} in the middle of things is reported" "status=${outcome#*=}" "$(ioctl_test print-$operation)"
  done
done
arm "seamcall=34,nth=50,status=0xc000050600000000,count=0"
expect_equal "an enumeration that breaks off says why" status=0xc000050600000000 "$(ioctl_test print-read-all-rd)"
arm ""
expect_equal "without faults all is well again" status=0 "$(ioctl_test print-read-all-rd)"
power_off

# state NAME READ GATE SEAMLDR
state() {
  power_on profile=sapphire-rapids boot="$1"
  expect_equal "boot=$1: TDH.SYS.RD and the gate" "read=$2 gate=$3" "$(ioctl_test print-module-state)"
  expect_equal "boot=$1: SEAMLDR.INFO" "status=$4" "$(ioctl_test print-seamldr)"
  power_off
}
state no-module 0x8000ff00ffff0000 0x8000ff00ffff0000 0
state loaded 0xc000050200000000 0xc000050500000000 0

power_on profile=sapphire-rapids boot=no-vmx
report_lines ioctl_test without-ud
power_off
power_on profile=sapphire-rapids boot=no-seam
report_lines ioctl_test without-gp
power_off
power_on profile=sapphire-rapids boot=no-seamldr
report_lines ioctl_test without-vmfailinvalid
power_off
