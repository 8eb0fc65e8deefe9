# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# vm: --machine pc,max-ram-below-4g=2G --mem 4G
# Bringing the module up on the guest's own RAM, in two TDMRs: with and without Connect, twice, and from every failure
# onwards.
# shellcheck source-path=SCRIPTDIR source=../guest/helper.sh
. /root/helper.sh

tracing=/sys/kernel/tracing
# Steps and modules as the UAPI header numbers them.
init=1 lp_init=2 config=3 key_config=4 tdmr_init=5 ext_mem_add=6 ext_init=7 quote_init=8
not_ready=4
ready="read=0xc0b00000000 gate=0xc000010000000001"
initial="read=0xc000050200000000 gate=0xc000050500000000"
connect=features=0x40
pool=8960

state() { ioctl_test print-module-state; }
up() { bring_up_test up "$@"; }
# ended STEP FAILED AT STATUS DISABLE MODULE INITIALISED POOL: as bring_up_test prints it.
ended() {
  echo "step=$1 finished=1 failed=$2 at=$3 status=$4 disable=$5 module=$6 tdmrs=2 initialised=$7/4 pool_pages=$8"
}
plain=$(ended $tdmr_init 0 0 0 0 0 4 0)
connected=$(ended $ext_init 0 0 0 0 0 4 $pool)
disabled() { disable_test run | sed 's/ calls=.*//'; }
# kilobytes: what the page allocator has. It keeps pages aside for each LP, which it lets go when it is asked for blocks.
kilobytes() { awk '/^(MemFree|Cached|SReclaimable):/ { free += $2 } END { print free }' /proc/meminfo; }

power_on profile=connect-preview boot=loaded interrupt_every_ns=10000
report_lines bring_up_test rules
expect_equal "nothing of this has reached the module" "$initial" "$(state)"
echo 0 >/sys/devices/system/cpu/cpu3/online
expect_equal "while an LP is offline" errno=EAGAIN "$(up)"
echo 1 >/sys/devices/system/cpu/cpu3/online
disable_test hold >/run/hold &
holder=$!
until [ -s /run/hold ]; do sleep 1; done
expect_equal "while another program makes changes" errno=EBUSY "$(up)"
kill -9 $holder
wait $holder

# traced NAME=VALUE...: brings up, with the trace in /run/trace.
echo 8192 >$tracing/buffer_size_kb
echo global >$tracing/trace_clock
traced() {
  echo >$tracing/trace
  echo 1 >$tracing/events/tdxctl/enable
  up "$@"
  echo 0 >$tracing/events/tdxctl/enable
  cp $tracing/trace /run/trace
}
calls() { grep -c "target=module leaf=$1 version=$2 " /run/trace; }
lps_of() { sed -n "s/^.*\[\([0-9]*\)\] .*tdxctl_seamcall: target=module leaf=$1 .*/\1/p" /run/trace; }
line='target=module leaf=[0-9]* version=[01] status=0x[0-9a-f]\{16\} duration_ns=[0-9]*$'
# configured NAME VERSION R9 R11: what the trace tells of TDH.SYS.CONFIG.
configured() {
  expect_equal "$1: the arguments of TDH.SYS.CONFIG" "version=$2 r9=$3 r11=$4" "$(sed -n 's/.*tdxctl_sys_config: //p' /run/trace)"
  expect_equal "$1: one call of its version $2" "1 0" "$(calls 45 "$2") $(calls 45 $((1 - $2)))"
  expect_equal "$1: nothing else is told of registers" "" "$(grep tdxctl_seamcall: /run/trace | grep -v "$line")"
}

