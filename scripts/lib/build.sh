# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the project is built with, and how. Sourced by scripts/demo and scripts/test.

# shellcheck source=scripts/lib/apt.sh
. scripts/lib/apt.sh

# shellcheck disable=SC2034
build_packages=(cmake g++ libcli11-dev libexpected-dev libgtest-dev libgmock-dev librapidcheck-dev libspdlog-dev
  libssl-dev ninja-build nlohmann-json3-dev pkg-config python3-jsonschema python3-pytest)

# build PRESET [TARGET]: configures and builds; quick when nothing has changed.
build() {
  local preset=$1 target=${2:-all} log="build/$1.log"
  mkdir -p build
  printf 'building %s (log: %s)\n' "$preset" "$log"
  if ! { cmake --preset "$preset" && cmake --build --preset "$preset" --target "$target"; } >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    die "the $preset build failed" "see $log"
  fi
}
