// SPDX-License-Identifier: MIT
#include "drv/native/kernel_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <variant>

#include "core/abi/leaves.h"
#include "core/decode/scan.h"

namespace tdxctl {
namespace {

// A record is shorter than this; Linux gives whole ones.
constexpr std::size_t kLongestRecord = 8192;

// TDs go on during an update, and KVM logs its failures too.
bool belongs_to_an_update(const abi::CallWord& call) {
  constexpr std::array kModuleLeaves = {abi::leaf::kSysRd, abi::leaf::kSysShutdown, abi::leaf::kSysInit,
                                        abi::leaf::kSysLpInit, abi::leaf::kSysUpdate};
  if (call.to_p_seamldr) return call.leaf == abi::leaf::kSeamldrInstall;
  return std::ranges::find(kModuleLeaves, call.leaf) != kModuleLeaves.end();
}

std::string read_rest(int fd) {
  std::string text;
  std::array<char, kLongestRecord> record;
  for (;;) {
    const ssize_t got = read(fd, record.data(), record.size());
    // Records that were overwritten before they were read are passed over.
    if (got < 0 && (errno == EINTR || errno == EPIPE)) continue;
    if (got <= 0) return text;
    text.append(record.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

KernelLog::KernelLog(const Root& root)
    : fd_(open(root.locate("/dev/kmsg").c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (fd_ >= 0) (void)lseek(fd_, 0, SEEK_END);
}

KernelLog::~KernelLog() {
  if (fd_ >= 0) close(fd_);
}

std::optional<SeamcallFailure> KernelLog::failed_update_call() {
  if (fd_ < 0) return std::nullopt;
  const std::string text = read_rest(fd_);
  const ScanResult scan = scan_text(text);
  const FoundNumber* call = nullptr;
  for (const FoundNumber& found : scan.findings) {
    if (std::holds_alternative<CallDecode>(found.decoded)) {
      call = &found;
    } else if (call != nullptr && call->line == found.line &&
               std::holds_alternative<StatusDecode>(found.decoded) &&
               belongs_to_an_update(std::get<CallDecode>(call->decoded).call)) {
      return SeamcallFailure{call->word, found.word};
    }
  }
  return std::nullopt;
}

}  // namespace tdxctl
