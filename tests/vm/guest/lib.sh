# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# What a guest script starts with (`. /lib.sh`). Three serial lines leave the guest: ttyS0 is the console, ttyS1 carries
# results, ttyS2 carries files. Results are lines:
#
#   boot RELEASE              a kernel is up
#   ok - NAME
#   not ok - NAME: WHY
#   skip - NAME: WHY
#   # TEXT                    about the line before
#   1..N                      the end, N results after `boot`; without it the guest has failed
#
# A word `guest.NAME=VALUE` on the kernel command line (tests/vm/run --set) is a variable here. `stage` counts kernels: 1,
# and one more after each kexec_next.

stage=1
# shellcheck disable=SC2013
for word in $(cat /proc/cmdline); do
  case $word in guest.*=*) export "${word#guest.}" ;; esac
done

report() {
  echo "$1" >>/run/results
  echo "$1" >/dev/ttyS1
}

ok() { report "ok - $1"; }
not_ok() { report "not ok - $1: $2"; }
skip() { report "skip - $1: $2"; }

# details TEXT: as comments.
details() {
  [ -z "$1" ] || printf '%s\n' "$1" | sed 's/^/# /' >/dev/ttyS1
}

# expect_exit STATUS NAME COMMAND...
expect_exit() {
  local expected=$1 name=$2 output status=0
  shift 2
  output=$("$@" 2>&1) || status=$?
  if [ "$status" = "$expected" ]; then
    ok "$name"
  else
    not_ok "$name" "exit status $status, not $expected, of '$*'"
    details "$output"
    return 1
  fi
}

# check NAME COMMAND...
check() { expect_exit 0 "$@"; }

# expect_equal NAME EXPECTED ACTUAL
expect_equal() {
  if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "'$3', not '$2'"; fi
}

# load_module FILE [PARAMETER...], unload_module NAME
load_module() { check "load ${1##*/}" insmod "$@"; }
unload_module() { check "unload $1" rmmod "$1"; }

# put_file PATH [NAME]: hands a file to the host at once, so that it survives whatever comes next.
put_file() {
  local name=${2:-${1##*/}}
  mkdir -p /run/out
  cp "$1" "/run/out/$name" && tar -c -C /run/out "$name" >/dev/ttyS2
}

# kexec_next: ends this kernel's part and starts the same kernel anew without a reset, so RAM outside it (memmap=) stays.
# The host side needs `--kexec`.
kexec_next() {
  check "load kernel $((stage + 1))" kexec load /boot/vmlinuz /boot/initrd "$(cat /proc/cmdline) guest.stage=$((stage + 1))" || return
  finish 0
  kexec go
}

# The rest is process 1's.

kernel_trouble='WARNING:|BUG:|kernel BUG|Oops|Call Trace|lockdep|locking dependency|held lock|suspicious RCU|detected stall'
kernel_trouble="$kernel_trouble|hung task|blocked for more than|UBSAN|KASAN|general protection|unable to handle|segfault"
script_starts='guest: the script starts'

begin() {
  # The line discipline would turn \n into \r\n.
  stty -F /dev/ttyS1 raw -echo
  stty -F /dev/ttyS2 raw -echo
  : >/run/results
  echo "boot $(uname -r)" >/dev/ttyS1
  echo "$script_starts" >/dev/kmsg
}

# finish STATUS-OF-SCRIPT
finish() {
  local trouble
  [ "$1" = 0 ] || not_ok "the script ends well" "exit status $1"
  [ -s /run/results ] || not_ok "the script reports" "no result"

  # What the kernel says before the script starts is not about us.
  dmesg >/run/dmesg
  put_file /run/dmesg "dmesg.$stage"
  if ! grep -q "$script_starts" /run/dmesg; then
    not_ok "dmesg is clean" "its buffer ran over"
  elif trouble=$(sed "1,/$script_starts/d" /run/dmesg | grep -E "$kernel_trouble"); then
    not_ok "dmesg is clean" "it is not"
    details "$trouble"
  else
    ok "dmesg is clean"
  fi
  echo "1..$(wc -l </run/results)" >/dev/ttyS1
}
