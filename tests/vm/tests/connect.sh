# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# vm: --machine pc,max-ram-below-4g=2G --mem 4G --append nohibernate --cpu max,vendor=GenuineIntel,family=6,model=173,stepping=1
# made: update_images
# tdxctl connect configure over the helper, on the guest's own RAM: from a plan to a module that is ready, and back. At last
# on a machine without a module, which tdxctl update recover loads before.
# shellcheck source-path=SCRIPTDIR source=../guest/helper.sh
. /root/helper.sh

if [ ! -x tdxctl ]; then
  skip "tdxctl connect over the helper" "no program was given to tests/vm/all --tdxctl"
  exit
fi

tracing=/sys/kernel/tracing
failure=0xc000000000000077
module_state() { tdxctl --json status | sed 's/.*"module":{"state":"\([^"]*\)".*/\1/'; }
# json MEMBER: of what tdxctl said last, where it comes last.
json() { sed "s/.*\"$1\":\([^,}]*\).*/\1/" /run/said; }
# configure EXIT-STATUS NAME OPTION...
configure() {
  local status=$1 name=$2
  shift 2
  expect_exit "$status" "$name" sh -c "tdxctl --json connect configure $* >/run/said"
}
# tells NAME MEMBER VALUE...
tells() {
  local name=$1
  shift
  while [ $# -gt 0 ]; do
    expect_equal "$name: $1" "$2" "$(json "$1")"
    shift 2
  done
}
config_calls() { sed -n 's/.*tdxctl_sys_config: //p' $tracing/trace | xargs; }
disable() { check "$1" tdxctl disable --yes; }

power_on profile=connect-preview boot=loaded
echo 1 >$tracing/events/tdxctl/enable
echo "freeze mem disk" >/run/sleep_states
mount -o bind /run/sleep_states /sys/power/state
configure 8 "a kernel that can hibernate is refused" --yes
tells "a kernel that can hibernate" id '"hibernation_possible"'
umount /sys/power/state
configure 0 "a plan" --dry-run --features connect
configure 8 "without a terminal it wants --yes" --features connect
expect_equal "nothing of this has configured the module" "" "$(config_calls)"
expect_equal "and it is as it was" not-initialised "$(module_state)"

configure 0 "without features" --yes
tells "without features" changed true state_after '"ready"' pool_bytes 0
expect_equal "without features: version 0 of TDH.SYS.CONFIG" "version=0 r9=0x0 r11=0" "$(config_calls)"
expect_equal "without features: the module is ready" ready "$(module_state)"
configure 0 "once more" --yes
tells "once more" changed false
configure 8 "with Connect, on a module that is ready without" --yes --features connect
tells "with Connect, on a module that is ready without" changed false

echo >$tracing/trace
configure 0 "with Connect, taken over" --yes --features connect --take-over
tells "with Connect" changed true state_after '"ready"' pool_bytes $((8960 * 4096))
expect_equal "with Connect: version 1 of TDH.SYS.CONFIG" "version=1 r9=0x40 r11=0" "$(config_calls)"
configure 0 "with Connect once more" --yes --features connect
tells "with Connect once more" changed false
expect_exit 1 "the helper does not unload" rmmod tdxctl
disable "it is disabled"
tdxctl --json connect plan --features connect >/run/said
check "a plan foretells the time by what the last bring-up took" grep -q '"expected_ms":[1-9][0-9]*,"expected_reason":"by the bring-up of ' /run/said
echo >$tracing/trace
now=$(date +%s)
configure 0 "with Connect and the wall clock" --yes --features connect --wall-clock now
clock=$(config_calls | sed 's/.*r11=//')
check "with the wall clock: R11 is the time" test "$clock" -ge "$now" -a "$clock" -le "$(date +%s)"
disable "it is disabled again"

for step in 33=TDH.SYS.INIT 35,lp=2=TDH.SYS.LP.INIT 45=TDH.SYS.CONFIG 36,nth=100=TDH.SYS.TDMR.INIT 61=TDH.EXT.MEM.ADD \
  60=TDH.EXT.INIT; do
  name=${step##*=}
  arm "seamcall=${step%=*},status=$failure"
  # The first step has changed nothing yet.
  case $name in TDH.SYS.INIT) status=1 ;; *) status=9 ;; esac
  configure $status "$name fails" --yes --features connect
  expect_equal "$name: it says so" "$name failed with status $failure" "$(grep -o "$name failed with status $failure" /run/said)"
  configure 0 "$name failed: once more" --yes --features connect
  disable "$name failed: and disabled"
done

# hold: brings up, as far as an Extension that never comes to its end.
hold() {
  arm "seamcall=60,count=0,status=0x8000000300000000"
  echo >$tracing/trace
  tdxctl --json connect configure --yes --features connect >/run/said &
  holder=$!
  until grep -q 'leaf=60 ' $tracing/trace; do sleep 1; done
}
hold
expect_equal "in the midst of it, another is refused" errno=EBUSY "$(disable_test slice)"
expect_exit 1 "in the midst of it, the helper does not unload" rmmod tdxctl
kill -INT $holder
status=0
wait $holder || status=$?
expect_equal "a signal ends it" 9 $status
expect_equal "by a sentence" '"interrupted' "$(json message | cut -d' ' -f1)"
expect_equal "a signal: the module is as after a load" not-initialised "$(module_state)"
hold
kill -9 $holder
wait $holder
expect_equal "killed: the module is as after a load" not-initialised "$(module_state)"
arm ""
configure 0 "the next one succeeds" --yes --features connect
disable "and is disabled"

arm "seamcall=31,lp=2,status=$failure"
configure 9 "TDH.SYS.KEY.CONFIG fails on the second package" --yes --features connect
configure 8 "TDH.SYS.KEY.CONFIG failed: a reboot is needed" --yes --features connect
tells "TDH.SYS.KEY.CONFIG failed" changed false
power_off

power_on profile=sapphire-rapids boot=no-module "trusted_key=$(cat trusted_key)"
cat hashes >"$seam_host/hashes"
mkdir -p /var/lib
image="--key key.pem catalog/joined_files/tdx_module_1.5.08.blob"
recover() { expect_exit "$1" "$2" sh -c "tdxctl --json update recover $3 $image >/run/said"; }
recover 0 "without a module: what would be done" --dry-run
expect_equal "without a module: it is so told" '"lost"' "$(json case)"
arm "seamldr=1,lp=2,outcome=vmfailinvalid"
recover 1 "a load that an LP misses" --yes
recover 0 "a load" --yes
expect_equal "a load: its module is up" "ready new-module" "$(module_state) $(sed 's/.*"outcome":"\([^"]*\)".*/\1/' /run/said)"
recover 0 "a load once more" --yes
tells "a load once more" changed false
expect_exit 1 "the helper stays: this module cannot be disabled" rmmod tdxctl
