# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# vm: --kexec 1 --append memmap=4M$0x18000000
# tdxctl disable over the helper, and the hook that systemd-shutdown runs, up to a real kexec.
# shellcheck source-path=SCRIPTDIR source=../guest/helper.sh
. /root/helper.sh

if [ ! -x tdxctl ]; then
  skip "tdxctl disable over the helper" "no program was given to tests/vm/all --tdxctl"
  exit
fi

power_on profile=connect-preview boot=ready state_pa=0x18000000 state_bytes=0x400000
busy_for_ever="seamcall=69,count=0,status=0x8000020200000000"
module_state() { tdxctl --json status | sed 's/.*"module":{"state":"\([^"]*\)".*/\1/'; }
# json MEMBER: of what tdxctl said last.
json() { sed "s/.*\"$1\":\([^,}]*\).*/\1/" /run/said; }
# disable EXIT-STATUS NAME OPTION...
disable() {
  local status=$1 name=$2
  shift 2
  expect_exit "$status" "$name" sh -c "tdxctl --json disable $* >/run/said"
}
said_before_kexec() { dmesg | grep -c 'tdxctl: before kexec: '; }

# shellcheck disable=SC2154
if [ "$stage" = 2 ]; then
  expect_equal "the next kernel finds the module as the hook left it" not-initialised "$(module_state)"
  disable 0 "there is nothing to disable any more" --yes
  check "and TDH.SYS.INIT succeeds" sh -c "echo 0 33 >$seam_host/seamcall"
  power_off
  exit
fi

# The guest's own root has more than is left at that time: the hook runs where only these are.
hook_root=/tmp/hook
mkdir -p $hook_root/usr/bin $hook_root/usr/sbin $hook_root/usr/lib/systemd/system-shutdown
for folder in run dev sys proc; do
  mkdir $hook_root/$folder
  mount -o bind /$folder $hook_root/$folder
done
ln -s usr/bin $hook_root/bin
cp /bin/busybox $hook_root/usr/bin/sh
cp tdxctl $hook_root/usr/sbin/tdxctl
hook=/usr/lib/systemd/system-shutdown/tdxctl
sed 's|@CMAKE_INSTALL_FULL_SBINDIR@|/usr/sbin|' tdxctl-shutdown.in >$hook_root$hook
chmod 755 $hook_root$hook
hook() { chroot $hook_root $hook "$@"; }

disable 0 "a plan" --plan
expect_equal "the plan changes nothing" ready "$(module_state)"
disable 8 "without a terminal it wants --yes"
expect_equal "and nothing is changed" ready "$(module_state)"

arm "$busy_for_ever"
disable 11 "a module that is busy for ever" --yes --timeout 300ms
check "the busy answers are counted" test "$(json busy)" -gt 1
tdxctl disable --yes &
first=$!
sleep 1
disable 5 "a second caller is told at once" --yes
expect_equal "by its own cause" '"busy"' "$(json 'error":{"id')"
kill -INT $first
status=0
wait $first || status=$?
expect_equal "a signal ends it before it has begun" 5 $status
arm ""
expect_equal "the module is still ready" ready "$(module_state)"

for word in poweroff halt reboot ''; do
  # shellcheck disable=SC2086
  check "the hook succeeds at '$word'" hook $word
done
expect_equal "and does nothing" ready "$(module_state)"
expect_equal "and says nothing" 0 "$(said_before_kexec)"

arm "seamcall=69,status=0xc000010000000000"
check "the hook never stops a kexec" hook kexec
expect_equal "it says why it could not" 1 "$(said_before_kexec)"
check "in words" sh -c 'dmesg | grep -q "before kexec: .*does not know TDH.SYS.DISABLE"'
arm ""
check "the hook succeeds at 'kexec'" hook kexec
expect_equal "it says one line more" 2 "$(said_before_kexec)"
check "that the module is disabled" sh -c 'dmesg | grep -q "before kexec: the TDX module is disabled"'
expect_equal "and it is" not-initialised "$(module_state)"
details "$(dmesg | grep 'before kexec')"
umount $hook_root/run $hook_root/dev $hook_root/sys $hook_root/proc
power_off
expect_exit 0 "without helper and TDX there is nothing to do" tdxctl disable --if-needed --yes
expect_equal "and nothing is said" "" "$(tdxctl disable --if-needed --yes 2>&1)"
kexec_next
