// SPDX-License-Identifier: MIT
// A TDX module and a P-SEAMLDR that answer anything at all: the helper's logic in ring 0 must survive them.
// The input is a queue of answers: registers, statuses, and what is written into the page that a call was
// given.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "check.h"

extern "C" {
#include "kmod/logic/leaves.h"
#include "kmod/logic/logic.h"
#include "kmod/logic/tdx.h"
}

using tdxctl::fuzz::check;

namespace {

/// The bytes of the input, zeros when they are used up.
class Answers {
 public:
  Answers(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}

  template <class T>
  T take() {
    T value{};
    take(&value, sizeof value);
    return value;
  }
  void take(void* to, std::size_t bytes) {
    const std::size_t part = std::min(bytes, static_cast<std::size_t>(end_ - at_));
    if (part != 0) std::memcpy(to, at_, part);
    at_ += part;
  }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

/// One byte chooses the status, so that the interesting ones come up often.
u64 take_status(Answers& answers) {
  constexpr std::array<u64, 10> kStatuses = {0,
                                             TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT,
                                             TDX_METADATA_LIST_OVERFLOW,
                                             TDX_RND_NO_ENTROPY,
                                             SEAMLDR_ENOENTROPY,
                                             TDXCTL_STATUS_VMFAILINVALID,
                                             TDXCTL_STATUS_UD,
                                             TDXCTL_STATUS_GP,
                                             TDX_INTERRUPTED_RESUMABLE,
                                             TDX_SYS_BUSY};
  const auto choice = answers.take<std::uint8_t>();
  return choice < kStatuses.size() ? kStatuses[choice] : choice < 128 ? 0 : answers.take<u64>();
}

constexpr u64 kSysRd = 34;

// More than any command may need: what goes on longer would go on for ever.
constexpr u64 kMostCalls = u64{TDXCTL_METADATA_MAX + 2} * TDXCTL_ENTROPY_TRIES;

class HostileHost {
 public:
  explicit HostileHost(Answers& answers)
      : link_{{&kOps, answers.take<std::uint8_t>() % 2 == 1, nullptr, 0, {}, {}}, this}, answers_(answers) {}

  ~HostileHost() {
    tdxctl_close(&link_.host, this);
    check(pages_.empty());
    // A module that is up, or may be, keeps its memory.
    check(link_.host.bring_up.held == held_ && (held_ || blocks_.empty()));
  }

  /// Runs a command of `bytes` bytes; the argument is exactly as large as the interface promises.
  void run(unsigned int number, u32 bytes) {
    const tdxctl_command* command = tdxctl_find_command(number);
    check(command != nullptr);
    const std::size_t room = std::max(bytes, command->size);
    const auto argument = std::make_unique<u64[]>((room + 7) / 8);
    answers_.take(argument.get(), std::min<std::size_t>(room, 64));
    if (run(*command, argument.get(), bytes) && command->element_size == sizeof(tdxctl_field)) {
      check_elements(argument.get(), bytes);
    }
  }

  /// Brings up until it is finished or refused, with TDMRs that fit the memory or are of the input.
  void bring_up() {
    std::array<u64, (sizeof(ConfigureArg) + kTdmrs * sizeof(struct tdxctl_tdmr)) / sizeof(u64)> words{};
    ConfigureArg* const argument = reinterpret_cast<ConfigureArg*>(words.data());
    answers_.take(argument, offsetof(ConfigureArg, finished));
    if (answers_.take<std::uint8_t>() % 4 != 0) {
      argument->config_version = argument->features != 0 || argument->wall_clock_s != 0;
      argument->options %= 2;
    }
    argument->flags = 0;
    argument->nr_tdmrs = kTdmrs;
    argument->slice_ms %= 16;
    for (u32 i = 0; i < kTdmrs; ++i) {
      auto* const tdmr = reinterpret_cast<struct tdxctl_tdmr*>(argument + 1) + i;
      *tdmr = {i * 2, 2, i, 0};
      if (answers_.take<std::uint8_t>() == 0xFF) *tdmr = answers_.take<struct tdxctl_tdmr>();
    }
    const tdxctl_command* command = tdxctl_find_command(TDXCTL_IOC_CONFIGURE);
    for (int slices = 0; slices < 8; ++slices) {
      if (!run(*command, argument, sizeof words) || argument->finished != 0) break;
    }
  }

 private:
  using ConfigureArg = struct tdxctl_configure;
  static constexpr u32 kTdmrs = 2;

