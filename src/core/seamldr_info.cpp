// SPDX-License-Identifier: MIT
#include "core/seamldr_info.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace tdxctl {
namespace {

// SEAMLDR_INFO, little endian, packed as the P-SEAMLDR lays it out.
struct [[gnu::packed]] RawSeamldrInfo {
  std::uint32_t structure_version;
  std::uint32_t attributes;
  std::uint32_t vendor_id;
  std::uint32_t build_date;
  std::uint16_t build_number;
  std::uint16_t minor;
  std::uint16_t major;
  std::uint16_t update;
  std::uint32_t acm_x2apicid;
  std::uint32_t num_remaining_updates;
  std::uint64_t seamextend_valid;
  std::uint8_t svn_minor;
  std::uint8_t svn_major;
  std::uint8_t last_patch_se_svn;
  std::uint8_t tee_tcb_svn_rest[13];
  std::uint8_t mrseam[48];
  std::uint8_t mrsignerseam[48];
  std::uint64_t seam_attributes;
  std::uint8_t seam_ready;
  std::uint8_t seam_debug;
  std::uint8_t p_seam_ready;
  std::uint8_t reserved0[5];
  std::uint64_t features0;
  std::uint8_t reserved1[80];
};
static_assert(sizeof(RawSeamldrInfo) == kSeamldrInfoBytes);
static_assert(offsetof(RawSeamldrInfo, num_remaining_updates) == 28);
static_assert(offsetof(RawSeamldrInfo, mrseam) == 56);
static_assert(offsetof(RawSeamldrInfo, seam_ready) == 160);
static_assert(offsetof(RawSeamldrInfo, features0) == 168);

constexpr std::uint32_t kDebugAttribute = 1u << 31;

}  // namespace

SeamldrInfo parse_seamldr_info(std::span<const std::uint8_t, kSeamldrInfoBytes> bytes) {
  RawSeamldrInfo raw;
  std::memcpy(&raw, bytes.data(), sizeof raw);
  SeamldrInfo info;
  info.version = {raw.major, raw.minor, raw.update};
  info.build_date = raw.build_date;
  info.build_number = raw.build_number;
  info.debug = (raw.attributes & kDebugAttribute) != 0;
  info.updates_left = raw.num_remaining_updates;
  info.module_ready = raw.seam_ready != 0;
  info.module_measured = raw.seamextend_valid != 0;
  info.svn_minor = raw.svn_minor;
  info.svn_major = raw.svn_major;
  std::copy(std::begin(raw.mrseam), std::end(raw.mrseam), info.mrseam.begin());
  info.features0 = raw.features0;
  return info;
}

}  // namespace tdxctl
