// SPDX-License-Identifier: MIT
// Module images: whatever a file holds, it is judged without a fault; one that keeps every rule of its
// container is the same after it was converted there and back.
#include <algorithm>
#include <vector>

#include "check.h"
#include "core/image/identify.h"
#include "core/image/verify.h"

using namespace tdxctl;

namespace {

using Image = std::vector<std::uint8_t>;

void convert_there_and_back(image::Bytes file) {
  const auto container = image::parse_container(file);
  if (!container) return;
  for (const image::Format format : {image::Format::v0x100, image::Format::v0x200}) {
    const auto there = image::convert(file, format);
    fuzz::check(there.has_value());
    const auto back = image::convert(*there, *container->format);
    fuzz::check(back && std::ranges::equal(*back, file));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const image::Bytes file(data, size);
  (void)image::detect_kind(file);
  const image::Verification whole = image::verify(file);
  fuzz::check(!whole.checks.empty());
  // Nobody but Intel can make an image that is sound by Intel's key.
  fuzz::check(!whole.sound());
  if (whole.sigstruct) (void)image::identify_image(*whole.sigstruct, image::published_images());
  const std::size_t half = size / 2;
  (void)image::verify_parts(file.first(half), file.subspan(half));
  convert_there_and_back(file);
  return 0;
}
