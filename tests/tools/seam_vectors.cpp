// SPDX-License-Identifier: MIT
// Replays conformance vectors on the model and reports every difference.

#include <cstdio>

#include "vector_replay.h"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s FILE...\n", argv[0]);
    return 2;
  }
  std::size_t differences = 0;
  std::size_t malformed = 0;
  for (int i = 1; i < argc; ++i) {
    auto report = tdxctl::replay_vectors(argv[i]);
    for (const auto& line : report.differences) std::printf("%s\n", line.c_str());
    for (const auto& line : report.malformed) std::fprintf(stderr, "%s\n", line.c_str());
    std::printf("%s: %zu sequences, %zu ops, %zu differences\n", argv[i], report.sequences, report.ops,
                report.differences.size());
    differences += report.differences.size();
    malformed += report.malformed.size();
  }
  return malformed ? 2 : differences ? 1 : 0;
}
