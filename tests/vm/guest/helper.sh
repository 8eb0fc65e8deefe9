# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# What the guest scripts of tests/vm/tests share: the modelled machine behind the SEAMCALL instruction, and the helper.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. /lib.sh

seam_host=/sys/kernel/debug/seam_host

# report_lines COMMAND...: reports the results that it prints; it has to end well.
report_lines() {
  local line status=0
  "$@" >/run/lines || status=$?
  while read -r line; do report "$line"; done </run/lines
  [ "$status" = 0 ] || not_ok "'$*' ends well" "exit status $status"
}

# power_on PARAMETER...: a modelled machine, and the helper on it.
power_on() {
  load_module seam_host.ko "$@"
  load_module tdxctl.ko
}

power_off() {
  unload_module tdxctl
  unload_module seam_host
}

# lp NUMBER|all COUNTER: of one LP, or the sum.
lp() {
  awk -v lp="$1" -v counter="$2" '
    lp == "all" || $2 == lp { for (i = 1; i < NF; i += 2) if ($i == counter) { sum += $(i + 1); text = $(i + 1) } }
    END { print counter == "current_vmcs" ? text : sum + 0 }' "$seam_host/lps"
}

arm() { echo "$1" >"$seam_host/faults"; }
