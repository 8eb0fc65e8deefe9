// SPDX-License-Identifier: MIT
#include "drv/helper/helper_driver.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "kmod/uapi/tdxctl.h"

namespace tdxctl {
namespace {

/// The device is opened for writing only when a command asks for that: it is what reserves changes of state.
class IoctlTransport : public Transport {
 public:
  IoctlTransport(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  IoctlTransport(const IoctlTransport&) = delete;
  IoctlTransport& operator=(const IoctlTransport&) = delete;
  ~IoctlTransport() override { close(fd_); }

  int run(unsigned int command, void* argument) override {
    if (ioctl(fd_, command, argument) == 0) return 0;
    if (errno != EBADF) return errno;
    const int writable = open(path_.c_str(), O_RDWR | O_CLOEXEC);
    if (writable < 0) return errno;
    close(std::exchange(fd_, writable));
    return ioctl(fd_, command, argument) == 0 ? 0 : errno;
  }

  int start_over() override {
    close(fd_);
    fd_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    return fd_ < 0 ? errno : 0;
  }

 private:
  int fd_;
  std::string path_;
};

Error open_error(const std::string& path, int error_number) {
  const std::string sentence = "cannot open '" + path + "': ";
  switch (error_number) {
    case ENOENT:
    case ENXIO:
    case ENODEV:
      return {ErrorId::helper_not_loaded, "the kernel helper is not loaded: there is no '" + path + "'"};
    case EACCES:
    case EPERM:
      return {ErrorId::not_permitted, sentence + "permission denied"};
    default:
      return {ErrorId::helper_failed, sentence + std::strerror(error_number)};
  }
}

}  // namespace

struct HelperDriver::Device {
  Device(int fd, const std::string& path) : transport(fd, path), module(transport), loader(transport) {}
  IoctlTransport transport;
  UapiModule module;
  UapiLoader loader;
};

HelperDriver::HelperDriver() : HelperDriver(TDXCTL_DEVICE) {}
HelperDriver::HelperDriver(std::string device_path) : device_path_(std::move(device_path)) {}
HelperDriver::~HelperDriver() = default;

Result<HelperDriver::Device*> HelperDriver::device() {
  if (!device_) {
    const int fd = open(device_path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fail(open_error(device_path_, errno));
    device_ = std::make_unique<Device>(fd, device_path_);
  }
  return device_.get();
}

Result<Module*> HelperDriver::module() {
  const auto opened = device();
  if (!opened) return fail(opened.error());
  return &(*opened)->module;
}

Result<Loader*> HelperDriver::loader() {
  const auto opened = device();
  if (!opened) return fail(opened.error());
  return &(*opened)->loader;
}

Result<PlatformMsrs> HelperDriver::msrs() {
  const auto opened = device();
  if (!opened) return fail(opened.error());
  return read_msrs((*opened)->transport);
}

}  // namespace tdxctl
