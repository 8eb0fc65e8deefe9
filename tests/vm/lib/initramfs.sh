# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The guest's root: busybox, tests/vm/guest, the script and the files given, as a directory and as a cpio archive.

# add_file ROOT FILE[=GUEST-PATH]: with the shared libraries that it needs. Default guest path: /root/ and the file's name.
add_file() {
  local root=$1 file=${2%%=*} to=/root/ library
  [[ $2 != *=* ]] || to=${2#*=}
  mkdir -p "$root$(dirname "$to.")"
  cp -rL "$file" "$root$to" || return
  while read -r library; do
    [[ -e $root$library ]] || install -D "$library" "$root$library"
  done < <(ldd "$file" 2>/dev/null | grep -o '/[^ ]*')
}

# make_root ROOT SCRIPT FILE...
make_root() {
  local root=$1 script=$2 guest file
  guest=$(dirname "${BASH_SOURCE[0]}")/../guest
  shift 2
  mkdir -p "$root"/{bin,dev,proc,root,run,sys,tmp}
  cp "$(command -v busybox)" "$root/bin/busybox"
  cp "$guest/init" "$guest/lib.sh" "$root"
  cp "$script" "$root/script"
  for file; do add_file "$root" "$file" || return; done
}

# make_initramfs ROOT ARCHIVE
make_initramfs() {
  (cd "$1" && find . | cpio --quiet -o -H newc -R 0:0) >"$2"
}
