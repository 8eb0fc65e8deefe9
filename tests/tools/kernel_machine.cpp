// SPDX-License-Identifier: MIT
#include "kernel_machine.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "vm/seam_host/machine_file.h"

namespace tdxctl::seam_test {
namespace {

/// What physical addresses can name; a file of that size takes no room before it is written.
constexpr off_t kMemoryBytes = off_t{1} << 52;

void check(bool worked, const char* what) {
  if (!worked) throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

KernelMachine::KernelMachine(const seam_profile& profile, const HashResults& hash_results)
    : hash_results_(hash_results), memory_(memfd_create("memory", MFD_CLOEXEC)) {
  check(memory_ >= 0 && !ftruncate(memory_, kMemoryBytes), "memory of a modelled machine");
  power_on(profile);
}

KernelMachine::~KernelMachine() {
  power_off();
  close(memory_);
}

void KernelMachine::power_off() {
  if (state_) munmap(state_, state_bytes_);
  if (file_ >= 0) close(file_);
  state_ = nullptr;
  file_ = -1;
}

void KernelMachine::power_on(const seam_profile& profile) {
  power_off();
  file_ = open(SEAM_HOST_MACHINE_FILE, O_RDWR | O_CLOEXEC);
  check(file_ >= 0, SEAM_HOST_MACHINE_FILE);
  seam_host_power_on given{};
  given.profile = reinterpret_cast<u64>(&profile);
  given.memory = memory_;
  check(!ioctl(file_, SEAM_HOST_POWER_ON, &given), "power on");
  state_bytes_ = seam_machine_bytes(profile.lps);
  void* state = mmap(nullptr, state_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
  check(state != MAP_FAILED, "state of a modelled machine");
  state_ = static_cast<seam_machine*>(state);
  for (const auto& [input, digest] : hash_results_) {
    seam_host_hash hash{};
    hash.input = input;
    std::memcpy(hash.digest, digest.data(), digest.size());
    check(!ioctl(file_, SEAM_HOST_HAND_IN, &hash), "hand in a hash result");
  }
}

seam_outcome KernelMachine::execute(u32 lp, seam_regs& regs) {
  seam_host_call one{};
  one.lp = lp;
  one.regs = regs;
  check(!ioctl(file_, SEAM_HOST_CALL, &one), "SEAMCALL");
  regs = one.regs;
  now_ns_ += one.ns;
  return static_cast<seam_outcome>(one.outcome);
}

void KernelMachine::write_memory(u64 pa, const void* data, std::size_t len) {
  check(pwrite(memory_, data, len, static_cast<off_t>(pa)) == static_cast<ssize_t>(len), "write to memory");
}

void KernelMachine::read_memory(u64 pa, void* data, std::size_t len) {
  check(pread(memory_, data, len, static_cast<off_t>(pa)) == static_cast<ssize_t>(len), "read from memory");
}

}  // namespace tdxctl::seam_test
