# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# tools: seam_vectors seam_run
# data: seam/*.jsonl
# host: seam_run 1 2 3
# The model in the kernel does what it does in a process: the conformance vectors, and random calls.
# shellcheck source-path=SCRIPTDIR source=../guest/helper.sh
. /root/helper.sh

if [ ! -x seam_vectors ]; then
  skip "the model in both homes" "no programs were given to tests/vm/all --tools"
  exit
fi
load_module seam_host.ko

for vectors in *.jsonl; do
  check "${vectors%.jsonl}: the model agrees" seam_vectors --seam-host "$vectors"
done
sed '1s/"out":{"rax":"0x0"/"out":{"rax":"0x1"/' happy_path.jsonl >/run/wrong.jsonl
expect_exit 1 "a wrong vector is seen" seam_vectors --seam-host /run/wrong.jsonl

while read -r on_host; do
  seed=${on_host#seed }
  expect_equal "seed ${seed%%:*} gives the run that it gives in a process" "$on_host" "$(seam_run --seam-host "${seed%%:*}")"
done <host
unload_module seam_host
