// SPDX-License-Identifier: MIT
// Random SEAMCALLs, for properties that hold whatever they are, and for runs that are the same in both homes
// of the model.
#pragma once

#include <ostream>
#include <set>

#include "model_machine.h"

namespace tdxctl::seam_test {

/// Where choices come from: a generator that shrinks what fails, or a seed.
class Dice {
 public:
  virtual ~Dice() = default;
  /// One of 0 to n - 1, with the simplest first.
  virtual u64 below(u64 n) = 0;
  /// Any number.
  virtual u64 any() = 0;
};

/// The same seed throws the same everywhere.
class SeededDice final : public Dice {
 public:
  explicit SeededDice(u64 seed) : state_(seed * 2 + 1) {}
  u64 below(u64 n) override { return any() % n; }
  u64 any() override;

 private:
  u64 state_;
};

struct Call {
  u32 lp = 0;
  seam_regs regs{};
};

/// For what rapidcheck says of a call.
void showValue(const Call& call, std::ostream& os);

/// Of the machines that random_profile() makes.
constexpr u32 kRandomLps = 4;

/// A machine with TDs and interrupts, on which every leaf of its generation can succeed.
seam_profile busy_profile(u8 boot, u8 generation);

/// busy_profile() of a machine that has come some way, with some generation of the module.
seam_profile random_profile(Dice& dice);

/// Puts good arguments for every leaf into the machine's memory; the RCX of SEAMLDR.INSTALL.
u64 prepare_arguments(ModelMachine& machine);

/// Mostly one that the machine's state and memory let succeed.
Call random_call(Dice& dice);

/// What a run of random calls came to. The fingerprints are those of tests/vm/seam_host/machine_file.h.
struct RandomRun {
  u64 calls = 0;
  u64 answers = 0;          ///< of what each call did, with all registers
  u64 state = 0;            ///< of the machine's state each time it was about to be powered on anew
  u64 ns = 0;               ///< the time that it took the machine
  std::set<u64> succeeded;  ///< RAX of calls that have

  bool operator==(const RandomRun&) const = default;
};

/// Some lives of the machine, of several generations, with all calls as the dice say.
RandomRun run_random_calls(ModelMachine& machine, Dice& dice);

}  // namespace tdxctl::seam_test
