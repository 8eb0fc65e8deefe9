# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# Disabling the TDX module in slices: every ending, one at a time, and at any moment killed.
# shellcheck source-path=SCRIPTDIR source=../guest/helper.sh
. /root/helper.sh

ready="read=0xc0b00000000 gate=0xc000010000000001"
disabling="read=0x8000020200000000 gate=0xc000050500000000"
initial="read=0xc000050200000000 gate=0xc000050500000000"
not_ready=0xc000050500000000
state() { ioctl_test print-module-state; }
# answer STATUS CALLS INTERRUPTED BUSY: as disable_test prints it.
answer() { echo "finished=1 status=$1 calls=$2 interrupted=$3 busy=$4"; }

# A module of public memory alone, without interrupts: quick.
power_on profile=connect-preview boot=ready
report_lines disable_test rules
expect_equal "the module is ready before" "$ready" "$(state)"
expect_equal "one call is enough" "$(answer 0 1 0 0)" "$(disable_test run)"
expect_equal "the module is as after a load" "$initial" "$(state)"
expect_equal "there is nothing more to disable" "$(answer $not_ready 1 0 0)" "$(disable_test run)"
bring_up() {
  echo "0 33" >"$seam_host/seamcall"
  for number in 0 1 2 3; do echo "$number 35" >"$seam_host/seamcall"; done
}
check "TDH.SYS.INIT and TDH.SYS.LP.INIT on every LP succeed again" bring_up
power_off

power_on profile=connect-preview boot=ready
busy=0x8000020200000000
for times in 1 2 10 100 1000; do
  arm "seamcall=69,count=$times,status=$busy;seamcall=69,status=0xc000050600000000"
  expect_equal "busy $times times" "$(answer 0xc000050600000000 $((times + 1)) 0 $times)" "$(disable_test run)"
done
arm "seamcall=69,count=5000,status=0x8000000300000000;seamcall=69,status=0xc000050600000000"
expect_equal "interrupted 5000 times" "$(answer 0xc000050600000000 5001 5000 0)" "$(disable_test run)"
arm "seamcall=69,count=0,status=$busy"
check "busy for ever ends with the slice" sh -c "disable_test slice | grep -q 'finished=0 status=$busy calls=[1-9][0-9]* interrupted=0 busy=[1-9]'"
for status in 0xc000010000000000 0x8000020000000000 0x8000000400000000 0xc000050800000000 0x8000080000000000; do
  for nth in 1 2 100; do
    before=''
    [ $nth = 1 ] || before="seamcall=69,count=$((nth - 1)),status=0x8000000300000000;"
    arm "${before}seamcall=69,status=$status"
    expect_equal "$status at call $nth" "$(answer $status $nth $((nth - 1)) 0)" "$(disable_test run)"
  done
done
for outcome in ud=0x8000ff0000000006 gp=0x8000ff000000000d vmfailinvalid=0x8000ff00ffff0000; do
  arm "seamcall=69,outcome=${outcome%=*}"
  expect_equal "${outcome%=*} is reported" "$(answer "${outcome#*=}" 1 0 0)" "$(disable_test run)"
done
expect_equal "nothing of this has reached the module" "$ready" "$(state)"
power_off

power_on profile=sapphire-rapids boot=ready
expect_equal "an older module does not know the leaf" "$(answer 0xc000010000000000 1 0 0)" "$(disable_test run)"
expect_equal "and is as it was" "$ready" "$(state)"
power_off
power_on profile=connect-preview boot=loaded
expect_equal "a module that was not brought up" "$(answer $not_ready 1 0 0)" "$(disable_test run)"
power_off

# Each call resets 10000 pages, and then an interrupt comes. With the fault armed it makes no progress at all.
tds="tds 3 building 0 migrations 0 pages 200000"
power_on profile=connect-preview boot=ready tds=3 td_pages=200000 interrupt_every_ns=1000000
interrupted_for_ever="seamcall=69,count=0,status=0x8000000300000000"
arm "$interrupted_for_ever"
tracing=/sys/kernel/tracing
echo 1 >$tracing/events/tdxctl/tdxctl_operation/enable
report_lines disable_test exclusive
echo 0 >$tracing/events/tdxctl/tdxctl_operation/enable
check "the operation disable is traced" grep -q "tdxctl_operation: operation=disable duration_ns=[1-9][0-9]* result=0" $tracing/trace
check "and so is its refusal" grep -q "operation=disable duration_ns=[0-9]* result=-16" $tracing/trace
report_lines disable_test interrupted

arm ""
disable_test hold >/run/hold &
holder=$!
until [ -s /run/hold ]; do sleep 1; done
expect_equal "one call is made" "finished=0 status=0x8000000300000000 calls=1 interrupted=1 busy=0" "$(cat /run/hold)"
expect_equal "the module is being disabled" "$disabling" "$(state)"
expect_equal "its TDs are still there" "$tds" "$(cat "$seam_host/tds")"
expect_equal "another process is refused" errno=EBUSY "$(disable_test run)"
expect_exit 1 "the helper does not unload" rmmod tdxctl
kill -9 $holder
wait $holder

arm "$interrupted_for_ever"
disable_test run >/run/run 2>/run/progress &
runner=$!
until [ -s /run/progress ]; do sleep 1; done
expect_equal "another process is refused while one disables" errno=EBUSY "$(disable_test slice)"
expect_exit 1 "the helper does not unload in the midst of a slice" rmmod tdxctl
kill -9 $runner
wait $runner
expect_equal "killed in the midst, it has said nothing" "" "$(cat /run/run)"
expect_equal "the module is still being disabled" "$disabling" "$(state)"
arm ""
check "the next finishes what was begun" sh -c "disable_test run | grep -q 'finished=1 status=0 calls=[1-9][0-9]* interrupted=[1-9][0-9]* busy=0'"
expect_equal "the module is as after a load" "$initial" "$(state)"
expect_equal "its TDs are gone" "tds 0 building 0 migrations 0 pages 0" "$(cat "$seam_host/tds")"
check "TDH.SYS.INIT and TDH.SYS.LP.INIT on every LP succeed again" bring_up
power_off
