// SPDX-License-Identifier: MIT
#include "drv/sim/sim_host.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/image/rsa3072.h"
#include "core/image/sha384.h"

namespace tdxctl {
namespace {

constexpr std::uint64_t kPageBytes = 4096;

// What a pause takes, and a call for which the model takes no time: a fault for ever must not stop the clock.
constexpr std::uint64_t kRelaxNs = 1000;
constexpr std::uint64_t kFaultNs = 1000;

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
  static SimHost& of(tdxctl_host* host) { return *reinterpret_cast<LogicHost*>(host)->self; }

  static bool rdmsr(tdxctl_host* host, u32 msr, u64* value) {
    return seam_rdmsr(of(host).machine(), of(host).lp_, msr, value);
  }

  // LPs neither come nor go here.
  static void lock_lps(tdxctl_host* /*host*/) {}
  static void unlock_lps(tdxctl_host* /*host*/) {}
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
    const std::uint64_t start = self.now_ns_;
    seam_regs all{};
    all.rax = rax;
    all.rcx = regs->rcx;
    all.rdx = regs->rdx;
    all.r8 = regs->r8;
    all.r9 = regs->r9;
    all.r10 = regs->r10;
    all.r11 = regs->r11;
    const seam_outcome outcome = seam_call(self.machine(), &self.callbacks_, self.lp_, &all);
    if (self.now_ns_ == start) self.now_ns_ += kFaultNs;
    *regs = {all.rcx, all.rdx, all.r8, all.r9, all.r10, all.r11};
    return status_of(outcome, all.rax);
  }

  static bool vmptrst(tdxctl_host* host, u64* pa) {
    return seam_vmptrst(of(host).machine(), of(host).lp_, pa) == SEAM_RETURNED;
  }
  static bool vmptrld(tdxctl_host* host, u64 pa) {
    return seam_vmptrld(of(host).machine(), of(host).lp_, pa) == SEAM_RETURNED;
  }

  static bool stop_lps(tdxctl_host* host, tdxctl_stopped_step* steps, u32 nr, void* context) {
    SimHost& self = of(host);
    bool go_on = true;
    for (u32 i = 0; i < nr; ++i) {
      const std::uint64_t start = self.now_ns_;
      go_on = go_on && self.run_on(steps[i].lps, steps[i].run, context);
      steps[i].ns = self.now_ns_ - start;
    }
    return true;
  }

  static u64 on_lps(tdxctl_host* host, tdxctl_lps lps, bool (*step)(tdxctl_host*, u32, void*),
                    void* context) {
    const std::uint64_t start = of(host).now_ns_;
    of(host).run_on(lps, step, context);
    return of(host).now_ns_ - start;
  }

  static bool next_ram(tdxctl_host* host, u64 from, u64* start, u64* end) {
    for (const seam_range& range : of(host).ram()) {
      if (range.base + range.size <= from) continue;
      *start = range.base;
      *end = range.base + range.size;
      return true;
    }
    return false;
  }

  // Pages come from the low end of memory, and blocks from the high end of where they are wanted.
  static bool alloc_block(tdxctl_host* host, tdxctl_block* block, u64 from, u64 to, u64 bytes) {
    SimHost& self = of(host);
    for (const seam_range& range : self.ram()) {
      const std::uint64_t low = std::max({from, range.base, self.next_page_ * kPageBytes});
      std::uint64_t high = std::min(to, range.base + range.size);
      for (auto taken = self.blocks_.rbegin(); taken != self.blocks_.rend(); ++taken) {
        if (high >= bytes && taken->first + taken->second <= high - bytes) break;
        high = std::min(high, taken->first);
      }
      if (high < bytes || high - bytes < low) continue;
      *block = {high - bytes, bytes};
      self.blocks_[block->pa] = bytes;
      return true;
    }
    return false;
  }

  static void free_block(tdxctl_host* host, tdxctl_block* block) { of(host).blocks_.erase(block->pa); }

  // The helper's logic is part of this program: it cannot be unloaded.
  static void hold(tdxctl_host* /*host*/) {}
  static void let_go(tdxctl_host* /*host*/) {}

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

  // The P-SEAMLDR hashes one thing at a time.
  static void hash_start(void* ctx) { static_cast<SimHost*>(ctx)->hashed_.clear(); }
  static void hash_add(void* ctx, const void* data, u32 bytes) {
    const auto* const from = static_cast<const std::uint8_t*>(data);
    auto& hashed = static_cast<SimHost*>(ctx)->hashed_;
    hashed.insert(hashed.end(), from, from + bytes);
  }
  static void hash_end(void* ctx, u8* digest) {
    std::ranges::copy(image::sha384(static_cast<SimHost*>(ctx)->hashed_), digest);
  }

  static bool rsa_verify(void* /*ctx*/, const u8* modulus, const u8* signature, const u8* digest) {
    image::Rsa3072Number key, number;
    image::Sha384 message;
    std::copy_n(modulus, key.size(), key.begin());
    std::copy_n(signature, number.size(), number.begin());
    std::copy_n(digest, message.size(), message.begin());
    return image::verify_rsa3072(number, key, message) == image::SignatureVerdict::good;
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
      .lock_lps = lock_lps,
      .unlock_lps = unlock_lps,
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
      .stop_lps = stop_lps,
      .next_ram = next_ram,
      .alloc_block = alloc_block,
      .free_block = free_block,
      .hold = hold,
      .let_go = let_go,
      .on_lps = on_lps,
  };
};

