# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# Updating the module while all LPs are stopped: 1.5.05 to 1.5.06, with TDs; and from every failure onwards.
# shellcheck source-path=SCRIPTDIR source=../guest/helper.sh
. /root/helper.sh

sapphire_rapids="profile=sapphire-rapids boot=ready tds=2 td_pages=100"
tds="tds 2 building 0 migrations 0 pages 100"
# Steps and modules as the UAPI header numbers them.
shutdown=1 install=2 init=3 lp_init=4 update=5 load=8
none=1 unfinished=2 shut_down=3 not_ready=4 ready=5
# answer STEP LP STATUS MODULE REPLACED VERSION: as update_test prints it.
answer() { echo "step=$1 lp=$2 status=$3 module=$4 replaced=$5 vmcs_lost=0 version=$6"; }
updated=$(answer 0 0 0 $ready 1 6)

# shellcheck disable=SC2086
power_on $sapphire_rapids
expect_equal "without an image" "errno=ENODATA version=5" "$(update_test 0)"
expect_equal "a step in the middle" "errno=EOPNOTSUPP version=5" "$(update_test 6 $update)"
echo 0 >/sys/devices/system/cpu/cpu3/online
expect_equal "while an LP is offline" errno=EAGAIN "$(update_test 6 | cut -d' ' -f1)"
expect_equal "no LP shut anything down" "read=0xc0b00000000 gate=0xc000010000000001" "$(ioctl_test print-module-state)"
echo 1 >/sys/devices/system/cpu/cpu3/online
disable_test hold >/run/hold &
holder=$!
until [ -s /run/hold ]; do sleep 1; done
expect_equal "while another process makes changes" "errno=EBUSY version=5" "$(update_test 6)"
kill -9 $holder
wait $holder

for number in 1 2 3; do echo "$number 123${number}000" >"$seam_host/vmptrld"; done
tracing=/sys/kernel/tracing
echo global >$tracing/trace_clock
echo 1 >$tracing/events/tdxctl/enable
expect_equal "the update" "$updated" "$(update_test 6)"
echo 0 >$tracing/events/tdxctl/enable
cp $tracing/trace /run/trace
put_file /run/trace
expect_equal "its TDs are still there" "$tds" "$(cat "$seam_host/tds")"
for number in 1 2 3; do
  expect_equal "LP $number has its current VMCS again" "0x123${number}000" "$(lp $number current_vmcs)"
done
# lps_of PATTERN: the LPs that made such SEAMCALLs, in their order.
lps_of() { sed -n "s/^.*\[\([0-9]*\)\] .*tdxctl_seamcall: $1 .*/\1/p" /run/trace | tr '\n' ' '; }
expect_equal "INSTALL is called on each LP in turn" "000 001 002 003 " "$(lps_of 'target=seamldr leaf=1')"
expect_equal "LP.INIT is called once on each LP" 4 "$(lps_of 'target=module leaf=35' | tr ' ' '\n' | sort -u | grep -c .)"
for leaf in 52 33 53; do
  expect_equal "leaf $leaf is called once" 1 "$(grep -c "target=module leaf=$leaf .* status=0x0* " /run/trace)"
done
for operation in stage apply; do
  check "the operation $operation is traced" grep -q "operation=$operation duration_ns=[1-9][0-9]* result=0" /run/trace
done
expect_equal "and once more" "$(answer 0 0 0 $ready 1 7)" "$(update_test 7)"
power_off

# fault STEP LEAF LP MODULE REPLACED VERSION FROM: at the step, and what follows.
fault() {
  local status=0xc000000000000077
  # shellcheck disable=SC2086
  power_on $sapphire_rapids
  arm "$2,lp=$3,status=$status"
  expect_equal "$2 fails on LP $3" "$(answer "$1" "$3" $status "$4" "$5" "$6")" "$(update_test 6)"
  expect_equal "$2 failed on LP $3: going on from step $7" "$(answer 0 0 0 $ready "$((1 - $5))" 6)" "$(update_test 6 "$7")"
  expect_equal "$2 failed on LP $3: the TDs are still there" "$tds" "$(cat "$seam_host/tds")"
  power_off
}
fault $shutdown seamcall=52 0 $ready 0 5 $shutdown
fault $install seamldr=1 0 $shut_down 0 0 $install
fault $install seamldr=1 2 $unfinished 0 0 $install
fault $install seamldr=1 3 $unfinished 0 0 $install
fault $init seamcall=33 0 $not_ready 1 0 $init
fault $lp_init seamcall=35 2 $not_ready 1 6 $init
fault $update seamcall=53 0 $not_ready 1 6 $init

# shellcheck disable=SC2086
power_on $sapphire_rapids
expect_equal "a wrong signature" "$(answer $install 3 0x8000000000020000 $shut_down 0 0)" "$(update_test 6 0 signature)"
expect_equal "a good image after it" "$updated" "$(update_test 6 $install)"
expect_equal "nothing is loaded over a module" "errno=EALREADY version=6" "$(update_test 7 $load)"
expect_equal "another module than was signed" "$(answer $install 3 0x8000000000020001 $none 1 0)" "$(update_test 7 0 module)"
expect_equal "an update does not follow" "$(answer $install 3 0x8000000000000000 $none 0 0)" "$(update_test 7 $install)"
expect_equal "a load does" "$(answer 0 0 0 $not_ready 1 0)" "$(update_test 7 $load)"
power_off

power_on profile=sapphire-rapids boot=no-vmx
expect_equal "without VMX operation" "$(answer 6 0 0x8000ff0000000006 0 0 0)" "$(update_test 6)"
power_off
load_module seam_host.ko profile=sapphire-rapids boot=ready
load_module tdxctl.ko seamret_vmcs=refuse
expect_equal "with seamret_vmcs=refuse" "errno=ECANCELED version=5" "$(update_test 6)"

kilobytes() { awk '/^(MemFree|Cached|SReclaimable):/ { free += $2 } END { print free }' /proc/meminfo; }
# A round stages 40 MB; what else the guest does in the meantime is a few.
update_test exhaust
before=$(kilobytes)
check "40 MB are staged" update_test exhaust
lost=$((before - $(kilobytes)))
check "and given back" test $lost -lt 20000
details "$lost KB lost"
power_off
