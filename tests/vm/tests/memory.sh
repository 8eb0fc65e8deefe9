# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# vm: --mem 448M
# Where the module's memory comes from when others have it: their pages are moved, and nothing is taken by force.
# shellcheck source-path=SCRIPTDIR source=../guest/helper.sh
. /root/helper.sh

connect=features=0x40
# One TDMR; its PAMTs take 4 MB and the pool 35, each in one piece.
connected="step=7 finished=1 failed=0 at=0 status=0 disable=0 module=0 tdmrs=1 initialised=1/1 pool_pages=8960"
initial="read=0xc000050200000000 gate=0xc000050500000000"

megabytes() { awk -v field="$1:" '$1 == field { print int($2 / 1024) }' /proc/meminfo; }
sums() { md5sum /run/full/* | md5sum; }
mkdir /run/full
mount -t tmpfs -o size=100% tmpfs /run/full
dd if=/dev/urandom of=/run/full/0 bs=1M count=4 2>/dev/null
echo 4096 >/proc/sys/vm/min_free_kbytes
# fill MEGABYTES: until no more than these are left.
files=1
fill() {
  while [ "$(megabytes MemFree)" -gt "$1" ]; do
    cp /run/full/0 /run/full/$files
    # Each file is another one.
    echo $files | dd of=/run/full/$files conv=notrunc 2>/dev/null
    files=$((files + 1))
  done
}

power_on profile=connect-preview boot=loaded
# What is free lies in pieces of 4 MB, but for what fill leaves.
fill 28
rm /run/full/?*0
before=$(sums)
details "$files files of 4 MB, $(megabytes MemFree) MB free"
expect_equal "most memory is others'" "$connected" "$(bring_up_test up $connect)"
expect_equal "and has what they put there" "$before" "$(sums)"
details "pages moved: $(awk '/^pgmigrate_success/ { print $2 }' /proc/vmstat)"
check "pages had to be moved" test "$(awk '/^pgmigrate_success/ { print $2 }' /proc/vmstat)" -gt 0
expect_equal "it can be disabled" 1 "$(disable_test run | grep -c 'finished=1 status=0 ')"

fill 28
before=$(sums)
free=$(megabytes MemFree)
expect_equal "nearly all memory is others'" errno=ENOMEM "$(bring_up_test up $connect)"
expect_equal "all was undone" "$initial brought_up=0 options=0 features=0" "$(ioctl_test print-module-state) $(bring_up_test platform)"
expect_equal "they have what they put there" "$before" "$(sums)"
lost=$((free - $(megabytes MemFree)))
check "and nothing is lost" test $lost -lt 8
details "$lost MB lost"
expect_equal "nobody was killed for it" "" "$(dmesg | grep -i 'out of memory')"

rm -r /run/full/*
expect_equal "with memory again" "$connected" "$(bring_up_test up $connect)"
expect_equal "and disabled" 1 "$(disable_test run | grep -c 'finished=1 status=0 ')"
power_off
