// SPDX-License-Identifier: MIT
#include "drv/host/pci_tsm.h"

#include <algorithm>
#include <utility>

namespace tdxctl {
namespace {

constexpr std::string_view kDevices = "/sys/bus/pci/devices";

// Configuration space. Source: PCI Local Bus Specification 3.0, capabilities list; PCI Express Base
// Specification 6.1, Device Capabilities register.
constexpr std::size_t kStatus = 0x06;
constexpr unsigned char kHasCapabilities = 1u << 4;
constexpr std::size_t kCapabilities = 0x34;
constexpr unsigned char kPciExpress = 0x10;
constexpr std::size_t kDeviceCapabilities = 4;  // from the start of the capability
constexpr unsigned kTeeIoBit = 30;
constexpr std::size_t kHeaderBytes = 64;  // what Linux shows to anyone
constexpr std::size_t kLegacyBytes = 256;

/// Whether a function says that it supports TEE-IO.
Result<bool> tee_io(std::string_view config) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(config[at]); };
  if (config.size() < kHeaderBytes) {
    return fail(ErrorId::file_unreadable, "its configuration space is cut off");
  }
  if ((byte(kStatus) & kHasCapabilities) == 0) return false;
  if (config.size() < kLegacyBytes) {
    return fail(ErrorId::not_permitted, "Linux hides the capabilities of PCI devices from this user");
  }
  std::size_t at = byte(kCapabilities) & ~3u;
  // A list in 192 bytes has at most 48 entries: one that goes on is a loop.
  for (int i = 0; at >= kHeaderBytes && at + 8 <= kLegacyBytes && i < 48; ++i, at = byte(at + 1) & ~3u) {
    if (byte(at) != kPciExpress) continue;
    return (byte(at + kDeviceCapabilities + kTeeIoBit / 8) >> kTeeIoBit % 8 & 1) != 0;
  }
  return false;
}

Result<std::string> attribute(const Root& root, const std::string& path, std::string_view what) {
  const auto text = root.read(path);
  if (!text) return fail(file_error(text.error(), ErrorId::driver_unavailable, what));
  return std::string(trimmed(*text));
}

PciTsmDevice read_device(const Root& root, const std::string& address) {
  const std::string device = std::string(kDevices) + "/" + address;
  const auto config = root.read(device + "/config");
  PciTsmDevice read{.address = address,
                    .tee_io = config ? tee_io(*config)
                                     : fail(file_error(config.error(), ErrorId::driver_unavailable,
                                                       "the capabilities of a PCI device")),
                    .accepted = root.exists(device + "/tsm"),
                    .connected = "",
                    .dsm = "",
                    .bound = ""};
  if (!read.accepted) return read;
  read.connected = attribute(root, device + "/tsm/connect", "the TSM of a PCI device");
  read.dsm = attribute(root, device + "/tsm/dsm", "the security manager of a PCI device");
  read.bound = attribute(root, device + "/tsm/bound", "the binding of a PCI device");
  return read;
}

}  // namespace

Result<PciTsm> read_pci_tsm(const Root& root) {
  const auto addresses = root.list(kDevices);
  if (!addresses) {
    return fail(file_error(addresses.error(), ErrorId::driver_unavailable, "the PCI devices"));
  }
  PciTsm tsm;
  // The class is there as soon as the kernel's TSM core is: without it there is no TSM.
  if (const auto names = root.list("/sys/class/tsm")) tsm.tsms = *names;
  tsm.devices_seen = addresses->size();
  for (const std::string& address : *addresses) {
    PciTsmDevice device = read_device(root, address);
    if (!device.tee_io) ++tsm.capability_unseen;
    if (device.accepted || (device.tee_io && *device.tee_io)) tsm.devices.push_back(std::move(device));
  }
  return tsm;
}

}  // namespace tdxctl
