// SPDX-License-Identifier: MIT
#include "drv/native/firmware_upload.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include "core/module_answers.h"

namespace tdxctl {
namespace {

// The name of Linux 7.2 and later, and that of the patch series before it.
constexpr std::string_view kFolders[] = {"/sys/class/firmware/tdx_module",
                                         "/sys/class/firmware/seamldr_upload"};
constexpr std::string_view kIdle = "idle";
constexpr Clock::Duration kPollEvery{10};
/// After a signal the clock does not wait any more.
constexpr std::chrono::milliseconds kAfterASignal{10};

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Error write_error(const std::string& path, int error_number) {
  const std::string sentence = "cannot write '" + path + "': " + std::strerror(error_number);
  switch (error_number) {
    case EACCES:
    case EPERM:
      return {ErrorId::not_permitted, sentence};
    case EBUSY:
    case ENODEV:
      return {ErrorId::busy, sentence + ", an upload is in progress"};
    default:
      return {ErrorId::file_unwritable, sentence};
  }
}

Result<std::string> status_of(UploadDevice& device) {
  auto text = device.read("status");
  if (!text) return text;
  return std::string(trimmed(*text));
}

/// Takes back what was handed over so far; the kernel drops it.
tl::unexpected<Error> aborted(UploadDevice& device, Error error) {
  if (const auto dropped = device.write("loading", bytes_of("-1")); !dropped) {
    error.what += "; and what was uploaded could not be dropped: " + dropped.error().what;
  }
  return fail(std::move(error));
}

}  // namespace

Result<std::string> SysfsUploadDevice::folder() const {
  const auto found =
      std::ranges::find_if(kFolders, [&](std::string_view each) { return root_.exists(each); });
  if (found != std::end(kFolders)) return std::string(*found);
  return fail(ErrorId::driver_unavailable,
              "Linux has no upload device for the TDX module: this module has no run-time update, or SEAMRET "
              "loses the VMCS on this CPU, or the kernel is older than 7.2");
}

Result<std::string> SysfsUploadDevice::read(std::string_view attribute) {
  const auto here = folder();
  if (!here) return fail(here.error());
  auto text = root_.read(*here + "/" + std::string(attribute));
  if (text) return *text;
  if (text.error().error_number == EBUSY)
    return fail(ErrorId::busy, "an upload of a TDX module is in progress");
  return fail(file_error(text.error(), ErrorId::driver_unavailable, attribute));
}

Result<void> SysfsUploadDevice::write(std::string_view attribute, std::span<const std::uint8_t> bytes) {
  const auto here = folder();
  if (!here) return fail(here.error());
  const std::string path = root_.locate(*here + "/" + std::string(attribute));
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return fail(write_error(path, errno));
  int error = 0;
  // sysfs takes a page at a time.
  while (!bytes.empty() && error == 0) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written > 0) bytes = bytes.subspan(static_cast<std::size_t>(written));
    if (written == 0) error = EIO;
    if (written < 0 && errno != EINTR) error = errno;
  }
  if (close(fd) != 0 && error == 0) error = errno;
  if (error != 0) return fail(write_error(path, error));
  return {};
}

Result<void> upload_is_possible(UploadDevice& device) {
  const auto status = status_of(device);
  if (!status) return fail(status.error());
  if (*status != kIdle) {
    return fail(ErrorId::busy, "Linux is busy with another upload of a TDX module: '" + *status + "'");
  }
  return {};
}

Result<UploadEnd> upload(UploadDevice& device, std::span<const std::uint8_t> image, const UpdateWait& wait) {
  if (const auto possible = upload_is_possible(device); !possible) return fail(possible.error());
  if (const auto begun = device.write("loading", bytes_of("1")); !begun) return fail(begun.error());
  if (const auto sent = device.write("data", image); !sent) return aborted(device, sent.error());
  const Clock::Duration start = wait.clock.now();
  if (const auto handed = device.write("loading", bytes_of("0")); !handed)
    return aborted(device, handed.error());

  // A quick upload can be idle again before the first look.
  UploadEnd end;
  for (;;) {
    const auto status = status_of(device);
    end.duration = wait.clock.now() - start;
    end.finished = status && *status == kIdle;
    if (end.finished || end.duration >= wait.limit) break;
    if (wait.show) wait.show(status ? *status : "?", end.duration);
    // A signal changes nothing: Linux cannot stop the update, and leaving now would only lose sight of it.
    if (!wait.clock.sleep(std::min(kPollEvery, wait.limit - end.duration)))
      std::this_thread::sleep_for(kAfterASignal);
  }
  if (!end.finished) return end;
  // The data were not empty, so that Linux has cleared the error of any earlier upload.
  const auto error = device.read("error");
  end.error = error ? std::string(trimmed(*error)) : "unreadable: " + error.error().what;
  return end;
}

UpdateAttempt judge_upload(const UploadEnd& end, const Result<Version>& running,
                           const std::optional<SeamcallFailure>& logged) {
  UpdateAttempt attempt;
  attempt.steps = {{"upload", end.duration}};
  if (!end.finished) {
    attempt.error = Error{ErrorId::update_unfinished, "Linux has not finished the update in the time given"};
    return attempt;
  }
  if (end.error.empty()) {
    if (running) attempt.outcome = UpdateOutcome::new_module;
    return attempt;
  }
  Error error{ErrorId::update_failed, "Linux could not update the TDX module: '" + end.error + "'"};
  if (logged) {
    error.what += ", " + seamcall_error(logged->rax_in, logged->status).what;
    error.seamcall = logged;
  }
  // Linux forgets the version as soon as it has shut the old module down.
  if (running) {
    attempt.outcome = UpdateOutcome::old_module;
    error.id = ErrorId::update_had_no_effect;
    error.hint = "the old module runs on and nothing was lost: see the kernel log for the cause";
  } else if (running.error().id == ErrorId::module_state) {
    attempt.outcome = UpdateOutcome::no_module;
  }
  attempt.error = std::move(error);
  return attempt;
}

}  // namespace tdxctl
