// SPDX-License-Identifier: MIT
// The simulated machine as a driver: every built-in machine in every boot state, and faults on demand.
#include "drv/sim/sim_driver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <memory>
#include <string>
#include <tuple>

#include "core/host_status.h"
#include "core/metadata_read.h"
#include "drv/sim/sim_machines.h"

namespace tdxctl {
namespace {

/// A machine that is switched on.
struct Simulation {
  SimSetup setup;
  MachineView view;
  SimDriver driver;

  static SimSetup must_setup(const MachineSpec& spec) {
    auto setup = make_setup(spec);
    if (!setup) ADD_FAILURE() << setup.error().what;
    return *setup;
  }
  explicit Simulation(const MachineSpec& spec)
      : setup(must_setup(spec)),
        view(*SimMachines().view("machine", spec)),
        driver(setup.profile, setup.faults) {}

  Module& module() { return **driver.module(); }
  Loader& loader() { return **driver.loader(); }
};

Simulation simulate(std::string_view profile, std::string_view boot, const std::string& faults = {}) {
  MachineSpec spec;
  spec.profile = profile;
  spec.boot = boot;
  spec.faults = faults;
  return Simulation(spec);
}

template <class T>
ErrorId error_of(const Result<T>& result) {
  return result ? ErrorId::internal : result.error().id;
}

using Case = std::tuple<std::string_view, std::string_view>;

/// "granite-rapids" as a part of a test's name: "GraniteRapids".
std::string camel_case(std::string_view text) {
  std::string name;
  bool word_starts = true;
  for (const char c : text) {
    if (c != '-') name += word_starts ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    word_starts = c == '-';
  }
  return name;
}

class EveryMachine : public testing::TestWithParam<Case> {
 protected:
  std::string_view boot() { return std::get<1>(GetParam()); }
  bool has_module() { return boot() == "loaded" || boot() == "ready"; }
  bool has_seamldr() { return has_module() || boot() == "no-module"; }

  SimPlatform platform() {
    return SimPlatform(std::make_shared<SimHost>(machine_.setup.profile, machine_.setup.faults));
  }

