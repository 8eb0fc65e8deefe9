// SPDX-License-Identifier: MIT
// Facts of a host from a recorded tree: each one present, absent, denied and broken.
#include "drv/host/host_platform.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "recorded_tree.h"

namespace tdxctl {
namespace {

using test::RecordedTree;

constexpr const char* kCpuinfo = "/proc/cpuinfo";
constexpr const char* kMsr = "/dev/cpu/0/msr";
constexpr const char* kConfig = "/boot/config-7.3.4";
constexpr const char* kModules = "/lib/modules/7.3.4/modules.dep";
constexpr const char* kBuiltin = "/lib/modules/7.3.4/modules.builtin";
constexpr const char* kKvmTdx = "/sys/module/kvm_intel/parameters/tdx";
constexpr const char* kDevice = "/sys/devices/faux/tdx_host";
constexpr std::uint64_t kKeeps = 1ull << 60;

std::string cpuinfo(const std::string& flags, const std::string& bugs, int model = 207) {
  std::string text;
  for (int lp = 0; lp < 4; ++lp) {
    text += "processor\t: " + std::to_string(lp) +
            "\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: " + std::to_string(model) +
            "\nstepping\t: 2\nphysical id\t: " + std::to_string(lp / 2) + "\nflags\t\t: " + flags +
            "\nbugs\t\t: " + bugs + "\n\n";
  }
  return text;
}

/// An Emerald Rapids server with Linux 7.3, on which all that can be seen is to be seen.
class TdxHost : public testing::Test {
 protected:
  TdxHost() {
    tree_.write(kCpuinfo, cpuinfo("fpu vmx tdx_host_platform", "tdx_pw_mce seamret_invd_vmcs"));
    tree_.write("/sys/devices/system/cpu/present", "0-4\n");
    tree_.write_msr(0x87, 64ull << 32 | 63);
    tree_.write_msr(0x480, 0x00DA040000000013);
    tree_.write("/proc/sys/kernel/osrelease", "7.3.4\n");
    tree_.write("/proc/cmdline", "root=/dev/vda1 nohibernate kvm_intel.tdx=1\n");
    tree_.write(kConfig, "#\n# Linux\n#\nCONFIG_X86=y\nCONFIG_INTEL_TDX_HOST=y\n");
    tree_.write(kModules, "kernel/drivers/virt/coco/tdx-host/tdx-host.ko.xz:\n");
    tree_.write(kKvmTdx, "Y\n");
    tree_.write("/sys/fs/cgroup/misc.capacity", "sev 0\ntdx 63\n");
    tree_.write("/sys/fs/cgroup/misc.current", "sev 0\ntdx 5\n");
    tree_.write("/sys/power/state", "freeze mem\n");
    tree_.make_directory(kDevice);
  }

  PlatformFacts facts() { return HostPlatform(tree_.root()).facts(); }

