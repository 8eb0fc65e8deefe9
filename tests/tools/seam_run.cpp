// SPDX-License-Identifier: MIT
// Runs random SEAMCALLs and prints what they came to: the same for the same seed, in both homes of the model.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "kernel_machine.h"
#include "machine.h"
#include "random_calls.h"

using namespace tdxctl::seam_test;

namespace {

RandomRun run(u64 seed, bool in_kernel) {
  const seam_profile& profile = *seam_profile_find("connect-preview");
  SeededDice dice(seed);
  Machine here(profile);
  install_crypto(here);
  RandomRun run_here = run_random_calls(here, dice);
  if (!in_kernel) return run_here;

  // The kernel is handed the hashes that the same run has just needed here.
  SeededDice again(seed);
  KernelMachine there(profile, hash_results());
  return run_random_calls(there, again);
}

}  // namespace

int main(int argc, char** argv) try {
  bool in_kernel = argc > 1 && !std::strcmp(argv[1], "--seam-host");
  int first = in_kernel ? 2 : 1;
  if (argc <= first) {
    std::fprintf(stderr, "usage: %s [--seam-host] SEED...\n  --seam-host  on the model in the kernel\n",
                 argv[0]);
    return 2;
  }
  for (int i = first; i < argc; ++i) {
    RandomRun result = run(std::strtoull(argv[i], nullptr, 0), in_kernel);
    std::printf("seed %s: %llu calls, %zu leaves succeeded, answers %#llx, state %#llx, %llu ns\n", argv[i],
                static_cast<unsigned long long>(result.calls), result.succeeded.size(),
                static_cast<unsigned long long>(result.answers),
                static_cast<unsigned long long>(result.state), static_cast<unsigned long long>(result.ns));
  }
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
