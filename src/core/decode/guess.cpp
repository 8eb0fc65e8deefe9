// SPDX-License-Identifier: MIT
#include "core/decode/guess.h"

#include <algorithm>
#include <utility>

#include "core/abi/bits.h"
#include "core/abi/features.h"
#include "core/abi/releases.h"

namespace tdxctl {
namespace {

using abi::Interface;
using Guesses = std::vector<Guess>;

void add(Guesses& out, Likelihood likelihood, std::string_view reason, Decoded decoded) {
  out.push_back({likelihood, reason, std::move(decoded)});
}

void add_module_status(Guesses& out, std::uint64_t word) {
  StatusDecode status = decode_status(word, Interface::tdx_module);
  if (status.interface == Interface::software) {
    add(out, status.known() ? Likelihood::certain : Likelihood::likely,
        "error class 0xFF is made by the host software", std::move(status));
    return;
  }
  if (!status.known()) {
    if (status.error && status.layout->reserved == 0 && abi::field(word, 62, 32) != 0) {
      const bool class_known = !status.class_name.empty();
      add(out, class_known ? Likelihood::possible : Likelihood::remote,
          "laid out like an error of the TDX module, but no table has it", std::move(status));
    }
    return;
  }
  const bool has_code = abi::field(word, 63, 32) != 0;
  if (word == 0) {
    add(out, Likelihood::certain, "0 is success", std::move(status));
  } else if (!has_code) {
    add(out, Likelihood::remote, "a success may carry data in its low half", std::move(status));
  } else if (status.error || status.layout->non_recoverable) {
    add(out, Likelihood::certain, "a status of the TDX module", std::move(status));
  } else {
    add(out, Likelihood::likely, "a remark of the TDX module on a call that worked", std::move(status));
  }
}

void add_loader_status(Guesses& out, std::uint64_t word) {
  if (word == 0) return;  // said already
  if (StatusDecode status = decode_status(word, Interface::p_seamldr);
      status.known() && status.interface == Interface::p_seamldr) {
    add(out, Likelihood::certain, "a status of the P-SEAMLDR, if that was called", std::move(status));
  } else if (StatusDecode boot = decode_status(word, Interface::np_seamldr);
             boot.known() && boot.interface == Interface::np_seamldr) {
    add(out, Likelihood::remote, "a status of the NP-SEAMLDR, which only firmware sees", std::move(boot));
  }
}

void add_call(Guesses& out, std::uint64_t word) {
  CallDecode call = decode_rax(word);
  if (!call.known()) return;
  if (call.call.to_p_seamldr) {
    add(out, Likelihood::certain, "RAX of a call to the P-SEAMLDR", std::move(call));
  } else {
    add(out, Likelihood::likely, "RAX of a call to the TDX module", std::move(call));
  }
}

void add_field_id(Guesses& out, std::uint64_t word) {
  FieldIdDecode id = decode_field_id(word);
  if (id.null) {
    add(out, Likelihood::certain, "the field id that stands for none", std::move(id));
    return;
  }
  // Class 0 looks like a small number or an address, and so decides nothing.
  if (id.known() && id.id.class_code == 0) {
    const bool exact = id.field->id() == word;
    if (exact) add(out, Likelihood::possible, "the id of a metadata field", std::move(id));
  } else if (id.known()) {
    const bool exact = id.field->id() == word;
    add(out, exact ? Likelihood::certain : Likelihood::likely,
        exact ? "the id of a metadata field"
              : "the class and code of a metadata field, spelled with other size bits",
        std::move(id));
  } else if (id.id.reserved == 0 && !id.class_name.empty() && id.id.class_code != 0) {
    add(out, Likelihood::possible, "laid out like a metadata field id of a class that is known",
        std::move(id));
  }
}

void add_features(Guesses& out, std::uint64_t word) {
  BitsDecode features = decode_feature_mask(word);
  if (word == 0 || !features.known()) return;
  const auto published = abi::releases();
  std::uint64_t common = ~0ull;
  for (const abi::Release& release : published) common &= release.features0;
  if (std::any_of(published.begin(), published.end(),
                  [&](const abi::Release& r) { return r.features0 == word; })) {
    add(out, Likelihood::certain, "TDX_FEATURES0 of a published module", std::move(features));
  } else if ((word & common) == common) {
    add(out, Likelihood::likely, "TDX_FEATURES0: only named bits, and all that every published module has",
        std::move(features));
  } else {
    add(out, Likelihood::remote, "a mask of TDX_FEATURES0 bits", std::move(features));
  }
}

void add_xfam(Guesses& out, std::uint64_t word) {
  BitsDecode xfam = decode_xfam(word);
  if (word == 0 || !xfam.known()) return;
  const bool valid =
      (word & abi::kXfamFixed1InPublicSource) == abi::kXfamFixed1InPublicSource && xfam.remarks.empty();
  add(out, valid ? Likelihood::possible : Likelihood::remote, valid ? "a valid XFAM" : "XFAM bits",
      std::move(xfam));
}

void add_attributes(Guesses& out, std::uint64_t word) {
  BitsDecode attributes = decode_attributes(word);
  if (word == 0 || !attributes.known()) return;
  add(out, Likelihood::possible, "TD attributes", std::move(attributes));
}

}  // namespace

std::vector<Guess> guess(std::uint64_t word) {
  Guesses out;
  add_module_status(out, word);
  add_loader_status(out, word);
  add_call(out, word);
  add_field_id(out, word);
  add_features(out, word);
  add_xfam(out, word);
  add_attributes(out, word);
  // Among equals the order above stands: what logs show most often comes first.
  std::stable_sort(out.begin(), out.end(),
                   [](const Guess& a, const Guess& b) { return a.likelihood < b.likelihood; });
  if (out.empty()) {
    add(out, Likelihood::remote, "nothing known looks like this; shown as a status",
        decode_status(word, Interface::tdx_module));
  }
  return out;
}

}  // namespace tdxctl
