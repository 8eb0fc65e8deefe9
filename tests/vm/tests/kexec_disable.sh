# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# vm: --kexec 3 --mem 1G --append memmap=4M$0x18000000
# What the next kernel finds: disable_on_kexec= off, on while another program is disabling, and on.
# shellcheck source-path=SCRIPTDIR source=../guest/helper.sh
. /root/helper.sh

load_module seam_host.ko profile=connect-preview boot=ready tds=3 td_pages=200000 interrupt_every_ns=1000000 \
  state_pa=0x18000000 state_bytes=0x400000
state() { ioctl_test print-module-state; }
# What the helper says last of all is on the console.
echo 8 >/proc/sys/kernel/printk
tds="tds 3 building 0 migrations 0 pages 200000"
disabling="read=0x8000020200000000 gate=0xc000050500000000"

# shellcheck disable=SC2154
case $stage in
1)
  load_module tdxctl.ko
  expect_equal "disable_on_kexec= is off by default" N "$(cat /sys/module/tdxctl/parameters/disable_on_kexec)"
  kexec_next
  ;;
2)
  load_module tdxctl.ko disable_on_kexec=1
  expect_equal "off: the module is still ready" "read=0xc0b00000000 gate=0xc000010000000001" "$(state)"
  expect_equal "off: its TDs are still there" "$tds" "$(cat "$seam_host/tds")"
  disable_test hold &
  until [ "$(state)" = "$disabling" ]; do sleep 1; done
  kexec_next
  ;;
3)
  load_module tdxctl.ko
  expect_equal "in use: the module is still being disabled" "$disabling" "$(state)"
  expect_equal "in use: its TDs are still there" "$tds" "$(cat "$seam_host/tds")"
  echo 1 >/sys/module/tdxctl/parameters/disable_on_kexec
  kexec_next
  ;;
4)
  load_module tdxctl.ko
  expect_equal "on: the module is as after a load" "read=0xc000050200000000 gate=0xc000050500000000" "$(state)"
  expect_equal "on: its TDs are gone" "tds 0 building 0 migrations 0 pages 0" "$(cat "$seam_host/tds")"
  check "on: TDH.SYS.INIT succeeds" sh -c "echo 0 33 >$seam_host/seamcall"
  power_off
  ;;
esac
