// SPDX-License-Identifier: MIT
#include "drv/sim/sim_host.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tdxctl {
namespace {

constexpr std::uint64_t kPageBytes = 4096;

// What a pause and the instruction itself take. Without them a module that fails each call would stop the
// clock.
constexpr std::uint64_t kRelaxNs = 1000;
constexpr std::uint64_t kInstructionNs = 1000;

std::uint64_t status_of(seam_outcome outcome, std::uint64_t rax) {
  switch (outcome) {
    case SEAM_RETURNED:
      return rax;
    case SEAM_VMFAIL_INVALID:
      return TDXCTL_STATUS_VMFAILINVALID;
    case SEAM_UD:
      return TDXCTL_STATUS_UD;
    case SEAM_GP:
      return TDXCTL_STATUS_GP;
  }
  return TDXCTL_STATUS_UD;
}

}  // namespace

struct SimHost::Ops {
  static constexpr std::uint32_t kLp = 0;

  static SimHost& of(tdxctl_host* host) { return *reinterpret_cast<LogicHost*>(host)->self; }

  static bool rdmsr(tdxctl_host* host, u32 msr, u64* value) {
    return seam_rdmsr(of(host).machine(), kLp, msr, value);
  }

  static void nr_lps(tdxctl_host* host, u32* online, u32* present, u32* packages) {
    const seam_profile& profile = of(host).profile_;
    *online = profile.lps;
    *present = profile.lps;
    *packages = profile.packages;
  }

  static bool alloc_page(tdxctl_host* host, tdxctl_page* page) {
    SimHost& self = of(host);
    const std::uint64_t number = self.next_page_++;
    auto& memory = self.pages_[number];
    memory = std::make_unique<Page>();
    *page = {memory->data(), number * kPageBytes};
    return true;
  }

  static void free_page(tdxctl_host* host, tdxctl_page* page) {
    of(host).pages_.erase(page->pa / kPageBytes);
  }

  // One thread is all that there is: it stays on its LP and nobody interrupts it. It has no caches.
  static void pin_lp(tdxctl_host* /*host*/) {}
  static void unpin_lp(tdxctl_host* /*host*/) {}
  static void seamldr_lock(tdxctl_host* /*host*/, unsigned long* flags) { *flags = 0; }
  static void seamldr_unlock(tdxctl_host* /*host*/, unsigned long /*flags*/) {}
  static void write_back_caches(tdxctl_host* /*host*/) {}
  static bool signal_pending(tdxctl_host* /*host*/) { return false; }

  static void relax(tdxctl_host* host) { of(host).now_ns_ += kRelaxNs; }
  static u64 now_ns(tdxctl_host* host) { return of(host).now_ns_; }
  static void delay(void* ctx, u64 ns) { static_cast<SimHost*>(ctx)->now_ns_ += ns; }

  static u64 seamcall(tdxctl_host* host, u64 rax, tdxctl_seamcall_regs* regs) {
    SimHost& self = of(host);
    self.now_ns_ += kInstructionNs;
    seam_regs all{};
    all.rax = rax;
    all.rcx = regs->rcx;
    all.rdx = regs->rdx;
    all.r8 = regs->r8;
    all.r9 = regs->r9;
    all.r10 = regs->r10;
    all.r11 = regs->r11;
    const seam_outcome outcome = seam_call(self.machine(), &self.callbacks_, kLp, &all);
    *regs = {all.rcx, all.rdx, all.r8, all.r9, all.r10, all.r11};
    return status_of(outcome, all.rax);
  }

  static bool vmptrst(tdxctl_host* host, u64* pa) {
    return seam_vmptrst(of(host).machine(), kLp, pa) == SEAM_RETURNED;
  }
  static bool vmptrld(tdxctl_host* host, u64 pa) {
    return seam_vmptrld(of(host).machine(), kLp, pa) == SEAM_RETURNED;
  }

  // Memory that nobody has written is not kept: it reads as zeros.
  static bool read(void* ctx, u64 pa, void* buffer, u32 bytes) {
    const auto& pages = static_cast<SimHost*>(ctx)->pages_;
    return each_page(pa, bytes, [&](std::uint64_t number, std::uint64_t offset, u32 done, u32 part) {
      auto* const to = static_cast<std::uint8_t*>(buffer) + done;
      const auto page = pages.find(number);
      if (page == pages.end()) {
        std::memset(to, 0, part);
      } else {
        std::memcpy(to, page->second->data() + offset, part);
      }
    });
  }

  static bool write(void* ctx, u64 pa, const void* buffer, u32 bytes) {
    auto& pages = static_cast<SimHost*>(ctx)->pages_;
    return each_page(pa, bytes, [&](std::uint64_t number, std::uint64_t offset, u32 done, u32 part) {
      auto& page = pages[number];
      if (!page) page = std::make_unique<Page>();
      std::memcpy(page->data() + offset, static_cast<const std::uint8_t*>(buffer) + done, part);
    });
  }

  /// Calls copy(page number, offset in it, bytes done before, bytes of this part) for each page touched.
  template <class Copy>
  static bool each_page(u64 pa, u32 bytes, Copy copy) {
    for (u32 done = 0; done < bytes;) {
      const std::uint64_t offset = (pa + done) % kPageBytes;
      const u32 part = static_cast<u32>(std::min<std::uint64_t>(bytes - done, kPageBytes - offset));
      copy((pa + done) / kPageBytes, offset, done, part);
      done += part;
    }
    return true;
  }

  static constexpr tdxctl_host_ops kOps = {
      .rdmsr = rdmsr,
      .nr_lps = nr_lps,
      .alloc_page = alloc_page,
      .free_page = free_page,
      .pin_lp = pin_lp,
      .unpin_lp = unpin_lp,
      .seamcall = seamcall,
      .seamldr_lock = seamldr_lock,
      .seamldr_unlock = seamldr_unlock,
      .vmptrst = vmptrst,
      .vmptrld = vmptrld,
      .relax = relax,
      .signal_pending = signal_pending,
      .now_ns = now_ns,
      .write_back_caches = write_back_caches,
  };
};

SimHost::SimHost(const seam_profile& profile, const seam_faults& faults)
    : profile_(profile),
      logic_{{.ops = &Ops::kOps, .refuse_vmcs_loss = false, .reserved_for = nullptr, .changing = 0}, this},
      state_((seam_machine_bytes(profile.lps) + 7) / 8),
      callbacks_{},
      next_page_(profile.memory[0].base / kPageBytes + 1) {
  // The callbacks that are not set may be absent: no signature is ever good.
  callbacks_.ctx = this;
  callbacks_.read = Ops::read;
  callbacks_.write = Ops::write;
  callbacks_.delay = Ops::delay;
  seam_init(machine(), &profile_);
  seam_set_faults(machine(), &faults);
}

int SimHost::run(unsigned int command, void* argument) {
  const tdxctl_command* row = tdxctl_find_command(command);
  if (!row) return ENOTTY;
  std::uint32_t bytes;  // every argument starts with its size
  std::memcpy(&bytes, argument, sizeof bytes);
  return -tdxctl_run_command(&logic_.host, this, row, argument, bytes);
}

}  // namespace tdxctl
