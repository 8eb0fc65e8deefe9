# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# vm: --machine pc,max-ram-below-4g=2G --mem 4G --append nohibernate --cpu max,vendor=GenuineIntel,family=6,model=173,stepping=1
# tdxctl connect configure over the helper: the guest's own RAM, planned from /proc/iomem and checked by the kernel.
# shellcheck source-path=SCRIPTDIR source=../guest/helper.sh
. /root/helper.sh

if [ ! -x tdxctl ]; then
  skip "tdxctl connect configure over the helper" "no program was given to tests/vm/all --tdxctl"
  exit
fi

# As in Debian's own kernels, whose configuration is not in the guest.
mkdir -p /boot
echo '# CONFIG_INTEL_TDX_HOST is not set' >"/boot/config-$(uname -r)"

module_state() { tdxctl --json status | sed 's/.*"module":{"state":"\([^"]*\)".*/\1/'; }
# json MEMBER: the first of what tdxctl said last.
json() { sed "s/\"$1\":\([^,}]*\)/\n\1\n/" /run/said | sed -n 2p; }
steps() { grep -o '"name":"[a-z-]*","duration_ns":[0-9]*' /run/said | sed 's/"name":"\([a-z-]*\)",.*/\1/' | xargs; }
# configure EXIT-STATUS NAME OPTION...
configure() {
  local status=$1 name=$2
  shift 2
  expect_exit "$status" "$name" sh -c "tdxctl --json connect configure --yes $* >/run/said"
}
error_id() { sed 's/.*"error":{"id":"\([a-z_]*\)".*/\1/' /run/said; }
base="init lp-init config key-config tdmr-init"

power_on profile=connect-preview boot=loaded
details "$(tdxctl connect plan)"
configure 0 "a dry run" --dry-run
expect_equal "a dry run changes nothing" "false not-initialised" "$(json changed) $(module_state)"
configure 0 "without features"
expect_equal "it was the helper, and version 0" '"helper" true 0' "$(json driver) $(json changed) $(grep -o '"config":{"version":[0-9]' /run/said | cut -c 21-)"
expect_equal "the steps" "$base" "$(steps)"
expect_equal "PAMTs as planned" "$(grep -o '"pamt_bytes":[0-9]*' /run/said | sed -n 1p)" "$(grep -o '"pamt_bytes":[0-9]*' /run/said | sed -n 2p)"
expect_equal "the module is ready" ready "$(module_state)"
configure 0 "once more"
expect_equal "there is nothing to do" false "$(json changed)"
configure 8 "other features" --features connect
expect_equal "are refused" module_features_differ "$(error_id)"
configure 0 "taking over" --features connect --take-over
expect_equal "the steps of taking over" "disable $base ext-mem-add ext-init" "$(steps)"
check "connect show tells what is on" sh -c 'tdxctl --json connect show | grep -q "\"name\":\"TDXCONNECT\",\"supported\":true,\"enabled\":true"'
check "it can be left" tdxctl disable --yes

arm "seamcall=36,nth=50,status=0xc000000000000077"
configure 9 "a TDMR that fails"
expect_equal "is a failure that can be repeated" "bring_up_failed not-initialised" "$(error_id) $(module_state)"
configure 0 "and repeated"
check "left again" tdxctl disable --yes
arm "seamcall=45,status=0xc00001000000000b"
configure 9 "a module that wants the time" --features connect
expect_equal "is recognised" wall_clock_refused "$(error_id)"

# broken_off SIGNAL STATUS: during TDH.EXT.INIT, which does not end.
broken_off() {
  local status=0
  arm "seamcall=60,count=0,status=0x8000000300000000"
  tdxctl --json connect configure --yes --features connect >/run/said &
  while kill -0 $! && [ "$(module_state)" != ready ]; do sleep 1; done
  kill "-$1" $!
  wait $! || status=$?
  expect_equal "SIG$1 ends it" "$2" $status
  arm ""
  expect_equal "SIG$1: the helper has disabled the module" not-initialised "$(module_state)"
  configure 0 "SIG$1: it can be brought up again" --features connect
  check "SIG$1: and be left" tdxctl disable --yes
}
broken_off INT 9
broken_off KILL 137
power_off

power_on profile=sapphire-rapids boot=loaded
configure 3 "a module without Connect" --features connect
expect_equal "does not have the feature" "feature_missing initialising" "$(error_id) $(module_state)"
configure 0 "and comes up without"
expect_equal "it stays up" ready "$(module_state)"