expect_equal "without features" "$plain" "$(traced)"
put_file /run/trace trace-plain
configured "without features" 0 0x0 0
expect_equal "TDH.SYS.LP.INIT on each LP" "000 001 002 003" "$(lps_of 35 | sort | xargs)"
expect_equal "TDH.SYS.KEY.CONFIG on one LP of each package" "000 002" "$(lps_of 31 | xargs)"
expect_equal "TDH.SYS.TDMR.INIT of each TDMR on an LP of its own" "000 002" "$(lps_of 36 | sort -u | xargs)"
expect_equal "nothing is asked of Extensions" "0 0" "$(calls 61 0) $(calls 60 0)"
for operation in init configure; do
  check "the operation $operation is traced" grep -q "operation=$operation duration_ns=[1-9][0-9]* result=0" /run/trace
done
expect_equal "the module is ready" "$ready" "$(state)"
expect_equal "the helper knows" "brought_up=1 options=0 features=0" "$(bring_up_test platform)"
expect_exit 1 "the helper does not unload while the module uses its memory" rmmod tdxctl
expect_equal "a module that is ready takes no TDH.SYS.LP.INIT" "init: step=$lp_init status=0xc000050b00000000" "$(up | sed 's/ lp=.//')"
expect_equal "and is not configured anew" errno=EALREADY "$(bring_up_test configure)"
expect_equal "and so it stays" "$ready" "$(state)"
expect_equal "it can be disabled" "finished=1 status=0" "$(disabled)"
expect_equal "the helper knows that as well" "brought_up=0 options=0 features=0" "$(bring_up_test platform)"

expect_equal "with Connect" "$connected" "$(traced $connect)"
put_file /run/trace trace-connect
configured "with Connect" 1 0x40 0
check "the Extensions get their memory in lists, with interrupts" test "$(calls 61 0)" -gt 18
check "they are initialised, with interrupts" test "$(calls 60 0)" -gt 1
expect_equal "the module is ready with Connect" "$ready" "$(state)"
expect_equal "the helper knows the features" "brought_up=1 options=0 features=0x40" "$(bring_up_test platform)"
expect_equal "it can be disabled with Connect" "finished=1 status=0" "$(disabled)"
expect_equal "with Connect and the wall clock" "$connected" "$(traced $connect wall-clock=1700000000)"
configured "with Connect and the wall clock" 1 0x40 1700000000
expect_equal "it can be disabled once more" "finished=1 status=0" "$(disabled)"

# PAMTs take 16 MB and the pool 35.
before=$(kilobytes)
for round in 1 2 3 4; do
  expect_equal "round $round" "$connected" "$(up $connect)"
  taken=$((before - $(kilobytes)))
  check "round $round takes memory" test $taken -gt 30000
  expect_equal "round $round ends" "finished=1 status=0" "$(disabled)"
done
lost=$((before - $(kilobytes)))
check "and gives it back" test $lost -lt 8000
details "$taken KB taken, $lost KB lost"

# killed STEP: the process that brings up dies at the step.
killed() {
  rm -f /run/hold
  bring_up_test hold "$1" $connect slice-ms=0 >/run/hold &
  holder=$!
  until [ -s /run/hold ]; do sleep 1; done
  check "a process holds at step $1" grep -q "^step=$1 finished=0 failed=0 " /run/hold
  expect_equal "another is refused at step $1" errno=EBUSY "$(up)"
  expect_exit 1 "the helper does not unload at step $1" rmmod tdxctl
  kill -9 $holder
  wait $holder
  expect_equal "killed at step $1: the module is as after a load" "$initial" "$(state)"
}
before=$(kilobytes)
for step in "$key_config" "$tdmr_init" "$ext_mem_add" "$ext_init"; do killed "$step"; done
expect_equal "the next one succeeds" "$connected" "$(up $connect)"
expect_equal "and can be disabled" "finished=1 status=0" "$(disabled)"
lost=$((before - $(kilobytes)))
check "what the killed ones had is back" test $lost -lt 8000
details "$lost KB lost"

