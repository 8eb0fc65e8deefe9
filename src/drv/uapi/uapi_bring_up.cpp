// SPDX-License-Identifier: MIT
// Bringing the module up in terms of the helper's INIT and CONFIGURE.
#include <algorithm>
#include <iterator>

#include "core/abi/features.h"
#include "drv/uapi/uapi_driver.h"
#include "kmod/uapi/tdxctl.h"

namespace tdxctl {
namespace {

constexpr std::uint64_t kDynamicPamt = std::uint64_t{1} << abi::kFeatureDynamicPamt;

/// The numbers that the UAPI header has for the steps.
struct StepNumber {
  BringUpStep step;
  std::uint32_t number;
};

constexpr StepNumber kSteps[] = {
    {BringUpStep::init, TDXCTL_BRING_UP_INIT},
    {BringUpStep::lp_init, TDXCTL_BRING_UP_LP_INIT},
    {BringUpStep::config, TDXCTL_BRING_UP_CONFIG},
    {BringUpStep::key_config, TDXCTL_BRING_UP_KEY_CONFIG},
    {BringUpStep::tdmr_init, TDXCTL_BRING_UP_TDMR_INIT},
    {BringUpStep::ext_mem_add, TDXCTL_BRING_UP_EXT_MEM_ADD},
    {BringUpStep::ext_init, TDXCTL_BRING_UP_EXT_INIT},
    {BringUpStep::quote_init, TDXCTL_BRING_UP_QUOTE_INIT},
};

Result<BringUpStep> step_of(std::uint32_t number) {
  const auto* const row = std::ranges::find(kSteps, number, &StepNumber::number);
  if (row != std::end(kSteps)) return row->step;
  return fail(ErrorId::helper_mismatch,
              "the helper names step " + std::to_string(number) + " of a bring-up, which is not known");
}

/// CONFIGURE's argument: a header and the TDMRs in one block.
class ConfigureArgument {
 public:
  ConfigureArgument(const BringUpOrder& order, std::chrono::milliseconds limit)
      : words_((sizeof(tdxctl_configure) + order.tdmrs.size() * sizeof(tdxctl_tdmr)) /
               sizeof(std::uint64_t)) {
    tdxctl_configure& head = header();
    head.size = static_cast<__u32>(words_.size() * sizeof(std::uint64_t));
    head.nr_tdmrs = static_cast<__u32>(order.tdmrs.size());
    head.slice_ms =
        static_cast<__u32>(std::clamp<std::int64_t>(limit.count(), 0, TDXCTL_CONFIGURE_SLICE_MAX_MS));
    head.config_version = order.config_version;
    head.options = order.dynamic_pamt ? TDXCTL_CONFIGURE_DYNAMIC_PAMT : 0;
    head.features = order.features;
    head.wall_clock_s = order.wall_clock_s;
    std::ranges::transform(order.tdmrs, tdmrs().begin(), [](const BringUpTdmr& tdmr) {
      return tdxctl_tdmr{tdmr.first_gib, tdmr.gibs, tdmr.pamt_tdmr, 0};
    });
  }
  [[nodiscard]] tdxctl_configure& header() { return *reinterpret_cast<tdxctl_configure*>(words_.data()); }
  [[nodiscard]] std::span<tdxctl_tdmr> tdmrs() {
    return {reinterpret_cast<tdxctl_tdmr*>(words_.data() + sizeof(tdxctl_configure) / sizeof(std::uint64_t)),
            header().nr_tdmrs};
  }

 private:
  std::vector<std::uint64_t> words_;
};
static_assert(sizeof(tdxctl_configure) % sizeof(std::uint64_t) == 0);
static_assert(sizeof(tdxctl_tdmr) % sizeof(std::uint64_t) == 0);

}  // namespace

Result<void> UapiModule::can_bring_up() {
  return has_capability(transport_, TDXCTL_CAP_BRING_UP, "bring the TDX module up");
}

Result<std::optional<std::uint64_t>> UapiModule::brought_up() {
  const auto platform = ask_platform(transport_);
  if (!platform) return fail(platform.error());
  if (platform->brought_up == TDXCTL_BROUGHT_UP_HALF) {
    return fail(ErrorId::busy, "another program is bringing the TDX module up");
  }
  if (platform->brought_up == TDXCTL_BROUGHT_UP_FAILED) {
    return fail(ErrorId::bring_up_not_taken_back,
                "a bring-up of the TDX module has failed and could not be taken back");
  }
  if (platform->brought_up == TDXCTL_BROUGHT_UP_NONE) return std::optional<std::uint64_t>{};
  const bool dynamic_pamt = (platform->options & TDXCTL_CONFIGURE_DYNAMIC_PAMT) != 0;
  return platform->features | (dynamic_pamt ? kDynamicPamt : 0);
}

Result<InitOutcome> UapiModule::initialise() {
  tdxctl_init argument{};
  argument.size = sizeof argument;
  if (const int error = transport_.run(TDXCTL_IOC_INIT, &argument))
    return fail(run_error(transport_, "INIT", error));
  InitOutcome outcome{.init = std::chrono::nanoseconds{argument.init_ns},
                      .lp_init = std::chrono::nanoseconds{argument.lp_init_ns}};
  if (argument.failed_step == TDXCTL_BRING_UP_NONE) return outcome;
  const auto step = step_of(argument.failed_step);
  if (!step) return fail(step.error());
  outcome.failure = BringUpFailure{*step, argument.failed_lp, argument.status};
  return outcome;
}

Result<BringUpSlice> UapiModule::configure_slice(const BringUpOrder& order, std::chrono::milliseconds limit) {
  if (order.tdmrs.empty() || order.tdmrs.size() > TDXCTL_TDMRS_MAX) {
    return fail(ErrorId::tdmr_limit, "the helper takes 1 to 64 TDMRs");
  }
  ConfigureArgument argument(order, limit);
  const tdxctl_configure& head = argument.header();
  if (const int error = transport_.run(TDXCTL_IOC_CONFIGURE, &argument.header())) {
    return fail(run_error(transport_, "CONFIGURE", error));
  }
  const auto step = step_of(head.step);
  if (!step) return fail(step.error());
  BringUpSlice slice{.finished = head.finished != 0,
                     .step = *step,
                     .pool_pages = head.pool_pages,
                     .pamt_bytes = head.pamt_bytes,
                     .took = std::chrono::nanoseconds{head.ns},
                     .config_took = std::chrono::nanoseconds{head.config_ns}};
  for (const tdxctl_tdmr& tdmr : argument.tdmrs()) slice.initialised_gibs.push_back(tdmr.initialised_gib);
  if (head.failed != 0)
    slice.failure = BringUpFailure{*step, head.failed_at, head.status, head.disable_status};
  return slice;
}

Result<void> UapiModule::give_up() {
  if (const int error = transport_.start_over()) return fail(run_error(transport_, "close", error));
  return {};
}

}  // namespace tdxctl
