// SPDX-License-Identifier: MIT
#include "fake_host.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

namespace tdxctl::test {

const tdxctl_host_ops FakeHost::kOps = {
    .rdmsr =
        [](tdxctl_host* host, u32 msr, u64* value) {
          auto found = of(host).msrs.find(msr);
          if (found == of(host).msrs.end()) return false;
          *value = found->second;
          return true;
        },
    .lock_lps =
        [](tdxctl_host* host) {
          FakeHost& fake = of(host);
          EXPECT_FALSE(fake.lps_locked_ || fake.pinned_ || fake.locked_ || fake.stopped_);
          fake.lps_locked_ = true;
        },
    .unlock_lps =
        [](tdxctl_host* host) {
          EXPECT_TRUE(of(host).lps_locked_);
          of(host).lps_locked_ = false;
        },
    .nr_lps =
        [](tdxctl_host* host, u32* online, u32* present, u32* packages) {
          EXPECT_TRUE(of(host).lps_locked_);
          *online = of(host).lp_offline ? kLps - 1 : kLps;
          *present = kLps;
          *packages = 2;
        },
    .alloc_page =
        [](tdxctl_host* host, tdxctl_page* page) {
          FakeHost& fake = of(host);
          EXPECT_FALSE(fake.pinned_ || fake.locked_ || fake.stopped_) << "memory is not to be had here";
          if (!fake.has_memory || fake.allocated == fake.page_limit) return false;
          page->pa = 0x100000 + 0x1000 * static_cast<u64>(fake.allocated++);
          page->va = fake.pages_.emplace(page->pa, TDX_PAGE_BYTES).first->second.data();
          return true;
        },
    .free_page =
        [](tdxctl_host* host, tdxctl_page* page) {
          FakeHost& fake = of(host);
          EXPECT_FALSE(fake.pinned_ || fake.locked_);
          EXPECT_EQ(fake.pages_.erase(page->pa), 1U) << "freed what was not allocated";
          ++fake.freed;
        },
    .pin_lp =
        [](tdxctl_host* host) {
          EXPECT_FALSE(of(host).pinned_);
          of(host).pinned_ = true;
          of(host).batch_ = 0;
        },
    .unpin_lp =
        [](tdxctl_host* host) {
          FakeHost& fake = of(host);
          EXPECT_TRUE(fake.pinned_);
          fake.pinned_ = false;
          fake.longest_batch = std::max(fake.longest_batch, fake.batch_);
        },
    .seamcall =
        [](tdxctl_host* host, u64 rax, tdxctl_seamcall_regs* regs) {
          FakeHost& fake = of(host);
          const bool seamldr = (rax & TDX_RAX_SEAMLDR) != 0;
          EXPECT_TRUE(seamldr ? fake.locked_ : fake.pinned_ || fake.stopped_)
              << "this LP may change under the call";
          fake.trace.emplace_back("seamcall");
          fake.caches_written_back = false;
          fake.calls.push_back(rax);
          ++fake.batch_;
          fake.now += fake.call_ns;
          return fake.seamcall(rax, *regs);
        },
    .seamldr_lock =
        [](tdxctl_host* host, unsigned long* flags) {
          EXPECT_FALSE(of(host).locked_);
          of(host).locked_ = true;
          *flags = 0x246;
          of(host).trace.emplace_back("lock");
        },
    .seamldr_unlock =
        [](tdxctl_host* host, unsigned long flags) {
          EXPECT_TRUE(of(host).locked_);
          EXPECT_EQ(flags, 0x246UL);
          of(host).locked_ = false;
          of(host).trace.emplace_back("unlock");
        },
    .vmptrst =
        [](tdxctl_host* host, u64* pa) {
          FakeHost& fake = of(host);
          EXPECT_TRUE(fake.locked_);
          fake.trace.emplace_back("vmptrst");
          if (!fake.in_vmx_operation) return false;
          *pa = fake.current_vmcs;
          return true;
        },
    .vmptrld =
        [](tdxctl_host* host, u64 pa) {
          FakeHost& fake = of(host);
          EXPECT_TRUE(fake.locked_);
          fake.trace.emplace_back("vmptrld");
          if (!fake.vmptrld_works) return false;
          fake.current_vmcs = pa;
          return true;
        },
    .relax =
        [](tdxctl_host* host) {
          EXPECT_FALSE(of(host).locked_) << "others wait for the P-SEAMLDR";
          ++of(host).relaxed;
          of(host).now += 1000;
        },
    .signal_pending =
        [](tdxctl_host* host) {
          FakeHost& fake = of(host);
          EXPECT_FALSE(fake.pinned_ || fake.locked_);
          return fake.signal_after >= 0 && fake.signal_checks_++ >= fake.signal_after;
        },
    .now_ns = [](tdxctl_host* host) { return of(host).now; },
    .write_back_caches =
        [](tdxctl_host* host) {
          FakeHost& fake = of(host);
          EXPECT_FALSE(fake.pinned_ || fake.locked_) << "the other LPs have to answer";
          fake.trace.emplace_back("write back caches");
          fake.caches_written_back = true;
        },
    .stop_lps =
        [](tdxctl_host* host, tdxctl_stopped_step* steps, u32 nr, void* context) {
          FakeHost& fake = of(host);
          EXPECT_FALSE(fake.pinned_ || fake.locked_ || fake.stopped_);
          if (fake.lp_offline) return false;
          fake.stopped_ = true;
          bool go_on = true;
          for (u32 i = 0; i < nr; ++i) {
            const u64 start = fake.now;
            const u32 lps = steps[i].lps == TDXCTL_ONE_LP ? 1 : kLps;
            // A step that fails on one of all LPs at once is made on the others all the same.
            const bool all = go_on && steps[i].lps == TDXCTL_ALL_LPS_AT_ONCE;
            for (fake.lp = 0; fake.lp < lps && (go_on || all); ++fake.lp) {
              go_on = steps[i].run(host, fake.lp, context) && go_on;
            }
            steps[i].ns = fake.now - start;
          }
          fake.lp = 0;
          fake.stopped_ = false;
          return true;
        },
    .next_ram =
        [](tdxctl_host* host, u64 from, u64* start, u64* end) {
          for (const auto& range : of(host).ram) {
            if (range.second <= from) continue;
            *start = range.first;
            *end = range.second;
            return true;
          }
          return false;
        },
    .alloc_block =
        [](tdxctl_host* host, tdxctl_block* block, u64 from, u64 to, u64 bytes) {
          FakeHost& fake = of(host);
          EXPECT_FALSE(fake.pinned_ || fake.locked_ || fake.stopped_) << "memory is not to be had here";
          EXPECT_FALSE(fake.lps_locked_) << "what is moved out of the way waits for all LPs";
          EXPECT_TRUE(bytes > 0 && (from | to | bytes) % TDX_PAGE_BYTES == 0);
          if (fake.blocks_allocated == fake.blocks_limit) return false;
          const auto place = fake.place_for(from, to, bytes);
          if (!place) return false;
          ++fake.blocks_allocated;
          fake.blocks[*place] = bytes;
          *block = {*place, bytes};
          return true;
        },
    .free_block =
        [](tdxctl_host* host, tdxctl_block* block) {
          FakeHost& fake = of(host);
          EXPECT_FALSE(fake.pinned_ || fake.locked_ || fake.stopped_);
          EXPECT_TRUE(fake.caches_written_back) << "lines with a private KeyID may come after it";
          EXPECT_EQ(fake.blocks.erase(block->pa), 1U) << "freed what was not allocated";
        },
    .hold =
        [](tdxctl_host* host) {
          EXPECT_FALSE(of(host).held);
          of(host).held = true;
        },
    .let_go =
        [](tdxctl_host* host) {
          EXPECT_TRUE(of(host).held);
          of(host).held = false;
        },
    .on_lps =
        [](tdxctl_host* host, tdxctl_lps lps, bool (*run)(tdxctl_host*, u32, void*), void* context) {
          FakeHost& fake = of(host);
          EXPECT_FALSE(fake.pinned_ || fake.locked_ || fake.stopped_);
          EXPECT_TRUE(fake.lps_locked_ || lps == TDXCTL_ONE_LP);
          // The packages start at LPs 0 and 2.
          const u32 step = lps == TDXCTL_EACH_PACKAGE_IN_TURN ? 2 : 1;
          const u32 end = lps == TDXCTL_ONE_LP ? 1 : fake.lp_offline ? kLps - 1 : kLps;
          const u64 start = fake.now;
          bool go_on = true;
          for (fake.lp = 0; fake.lp < end && (go_on || lps == TDXCTL_ALL_LPS_AT_ONCE); fake.lp += step) {
            go_on = run(host, fake.lp, context);
          }
          fake.lp = 0;
          return fake.now - start;
        },
};

FakeHost::FakeHost() : link_{{&kOps, false, nullptr, 0, {}, {}}, this} {}

FakeHost::~FakeHost() {
  EXPECT_EQ(allocated, freed);
  EXPECT_TRUE(pages_.empty());
  EXPECT_EQ(blocks.empty(), !held) << "blocks are out exactly as long as a module lives on them";
  EXPECT_FALSE(pinned_);
  EXPECT_FALSE(locked_);
  EXPECT_FALSE(stopped_);
  EXPECT_FALSE(lps_locked_);
}

std::optional<u64> FakeHost::place_for(u64 from, u64 to, u64 bytes) const {
  for (const auto& [start, end] : ram) {
    u64 at = std::max({from, start, u64{0x100000}});
    for (const auto& [taken, taken_bytes] : blocks) {
      if (taken < at + bytes && at < taken + taken_bytes) at = taken + taken_bytes;
    }
    if (at + bytes <= std::min(to, end)) return at;
  }
  return std::nullopt;
}

std::uint8_t* FakeHost::page(u64 pa) {
  auto found = pages_.find(pa);
  if (found == pages_.end()) {
    ADD_FAILURE() << "no page at " << pa;
    std::abort();
  }
  return found->second.data();
}

Metadata::Metadata(u32 nr_fields, std::size_t extra_bytes)
    : words_((sizeof(tdxctl_metadata) + nr_fields * sizeof(tdxctl_field) + extra_bytes + 7) / 8),
      size_(static_cast<u32>(sizeof(tdxctl_metadata) + nr_fields * sizeof(tdxctl_field) + extra_bytes)) {
  (*this)->size = size_;
  (*this)->nr_fields = nr_fields;
}

}  // namespace tdxctl::test
