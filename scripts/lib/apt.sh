# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Installing what a script needs, and saying why it could not. Sourced by the other scripts.

die() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  [[ -z ${2-} ]] || printf 'hint: %s\n' "$2" >&2
  exit 1
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 -o APT::Sandbox::User=root "$@" >&2 ||
    die "apt-get $* failed" "is there a network, and is apt's proxy set?"
}

# need PACKAGE...: installs what is missing, and calls apt only then.
need() {
  local package missing=()
  for package; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  ((${#missing[@]} == 0)) && return
  apt_get update
  apt_get install -y --no-install-recommends "${missing[@]}"
}