  /// Whether the command was answered.
  bool run(const tdxctl_command& command, void* argument, u32 bytes) {
    calls_ = 0;
    const int error = tdxctl_run_command(&link_.host, this, &command, argument, bytes);
    check(error == 0 || (error < 0 && error > -4096));
    check(!pinned_ && !locked_ && !lps_locked_ && !stopped_ && link_.host.changing == 0);
    const tdxctl_bring_up& up = link_.host.bring_up;
    check(pages_.size() == staged_pages() + (up.list.va != nullptr ? 1 : 0));
    check(blocks_.empty() || up.held || up.step != TDXCTL_BRING_UP_NONE);
    return error == 0;
  }

  using Page = std::array<std::uint8_t, TDX_PAGE_BYTES>;
  struct Link {
    tdxctl_host host;
    HostileHost* self;
  };
  static HostileHost& of(tdxctl_host* host) { return *reinterpret_cast<Link*>(host)->self; }

  static void check_elements(const void* argument, u32 bytes) {
    tdxctl_metadata head;
    std::memcpy(&head, argument, sizeof head);
    check(head.size == bytes);
    check(sizeof head + head.nr_fields * sizeof(tdxctl_field) <= bytes);
    check(head.nr_total <= TDXCTL_METADATA_MAX);
  }

  /// The module's pages, its sigstruct and the parameters; or nothing at all.
  [[nodiscard]] std::size_t staged_pages() const {
    const u32 pages = link_.host.image.nr_pages;
    return pages == 0 ? 0 : pages + 2;
  }

  static bool rdmsr(tdxctl_host* host, u32, u64* value) {
    if (of(host).answers_.take<std::uint8_t>() % 4 == 0) return false;
    *value = of(host).answers_.take<u64>();
    return true;
  }
  static void lock_lps(tdxctl_host* host) { check(!std::exchange(of(host).lps_locked_, true)); }
  static void unlock_lps(tdxctl_host* host) { check(std::exchange(of(host).lps_locked_, false)); }
  static void nr_lps(tdxctl_host* host, u32* online, u32* present, u32* packages) {
    check(of(host).lps_locked_);
    *online = *present = *packages = 1;
  }
  static bool alloc_page(tdxctl_host* host, tdxctl_page* page) {
    HostileHost& self = of(host);
    check(!self.pinned_ && !self.locked_);
    if (self.answers_.take<std::uint8_t>() == 0xFF) return false;
    self.pages_.push_back(std::make_unique<Page>());
    *page = {self.pages_.back()->data(), 0x1000 * self.pages_.size()};
    return true;
  }
  static void free_page(tdxctl_host* host, tdxctl_page* page) {
    const auto is_this = [page](const auto& other) { return other->data() == page->va; };
    check(std::erase_if(of(host).pages_, is_this) == 1);
  }
  static void pin_lp(tdxctl_host* host) { check(!std::exchange(of(host).pinned_, true)); }
  static void unpin_lp(tdxctl_host* host) { check(std::exchange(of(host).pinned_, false)); }
  static void seamldr_lock(tdxctl_host* host, unsigned long* flags) {
    *flags = 1;
    check(!std::exchange(of(host).locked_, true));
  }
  static void seamldr_unlock(tdxctl_host* host, unsigned long flags) {
    check(flags == 1 && std::exchange(of(host).locked_, false));
  }
  static u64 seamcall(tdxctl_host* host, u64 rax, tdxctl_seamcall_regs* regs) {
    HostileHost& self = of(host);
    check(++self.calls_ <= kMostCalls);
    check((rax & TDX_RAX_SEAMLDR) != 0 ? self.locked_ : self.pinned_ || self.stopped_);
    if (!self.pages_.empty())
      self.answers_.take(self.pages_.back()->data(), self.answers_.take<u16>() % 4097);
    if (self.answers_.take<std::uint8_t>() % 2 == 1) self.answers_.take(regs, sizeof *regs);
    // Sizes of PAMT entries as they are, or nothing of a bring-up is ever reached.
    if (rax == kSysRd && self.link_.host.bring_up.step != TDXCTL_BRING_UP_NONE &&
        self.answers_.take<std::uint8_t>() % 4 != 0) {
      regs->r8 = 16;
    }
    return take_status(self.answers_);
  }
  static bool vmptrst(tdxctl_host* host, u64* pa) {
    if (of(host).answers_.take<std::uint8_t>() % 2 == 0) return false;
    *pa = of(host).answers_.take<u64>();
    return true;
  }
  static bool vmptrld(tdxctl_host* host, u64) { return of(host).answers_.take<std::uint8_t>() % 2 == 0; }
  static void relax(tdxctl_host*) {}
  static bool signal_pending(tdxctl_host* host) { return of(host).answers_.take<std::uint8_t>() == 0xFF; }

