// SPDX-License-Identifier: MIT
// A host for the helper's logic, scripted by the test. It keeps the rules of the host operations: what
// is pinned, locked or allocated has to be given back, and each call is made where it may be made.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

extern "C" {
#include "logic/leaves.h"
#include "logic/logic.h"
#include "logic/tdx.h"
}

namespace tdxctl::test {

class FakeHost {
 public:
  using Regs = tdxctl_seamcall_regs;
  using Seamcall = std::function<u64(u64 rax, Regs& regs)>;

  static constexpr u32 kLps = 3;

  FakeHost();
  /// Fails the test when something was not given back.
  ~FakeHost();
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  tdxctl_host* get() { return &link_.host; }

  /// Runs the command on a struct, as the two homes do. `file` stands for the open file.
  template <class T>
  int run(unsigned int number, T& arg, const char* file = "a file") {
    arg.size = sizeof(arg);
    return tdxctl_run_command(get(), file, tdxctl_find_command(number), &arg, sizeof(arg));
  }

  /// What the page that a SEAMCALL was given holds. Fails the test when there is no such page.
  std::uint8_t* page(u64 pa);

  Seamcall seamcall = [](u64, Regs&) { return u64{0}; };
  std::map<u32, u64> msrs;  ///< all others fault
  u64 current_vmcs = TDX_NO_VMCS;
  bool in_vmx_operation = true;
  bool vmptrld_works = true;
  bool has_memory = true;
  int signal_after = -1;  ///< signal_pending is true from this call on, counted from 0; -1 never

  std::vector<std::string> trace;  ///< every operation in order
  std::vector<u64> calls;          ///< RAX of every SEAMCALL
  int allocated = 0;               ///< pages in all
  int freed = 0;
  int relaxed = 0;
  int longest_batch = 0;  ///< most SEAMCALLs between pin_lp and unpin_lp
  u64 now = 0;            ///< nanoseconds
  u64 call_ns = 0;        ///< what a SEAMCALL takes
  int page_limit = -1;    ///< pages that can be had in all; -1 any number
  bool lp_offline = false;
  u32 lp = 0;  ///< on which LP a step runs
  std::vector<std::pair<u64, u64>> ram = {{0x1000, 0x9f000}, {0x100000, u64{2} << 30}};  ///< [start, end)
  int blocks_limit = -1;             ///< blocks that can be had in all; -1 any number
  int blocks_allocated = 0;          ///< in all
  std::map<u64, u64> blocks;         ///< that are out, by address
  bool held = false;                 ///< the helper has to stay
  bool caches_written_back = false;  ///< since the last SEAMCALL

 private:
  struct Link {
    tdxctl_host host;
    FakeHost* fake;
  };
  static FakeHost& of(tdxctl_host* host) { return *reinterpret_cast<Link*>(host)->fake; }
  static const tdxctl_host_ops kOps;

  /// The first place between `from` and `to` where no block is.
  std::optional<u64> place_for(u64 from, u64 to, u64 bytes) const;

  Link link_;
  std::map<u64, std::vector<std::uint8_t>> pages_;
  bool pinned_ = false;
  bool locked_ = false;
  bool lps_locked_ = false;
  bool stopped_ = false;
  int batch_ = 0;
  int signal_checks_ = 0;
};

/// struct tdxctl_metadata with room for elements, and for bytes behind them.
class Metadata {
 public:
  explicit Metadata(u32 nr_fields, std::size_t extra_bytes = 0);

  tdxctl_metadata* operator->() { return reinterpret_cast<tdxctl_metadata*>(words_.data()); }
  tdxctl_field& field(u32 index) { return (*this)->fields[index]; }
  std::uint8_t* bytes() { return reinterpret_cast<std::uint8_t*>(words_.data()); }
  u32 size() const { return size_; }
  int run(FakeHost& host, unsigned int number) {
    return tdxctl_run_command(host.get(), nullptr, tdxctl_find_command(number), words_.data(), size_);
  }

 private:
  std::vector<u64> words_;
  u32 size_;
};

inline constexpr u64 kSysRd = 34;
inline constexpr u64 kSysRdall = 37;
inline constexpr u64 kSysDisable = 69;
inline constexpr u64 kPageRdmd = 24;
inline constexpr u64 kSeamldrInfo = u64{1} << 63;

}  // namespace tdxctl::test
