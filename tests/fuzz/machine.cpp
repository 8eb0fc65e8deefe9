// SPDX-License-Identifier: MIT
// Machine files: what is read can be written and read again, and a machine that passes the checks can be
// switched on.
#include <string_view>

#include "check.h"
#include "drv/sim/machine_file.h"
#include "drv/sim/sim_driver.h"
#include "drv/sim/sim_machines.h"

using namespace tdxctl;

namespace {

void switch_on(const SimSetup& setup) {
  const auto host = std::make_shared<SimHost>(setup.profile, setup.faults);
  SimDriver driver(host);
  Module& module = **driver.module();
  const auto state = module.state();
  const auto by_rd = module.read_all(ReadAllMethod::rd);
  const auto by_rdall = module.read_all(ReadAllMethod::rdall);
  const auto info = (*driver.loader())->info();
  const auto msrs = driver.msrs();
  if (setup.faults.nr != 0) return;
  fuzz::check(msrs.has_value());
  fuzz::check(by_rd.has_value() == by_rdall.has_value());
  if (by_rd) fuzz::check(by_rd->size() == by_rdall->size());
  fuzz::check(by_rd.has_value() == (state && *state == ModuleState::ready));
  fuzz::check(info.has_value() == (setup.profile.boot >= SEAM_BOOT_NO_MODULE));
  fuzz::check(SimPlatform(host).facts().packages->size() == setup.profile.packages);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto spec = parse_machine({reinterpret_cast<const char*>(data), size});
  if (!spec) return 0;
  const std::string printed = print_machine(*spec);
  const auto again = parse_machine(printed);
  fuzz::check(again && print_machine(*again) == printed);
  const auto setup = make_setup(*spec);
  if (setup) switch_on(*setup);
  return 0;
}
