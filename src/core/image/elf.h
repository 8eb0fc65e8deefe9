// SPDX-License-Identifier: MIT
// A TDX module is a position-independent ELF64 file whose layout is its memory layout. These are the rules
// that the P-SEAMLDR has for relocating it.
#pragma once

#include <vector>

#include "core/check.h"
#include "core/image/container.h"

namespace tdxctl::image {

/// Checks header and relocations; takes time linear in the size of the module, whatever is in it.
/// Source: intel/tdx-loader p-seam-loader/src/common/helpers/elf.c.
void check_elf(Bytes module, std::vector<Check>& checks);

}  // namespace tdxctl::image
