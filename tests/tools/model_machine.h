// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

#include "seam/platform.h"
#include "seam/seam.h"
#include "seam/status.h"

namespace tdxctl::seam_test {

/// Leaves of the TDX module that the tests call.
enum Leaf : u64 {
  kVpEnter = 0,
  kPageRdmd = 24,
  kKeyConfig = 31,
  kInfo = 32,
  kInit = 33,
  kRd = 34,
  kLpInit = 35,
  kTdmrInit = 36,
  kRdall = 37,
  kLpShutdown = 44,
  kConfig = 45,
  kShutdown = 52,
  kUpdate = 53,
  kExtInit = 60,
  kExtMemAdd = 61,
  kDisable = 69,
  kQuoteInit = 100,
  kSeamldrInfo = 0x8000000000000000,
  kSeamldrInstall = 0x8000000000000001,
  kSeamldrShutdown = 0x8000000000000002,
  kSeamldrSeaminfo = 0x8000000000000003,
  kSeamldrCleanup = 0x8000000000000004,
};

constexpr u64 kVersion1 = 1 << 16;
constexpr u64 kNullId = ~0ull;

/// TDMR_INFO, as TDH.SYS.CONFIG reads it.
struct TdmrInfo {
  u64 base = 0, size = 0;
  seam_range pamt_1g{}, pamt_2m{}, pamt_4k{};
  seam_range reserved[16]{};
};
static_assert(sizeof(TdmrInfo) == 320);

/// What a call left: what the instruction did, and the registers.
struct Answer {
  seam_outcome outcome = SEAM_RETURNED;
  seam_regs regs{};

  /// RAX, when the instruction worked.
  [[nodiscard]] u64 status() const { return outcome == SEAM_RETURNED ? regs.rax : kNullId; }
};

/// A modelled machine with its memory and its clock, in either home of the model.
class ModelMachine {
 public:
  virtual ~ModelMachine() = default;

  /// Powers it on anew; what is in memory stays.
  virtual void power_on(const seam_profile& profile) = 0;

  /// Its state, for what seam.h and platform.h do to it besides SEAMCALLs.
  virtual seam_machine* get() = 0;

  /// SEAMCALL on LP @lp.
  virtual seam_outcome execute(u32 lp, seam_regs& regs) = 0;

  virtual void write_memory(u64 pa, const void* data, std::size_t len) = 0;
  virtual void read_memory(u64 pa, void* data, std::size_t len) = 0;

  /// The modelled time that its calls took.
  [[nodiscard]] virtual u64 now_ns() const = 0;

  [[nodiscard]] const seam_profile& profile() { return *seam_profile_of(get()); }

  Answer call(u64 rax, seam_regs regs = {}, u32 lp = 0) {
    Answer answer{SEAM_RETURNED, regs};
    answer.regs.rax = rax;
    answer.outcome = execute(lp, answer.regs);
    return answer;
  }

  u64 status(u64 rax, seam_regs regs = {}, u32 lp = 0) { return call(rax, regs, lp).status(); }

  /// SYS.INIT and LP.INIT on every LP.
  void init_all() {
    status(kInit);
    for (u32 lp = 0; lp < profile().lps; ++lp) status(kLpInit, {}, lp);
  }

  /// Writes the TDMRs to memory; the registers of a CONFIG that takes them.
  seam_regs config_regs(const std::vector<TdmrInfo>& tdmrs) {
    constexpr u64 kArray = 0x10000000;
    for (std::size_t i = 0; i < tdmrs.size(); ++i) {
      u64 at = kArray + 0x1000 + 512 * i;
      write_memory(kArray + 8 * i, &at, sizeof at);
      write_memory(at, &tdmrs[i], sizeof tdmrs[i]);
    }
    seam_regs regs{};
    regs.rcx = kArray;
    regs.rdx = tdmrs.size();
    regs.r8 = profile().mktme_keyids + 1u;
    return regs;
  }

  /// KEY.CONFIG on one LP of each package.
  void config_keys() {
    u32 lps_per_package = profile().lps / profile().packages;
    for (u32 lp = 0; lp < profile().lps; lp += lps_per_package) status(kKeyConfig, {}, lp);
  }

  /// Value of a metadata element.
  u64 metadata(u64 id, u32 lp = 0) {
    seam_regs regs{};
    regs.rdx = id;
    return call(kRd, regs, lp).regs.r8;
  }
};

/// A profile that boots in another state.
inline seam_profile booting(const char* name, seam_boot boot) {
  seam_profile profile = *seam_profile_find(name);
  profile.boot = boot;
  return profile;
}

/// One TDMR of 1 GiB at 4 GiB, its PAMTs in memory below that no TDMR covers.
inline TdmrInfo small_tdmr() {
  TdmrInfo tdmr;
  tdmr.base = 0x100000000;
  tdmr.size = 0x40000000;
  tdmr.pamt_1g = {0x20402000, 0x1000};
  tdmr.pamt_2m = {0x20400000, 0x2000};
  tdmr.pamt_4k = {0x20000000, 0x400000};
  return tdmr;
}

}  // namespace tdxctl::seam_test
