// SPDX-License-Identifier: MIT
#include "drv/native/native_driver.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <string>
#include <utility>

#include "drv/native/firmware_upload.h"
#include "drv/native/kernel_log.h"

namespace tdxctl {
namespace {

constexpr std::string_view kDevice = "/sys/devices/faux/tdx_host";

// Every name that an attribute has had in a kernel or a patch series, newest first.
using Names = std::span<const std::string_view>;
constexpr std::string_view kModuleVersion[] = {"/sys/devices/faux/tdx_host/version"};
constexpr std::string_view kSeamldrVersion[] = {"/sys/devices/faux/tdx_host/seamldr_version",
                                                "/sys/devices/faux/tdx_host/seamldr/version"};
constexpr std::string_view kUpdatesLeft[] = {"/sys/devices/faux/tdx_host/num_remaining_updates",
                                             "/sys/devices/faux/tdx_host/seamldr/num_remaining_updates"};

/// The first of the names that is there.
tl::expected<std::string, FileError> read_first(const Root& root, Names names) {
  for (const std::string_view name : names) {
    auto text = root.read(name);
    if (text || text.error().trouble != FileTrouble::absent) return text;
  }
  return root.read(names.front());
}

Result<Version> read_version(const Root& root, Names names, std::string_view what) {
  const auto text = read_first(root, names);
  if (!text) {
    if (text.error().trouble == FileTrouble::no_device) {
      return fail(ErrorId::module_state, "Linux has no working TDX module: an update of it has failed",
                  "reboot");
    }
    return fail(file_error(text.error(), ErrorId::driver_unavailable, what));
  }
  const auto version = parse_version(trimmed(*text));
  if (!version) {
    return fail(ErrorId::file_unreadable,
                "'" + std::string(trimmed(*text)) + "' is not a version of " + std::string(what));
  }
  return *version;
}

tl::unexpected<Error> not_offered(std::string_view what) {
  return fail(ErrorId::driver_unavailable, "Linux's tdx_host device does not give " + std::string(what),
              "load the helper: modprobe tdxctl");
}

}  // namespace

class NativeDriver::NativeModule : public Module {
 public:
  explicit NativeModule(const Root& root) : root_(root) {}

  // Linux shows a version only of a module that it has brought up.
  Result<ModuleState> state() override {
    const auto running = version();
    if (!running) return fail(running.error());
    return ModuleState::ready;
  }
  Result<Version> version() override { return read_version(root_, kModuleVersion, "the TDX module version"); }
  Result<std::vector<FieldAnswer>> read(std::span<const std::uint64_t> /*ids*/) override {
    return not_offered("metadata");
  }
  Result<std::vector<Field>> read_all(ReadAllMethod /*method*/) override { return not_offered("metadata"); }

 private:
  const Root& root_;
};

class NativeDriver::NativeLoader : public Loader {
 public:
  explicit NativeLoader(const Root& root) : root_(root), device_(root) {}

  Result<Version> version() override { return read_version(root_, kSeamldrVersion, "the P-SEAMLDR version"); }

  Result<std::uint32_t> updates_left() override {
    const auto text = read_first(root_, kUpdatesLeft);
    if (!text) return fail(file_error(text.error(), ErrorId::driver_unavailable, "the updates left"));
    const std::string_view digits = trimmed(*text);
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size()) {
      return fail(ErrorId::file_unreadable, "'" + std::string(digits) + "' is not a number of updates left");
    }
    return value;
  }
  Result<SeamldrInfo> info() override { return not_offered("all of SEAMLDR_INFO"); }

  Result<void> can_update() override { return upload_is_possible(device_); }

  Result<UpdateAttempt> update(UpdateFrom from, std::span<const std::uint8_t> image,
                               const UpdateWait& wait) override {
    if (from != UpdateFrom::start) {
      return fail(ErrorId::driver_unavailable,
                  "Linux does not take up an update that did not come to its end",
                  "use the helper: modprobe tdxctl");
    }
    KernelLog log(root_);
    const auto end = upload(device_, image, wait);
    if (!end) return fail(end.error());
    return judge_upload(*end, read_version(root_, kModuleVersion, "the TDX module version"),
                        log.failed_update_call());
  }

 private:
  const Root& root_;
  SysfsUploadDevice device_;
};

NativeDriver::NativeDriver(Root root, Platform& platform)
    : root_(std::move(root)),
      platform_(platform),
      module_(std::make_unique<NativeModule>(root_)),
      loader_(std::make_unique<NativeLoader>(root_)) {}

NativeDriver::~NativeDriver() = default;

Result<void> NativeDriver::available() const {
  if (root_.exists(kDevice)) return {};
  const PlatformFacts facts = platform_.facts();
  if (facts.kernel_tdx_host && !*facts.kernel_tdx_host) {
    return fail(ErrorId::kernel_without_tdx_host, "this kernel was built without TDX host support");
  }
  if (facts.tdx_host_platform && !*facts.tdx_host_platform) {
    return fail(ErrorId::not_a_tdx_host, "Linux does not see a TDX host here");
  }
  return fail(ErrorId::driver_unavailable, "Linux's tdx_host device is not there",
              "modprobe tdx-host; kernels before 7.2 do not have it");
}

Result<Module*> NativeDriver::module() {
  auto here = available();
  if (!here) return fail(here.error());
  return module_.get();
}

// Linux hides the P-SEAMLDR where it would not call it, and then another driver may still reach it.
Result<Loader*> NativeDriver::loader() {
  auto here = available();
  if (!here) return fail(here.error());
  if (std::ranges::none_of(kSeamldrVersion, [&](std::string_view name) { return root_.exists(name); })) {
    return fail(ErrorId::driver_unavailable,
                "Linux hides the P-SEAMLDR: this module has no run-time update, or SEAMRET loses the VMCS on "
                "this CPU",
                "load the helper: modprobe tdxctl");
  }
  return loader_.get();
}

Result<PlatformMsrs> NativeDriver::msrs() { return not_offered("MSRs"); }

}  // namespace tdxctl
