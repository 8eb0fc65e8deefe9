// SPDX-License-Identifier: MIT
// Replays conformance vectors on the model and reports every difference.

#include <cstdio>
#include <cstring>

#include "vector_replay.h"

int main(int argc, char** argv) {
  bool in_kernel = argc > 1 && !std::strcmp(argv[1], "--seam-host");
  int first = in_kernel ? 2 : 1;
  if (argc <= first) {
    std::fprintf(stderr, "usage: %s [--seam-host] FILE...\n  --seam-host  on the model in the kernel\n",
                 argv[0]);
    return 2;
  }
  std::size_t differences = 0;
  std::size_t malformed = 0;
  for (int i = first; i < argc; ++i) {
    auto report =
        tdxctl::replay_vectors(argv[i], in_kernel ? tdxctl::power_on_in_kernel : tdxctl::power_on_here);
    for (const auto& line : report.differences) std::printf("%s\n", line.c_str());
    for (const auto& line : report.malformed) std::fprintf(stderr, "%s\n", line.c_str());
    std::printf("%s: %zu sequences, %zu ops, %zu differences\n", argv[i], report.sequences, report.ops,
                report.differences.size());
    differences += report.differences.size();
    malformed += report.malformed.size();
  }
  return malformed ? 2 : differences ? 1 : 0;
}