  RecordedTree tree_;
};

std::string text(bool value) { return value ? "yes" : "no"; }
std::string text(std::uint32_t value) { return std::to_string(value); }
std::string text(const std::string& value) { return value; }
std::string text(const KeyIdPartition& value) {
  return std::to_string(value.mktme) + " shared, " + std::to_string(value.tdx) + " private";
}
std::string text(const HkidUse& value) {
  return std::to_string(value.in_use) + " of " + std::to_string(value.total);
}
std::string text(const std::vector<Package>& packages) {
  std::string all;
  for (const Package& package : packages) {
    all += std::to_string(package.id) + ": " + std::to_string(package.lps_online) + " LPs; ";
  }
  return all;
}

/// A fact, and the file that it is in.
struct Fact {
  const char* name;
  const char* path;
  const char* value;  ///< on the TDX host above
  std::function<Result<std::string>(const PlatformFacts&)> of;
};

template <class T>
auto member(Result<T> PlatformFacts::*fact) {
  return [fact](const PlatformFacts& facts) -> Result<std::string> {
    if (!(facts.*fact)) return fail((facts.*fact).error());
    return text(*(facts.*fact));
  };
}

using F = PlatformFacts;
const Fact kFacts[] = {
    {"CpuVendor", kCpuinfo, "GenuineIntel", member(&F::cpu_vendor)},
    {"Packages", kCpuinfo, "0: 2 LPs; 1: 2 LPs; ", member(&F::packages)},
    {"LpsOnline", kCpuinfo, "4", member(&F::lps_online)},
    {"InVirtualMachine", kCpuinfo, "no", member(&F::in_virtual_machine)},
    {"TdxHostPlatform", kCpuinfo, "yes", member(&F::tdx_host_platform)},
    {"PartialWriteErratum", kCpuinfo, "yes", member(&F::partial_write_erratum)},
    {"SeamretInvalidatesVmcs", kCpuinfo, "yes", member(&F::seamret_invalidates_vmcs)},
    {"LpsPresent", "/sys/devices/system/cpu/present", "5", member(&F::lps_present)},
    {"KeyIds", kMsr, "63 shared, 64 private", member(&F::keyids)},
    {"KernelRelease", "/proc/sys/kernel/osrelease", "7.3.4", member(&F::kernel_release)},
    {"KernelCommandLine", "/proc/cmdline", "root=/dev/vda1 nohibernate kvm_intel.tdx=1",
     member(&F::kernel_command_line)},
    {"KernelTdxHost", kConfig, "yes", member(&F::kernel_tdx_host)},
    {"KvmTdx", kKvmTdx, "yes", member(&F::kvm_tdx)},
    {"HkidsInUse", "/sys/fs/cgroup/misc.current", "5 of 63", member(&F::hkids)},
    {"HkidsTotal", "/sys/fs/cgroup/misc.capacity", "5 of 63", member(&F::hkids)},
    {"HibernationPossible", "/sys/power/state", "no", member(&F::hibernation_possible)},
};

class EveryFact : public TdxHost, public testing::WithParamInterface<Fact> {
 protected:
  Result<std::string> fact() { return GetParam().of(facts()); }
};

TEST_P(EveryFact, IsSeenWhereItIs) {
  const auto seen = fact();
  ASSERT_TRUE(seen) << seen.error().what;
  EXPECT_EQ(*seen, GetParam().value);
}

TEST_P(EveryFact, IsNotSeenWhereItIsNot) {
  tree_.remove(GetParam().path);
  const auto seen = fact();
  if (GetParam().path == kKvmTdx) {
    ASSERT_TRUE(seen) << "kvm_intel is loaded and knows no TDX";
    EXPECT_EQ(*seen, "no");
    return;
  }
  ASSERT_FALSE(seen) << *seen;
  EXPECT_EQ(seen.error().id, ErrorId::file_unreadable);
  EXPECT_NE(seen.error().what.find(GetParam().path), std::string::npos) << seen.error().what;
}

TEST_P(EveryFact, DeniedIsAnotherReasonThanAbsent) {
  tree_.deny(GetParam().path);
  TDXCTL_DROP_PRIVILEGES(nobody);
  const auto seen = fact();
  ASSERT_FALSE(seen) << *seen;
  EXPECT_EQ(seen.error().id, ErrorId::not_permitted);
  EXPECT_NE(seen.error().what.find(GetParam().path), std::string::npos) << seen.error().what;
}

TEST_P(EveryFact, AReadErrorIsNotAbsence) {
  tree_.break_file(GetParam().path);
  const auto seen = fact();
  ASSERT_FALSE(seen) << *seen;
  if (GetParam().path == kMsr) {
    EXPECT_EQ(seen.error().what, "this CPU has no MSR for the KeyID partitioning");
  } else {
    EXPECT_EQ(seen.error().id, ErrorId::file_unreadable);
    EXPECT_NE(seen.error().what.find("Input/output error"), std::string::npos) << seen.error().what;
  }
}

TEST_P(EveryFact, AnEmptyFileTellsNothing) {
  tree_.write(GetParam().path, "");
  const auto seen = fact();
  const std::string name = GetParam().name;
  // These files can be empty and mean it.
  if (name == "KernelRelease" || name == "KernelCommandLine") {
    EXPECT_EQ(*seen, "");
  } else if (name == "LpsPresent") {
    EXPECT_EQ(*seen, "0");
  } else if (name == "KernelTdxHost" || name == "KvmTdx" || name == "HibernationPossible") {
    EXPECT_EQ(*seen, "no");
  } else if (name == "SeamretInvalidatesVmcs") {
    EXPECT_EQ(*seen, "yes") << "the MSR tells it too";
  } else {
    EXPECT_FALSE(seen) << *seen;
  }
}

INSTANTIATE_TEST_SUITE_P(Facts, EveryFact, testing::ValuesIn(kFacts),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(EmptyTree, TellsNothingAtAll) {
  const RecordedTree tree;
  const PlatformFacts facts = HostPlatform(tree.root()).facts();
  for (const Fact& fact : kFacts) EXPECT_FALSE(fact.of(facts)) << fact.name;
  EXPECT_FALSE(facts.kernel_owns_module);
  EXPECT_FALSE(facts.kernel_disables_on_kexec);
}

TEST_F(TdxHost, IsReadOnce) {
  HostPlatform platform(tree_.root());
  EXPECT_EQ(*platform.facts().kernel_release, "7.3.4");
  tree_.write("/proc/sys/kernel/osrelease", "9.9.9\n");
  EXPECT_EQ(*platform.facts().kernel_release, "7.3.4");
}

TEST_F(TdxHost, TheOfferToHibernateIsNoticed) {
  tree_.write("/sys/power/state", "freeze mem disk\n");
  EXPECT_TRUE(*facts().hibernation_possible);
}

TEST_F(TdxHost, AHypervisorIsNoticed) {
  tree_.write(kCpuinfo, cpuinfo("fpu hypervisor", ""));
  EXPECT_TRUE(*facts().in_virtual_machine);
  EXPECT_FALSE(*facts().tdx_host_platform);
}

// The three families of facts come from three lines: one that is missing says nothing about its words.
TEST_F(TdxHost, CpuinfoWithoutFlagsDoesNotDenyThem) {
  tree_.write(kCpuinfo, "processor : 0\nvendor_id : GenuineIntel\ncpu family : 6\nmodel : 173\n");
  const PlatformFacts seen = facts();
  EXPECT_FALSE(seen.tdx_host_platform);
  EXPECT_FALSE(seen.in_virtual_machine);
  EXPECT_EQ(*seen.lps_online, 1u);
  EXPECT_FALSE(*seen.partial_write_erratum) << "Granite Rapids does not have it";
}

TEST_F(TdxHost, TheErratumGoesByModelWhereLinuxDoesNotJudgeIt) {
  tree_.write(kCpuinfo, cpuinfo("fpu", "", 0x8F));
  EXPECT_TRUE(*facts().partial_write_erratum);
  tree_.write(kCpuinfo, cpuinfo("fpu", "", 0xAD));
  EXPECT_FALSE(*facts().partial_write_erratum);
  tree_.write(kCpuinfo, "processor : 0\nflags : fpu\n");
  EXPECT_FALSE(facts().partial_write_erratum) << "no model: it could be any";
}

TEST_F(TdxHost, SeamretGoesByTheMsrWhereLinuxDoesNotJudgeIt) {
  tree_.remove(kDevice);  // Linux before 7.2 sets the flag but does not know the erratum
  tree_.write(kCpuinfo, cpuinfo("fpu tdx_host_platform", "tdx_pw_mce"));
  EXPECT_TRUE(*facts().seamret_invalidates_vmcs);
  tree_.write_msr(0x480, kKeeps);
  EXPECT_FALSE(*facts().seamret_invalidates_vmcs);
  tree_.remove(kMsr);
  EXPECT_FALSE(facts().seamret_invalidates_vmcs);
}

TEST_F(TdxHost, SeamretNeedsNoMsrWhereLinuxJudgesIt) {
  tree_.remove(kMsr);
  EXPECT_TRUE(*facts().seamret_invalidates_vmcs);
  tree_.write(kCpuinfo, cpuinfo("fpu tdx_host_platform", ""));
  EXPECT_FALSE(*facts().seamret_invalidates_vmcs);
}

TEST_F(TdxHost, AKernelBuiltWithoutTdxIsSeen) {
  tree_.write(kConfig, "#\nCONFIG_X86=y\n# CONFIG_INTEL_TDX_HOST is not set\n");
  EXPECT_FALSE(*facts().kernel_tdx_host);
}

TEST_F(TdxHost, TheConfigurationIsThatOfTheRunningKernel) {
  tree_.write("/proc/sys/kernel/osrelease", "6.1.0\n");
  EXPECT_FALSE(facts().kernel_tdx_host);
}

TEST_F(TdxHost, MalformedFilesAreNotBelieved) {
  tree_.write("/sys/devices/system/cpu/present", "0-4294967295\n");
  EXPECT_FALSE(facts().lps_present);
  for (const char* line :
       {"tdx\n", "tdx \n", "tdx five\n", "tdx 5x\n", "tdx -1\n", "tdx 4294967296\n", "tdx_other 5\n"}) {
    tree_.write("/sys/fs/cgroup/misc.current", line);
    const auto hkids = facts().hkids;
    ASSERT_FALSE(hkids) << line;
    EXPECT_EQ(hkids.error().id, ErrorId::driver_unavailable);
    EXPECT_FALSE(hkids.error().hint_text().empty());
  }
}

TEST_F(TdxHost, KvmWithoutTdxAndNoKvmDiffer) {
  tree_.write(kKvmTdx, "N\n");
  EXPECT_FALSE(*facts().kvm_tdx);
  tree_.remove("/sys/module/kvm_intel");
  EXPECT_FALSE(*facts().kvm_tdx) << "kvm_intel is not loaded";
}

class Owner : public TdxHost {};

TEST_F(Owner, IsLinuxWhereItShowsTheModule) { EXPECT_TRUE(*facts().kernel_owns_module); }

TEST_F(Owner, IsLinuxWhereKvmUsesTdx) {
  tree_.remove(kDevice);
  EXPECT_TRUE(*facts().kernel_owns_module);
}

TEST_F(Owner, IsNotLinuxWhereItCannotBe) {
  tree_.remove(kDevice);
  tree_.write(kKvmTdx, "N\n");
  tree_.write(kConfig, "CONFIG_X86=y\n");
  EXPECT_FALSE(*facts().kernel_owns_module);
}

TEST_F(Owner, IsUnknownOtherwise) {
  tree_.remove(kDevice);
  tree_.write(kKvmTdx, "N\n");
  EXPECT_FALSE(facts().kernel_owns_module);
}

class KexecDisable : public TdxHost {};

TEST_F(KexecDisable, IsThereWithTheDevice) { EXPECT_TRUE(*facts().kernel_disables_on_kexec); }

TEST_F(KexecDisable, IsThereWithTheDriverLoadedOrNot) {
  tree_.remove(kDevice);
  EXPECT_TRUE(*facts().kernel_disables_on_kexec);
  tree_.write(kModules, "kernel/other.ko:\n");
  tree_.write(kBuiltin, "kernel/drivers/virt/coco/tdx-host/tdx-host.ko\n");
  EXPECT_TRUE(*facts().kernel_disables_on_kexec);
  tree_.write(kBuiltin, "kernel/not-tdx-host.ko\n");
  EXPECT_FALSE(*facts().kernel_disables_on_kexec);
}

TEST_F(KexecDisable, IsUnknownWhereTheDriversAreNotListed) {
  tree_.remove(kDevice);
  tree_.remove("/lib/modules");
  EXPECT_FALSE(facts().kernel_disables_on_kexec);
}

TEST_F(KexecDisable, IsNotThereWhereLinuxNeverUsesTdx) {
  tree_.remove(kDevice);
  tree_.write(kCpuinfo, cpuinfo("fpu", ""));
  EXPECT_FALSE(*facts().kernel_disables_on_kexec);
}

TEST(HostPlatform, TellsOneBootFromAnother) {
  RecordedTree tree;
  EXPECT_EQ(HostPlatform(tree.root()).boot_id().error().id, ErrorId::driver_unavailable);
  tree.write("/proc/sys/kernel/random/boot_id", "3f0d9b1e-1b5c-4b76-8d6a-0d4f0b6f2a11\n");
  EXPECT_EQ(HostPlatform(tree.root()).boot_id(), "3f0d9b1e-1b5c-4b76-8d6a-0d4f0b6f2a11");
}

}  // namespace
}  // namespace tdxctl
