# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# The helper over a modelled machine that is ready: what it reads, what it traces, and that nothing is left behind.
# shellcheck source-path=SCRIPTDIR source=../guest/helper.sh
. /root/helper.sh

power_on profile=sapphire-rapids boot=ready latency=1
report_lines ioctl_test metadata
report_lines ioctl_test seamldr
report_lines ioctl_test rules
expect_equal "MSRs are read, the model's" "msrs_valid=0x3 keyid_partitioning=0x400000003f" \
  "$(ioctl_test print-platform | grep -o 'msrs_valid=.* keyid_partitioning=[^ ]*' | sed 's/  */ /g')"
expect_equal "the module is ready" "read=0xc0b00000000 gate=0xc000010000000001" "$(ioctl_test print-module-state)"

# Latency on: two LPs in the P-SEAMLDR at once would be refused by the model.
report_lines ioctl_test parallel
check "every LP made calls" test "$(lp 0 seamcalls)" -gt 0 -a "$(lp 1 seamcalls)" -gt 0 \
  -a "$(lp 2 seamcalls)" -gt 0 -a "$(lp 3 seamcalls)" -gt 0
report_lines ioctl_test interrupted

tracing=/sys/kernel/tracing
fields() { sed -n 's/.*field:[^;]* \([a-z0-9_]*\);.*/\1/p' "$tracing/events/tdxctl/$1/format" | grep -v ^common | tr '\n' ' '; }
expect_equal "tdxctl_seamcall records no register but RAX" "status duration_ns leaf version seamldr " "$(fields tdxctl_seamcall)"
expect_equal "tdxctl_sys_config records features and wall clock" "r9 r11 version " "$(fields tdxctl_sys_config)"
expect_equal "tdxctl_operation records its name, time and result" "duration_ns command result " "$(fields tdxctl_operation)"
echo 16384 >$tracing/buffer_size_kb
echo 1 >$tracing/events/tdxctl/enable
seamcalls=$(lp all seamcalls) seamldr_calls=$(lp all seamldr_calls)
ioctl_test metadata >/dev/null
ioctl_test print-module-state >/dev/null
ioctl_test print-seamldr >/dev/null
echo 0 >$tracing/events/tdxctl/enable
cp $tracing/trace /run/trace
put_file /run/trace
traced() { grep -c "$1" /run/trace; }
expect_equal "each SEAMCALL to the module is traced" $(($(lp all seamcalls) - seamcalls)) "$(traced 'tdxctl_seamcall: target=module ')"
expect_equal "each SEAMCALL to the P-SEAMLDR is traced" $(($(lp all seamldr_calls) - seamldr_calls)) "$(traced 'tdxctl_seamcall: target=seamldr ')"
line='status=0x[0-9a-f]\{16\} duration_ns=[0-9]*$'
check "TDH.SYS.RD is traced with status and time" grep -q "target=module leaf=34 version=0 status=0x0\{16\} duration_ns=[1-9]" /run/trace
check "TDH.SYS.RDALL is traced" grep -q "target=module leaf=37 version=0 $line" /run/trace
check "TDH.PHYMEM.PAGE.RDMD is traced" grep -q "target=module leaf=24 version=0 status=0xc000010000000001" /run/trace
check "SEAMLDR.INFO is traced" grep -q "target=seamldr leaf=0 version=0 status=0x0\{16\} duration_ns=[1-9]" /run/trace
for operation in read read_all module_state seamldr_info; do
  check "the operation $operation is traced" grep -q "tdxctl_operation: operation=$operation duration_ns=[1-9][0-9]* result=0" /run/trace
done
expect_equal "nothing else is traced" "" "$(grep tdxctl_seamcall: /run/trace | grep -v "target=[a-z]* leaf=[0-9]* version=0 $line")"
echo >$tracing/trace

# 2000 rounds; a leak of one buffer or one page in each would be 8 to 200 MB. The first round fills caches.
kilobytes() { awk '/^(MemFree|Cached|SReclaimable):/ { free += $2 } END { print free }' /proc/meminfo; }
slab() { awk '/^SUnreclaim:/ { print $2 }' /proc/meminfo; }
ioctl_test exhaust
sync
free_before=$(kilobytes) slab_before=$(slab)
check "2000 rounds of every way out of an ioctl" ioctl_test exhaust
sync
lost=$((free_before - $(kilobytes))) grown=$(($(slab) - slab_before))
check "no memory is lost on any of them" test $lost -lt 4096
details "$lost KB lost"
check "the slabs have not grown" test $grown -lt 1024
details "$grown KB grown"

expect_equal "no address is in what the helper says in dmesg" 0 "$(dmesg | grep '\] tdxctl: ' | grep -c 0x)"
power_off
power_on profile=sapphire-rapids boot=ready
check "the helper works after it was loaded again" ioctl_test print-seamldr
power_off