# One status for each step; how far TDMRs and pool were by then is a matter of the moment.
all=features=0x4000000000040
complete="$(ended $quote_init 0 0 0 0 0 4 $((2 * pool)))"
failure=0xc000000000000077
# failed STEP AT
failed() { echo "step=$1 finished=1 failed=1 at=$2 status=$failure disable=0 module=$not_ready tdmrs=2"; }
# fault FAULT ANSWER: the bring-up fails.
fault() {
  arm "$1,status=$failure"
  expect_equal "$1 fails" "$2" "$(up $all | sed 's/ initialised=.*//')"
  expect_equal "$1 failed: the helper holds nothing" "brought_up=0 options=0 features=0" "$(bring_up_test platform)"
}
# recoverable FAULT ANSWER: and the next one succeeds.
recoverable() {
  fault "$@"
  expect_equal "$1 failed: once more" "$complete" "$(up $all)"
  expect_equal "$1 failed: and disabled" "finished=1 status=0" "$(disabled)"
}
before=$(kilobytes)
recoverable seamcall=33 "init: step=$init lp=0 status=$failure"
recoverable seamcall=35,lp=2 "init: step=$lp_init lp=2 status=$failure"
recoverable seamcall=45 "$(failed $config 0)"
recoverable seamcall=36,lp=2,nth=100 "$(failed $tdmr_init 1)"
recoverable seamcall=61,nth=3 "$(failed $ext_mem_add 0)"
recoverable seamcall=60,nth=2 "$(failed $ext_init 0)"
recoverable seamcall=100 "$(failed $quote_init 0)"
arm "seamcall=36,lp=2,nth=100,status=$failure;seamcall=69,count=0,status=0xc000010000000000"
expect_equal "a module that cannot be disabled fails" "step=$tdmr_init finished=1 failed=1 at=1 status=$failure disable=0xc000010000000000 module=5 tdmrs=2" \
  "$(up $all | sed 's/ initialised=.*//')"
expect_equal "it only looks ready" "$ready brought_up=3 options=0 features=0" "$(state) $(bring_up_test platform)"
expect_equal "it is not configured anew" errno=EALREADY "$(bring_up_test configure)"
expect_exit 1 "the helper does not unload while it has the memory" rmmod tdxctl
arm ""
expect_equal "once it can be disabled" "finished=1 status=0" "$(disabled)"
expect_equal "the helper holds nothing" "brought_up=0 options=0 features=0" "$(bring_up_test platform)"
lost=$((before - $(kilobytes)))
check "what the failed ones had is back" test $lost -lt 8000
details "$lost KB lost"
power_off

# A module that was configured stays so: it takes no other TDMRs, and cannot be disabled before it is ready.
for lp in 0 2; do
  power_on profile=connect-preview boot=loaded
  fault seamcall=31,lp=$lp "$(failed $key_config $lp)"
  expect_equal "seamcall=31,lp=$lp failed: the module is not configured anew" "step=$config finished=1 failed=1 at=0 status=0xc000050c00000000" \
    "$(bring_up_test configure $all | sed 's/ disable=.*//')"
  expect_equal "seamcall=31,lp=$lp failed: nor disabled" "finished=1 status=0xc000050500000000" "$(disabled)"
  power_off
done

# Last of all, because it stays: a module that knows neither Connect nor TDH.SYS.DISABLE.
power_on profile=sapphire-rapids boot=loaded
expect_equal "an older module with Connect" "step=$config finished=1 failed=1 at=0 status=0xc000010000000000" \
  "$(up $connect | sed 's/ disable=.*//')"
expect_equal "an older module without features" "$plain" "$(traced)"
configured "an older module without features" 0 0x0 0
expect_equal "it is ready" "$ready" "$(state)"
expect_equal "it cannot be disabled" "finished=1 status=0xc000010000000000" "$(disabled)"
expect_equal "so the helper goes on holding its memory" "brought_up=1 options=0 features=0" "$(bring_up_test platform)"
expect_exit 1 "and does not unload" rmmod tdxctl
