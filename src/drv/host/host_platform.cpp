// SPDX-License-Identifier: MIT
#include "drv/host/host_platform.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "core/abi/bits.h"
#include "core/abi/fms.h"
#include "core/abi/msrs.h"
#include "drv/host/cpu_list.h"
#include "drv/host/cpuinfo.h"
#include "drv/host/memory_map.h"
#include "drv/host/pci_tsm.h"

namespace tdxctl {
namespace {

constexpr std::string_view kTdxHostDevice = "/sys/devices/faux/tdx_host";
constexpr std::string_view kMsrDevice = "/dev/cpu/0/msr";

tl::unexpected<Error> unseen(std::string what, std::string hint = {}) {
  return fail(ErrorId::driver_unavailable, std::move(what), std::move(hint));
}

template <class T, class Parse>
Result<T> parse_file(const Root& root, std::string_view path, std::string_view what, Parse parse) {
  const auto text = root.read(path);
  if (!text) return fail(file_error(text.error(), ErrorId::file_unreadable, what));
  return parse(*text);
}

Result<std::string> read_line(const Root& root, std::string_view path, std::string_view what) {
  return parse_file<std::string>(root, path, what, [](const std::string& text) -> Result<std::string> {
    return std::string(trimmed(text));
  });
}

/// The number behind "tdx" in a file of the misc cgroup controller.
Result<std::uint32_t> read_misc(const Root& root, std::string_view path) {
  return parse_file<std::uint32_t>(
      root, path, "HKID use", [&](const std::string& text) -> Result<std::uint32_t> {
        std::string_view rest = text;
        while (!rest.empty()) {
          const auto end = std::min(rest.find('\n'), rest.size());
          const std::string_view line = rest.substr(0, end);
          rest.remove_prefix(std::min(end + 1, rest.size()));
          if (!line.starts_with("tdx ")) continue;
          std::uint32_t value = 0;
          const auto [at, error] = std::from_chars(line.data() + 4, line.data() + line.size(), value);
          if (error == std::errc{} && at == line.data() + line.size()) return value;
        }
        return unseen("'" + std::string(path) + "' has no line for tdx: KVM has not registered any HKIDs",
                      "load kvm_intel with tdx=1");
      });
}

Result<HkidUse> read_hkids(const Root& root) {
  const auto total = read_misc(root, "/sys/fs/cgroup/misc.capacity");
  if (!total) return fail(total.error());
  const auto in_use = read_misc(root, "/sys/fs/cgroup/misc.current");
  if (!in_use) return fail(in_use.error());
  return HkidUse{*in_use, *total};
}

Result<std::uint64_t> read_msr(const Root& root, std::uint32_t msr, std::string_view what) {
  const auto value = root.read_u64_at(kMsrDevice, msr);
  if (value) return *value;
  if (value.error().trouble == FileTrouble::other) {
    return unseen("this CPU has no MSR for " + std::string(what));
  }
  Error error = file_error(value.error(), ErrorId::file_unreadable, what);
  if (error.id == ErrorId::file_unreadable)
    error.hint = "load the msr module, or the helper: modprobe tdxctl";
  return fail(std::move(error));
}

Result<KeyIdPartition> read_keyids(const Root& root) {
  const auto value = read_msr(root, abi::kMsrKeyIdPartitioning, "the KeyID partitioning");
  if (!value) return fail(value.error());
  return abi::parse_keyid_partitioning(*value);
}

Result<bool> read_kernel_option(const Root& root, const Result<std::string>& release) {
  if (!release) return fail(release.error());
  return parse_file<bool>(root, "/boot/config-" + *release, "the kernel configuration",
                          [](const std::string& text) -> Result<bool> {
                            return text.find("\nCONFIG_INTEL_TDX_HOST=y") != std::string::npos;
                          });
}

Result<bool> read_kvm_tdx(const Root& root) {
  if (!root.exists("/sys/module")) return unseen("'/sys/module' does not show which modules are loaded");
  // Not loaded, or without TDX support.
  if (!root.exists("/sys/module/kvm_intel/parameters/tdx")) return false;
  const auto text = read_line(root, "/sys/module/kvm_intel/parameters/tdx", "KVM's use of TDX");
  if (!text) return fail(text.error());
  return *text == "Y";
}

/// What a kernel with TDX host support has done, given that cpuinfo could be read.
bool kernel_never_uses_tdx(const PlatformFacts& facts) {
  return (facts.tdx_host_platform && !*facts.tdx_host_platform) ||
         (facts.kernel_tdx_host && !*facts.kernel_tdx_host);
}

Result<bool> judge_owner(const Root& root, const PlatformFacts& facts) {
  if (root.exists(kTdxHostDevice) || (facts.kvm_tdx && *facts.kvm_tdx)) return true;
  if (kernel_never_uses_tdx(facts)) return false;
  return unseen("Linux shows no sign of whether it initialised the TDX module");
}

// The tdx-host driver and TDH.SYS.DISABLE on kexec came into Linux together, so the one shows the other. The
// driver can be there without being loaded.
Result<bool> judge_kexec_disable(const Root& root, const PlatformFacts& facts) {
  if (root.exists(kTdxHostDevice)) return true;
  if (kernel_never_uses_tdx(facts)) return false;
  if (!facts.kernel_release) return fail(facts.kernel_release.error());
  const auto has_driver = [&](std::string_view list) {
    return parse_file<bool>(root, "/lib/modules/" + *facts.kernel_release + std::string(list),
                            "the kernel's modules", [](const std::string& text) -> Result<bool> {
                              return text.find("/tdx-host.ko") != std::string::npos;
                            });
  };
  auto module = has_driver("/modules.dep");
  if (!module || *module) return module;
  return has_driver("/modules.builtin");
}

tl::unexpected<Error> not_in_cpuinfo(std::string_view what) {
  return unseen("'/proc/cpuinfo' does not show " + std::string(what));
}

/// A list of flags without any was cut off or is not of an x86 kernel: that a word is not in it says nothing.
Result<bool> judge_flag(const CpuInfo& cpu, std::string_view flag) {
  if (cpu.flags.empty()) return not_in_cpuinfo("the flags of the CPU");
  return has_word(cpu.flags, flag);
}

Result<bool> judge_partial_write(const CpuInfo& cpu) {
  // Linux judges the erratum on TDX hosts only; the models that have it are known.
  if (has_word(cpu.bugs, "tdx_pw_mce")) return true;
  for (const Package& package : cpu.packages) {
    const abi::TdxCpu* row = abi::find_tdx_cpu(package.fms);
    if (row && row->partial_write_erratum) return true;
  }
  if (cpu.packages.empty() || std::ranges::count(cpu.packages, 0u, &Package::fms) != 0) {
    return not_in_cpuinfo("which CPU this is");
  }
  return false;
}

// Linux lists the erratum since it has the tdx-host driver, and on TDX hosts only: elsewhere that the word is
// not there says nothing, and the MSR is asked.
Result<bool> judge_seamret(const Root& root, const CpuInfo& cpu) {
  if (has_word(cpu.bugs, "seamret_invd_vmcs")) return true;
  if (has_word(cpu.flags, "tdx_host_platform") && root.exists(kTdxHostDevice)) return false;
  const auto basic = read_msr(root, abi::kMsrVmxBasic, "SEAMRET's treatment of the VMCS");
  if (!basic) return fail(basic.error());
  return !abi::bit(*basic, abi::kVmxBasicSeamretKeepsVmcsBit);
}

void take_cpuinfo(const Root& root, CpuInfo cpu, PlatformFacts& facts) {
  facts.in_virtual_machine = judge_flag(cpu, "hypervisor");
  facts.tdx_host_platform = judge_flag(cpu, "tdx_host_platform");
  facts.partial_write_erratum = judge_partial_write(cpu);
  facts.seamret_invalidates_vmcs = judge_seamret(root, cpu);
  facts.cpu_vendor = not_in_cpuinfo("the vendor of the CPU");
  facts.packages = not_in_cpuinfo("any LP");
  facts.lps_online = not_in_cpuinfo("any LP");
  if (!cpu.vendor.empty()) facts.cpu_vendor = std::move(cpu.vendor);
  if (cpu.lps_online == 0) return;
  facts.packages = std::move(cpu.packages);
  facts.lps_online = cpu.lps_online;
}

}  // namespace

PlatformFacts HostPlatform::facts() {
  if (!facts_) facts_ = read();
  return *facts_;
}

Result<HkidUse> HostPlatform::hkids() { return read_hkids(root_); }

Result<std::vector<MemoryRange>> HostPlatform::memory() { return read_memory(root_); }

Result<PciTsm> HostPlatform::pci_tsm() { return read_pci_tsm(root_); }

Result<std::string> HostPlatform::boot_id() {
  const auto text = root_.read("/proc/sys/kernel/random/boot_id");
  if (!text) return fail(file_error(text.error(), ErrorId::driver_unavailable, "boot_id"));
  return std::string(trimmed(*text));
}

PlatformFacts HostPlatform::read() const {
  PlatformFacts facts;
  const auto cpuinfo = root_.read("/proc/cpuinfo");
  if (cpuinfo) {
    take_cpuinfo(root_, parse_cpuinfo(*cpuinfo), facts);
  } else {
    const auto reason = fail(file_error(cpuinfo.error(), ErrorId::file_unreadable, "CPU facts"));
    facts.cpu_vendor = reason;
    facts.packages = reason;
    facts.lps_online = reason;
    facts.in_virtual_machine = reason;
    facts.tdx_host_platform = reason;
    facts.partial_write_erratum = reason;
    facts.seamret_invalidates_vmcs = reason;
  }
  facts.lps_present =
      parse_file<std::uint32_t>(root_, "/sys/devices/system/cpu/present", "the LPs that are present",
                                [](const std::string& text) { return count_cpu_list(trimmed(text)); });
  facts.keyids = read_keyids(root_);
  facts.kernel_release = read_line(root_, "/proc/sys/kernel/osrelease", "the kernel release");
  facts.kernel_command_line = read_line(root_, "/proc/cmdline", "the kernel command line");
  facts.kernel_tdx_host = read_kernel_option(root_, facts.kernel_release);
  facts.kvm_tdx = read_kvm_tdx(root_);
  facts.kernel_owns_module = judge_owner(root_, facts);
  facts.kernel_disables_on_kexec = judge_kexec_disable(root_, facts);
  facts.hkids = read_hkids(root_);
  facts.hibernation_possible = parse_file<bool>(
      root_, "/sys/power/state", "the sleep states",
      [](const std::string& text) -> Result<bool> { return has_word(trimmed(text), "disk"); });
  return facts;
}

}  // namespace tdxctl
