// SPDX-License-Identifier: MIT
// The ports of core in terms of the helper's commands. drv/helper and drv/sim differ only in the transport
// below.
#pragma once

#include "core/port/driver.h"
#include "drv/uapi/apply_outcome.h"
#include "drv/uapi/transport.h"

struct tdxctl_platform;

namespace tdxctl {

class UapiModule : public Module {
 public:
  explicit UapiModule(Transport& transport) : transport_(transport) {}

  [[nodiscard]] Result<ModuleState> state() override;
  [[nodiscard]] Result<Version> version() override;
  [[nodiscard]] Result<std::vector<FieldAnswer>> read(std::span<const std::uint64_t> ids) override;
  [[nodiscard]] Result<std::vector<Field>> read_all(ReadAllMethod method) override;
  [[nodiscard]] bool can_disable() const override { return true; }
  [[nodiscard]] Result<DisableSlice> disable_slice(std::chrono::milliseconds limit) override;
  [[nodiscard]] Result<void> can_bring_up() override;
  [[nodiscard]] Result<std::optional<std::uint64_t>> brought_up() override;
  [[nodiscard]] Result<InitOutcome> initialise() override;
  [[nodiscard]] Result<BringUpSlice> configure_slice(const BringUpOrder& order,
                                                     std::chrono::milliseconds limit) override;
  [[nodiscard]] Result<void> give_up() override;

 private:
  Transport& transport_;
};

class UapiLoader : public Loader {
 public:
  explicit UapiLoader(Transport& transport) : transport_(transport) {}

  [[nodiscard]] Result<Version> version() override;
  [[nodiscard]] Result<std::uint32_t> updates_left() override;
  [[nodiscard]] Result<SeamldrInfo> info() override;
  [[nodiscard]] Result<void> can_update() override;
  [[nodiscard]] Result<UpdateAttempt> update(UpdateFrom from, std::span<const std::uint8_t> image,
                                             const UpdateWait& wait) override;

  /// Hands over an image to be applied: its sigstruct of at most 4 KiB, and its module in whole 4 KiB pages,
  /// at most 496. None of it is checked here. It is kept as long as the transport is. Errors: image_length,
  /// image_sigstruct_length, not_permitted, busy.
  [[nodiscard]] Result<void> stage(std::span<const std::uint8_t> sigstruct,
                                   std::span<const std::uint8_t> module);

  /// Installs the staged image, where one is needed, while all LPs are stopped. A step that fails is an
  /// outcome, not an error. Errors: not_permitted, busy, also when an LP is offline, seamret_vmcs_refused;
  /// module_not_pending for a load where there is a module.
  [[nodiscard]] Result<ApplyOutcome> apply(UpdateFrom from);

 private:
  Transport& transport_;
  std::optional<SeamldrInfo> info_;  ///< the call is slow and keeps others out: made once
};

/// What the outcome of an update that began there means.
UpdateAttempt judge_apply(const ApplyOutcome& applied, UpdateFrom from);

/// PLATFORM: the helper itself, and what it has brought up.
Result<struct tdxctl_platform> ask_platform(Transport& transport);

/// Whether the helper has a TDXCTL_CAP_*. Errors: helper_mismatch, with `what` it cannot do.
Result<void> has_capability(Transport& transport, std::uint64_t capability, std::string_view what);

/// What the helper's ring 0 saw of the platform.
Result<PlatformMsrs> read_msrs(Transport& transport);

/// The error that an errno of a command stands for.
Error command_error(std::string_view command, int error_number);
/// The same for what a transport answered, which may know more.
Error run_error(const Transport& transport, std::string_view command, int error_number);

}  // namespace tdxctl
