# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# tdxctl through the ioctl, the helper and the SEAMCALL instruction, beside tdxctl with the same machine in its process.
# shellcheck source-path=SCRIPTDIR source=../guest/helper.sh
. /root/helper.sh

if [ ! -x tdxctl ]; then
  skip "tdxctl over the helper" "no program was given to tests/vm/all --tdxctl"
  exit
fi

# What may differ between two drivers: who answered, and when.
same() { sed 's/"generated_at":"[^"]*",//; s/"driver":"[^"]*",//; s/"machine":[^,]*,//'; }

# sentence NAME COMMAND...: what it says on stderr, a sentence with the next thing to do; exit 3 or 4.
: >/run/sentences
sentence() {
  local name=$1 status=0
  shift
  "$@" >/dev/null 2>/run/said || status=$?
  check "$name: exit status 3 or 4" test $status = 3 -o $status = 4
  check "$name: the next thing to do is said" grep -q '^hint: ..' /run/said
  sed -n 's/^tdxctl: //p' /run/said >>/run/sentences
  details "$(cat /run/said)"
}

sentence "helper not loaded" tdxctl --driver helper features
# As in Debian's own kernels, whose configuration is not in the guest.
mkdir -p /boot /etc
echo '# CONFIG_INTEL_TDX_HOST is not set' >"/boot/config-$(uname -r)"
sentence "kernel without TDX host" tdxctl --driver native features
load_module tdxctl.ko
sentence "#UD" tdxctl --driver helper features
echo 'nobody:x:65534:65534::/:/bin/sh' >/etc/passwd
chmod 755 /root
sentence "not permitted" su -s /bin/sh nobody -c '/root/tdxctl --driver helper features'
unload_module tdxctl
power_on profile=sapphire-rapids boot=no-seam
sentence "#GP" tdxctl --driver helper features
power_off
power_on profile=sapphire-rapids boot=no-seamldr
sentence "VMfailInvalid" tdxctl --driver helper features
power_off
expect_equal "these are six different sentences" 6 "$(sort -u /run/sentences | grep -c .)"

for machine in sapphire-rapids granite-rapids; do
  power_on profile=$machine boot=ready
  check "$machine: a machine file like it" tdxctl -q sim create /tmp/$machine.json --profile $machine --packages 2 --lps 4 --boot ready
  for verb in features "metadata dump --method rd" "metadata dump --method rdall" "metadata get TDX_FEATURES0"; do
    # shellcheck disable=SC2086
    {
      check "$machine: $verb: the helper answers" sh -c "tdxctl --driver helper --json $verb >/run/helper.json"
      check "$machine: $verb: the simulator answers" sh -c "tdxctl --driver sim=/tmp/$machine.json --json $verb >/run/sim.json"
    }
    check "$machine: $verb: the helper is what answered" grep -q '"driver":"helper"' /run/helper.json
    same </run/helper.json >/run/helper.same
    same </run/sim.json >/run/sim.same
    check "$machine: $verb: both say the same" cmp /run/helper.same /run/sim.same
  done
  check "$machine: status answers" tdxctl --driver helper status
  expect_equal "$machine: features has answers by its exit status" 0 "$(tdxctl --driver helper -q features has TD_PRESERVING; echo $?)"
  power_off
done

power_on profile=sapphire-rapids boot=ready
before=$(lp all seamldr_calls)
check "--driver auto takes the helper where Linux offers nothing" sh -c "tdxctl --json features | grep -q '\"driver\":\"helper\"'"
check "status reads the P-SEAMLDR through the helper" tdxctl status
check "and that was a SEAMCALL" test "$(lp all seamldr_calls)" -gt "$before"
unload_module tdxctl
load_module tdxctl.ko seamret_vmcs=refuse
tdxctl --driver helper status >/run/status 2>&1
check "with seamret_vmcs=refuse status says why there is nothing from the P-SEAMLDR" grep -q seamret_vmcs /run/status
details "$(cat /run/status)"
power_off
