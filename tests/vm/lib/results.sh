# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Reads the result lines that tests/vm/guest/lib.sh describes.

# judge BOOTS: copies the lines to stdout and judges them. Every kernel that came up must have said its end, with as many
# results as it counted, and there must have been as many kernels as expected.
# Returns 0 all ok, 77 nothing but skips, 1 something is not ok, 3 the end is missing.
judge() {
  local boots_expected=$1 line boots=0 running='' seen=0 passed=0 failed=0
  complain() {
    printf 'not ok - %s\n' "$1"
    ((++failed))
  }
  while IFS= read -r line; do
    line=${line%$'\r'}
    printf '%s\n' "$line"
    case $line in
    'boot '*)
      [[ ! $running ]] || complain "kernel $boots reaches its end: another one started"
      ((++boots))
      running=1 seen=0
      ;;
    # The guest's own look at dmesg does not make a script that skipped all else a passed one.
    'ok - dmesg is clean') ((++seen)) ;;
    'ok - '*) ((++seen, ++passed)) ;;
    'not ok - '*) ((++seen, ++failed)) ;;
    'skip - '*) ((++seen)) ;;
    '1..'*)
      [[ $running && $line == "1..$seen" ]] || complain "no result is lost: $seen arrived"
      running=''
      ;;
    '#'*) ;;
    *) complain "results are readable: '$line'" ;;
    esac
  done
  [[ ! $running ]] && ((boots > 0)) || return 3
  ((boots == boots_expected)) || complain "as many kernels as expected: $boots, not $boots_expected"
  ((failed == 0)) || return 1
  ((passed > 0)) || return 77
}
