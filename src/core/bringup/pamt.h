// SPDX-License-Identifier: MIT
// PAMTs: how large they are, and in which TDMR's memory each is to lie.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/bringup/machine.h"
#include "core/bringup/range.h"

namespace tdxctl::bringup {

/// The PAMTs of one TDMR, one for each page size. They are allocated as one block, so that they take one
/// reserved area of the TDMR in which they lie.
struct Pamt {
  std::uint64_t bytes_4k = 0;
  std::uint64_t bytes_2m = 0;
  std::uint64_t bytes_1g = 0;
  std::optional<std::size_t> home{};    ///< index of the TDMR in whose memory they lie
  std::optional<std::uint32_t> node{};  ///< NUMA node of that memory

  [[nodiscard]] std::uint64_t bytes() const { return bytes_4k + bytes_2m + bytes_1g; }
};

/// Least sizes that the module takes, each rounded up to 4 KiB. With dynamic PAMT the level of 4 KiB pages is
/// a bitmap.
/// Source: Intel TDX Module Base Architecture Specification, "PAMT"; intel/tdx-module tdh_sys_config.c.
Pamt pamt_of(std::uint64_t tdmr_bytes, const ModuleLimits& limits, bool dynamic_pamt);

/// One TDMR as far as PAMTs ask.
struct PamtRoom {
  std::vector<MemoryRange> memory;      ///< RAM in the TDMR, a piece for each run of one node
  std::uint32_t areas_left = 0;         ///< reserved areas that no hole takes
  std::optional<std::uint32_t> node{};  ///< where most of the TDMR's memory is
};

/// A PAMT for which there is no room.
struct Homeless {
  std::size_t pamt = 0;      ///< its index
  bool areas_short = false;  ///< there is memory for it, and no reserved area left beside that

  bool operator==(const Homeless&) const = default;
};

/// Finds a home for every TDMR's PAMT: in itself where it fits, else in another TDMR of its node, else in
/// any. Allocated the largest first, each in the smallest piece of its home that is large enough, all of them
/// fit. Fills in home and node; gives a PAMT for which there is no room, or nothing.
std::optional<Homeless> find_homes(std::span<Pamt> pamts, const std::vector<PamtRoom>& rooms);

}  // namespace tdxctl::bringup
