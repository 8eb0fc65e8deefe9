// SPDX-License-Identifier: MIT
#include "cli/cmd_status.h"

#include <gtest/gtest.h>

namespace tdxctl::cli {
namespace {

tl::unexpected<Error> denied() { return fail(ErrorId::not_permitted, "cannot read it: permission denied"); }

HostStatus ready_host() {
  HostStatus status{};
  status.platform.cpu_vendor = "GenuineIntel";
  status.platform.packages = std::vector<Package>{{0, 0x806F8, 112}, {1, 0x806F8, 112}};
  status.platform.lps_online = 224;
  status.platform.lps_present = 224;
  status.platform.keyids = KeyIdPartition{63, 64};
  status.platform.hkids = HkidUse{3, 63};
  status.platform.kernel_release = "7.3.4";
  status.platform.kernel_command_line = "nohibernate";
  status.module_state = {ModuleState::ready, "helper"};
  status.module_version = {Version{1, 5, 5}, "native"};
  status.features0 = {std::uint64_t{0x61F0FBF}, "helper"};
  status.seamldr_version = {Version{1, 5, 0}, "native"};
  status.updates_left = {std::uint32_t{15}, "native"};
  status.kexec = {KexecOutlook::kernel_disables, "this kernel does it"};
  return status;
}

/// The value at a path such as "module.state".
const Json& at_path(const Json& json, std::string_view path) {
  const auto dot = path.find('.');
  return json.at(std::string(path.substr(0, dot))).at(std::string(path.substr(dot + 1)));
}

TEST(StatusJson, HoldsWhatIsKnown) {
  const Json json = to_json(ready_host());
  EXPECT_EQ(json["tdx"]["presence"], "ready");
  EXPECT_EQ(json["platform"]["packages"][1]["cpu_name"], "Sapphire Rapids");
  EXPECT_EQ(json["platform"]["hkids"].dump(), R"({"in_use":3,"total":63})");
  EXPECT_EQ(json["platform"]["keyids"].dump(), R"({"shared":63,"private":64})");
  EXPECT_EQ(json["module"]["version"], "1.5.05");
  EXPECT_EQ(json["module"]["connect"], false);
  EXPECT_EQ(json["served_by"]["module.version"], "native");
  EXPECT_EQ(json["not_seen"].size(), 0u);
}

TEST(StatusJson, IsNullWithAReasonForEveryFactThatWasNotSeen) {
  HostStatus status = ready_host();
  PlatformFacts& platform = status.platform;
  platform.cpu_vendor = denied();
  platform.packages = denied();
  platform.lps_online = denied();
  platform.lps_present = denied();
  platform.in_virtual_machine = denied();
  platform.tdx_host_platform = denied();
  platform.partial_write_erratum = denied();
  platform.seamret_invalidates_vmcs = denied();
  platform.keyids = denied();
  platform.hkids = denied();
  platform.kernel_release = denied();
  platform.kernel_command_line = denied();
  platform.kernel_tdx_host = denied();
  platform.kernel_owns_module = denied();
  platform.kernel_disables_on_kexec = denied();
  platform.kvm_tdx = denied();
  status.module_state = {denied()};
  status.module_version = {denied()};
  status.features0 = {denied()};
  status.seamldr_version = {denied()};
  status.updates_left = {denied()};

  const Json json = to_json(status);
  EXPECT_EQ(json["not_seen"].size(), 21u);
  for (const Json& unseen : json["not_seen"]) {
    EXPECT_TRUE(at_path(json, unseen["fact"].get<std::string>()).is_null()) << unseen["fact"];
    EXPECT_EQ(unseen["reason"]["id"], "not_permitted");
  }
  // Whatever else is null follows from one of those.
  for (const char* group : {"platform", "kernel", "module", "seamldr"}) {
    for (const auto& [key, value] : json[group].items()) EXPECT_TRUE(value.is_null()) << group << "." << key;
  }
}

TEST(StatusJson, NamesNoTellerOfAFactThatWasNotTold) {
  HostStatus status = ready_host();
  status.module_version = {fail(ErrorId::seamcall_failed, "no"), "helper"};
  const Json json = to_json(status);
  EXPECT_TRUE(json["module"]["version"].is_null());
  EXPECT_TRUE(json["served_by"]["module.version"].is_null());
}

TEST(StatusText, NamesTheStatusThatWasTheCause) {
  HostStatus status = ready_host();
  status.features0 = {fail({ErrorId::seamcall_failed,
                            "TDH.SYS.RD failed with status 0x1",
                            {},
                            SeamcallFailure{34, 0xC000050200000000}})};
  EXPECT_NE(to_text(status, Style{}).find("0x1 (TDX_SYS_LP_INIT_NOT_DONE)\n"), std::string::npos);
}

TEST(StatusText, StartsWithTheAnswer) {
  EXPECT_TRUE(to_text(ready_host(), Style{}).starts_with("TDX is ready\n"));
  HostStatus status = ready_host();
  status.module_state.value = ModuleState::not_loaded;
  EXPECT_TRUE(to_text(status, Style{}).starts_with("TDX is not ready: no TDX module is loaded\n"));
  status.module_state.value = fail(ErrorId::not_a_tdx_host, "no");
  status.platform.cpu_vendor = "AuthenticAMD";
  EXPECT_TRUE(to_text(status, Style{}).starts_with("no TDX here: the CPU vendor is AuthenticAMD\n"));
}

TEST(StatusText, TellsOneReasonOnce) {
  HostStatus status = ready_host();
  status.seamldr_version = {denied()};
  status.updates_left = {denied()};
  const std::string text = to_text(status, Style{});
  EXPECT_NE(text.find("not seen\n"
                      "  seamldr version, seamldr updates left\n"
                      "    cannot read it: permission denied\n"
                      "    hint: run as root\n"),
            std::string::npos)
      << text;
}

TEST(StatusText, FitsOneScreenWhereAllIsSeen) {
  const std::string text = to_text(ready_host(), Style{});
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 24);
}

TEST(StatusText, ObeysNothingThatTheHostSays) {
  HostStatus status = ready_host();
  status.platform.kernel_release = "7.3\x1b[2J";
  EXPECT_EQ(to_text(status, Style{}).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace tdxctl::cli
