// SPDX-License-Identifier: MIT
// Joins drv to core: the only file that sees both sides.
#include <unistd.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "cli/program.h"
#include "drv/helper/helper_driver.h"
#include "drv/host/host_files.h"
#include "drv/host/host_platform.h"
#include "drv/host/host_store.h"
#include "drv/host/journal.h"
#include "drv/host/system_clock.h"
#include "drv/host/terminal.h"
#include "drv/native/native_driver.h"
#include "drv/sim/sim_driver.h"
#include "drv/sim/sim_machines.h"

namespace tdxctl {
namespace {

Result<std::unique_ptr<Drivers>> make_simulation(const std::string& name) {
  auto host = power_on(name);
  if (!host) return fail(host.error());
  std::vector<std::unique_ptr<Driver>> drivers;
  drivers.push_back(std::make_unique<SimDriver>(*host));
  return std::make_unique<Drivers>(std::make_unique<SimPlatform>(*host), std::move(drivers));
}

class ProgramParts : public cli::Parts {
 public:
  Result<std::unique_ptr<Drivers>> drivers(const cli::DriverChoice& choice) override {
    using enum cli::DriverKind;
    if (choice.kind == sim) return make_simulation(choice.machine);

    const Root root(choice.root);
    // The helper is a device of this machine: it has nothing to say about a recorded tree.
    const bool recorded = choice.root != "/";
    if (choice.kind == helper && recorded) {
      return fail(ErrorId::usage, "the driver helper cannot be used with --root", "leave out one of the two");
    }
    auto platform = std::make_unique<HostPlatform>(root);
    std::vector<std::unique_ptr<Driver>> drivers;
    if (choice.kind != helper) drivers.push_back(std::make_unique<NativeDriver>(root, *platform));
    if (choice.kind != native && !recorded) drivers.push_back(std::make_unique<HelperDriver>());
    return std::make_unique<Drivers>(std::move(platform), std::move(drivers));
  }

  Machines& machines() override { return machines_; }
  Files& files() override { return files_; }
  Clock& clock() override {
    if (!clock_) clock_.emplace();
    return *clock_;
  }
  Store& store(const std::string& root) override {
    if (!store_) store_.emplace(Root(root));
    return *store_;
  }
  Journal& journal(const std::string& root) override {
    if (!journal_) journal_.emplace(Root(root));
    return *journal_;
  }
  std::size_t terminal_columns() override { return tdxctl::terminal_columns(STDOUT_FILENO); }

 private:
  SimMachines machines_;
  HostFiles files_;
  std::optional<SystemClock> clock_;
  std::optional<HostStore> store_;
  std::optional<HostJournal> journal_;
};

}  // namespace
}  // namespace tdxctl

int main(int argc, char** argv) {
  tdxctl::ProgramParts parts;
  return tdxctl::cli::run_program(argc, argv, parts);
}