  Simulation machine_ = simulate(std::get<0>(GetParam()), std::get<1>(GetParam()));
};

TEST_P(EveryMachine, StateIsThatOfItsBoot) {
  const auto state = machine_.module().state();
  if (boot() == "no-vmx") {
    EXPECT_EQ(error_of(state), ErrorId::seamcall_ud);
  } else if (boot() == "no-seam") {
    EXPECT_EQ(error_of(state), ErrorId::seamcall_gp);
  } else {
    ASSERT_TRUE(state) << state.error().what;
    EXPECT_EQ(*state, boot() == "ready"    ? ModuleState::ready
                      : boot() == "loaded" ? ModuleState::not_initialised
                                           : ModuleState::not_loaded);
  }
}

TEST_P(EveryMachine, OnlyAReadyModuleTellsItsVersionAndMetadata) {
  const auto version = machine_.module().version();
  const auto features0 = machine_.module().read({&kFeatures0Id, 1});
  if (boot() == "ready") {
    ASSERT_TRUE(version) << version.error().what;
    EXPECT_EQ(*version, machine_.view.module);
    ASSERT_TRUE(features0);
    EXPECT_EQ(features0->front().status, 0u);
    EXPECT_EQ(features0->front().value, machine_.view.features0);
  } else {
    const ErrorId expected = boot() == "no-vmx"    ? ErrorId::seamcall_ud
                             : boot() == "no-seam" ? ErrorId::seamcall_gp
                             : boot() == "loaded"  ? ErrorId::module_state
                                                   : ErrorId::seamcall_vmfailinvalid;
    EXPECT_EQ(error_of(version), expected);
    EXPECT_EQ(error_of(machine_.module().read_all(ReadAllMethod::rd)), expected);
    EXPECT_EQ(error_of(machine_.module().read_all(ReadAllMethod::rdall)), expected);
  }
}

TEST_P(EveryMachine, TheLoaderAnswersWhereThereIsOne) {
  const auto info = machine_.loader().info();
  if (!has_seamldr()) {
    EXPECT_EQ(error_of(info), boot() == "no-vmx"    ? ErrorId::seamcall_ud
                              : boot() == "no-seam" ? ErrorId::seamcall_gp
                                                    : ErrorId::seamcall_vmfailinvalid);
    return;
  }
  ASSERT_TRUE(info) << info.error().what;
  EXPECT_EQ(info->version, machine_.view.seamldr);
  EXPECT_EQ(info->updates_left, machine_.view.updates);
  EXPECT_EQ(info->module_ready, has_module());
  EXPECT_FALSE(info->debug);
  EXPECT_EQ(*machine_.loader().version(), machine_.view.seamldr);
  EXPECT_EQ(*machine_.loader().updates_left(), machine_.view.updates);
}

TEST_P(EveryMachine, ThePlatformShowsTheMachine) {
  const PlatformFacts facts = platform().facts();
  ASSERT_TRUE(facts.packages);
  EXPECT_EQ(facts.packages->size(), machine_.view.packages);
  std::uint32_t lps = 0;
  for (const Package& package : *facts.packages) {
    EXPECT_EQ(package.fms, machine_.view.fms);
    lps += package.lps_online;
  }
  EXPECT_EQ(lps, machine_.view.lps);
  EXPECT_EQ(*facts.lps_online, machine_.view.lps);
  EXPECT_EQ(*facts.partial_write_erratum, machine_.view.partial_write_erratum);
  EXPECT_EQ(*facts.seamret_invalidates_vmcs, machine_.view.seamret_invalidates_vmcs);
  EXPECT_EQ(facts.keyids->tdx, machine_.view.tdx_keyids);
  EXPECT_LT(facts.hkids->in_use, facts.hkids->total);
  EXPECT_FALSE(facts.kernel_release) << "it runs no Linux";
}

TEST_P(EveryMachine, MsrsAndFactsAgree) {
  const auto msrs = machine_.driver.msrs();
  ASSERT_TRUE(msrs) << msrs.error().what;
  const PlatformFacts facts = platform().facts();
  if (msrs->seamret_invalidates_vmcs) {
    EXPECT_EQ(*msrs->seamret_invalidates_vmcs, *facts.seamret_invalidates_vmcs);
  }
  if (msrs->keyids) {
    EXPECT_EQ(msrs->keyids->tdx, facts.keyids->tdx);
    EXPECT_EQ(msrs->keyids->mktme, facts.keyids->mktme);
  }
}

TEST_P(EveryMachine, StatusNeverFailsAndNamesItsDriver) {
  std::vector<std::unique_ptr<Driver>> drivers;
  drivers.push_back(std::make_unique<SimDriver>(machine_.setup.profile, machine_.setup.faults));
  Drivers all(std::make_unique<SimPlatform>(platform()), std::move(drivers));
  const HostStatus status = read_host_status(all);
  EXPECT_EQ(status.module_state.driver, "sim");
  EXPECT_EQ(status.features0.value.has_value(), boot() == "ready");
  EXPECT_FALSE(status.kexec.reason.empty());
}

INSTANTIATE_TEST_SUITE_P(BuiltIn, EveryMachine,
                         testing::Combine(testing::ValuesIn(SimMachines().builtin()),
                                          testing::ValuesIn(SimMachines().boot_states())),
                         [](const auto& test) {
                           return camel_case(std::get<0>(test.param)) + camel_case(std::get<1>(test.param));
                         });

class ReadyMachine : public testing::TestWithParam<std::string_view> {
 protected:
  Simulation machine_ = simulate(GetParam(), "ready");
};

TEST_P(ReadyMachine, BothWaysToReadAllGiveTheSame) {
  const auto by_rd = machine_.module().read_all(ReadAllMethod::rd);
  const auto by_rdall = machine_.module().read_all(ReadAllMethod::rdall);
  ASSERT_TRUE(by_rd) << by_rd.error().what;
  ASSERT_TRUE(by_rdall) << by_rdall.error().what;
  ASSERT_EQ(by_rd->size(), by_rdall->size());
  EXPECT_GT(by_rd->size(), 100u);
  for (std::size_t i = 0; i < by_rd->size(); ++i) {
    EXPECT_EQ((*by_rd)[i].value, (*by_rdall)[i].value) << i;
    EXPECT_EQ((*by_rd)[i].id, (*by_rdall)[i].id) << i;
  }
}

TEST_P(ReadyMachine, EachElementReadAloneIsAsInTheWhole) {
  const auto all = machine_.module().read_all(ReadAllMethod::rd);
  ASSERT_TRUE(all);
  std::vector<std::uint64_t> ids;
  for (const Field& field : *all) ids.push_back(field.id);
  const auto answers = machine_.module().read(ids);
  ASSERT_TRUE(answers);
  ASSERT_EQ(answers->size(), all->size());
  for (std::size_t i = 0; i < all->size(); ++i) {
    EXPECT_EQ((*answers)[i].status, 0u) << i;
    EXPECT_EQ((*answers)[i].value, (*all)[i].value) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(BuiltIn, ReadyMachine, testing::ValuesIn(SimMachines().builtin()),
                         [](const auto& test) { return camel_case(test.param); });

TEST(LargestMachine, Has1024LpsIn8Packages) {
  MachineSpec spec;
  spec.profile = "granite-rapids";
  spec.packages = 8;
  spec.lps = 1024;
  Simulation machine(spec);
  EXPECT_EQ(*machine.module().state(), ModuleState::ready);
  EXPECT_EQ(machine.module().read_all(ReadAllMethod::rd)->size(),
            machine.module().read_all(ReadAllMethod::rdall)->size());
}

TEST(SmallestMachine, HasOneLp) {
  MachineSpec spec;
  spec.profile = "granite-rapids";
  spec.packages = 1;
  spec.lps = 1;
  EXPECT_EQ(*Simulation(spec).module().state(), ModuleState::ready);
}

constexpr std::string_view kMachine = "granite-rapids";
constexpr std::uint64_t kNoEntropy = 0x8000020300000000;

struct Fault {
  const char* name;
  const char* text;
  ErrorId id;
  std::uint64_t status;
};

class ReadFault : public testing::TestWithParam<Fault> {};

TEST_P(ReadFault, IsTheErrorOfTheRead) {
  Simulation machine = simulate(kMachine, "ready", "seamcall=34,count=0," + std::string(GetParam().text));
  const auto version = machine.module().version();
  ASSERT_FALSE(version);
  EXPECT_EQ(version.error().id, GetParam().id);
  ASSERT_TRUE(version.error().seamcall);
  EXPECT_EQ(version.error().seamcall->status, GetParam().status);
  EXPECT_EQ(version.error().seamcall->rax_in, 34u);
  EXPECT_EQ(error_of(machine.module().read_all(ReadAllMethod::rd)), GetParam().id);
  EXPECT_TRUE(machine.module().read_all(ReadAllMethod::rdall)) << "another leaf: not meant";
}

TEST_P(ReadFault, IsTheErrorOfReadingAllByPage) {
  Simulation machine = simulate(kMachine, "ready", "seamcall=37,count=0," + std::string(GetParam().text));
  EXPECT_EQ(error_of(machine.module().read_all(ReadAllMethod::rdall)), GetParam().id);
  EXPECT_TRUE(machine.module().read_all(ReadAllMethod::rd));
}

INSTANTIATE_TEST_SUITE_P(
    Module, ReadFault,
    testing::Values(Fault{"Ud", "outcome=ud", ErrorId::seamcall_ud, 0x8000FF0000000006},
                    Fault{"Gp", "outcome=gp", ErrorId::seamcall_gp, 0x8000FF000000000D},
                    Fault{"VmfailInvalid", "outcome=vmfailinvalid", ErrorId::seamcall_vmfailinvalid,
                          0x8000FF00FFFF0000},
                    Fault{"Busy", "status=0x8000020200000000", ErrorId::seamcall_failed, 0x8000020200000000},
                    Fault{"NoEntropy", "status=0x8000020300000000", ErrorId::seamcall_failed, kNoEntropy}),
    [](const auto& test) { return std::string(test.param.name); });

class LoaderFault : public testing::TestWithParam<Fault> {};

TEST_P(LoaderFault, IsTheErrorOfTheLoader) {
  Simulation machine = simulate(kMachine, "ready", "seamldr=0,count=0," + std::string(GetParam().text));
  const auto info = machine.loader().info();
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().id, GetParam().id);
  EXPECT_EQ(info.error().seamcall->status, GetParam().status);
  EXPECT_TRUE(machine.module().version()) << "the module is not meant";
}

INSTANTIATE_TEST_SUITE_P(Loader, LoaderFault,
                         testing::Values(Fault{"Ud", "outcome=ud", ErrorId::seamcall_ud, 0x8000FF0000000006},
                                         Fault{"Gp", "outcome=gp", ErrorId::seamcall_gp, 0x8000FF000000000D},
                                         Fault{"VmfailInvalid", "outcome=vmfailinvalid",
                                               ErrorId::seamcall_vmfailinvalid, 0x8000FF00FFFF0000},
                                         Fault{"BadCall", "status=0x8000000000000003",
                                               ErrorId::seamldr_failed, 0x8000000000000003},
                                         Fault{"NoEntropy", "status=0x8000000000030001",
                                               ErrorId::seamldr_failed, 0x8000000000030001}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(EntropyRetry, AShortageOfEntropyIsNotSeen) {
  Simulation machine = simulate(kMachine, "ready", "seamcall=34,count=9,status=0x8000020300000000");
  EXPECT_TRUE(machine.module().version());
  Simulation loader = simulate(kMachine, "ready", "seamldr=0,count=9,status=0x8000000000030001");
  EXPECT_TRUE(loader.loader().info());
}

TEST(EntropyRetry, EndsAfterTenCalls) {
  Simulation machine = simulate(kMachine, "ready", "seamcall=34,count=10,status=0x8000020300000000");
  EXPECT_EQ(machine.module().version().error().seamcall->status, kNoEntropy);
  EXPECT_TRUE(machine.module().version()) << "and later calls work again";
}

TEST(InjectedFault, StrikesTheCallThatWasNamed) {
  Simulation machine = simulate(kMachine, "ready", "seamcall=34,nth=3,status=0x8000020200000000");
  EXPECT_FALSE(machine.module().version()) << "of its three reads the third";
  EXPECT_TRUE(machine.module().version());
}

TEST(InjectedFault, OnAnotherLpStrikesNobodyHere) {
  Simulation machine = simulate(kMachine, "ready", "seamcall=34,lp=1,count=0,outcome=ud");
  EXPECT_TRUE(machine.module().version()) << "commands run on LP 0";
}

TEST(InjectedFault, InTheMiddleOfAnEnumerationGivesNoPartOfIt) {
  Simulation machine = simulate(kMachine, "ready", "seamcall=34,nth=50,status=0x8000020200000000");
  EXPECT_EQ(error_of(machine.module().read_all(ReadAllMethod::rd)), ErrorId::seamcall_failed);
}

TEST(InjectedFault, CanBeAnAnswerThatMakesNoSense) {
  // The first call of an enumeration must name the first field: success says nothing.
  Simulation machine = simulate(kMachine, "ready", "seamcall=34,status=0");
  const auto fields = machine.module().read_all(ReadAllMethod::rd);
  ASSERT_FALSE(fields);
  EXPECT_EQ(fields.error().id, ErrorId::helper_failed);
}

TEST(SimHost, KnowsNoOtherCommand) {
  const SimSetup setup = Simulation::must_setup([] {
    MachineSpec spec;
    spec.profile = kMachine;
    return spec;
  }());
  SimHost host(setup.profile, setup.faults);
  std::uint32_t size = sizeof size;
  EXPECT_EQ(host.run(_IO(TDXCTL_IOC_MAGIC, 200), &size), ENOTTY);
  EXPECT_EQ(host.run(TDXCTL_IOC_MODULE_STATE, &size), EINVAL) << "4 bytes are too few";
}

}  // namespace
}  // namespace tdxctl