  // A slice of TDH.SYS.DISABLE is at most so many calls.
  static u64 now_ns(tdxctl_host* host) { return of(host).calls_ * u64{1000000}; }
  static void write_back_caches(tdxctl_host* host) { check(!of(host).pinned_ && !of(host).locked_); }

  static bool stop_lps(tdxctl_host* host, tdxctl_stopped_step* steps, u32 nr, void* context) {
    HostileHost& self = of(host);
    check(!self.pinned_ && !self.locked_ && !std::exchange(self.stopped_, true));
    const bool all_online = self.answers_.take<std::uint8_t>() != 0xFF;
    bool go_on = all_online;
    for (u32 i = 0; i < nr && go_on; ++i) {
      for (u32 lp = 0; lp < (steps[i].lps == TDXCTL_ONE_LP ? 1 : 3); ++lp) {
        go_on = go_on && steps[i].run(host, lp, context);
      }
    }
    self.stopped_ = false;
    return all_online;
  }

  static bool next_ram(tdxctl_host*, u64 from, u64* start, u64* end) {
    constexpr u64 kRam[][2] = {{0x1000, 0x9f000}, {0x100000, 0x60000000}, {0x68000000, 0x100000000}};
    for (const auto& range : kRam) {
      if (range[1] <= from) continue;
      *start = range[0];
      *end = range[1];
      return true;
    }
    return false;
  }
  static bool alloc_block(tdxctl_host* host, tdxctl_block* block, u64 from, u64 to, u64 bytes) {
    HostileHost& self = of(host);
    check(!self.pinned_ && bytes != 0 && bytes % TDX_PAGE_BYTES == 0 && from < to);
    if (bytes > to - from || self.answers_.take<std::uint8_t>() == 0xFF) return false;
    *block = {from + 0x1000 * self.blocks_.size(), bytes};
    return self.blocks_.insert(block->pa).second;
  }
  static void free_block(tdxctl_host* host, tdxctl_block* block) {
    check(of(host).blocks_.erase(block->pa) == 1);
  }
  static void hold(tdxctl_host* host) { check(!std::exchange(of(host).held_, true)); }
  static void let_go(tdxctl_host* host) { check(std::exchange(of(host).held_, false)); }
  static u64 on_lps(tdxctl_host* host, tdxctl_lps lps, bool (*step)(tdxctl_host*, u32, void*),
                    void* context) {
    check(!of(host).pinned_ && !of(host).locked_ && !of(host).stopped_);
    check(of(host).lps_locked_ || lps == TDXCTL_ONE_LP);
    bool go_on = true;
    for (u32 lp = 0; lp < (lps == TDXCTL_ONE_LP ? 1 : 3); ++lp) {
      if (go_on || lps == TDXCTL_ALL_LPS_AT_ONCE) go_on = step(host, lp, context);
    }
    return of(host).answers_.take<u64>();
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

  Link link_;
  Answers& answers_;
  std::vector<std::unique_ptr<Page>> pages_;
  std::set<u64> blocks_;
  bool held_ = false;
  bool pinned_ = false;
  bool locked_ = false;
  bool lps_locked_ = false;
  bool stopped_ = false;
  u64 calls_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<unsigned int, 10> kCommands = {
      TDXCTL_IOC_READ_ALL, TDXCTL_IOC_READ,     TDXCTL_IOC_SEAMLDR_INFO, TDXCTL_IOC_MODULE_STATE,
      TDXCTL_IOC_PLATFORM, TDXCTL_IOC_DISABLE,  TDXCTL_IOC_STAGE,        TDXCTL_IOC_APPLY,
      TDXCTL_IOC_INIT,     TDXCTL_IOC_CONFIGURE};
  Answers answers(data, size);
  const unsigned int command = kCommands[answers.take<std::uint8_t>() % kCommands.size()];
  const u32 bytes = answers.take<u16>();
  HostileHost host(answers);
  // APPLY after a bring-up, too: it has features and Extensions then.
  if (command == TDXCTL_IOC_APPLY && bytes % 2 != 0) host.bring_up();
  if (command == TDXCTL_IOC_APPLY) host.run(TDXCTL_IOC_STAGE, TDXCTL_STAGE_SIZE_V0 + 2 * TDX_PAGE_BYTES);
  if (command == TDXCTL_IOC_CONFIGURE) host.bring_up();
  host.run(command, bytes);
  return 0;
}
