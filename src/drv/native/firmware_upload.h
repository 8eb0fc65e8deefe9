// SPDX-License-Identifier: MIT
// Linux's firmware upload class: how a TDX module image gets into the kernel.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/port/loader.h"
#include "drv/host/root.h"

namespace tdxctl {

/// The attributes of one upload device.
class UploadDevice {
 public:
  virtual ~UploadDevice() = default;

  /// Errors: driver_unavailable where there is no such device; busy, not_permitted, file_unreadable.
  [[nodiscard]] virtual Result<std::string> read(std::string_view attribute) = 0;

  /// Writes all bytes. Errors: busy while an upload is in progress; not_permitted, file_unwritable.
  [[nodiscard]] virtual Result<void> write(std::string_view attribute,
                                           std::span<const std::uint8_t> bytes) = 0;
};

/// The device of the TDX module below /sys/class/firmware, by any name that it has had.
class SysfsUploadDevice : public UploadDevice {
 public:
  explicit SysfsUploadDevice(const Root& root) : root_(root) {}

  [[nodiscard]] Result<std::string> read(std::string_view attribute) override;
  [[nodiscard]] Result<void> write(std::string_view attribute, std::span<const std::uint8_t> bytes) override;

 private:
  /// Errors: driver_unavailable.
  [[nodiscard]] Result<std::string> folder() const;

  const Root& root_;
};

/// Whether an upload can start. Errors: driver_unavailable, busy.
Result<void> upload_is_possible(UploadDevice& device);

/// How an upload ended.
struct UploadEnd {
  bool finished = false;       ///< false where it still goes on
  std::string error{};         ///< "transferring:firmware-invalid"; empty for none
  Clock::Duration duration{};  ///< from the last byte on
};

/// Hands an image over and waits, at most as long as the limit. There is no way to stop an update that has
/// begun, so none is tried. Errors, where nothing was begun: those of the device. Source: Linux
/// Documentation/driver-api/firmware/fw_upload.rst.
Result<UploadEnd> upload(UploadDevice& device, std::span<const std::uint8_t> image, const UpdateWait& wait);

/// What an upload did, by how it ended, by the version that Linux shows now, and by the SEAMCALL that it
/// logged.
UpdateAttempt judge_upload(const UploadEnd& end, const Result<Version>& running,
                           const std::optional<SeamcallFailure>& logged);

}  // namespace tdxctl
