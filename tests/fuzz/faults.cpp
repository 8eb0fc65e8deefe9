// SPDX-License-Identifier: MIT
// The text form of a fault table.
#include <cstring>

#include "check.h"

extern "C" {
#include "seam/fault.h"
#include "seam/profile.h"
}

using tdxctl::fuzz::check;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  seam_faults faults;
  std::memset(&faults, 0xA5, sizeof faults);
  const seam_faults before = faults;
  std::size_t at = 0;
  if (seam_faults_parse(reinterpret_cast<const char*>(data), size, &faults, &at) != nullptr) {
    check(at <= size);
    check(std::memcmp(&faults, &before, sizeof faults) == 0);
    return 0;
  }
  check(faults.nr <= SEAM_MAX_FAULTS);
  for (u32 i = 0; i < faults.nr; ++i) {
    const seam_fault& fault = faults.fault[i];
    check(fault.lp < SEAM_MAX_LPS || fault.lp == SEAM_FAULT_ANY_LP);
    check(fault.nth >= 1 && fault.calls == 0 && fault.seamldr <= 1);
  }
  return 0;
}
