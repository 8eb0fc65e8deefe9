// SPDX-License-Identifier: MIT
// TDX_FEATURES0: what a module can do, one bit each.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tdxctl::abi {

/// Where Linux names a bit.
enum class KernelUse : std::uint8_t {
  none,
  in_7_3,   ///< mainline, 7.3
  patches,  ///< a patch series that is not merged
};

struct Feature {
  std::uint8_t bit;
  std::string_view name;
  std::string_view meaning;
  std::string_view kernel_name{};
  KernelUse kernel_use = KernelUse::none;
  std::string_view note{};
  std::string_view alias{};
  std::string_view second_alias{};

  [[nodiscard]] constexpr std::uint64_t mask() const { return std::uint64_t{1} << bit; }
  /// Whether the bit has no public name.
  [[nodiscard]] constexpr bool reserved() const { return name.starts_with("RESERVED_"); }
};

/// All 64 bits, bit n at index n.
std::span<const Feature, 64> features();

/// A feature by name, alias or kernel name. Case, separators and a leading "TDX" or "TDX_FEATURES0" do not
/// matter: "connect", "TDX_CONNECT", "tdx-io" and "TDX_FEATURES0_TDXCONNECT" are all bit 6. Null where
/// nothing has the name.
const Feature* find_feature(std::string_view name);

/// Names of the bits that are set, the lowest first.
std::vector<std::string_view> feature_names(std::uint64_t features0);

/// The same in a sentence: "TDXCONNECT, QUOTE", "no features".
std::string feature_list(std::uint64_t features0);

/// Bits that code asks about by itself.
inline constexpr std::uint8_t kFeatureTdPreserving = 1;
inline constexpr std::uint8_t kFeatureConnect = 6;
inline constexpr std::uint8_t kFeatureNoRbpMod = 18;
inline constexpr std::uint8_t kFeatureDynamicPamt = 36;
inline constexpr std::uint8_t kFeatureExtensions = 39;
inline constexpr std::uint8_t kFeatureUpdateCompatibility = 47;
inline constexpr std::uint8_t kFeatureQuote = 50;
inline constexpr std::uint8_t kFeatureSysDisable = 53;

/// Features that are built on the Extensions: the Extensions are on where one of these is, and are not
/// switched on by themselves. Source: Linux, TDX Connect and Extensions series.
inline constexpr std::uint8_t kFeaturesOnExtensions[] = {kFeatureConnect, kFeatureQuote};

}  // namespace tdxctl::abi
