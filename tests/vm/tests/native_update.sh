# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# Updating the module through Linux's firmware upload, over a stand-in for its tdx-host driver: the files by hand, then
# tdxctl, whose word about every ending is compared with the modelled machine itself, seen through the helper.
# kernel: 7.3
# made: update_images
# shellcheck source-path=SCRIPTDIR source=../guest/helper.sh
. /root/helper.sh

device=/sys/devices/faux/tdx_host
firmware=/sys/class/firmware/tdx_module
machine="profile=sapphire-rapids update_version=6 boot=ready tds=2 td_pages=100 trusted_key=$(cat trusted_key)"
mkdir -p /var/lib

# power_on_linux PARAMETER...: a machine, the helper to look at it, and Linux's driver.
power_on_linux() {
  # shellcheck disable=SC2086
  power_on $machine
  cat hashes >"$seam_host/hashes"
  load_module tdx_host.ko "$@"
}

power_off_linux() {
  unload_module tdx_host
  power_off
}

# truth: which module there is, whatever Linux thinks.
truth() {
  local state
  arm ""
  state="$(ioctl_test print-module-state) $(update_test 0)"
  case $state in
  *gate=0xc000010000000001*version=6) echo old-module ;;
  *gate=0xc000010000000001*version=8) echo new-module ;;
  *gate=0xc000010000000001*) echo "another module: $state" ;;
  *) echo no-module ;;
  esac
}

# upload FILE: by hand; what the files say at the end.
upload() {
  echo 1 >$firmware/loading
  cat "$1" >$firmware/data
  echo 0 >$firmware/loading
  until [ "$(cat $firmware/status)" = idle ]; do sleep 0.1; done
  files
}
files() { echo "error=$(cat $firmware/error) remaining=$(cat $firmware/remaining_size) version=$(cat $device/version 2>&1)"; }
broken="cat: read error: No such device or address"

power_on_linux
expect_equal "the P-SEAMLDR's version" 1.5.00 "$(cat $device/seamldr_version)"
left=$(cat $device/num_remaining_updates)
expect_equal "nothing was uploaded" "error= remaining=0 version=1.5.06" "$(files)"
expect_exit 1 "there is nothing to cancel" sh -c "echo 1 >$firmware/cancel"
echo 1 >$firmware/loading
cat good.img >$firmware/data
expect_equal "data are taken" "idle 1" "$(cat $firmware/status) $(cat $firmware/loading)"
echo -1 >$firmware/loading
expect_equal "what was aborted is dropped" "idle 0" "$(cat $firmware/status) $(cat $firmware/loading)"
size=$(wc -c <good.img)
for blob in catalog/joined_files/tdx_module_1.5.08.blob key.pem; do
  expect_equal "$blob is refused" "error=transferring:firmware-invalid remaining=$(wc -c <$blob) version=1.5.06" "$(upload $blob)"
done
expect_equal "nothing happened to the module" old-module "$(truth)"
expect_equal "the update" "error= remaining=0 version=1.5.08" "$(upload good.img)"
expect_equal "and it is true" new-module "$(truth)"
expect_equal "an update is used" $((left - 1)) "$(cat $device/num_remaining_updates)"
expect_equal "the TDs are still there" "tds 2 building 0 migrations 0 pages 100" "$(cat "$seam_host/tds")"
power_off_linux

for image in unsigned.img altered.img; do
  power_on_linux
  for time in first second; do
    expect_equal "$image: the $time attempt" "error=transferring:firmware-invalid remaining=$size version=$broken" "$(upload $image)"
  done
  expect_equal "$image: no module" no-module "$(truth)"
  power_off_linux
done

if [ ! -x tdxctl ]; then
  skip "tdxctl over the firmware upload" "no program was given to tests/vm/all --tdxctl"
  exit
fi

# apply UPDATE: what tdxctl says of it.
apply() {
  local status=0
  tdxctl --driver native --json update apply --yes --key key.pem "catalog/joined_files/tdx_module_1.5.0$1.blob" >/run/answer || status=$?
  echo "exit=$status error=$(answer '"error":{[^}]*"id":') outcome=$(answer '"outcome":')"
}
# answer PATTERN: the text behind it.
answer() { sed -n "s/.*$1\"\([^\"]*\)\".*/\1/p" /run/answer; }
# logged: the SEAMCALL that Linux logged, as tdxctl found it in the kernel log.
logged() { sed -n 's/.*"seamcall":{"leaf":"\([^"]*\)","rax":"[^"]*","status":"\([^"]*\)".*/\1 \2/p' /run/answer; }
last_in_history() { sed -n '$s/.*"outcome":"\([^"]*\)".*/\1/p' /var/lib/tdxctl/history.jsonl; }

# ends NAME UPDATE EXIT ERROR OUTCOME: what tdxctl says of an update, in its history too, and that this is true.
ends() {
  expect_equal "$1: tdxctl" "exit=$3 error=$4 outcome=$5" "$(apply "$2")" || details "$(cat /run/answer)"
  expect_equal "$1: the machine" "$5" "$(truth)"
  expect_equal "$1: the history" "$5" "$(last_in_history)"
}

power_on_linux
arm "seamcall=34,status=0xc000010000000000"
ends "MODULE_HV cannot be read" 8 1 update_had_no_effect old-module
arm "seamcall=52,status=0x8000020200000000"
ends "SHUTDOWN is busy" 8 5 module_busy old-module
expect_equal "its cause" "TDH.SYS.SHUTDOWN 0x8000020200000000" "$(logged)"
arm "seamcall=52,outcome=ud"
ends "SHUTDOWN raises #UD" 8 1 update_had_no_effect old-module
ends "all is well" 8 0 "" new-module
expect_equal "once more" "exit=0 error= outcome=" "$(apply 8)"
ends "an image that is not what it says" 9 9 update_wrong_module new-module
power_off_linux

# fault NAME FAULT: after the old module is gone.
fault() {
  power_on_linux
  arm "$2"
  ends "$1" 8 9 update_failed no-module
  power_off_linux
}
fault "INSTALL fails on the first LP" seamldr=1,lp=0,status=0x8000000000030001
expect_equal "the cause is in the kernel log" "SEAMLDR.INSTALL 0x8000000000030001" "$(logged)"
fault "INSTALL fails on an LP" seamldr=1,lp=2,status=0x8000000000030001
fault "INSTALL fails on the last LP" seamldr=1,nth=4,status=0x8000000000010002
fault "an LP is not let in" seamldr=1,lp=1,outcome=vmfailinvalid
expect_equal "Linux logs no cause" "" "$(logged)"
fault "INIT fails" seamcall=33,status=0x8000020300000000,count=0
fault "LP.INIT fails on an LP" seamcall=35,lp=2,status=0xc000050500000000
fault "UPDATE fails" seamcall=53,status=0xc000053c00000000

power_on_linux seamret_invd_vmcs=1
expect_exit 1 "without the P-SEAMLDR there is no upload" test -e $firmware
expect_equal "tdxctl does not try" "exit=3 error=driver_unavailable outcome=" "$(apply 8)"
power_off_linux

# At the end: from here on an emulated machine is several times slower.
power_on_linux
echo 0 >/sys/devices/system/cpu/cpu3/online
expect_equal "an LP is offline" "exit=8 error=lp_offline outcome=" "$(apply 8)"
expect_equal "and nothing was begun" old-module "$(truth)"
power_off_linux
