# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Two kernels to build tdxctl.ko for and to boot in a virtual machine: Debian 12's own 6.1, and 7.3 of Debian 13's
# backports. Sourced by scripts/kernels, which documents the commands.
#
# Below the cache directory:
#   6.1/release 7.3/release   the kernel's `uname -r`; written last, so its presence means "prepared"
#   6.1/vmlinuz 7.3/vmlinuz   what boots
#   7.3/tree/                 a Debian 13 system with the headers, their compiler, sparse and checkpatch: Debian 12's
#                             libraries are too old to run the tools that the 7.3 headers bring

kernels_cache=$(realpath -m "${TDXCTL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tdxctl}")
kernels_project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# shellcheck source-path=SCRIPTDIR source=apt.sh
. "$kernels_project/scripts/lib/apt.sh"

# The archive that serves this machine's own Debian suite, from apt's configuration in whichever format it is written;
# apt answers this once it has package lists.
archive_uri() {
  local suite uri
  suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  # shellcheck disable=SC2016
  uri=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk -v suite="$suite" '$1 == suite && $2 == "main" { print $3; exit }')
  uri=${uri%/}
  # Cloud images name a file that lists mirrors.
  [[ $uri != mirror+file:* ]] || uri=$(grep -m1 -o '^[a-z]*://[^[:space:]]*' "${uri#mirror+file:}")
  [[ $uri ]] || die "apt's sources do not name an archive for Debian '$suite'" "see sources.list(5)"
  echo "$uri"
}

known_kernel() {
  [[ $1 == 6.1 || $1 == 7.3 ]] || die "unknown kernel '$1'" "6.1 and 7.3 are known"
}

# release KERNEL: its `uname -r`.
release() {
  cat "$kernels_cache/$1/release" 2>/dev/null || die "kernel $1 is not prepared" "run scripts/kernels prepare $1"
}

# The release that the installed linux-headers-amd64 stands for.
installed_headers_release() {
  dpkg-query -W -f='${Depends}' linux-headers-amd64 2>/dev/null | sed -n 's/.*linux-headers-\([^ ,]*-amd64\).*/\1/p'
}

prepare_6.1() {
  local dir=$1 release
  # Headers that are installed may be old: a kernel loads modules of its own ABI only, and the archive has the newest alone.
  apt_get install -y --no-install-recommends linux-headers-amd64 gcc-12 make sparse
  release=$(installed_headers_release)
  [[ $release == 6.1.* ]] || die "linux-headers-amd64 is '$release' here, not 6.1" "this needs Debian 12"
  (cd "$dir" && apt_get download "linux-image-$release")
  dpkg-deb --fsys-tarfile "$dir"/linux-image-*.deb | tar -xO "./boot/vmlinuz-$release" >"$dir/vmlinuz"
  rm "$dir"/linux-image-*.deb
  echo "$release" >"$dir/release"
}

# Runs inside the new Debian 13 system.
# - linux-binary-* is the kernel image alone: nothing that would want to boot it.
# - The headers packages leave out checkpatch and checker-valid.sh; without the latter `make C=1` checks nothing.
# - The prelude is what sparse 0.6.4, the last release, must be told to read these headers: an operator that it does not
#   know, and that the length of a literal, which MODULE_INFO asserts, is a constant.
# shellcheck disable=SC2016
fill_tree='
  set -e
  release=$(apt-cache search --names-only "^linux-headers-7\.3\.[^-]*-amd64$" | sed "s/^linux-headers-//; s/ .*//" | sort -V | tail -n 1)
  [ "$release" ] || { echo "E: the archive has no linux-headers-7.3" >&2; exit 1; }
  apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "linux-headers-$release" "linux-binary-$release" >/dev/null
  cd /usr/src
  apt-get -qq -o APT::Sandbox::User=root download linux-source-7.3
  dpkg-deb --fsys-tarfile linux-source-7.3*.deb | tar -xO ./usr/src/linux-source-7.3.tar.xz |
    tar -xJ --strip-components=1 -C "linux-headers-${release%-amd64}-common" linux-source-7.3/scripts/checker-valid.sh \
      linux-source-7.3/scripts/checkpatch.pl linux-source-7.3/scripts/spelling.txt linux-source-7.3/scripts/const_structs.checkpatch
  rm linux-source-7.3*.deb
  echo "#define __typeof_unqual__ __typeof__" >/usr/include/sparse-prelude.h
  echo "#define __builtin_strlen(literal) (sizeof(literal) - 1)" >>/usr/include/sparse-prelude.h
'