SimHost::SimHost(const seam_profile& profile, const seam_faults& faults)
    : profile_(profile),
      faults_(faults),
      logic_{{.ops = &Ops::kOps,
              .refuse_vmcs_loss = false,
              .reserved_for = nullptr,
              .changing = 0,
              .image = {},
              .bring_up = {}},
             this},
      state_((seam_machine_bytes(profile.lps) + 7) / 8),
      callbacks_{},
      next_page_(profile.memory[0].base / kPageBytes + 1) {
  callbacks_.ctx = this;
  callbacks_.read = Ops::read;
  callbacks_.write = Ops::write;
  callbacks_.delay = Ops::delay;
  callbacks_.hash_start = Ops::hash_start;
  callbacks_.hash_add = Ops::hash_add;
  callbacks_.hash_end = Ops::hash_end;
  callbacks_.rsa_verify = Ops::rsa_verify;
  seam_init(machine(), &profile_);
  seam_set_faults(machine(), &faults_);
}

Result<void> SimHost::keep_in(std::unique_ptr<MachineState> kept) {
  kept_ = std::move(kept);
  return resume();
}

std::uint32_t SimHost::tds() const {
  return seam_tds(reinterpret_cast<const seam_machine*>(state_.data()))->tds;
}

/// Takes over what was saved. Faults are those of the machine file, and count from the start of this run.
Result<void> SimHost::resume() {
  auto saved = kept_->load();
  if (!saved) return fail(saved.error());
  if (!*saved) return {};
  state_ = std::move((*saved)->state);
  next_page_ = (*saved)->next_page;
  seam_set_faults(machine(), &faults_);
  take_over((*saved)->bring_up);
  return {};
}

/// The helper of the last run is the helper of this one. What a run has begun that was killed is taken back,
/// as Linux does by closing its file.
void SimHost::take_over(const tdxctl_bring_up& bring_up) {
  logic_.host.bring_up = bring_up;
  blocks_.clear();
  const auto note = [this](const tdxctl_block& block) {
    if (block.bytes != 0) blocks_[block.pa] = block.bytes;
  };
  note(bring_up.pool);
  for (std::uint32_t i = 0; i < bring_up.nr_tdmrs; ++i) note(bring_up.tdmrs[i].pamt);
  if (bring_up.step == TDXCTL_BRING_UP_NONE || kept_->claimed_by_another()) return;
  logic_.host.reserved_for = this;
  tdxctl_close(&logic_.host, this);
}

SimHost::~SimHost() { (void)start_over(); }

int SimHost::start_over() {
  const bool unfinished = logic_.host.bring_up.step != TDXCTL_BRING_UP_NONE;
  tdxctl_close(&logic_.host, this);
  // Who only looks has not taken anything back, and must not write over what another run goes on with.
  if (!unfinished || !kept_ || !kept_->claimed()) return 0;
  const auto saved = save();
  return saved ? 0 : fail_with(saved.error());
}

Result<void> SimHost::save() const { return kept_->save(next_page_, logic_.host.bring_up, state_); }

int SimHost::fail_with(const Error& trouble) {
  trouble_ = trouble;
  return EREMOTEIO;
}

std::span<const seam_range> SimHost::ram() const {
  return std::span(profile_.memory).first(profile_.nr_memory);
}

/// Whether a step in turn comes to LP `lp`.
bool SimHost::takes_part(tdxctl_lps lps, std::uint32_t lp) const {
  switch (lps) {
    case TDXCTL_ONE_LP:
      return lp == 0;
    case TDXCTL_EACH_PACKAGE_IN_TURN:
      return lp == 0 || seam_profile_package(&profile_, lp) != seam_profile_package(&profile_, lp - 1);
    case TDXCTL_EACH_LP_IN_TURN:
    case TDXCTL_ALL_LPS_AT_ONCE:
      break;
  }
  return true;
}

bool SimHost::run_on(tdxctl_lps lps, bool (*step)(tdxctl_host*, u32, void*), void* context) {
  const bool at_once = lps == TDXCTL_ALL_LPS_AT_ONCE;
  const std::uint64_t start = now_ns_;
  std::uint64_t end = start;
  bool good = true;
  for (lp_ = 0; lp_ < profile_.lps && (good || at_once); ++lp_) {
    if (!takes_part(lps, lp_)) continue;
    if (at_once) now_ns_ = start;  // the LPs do not wait for each other
    good = step(&logic_.host, lp_, context) && good;
    end = std::max(end, now_ns_);
  }
  now_ns_ = end;
  lp_ = 0;
  return good;
}

int SimHost::run(unsigned int command, void* argument) {
  const tdxctl_command* row = tdxctl_find_command(command);
  if (!row) return ENOTTY;
  std::uint32_t bytes;  // every argument starts with its size
  std::memcpy(&bytes, argument, sizeof bytes);
  if (row->changes_state && kept_) return run_change(*row, argument, bytes);
  return -tdxctl_run_command(&logic_.host, this, row, argument, bytes);
}

/// Runs a command, and saves what it has made of the machine.
int SimHost::run_change(const tdxctl_command& command, void* argument, std::uint32_t bytes) {
  if (!kept_->claimed()) {
    if (const auto claimed = kept_->claim(); !claimed)
      return claimed.error().id == ErrorId::busy ? EBUSY : fail_with(claimed.error());
    // Another run may have changed the machine since it was loaded.
    if (const auto resumed = resume(); !resumed) return fail_with(resumed.error());
  }
  const int error = -tdxctl_run_command(&logic_.host, this, &command, argument, bytes);
  if (const auto saved = save(); !saved) return fail_with(saved.error());
  return error;
}

}  // namespace tdxctl