prepare_7.3() {
  local dir=$1 tree=$1/tree uri proxy release
  need mmdebstrap
  uri=$(archive_uri)
  proxy=$(apt-config dump | grep -i '^Acquire::https\?::Proxy') || proxy=
  as_root mmdebstrap --quiet --variant=apt --include=make,gcc-14,sparse,xz-utils \
    --keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
    ${proxy:+"--aptopt=$proxy"} \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook="chroot \"\$1\" sh -c '$fill_tree'" \
    trixie "$tree" "deb $uri trixie main" "deb $uri trixie-backports main" >&2 ||
    die "cannot make the Debian 13 tree from $uri" "is there a network, and does this archive carry trixie-backports?"
  release=$(cd "$tree/usr/lib/modules" && echo 7.3.*)
  cp "$tree/usr/lib/modules/$release/vmlinuz" "$dir/vmlinuz"
  echo "$release" >"$dir/release"
}

# Prepares beside and renames, so that a prepared kernel is a complete one; two callers at once do the work once.
prepare() {
  local kernel=$1 dir=$kernels_cache/$1
  known_kernel "$kernel"
  need busybox-static cpio gcc libc6-dev perl qemu-system-x86
  mkdir -p "$kernels_cache"
  (
    flock 9
    [[ ! -e $dir/release ]] || exit 0
    as_root rm -rf --one-file-system "$dir" "$dir.new"
    mkdir "$dir.new"
    apt_get update
    "prepare_$kernel" "$dir.new"
    mv "$dir.new" "$dir"
  ) 9>"$kernels_cache/$kernel.lock"
  echo "kernel $kernel: $(release "$kernel")"
}

# in_tree DIR COMMAND...: runs a command in the Debian 13 tree as the calling user; DIR has the same path inside.
# objtool reads /proc.
in_tree() {
  local dir=$1 tree=$kernels_cache/7.3/tree
  shift
  as_root mkdir -p "$tree$dir"
  # shellcheck disable=SC2016
  as_root unshare --mount sh -c '
    mount --rbind /proc "$1/proc" && mount --bind "$2" "$1$2" || exit 1
    tree=$1 user=$3; shift 3
    exec chroot --userspec="$user" "$tree" "$@"' sh "$tree" "$dir" "$(id -u):$(id -g)" "$@"
}

# Copies what kbuild reads, since it writes its objects beside the sources.
copy_sources() {
  local from=$1 to=$2
  shift 2
  (cd "$from" && find "$@" \( -name '*.[chS]' -o -name Kbuild -o -name Makefile \) -print0 |
    sort -zu | xargs -0 cp --parents --preserve=timestamps -t "$to")
}

build() {
  local strict='' log
  [[ ${1-} != --strict ]] || { strict=1; shift; }
  (($# >= 3)) || die "build needs KERNEL SRCDIR OUTDIR"
  local kernel=$1 source out sub=. release status=0
  known_kernel "$kernel"
  release=$(release "$kernel")
  source=$(realpath -e "$2") && mkdir -p "$3" && out=$(realpath -e "$3") || exit 1
  shift 3

  # The project's kernel code reaches into its other rooms by relative paths, so these keep their places.
  if [[ $source == "$kernels_project"/* ]]; then
    sub=${source#"$kernels_project"/}
    copy_sources "$kernels_project" "$out" kmod seam "$sub"
  else
    copy_sources "$source" "$out" .
  fi

  local make=(make --no-print-directory -j "$(nproc)" -C "/usr/src/linux-headers-$release" "M=$(realpath -m "$out/$sub")")
  if [[ $kernel == 7.3 ]]; then
    make=(in_tree "$out" "${make[@]}" 'CHECK=sparse -include /usr/include/sparse-prelude.h')
  fi
  # -Werror, so that no second run finds the object of a file that had warnings up to date and is silent.
  [[ -z $strict ]] || make+=(W=1 C=2 KCFLAGS=-Werror CF=-Wsparse-error)

  log=$(mktemp)
  "${make[@]}" "$@" modules 2>&1 | tee "$log" || status=1
  if [[ $strict ]] && grep -qiE '\b(warning|error):' "$log"; then status=1; fi
  rm "$log"
  ((status == 0)) || return 1
  [[ $sub == . ]] || find "$out/$sub" -name '*.ko' -exec cp -t "$out" {} +
}

# checkpatch FILE...: silent when clean.
checkpatch() {
  local release files
  release=$(release 7.3)
  mapfile -t files < <(realpath "$@")
  # It leaves a cache of its own where it runs.
  (cd "$kernels_cache" &&
    perl "7.3/tree/usr/src/linux-headers-${release%-amd64}-common/scripts/checkpatch.pl" \
      --no-tree --strict --quiet --no-summary --show-types --file "${files[@]}")
}

# kernel_doc FILE...: whether the kernel-doc comments agree with the code.
kernel_doc() {
  "/usr/src/linux-headers-$(release 6.1)/scripts/kernel-doc" -none -Werror "$@"
}
