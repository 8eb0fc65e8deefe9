// SPDX-License-Identifier: MIT
#include "drv/sim/sim_machines.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

#include "core/abi/releases.h"
#include "core/image/hex_digits.h"
#include "drv/host/new_file.h"
#include "drv/host/root.h"
#include "drv/sim/machine_file.h"

namespace tdxctl {
namespace {

constexpr std::uint32_t kMostUpdates = 0xFFFF;

/// The timer of a host whose kernel has HZ=250: what makes long calls resumable.
constexpr std::uint32_t kTickNs = 4'000'000;

/// Private memory of a TD that a machine file asks for: 1 GiB in 4 KiB pages.
constexpr std::uint64_t kTdPages = (1ull << 30) / 4096;

tl::unexpected<Error> invalid(std::string what) { return fail(ErrorId::profile_invalid, std::move(what)); }

/// The rules of a release that the model distinguishes; see seam/profile.h.
seam_generation generation_of(const Version& module) {
  const Version last_old = module.major == 1 ? Version{1, 5, 16} : Version{2, 0, 8};
  return module <= last_old ? SEAM_GENERATION_OLD : SEAM_GENERATION_MID;
}

Result<void> apply_module(const MachineSpec& spec, seam_module_release& module) {
  if (spec.module) {
    const abi::Release* release = abi::find_release(to_string(*spec.module));
    if (!release && !spec.features0) {
      return invalid("TDX module " + to_string(*spec.module) +
                     " is not a published release: give its 'features0' too");
    }
    module.major = spec.module->major;
    module.minor = spec.module->minor;
    module.update = spec.module->update;
    module.generation = generation_of(*spec.module);
    if (release) module.features0 = release->features0;
    // Another release has another hash: zeros where its own is not recorded.
    image::Sha384 mrseam{};
    if (release && !image::parse_hex_digits(release->seamhash, mrseam)) mrseam = {};
    std::ranges::copy(mrseam, module.mrseam);
  }
  if (spec.features0) module.features0 = *spec.features0;
  return {};
}

Result<const seam_profile*> find_builtin(std::string_view name) {
  for (u32 i = 0; const seam_profile* profile = seam_profile_at(i); ++i) {
    if (profile->name == name) return profile;
  }
  return fail(ErrorId::no_such_machine, "there is no built-in machine '" + std::string(name) + "'");
}

/// Updates that the P-SEAMLDR has made before the OS starts: the load of the module is one.
u32 updates_at_boot(const seam_profile& profile) { return profile.boot >= SEAM_BOOT_LOADED ? 1 : 0; }

bool is_path(std::string_view name) {
  return name.find('/') != std::string_view::npos || name.ends_with(".json");
}

/// Says which file it was, when it was one.
template <class T>
Result<T> name_file(std::string_view name_or_path, Result<T> result) {
  if (!result && is_path(name_or_path)) {
    result.error().what = "machine file '" + std::string(name_or_path) + "': " + result.error().what;
  }
  return result;
}

}  // namespace

Result<SimSetup> make_setup(const MachineSpec& spec) {
  const auto builtin = find_builtin(spec.profile);
  if (!builtin) return fail(builtin.error());
  SimSetup setup{**builtin, {}};
  seam_profile& profile = setup.profile;

  if (spec.packages) {
    profile.packages = *spec.packages;
    std::fill(std::begin(profile.fms), std::end(profile.fms), profile.fms[0]);
  }
  if (spec.lps) profile.lps = *spec.lps;
  if (spec.boot) {
    const auto* name = std::ranges::find(seam_boot_names, *spec.boot,
                                         [](const char* each) { return std::string_view(each); });
    if (name == std::end(seam_boot_names)) return invalid("there is no boot state '" + *spec.boot + "'");
    profile.boot = static_cast<u8>(name - std::begin(seam_boot_names));
    if (profile.boot != SEAM_BOOT_READY) profile.population = {};
  }
  if (auto applied = apply_module(spec, profile.module); !applied) return fail(applied.error());
  if (spec.seamldr) {
    profile.seamldr.major = spec.seamldr->major;
    profile.seamldr.minor = spec.seamldr->minor;
    profile.seamldr.update = spec.seamldr->update;
  }
  if (spec.updates) {
    if (*spec.updates > kMostUpdates)
      return fail(ErrorId::profile_limit, "there can be at most 65535 updates");
    profile.seamldr.updates = *spec.updates + updates_at_boot(profile);
  }

  if (spec.tds) {
    if (profile.boot != SEAM_BOOT_READY) return invalid("only a machine that boots 'ready' can have TDs");
    profile.population = {};
    profile.population.tds = *spec.tds;
    profile.population.private_pages = kTdPages;
  }

  if (!spec.trusted_key.empty()) {
    image::Sha384 hash{};
    if (!image::parse_hex_digits(spec.trusted_key, hash))
      return invalid("'trusted_key' must have 96 hexadecimal digits");
    std::ranges::copy(hash, profile.seamldr.trusted_key);
  }
  profile.interrupt_every_ns = kTickNs;

  if (const char* wrong = seam_profile_check(&profile)) return fail(ErrorId::profile_limit, wrong);
  std::size_t at = 0;
  if (const char* wrong = seam_faults_parse(spec.faults.data(), spec.faults.size(), &setup.faults, &at)) {
    return invalid("fault at character " + std::to_string(at + 1) + ": " + wrong);
  }
  return setup;
}

Result<std::shared_ptr<SimHost>> power_on(std::string_view name_or_path) {
  auto spec = SimMachines().load(name_or_path);
  if (!spec) return fail(spec.error());
  const auto setup = name_file(name_or_path, make_setup(*spec));
  if (!setup) return fail(setup.error());
  auto host = std::make_shared<SimHost>(setup->profile, setup->faults);
  if (is_path(name_or_path)) {
    spec->faults.clear();  // they may be changed while the machine is on
    auto kept = std::make_unique<MachineState>(std::string(name_or_path), print_machine(*spec));
    if (const auto resumed = host->keep_in(std::move(kept)); !resumed) return fail(resumed.error());
  }
  return host;
}

std::vector<std::string_view> SimMachines::builtin() {
  std::vector<std::string_view> names;
  for (u32 i = 0; const seam_profile* profile = seam_profile_at(i); ++i) names.emplace_back(profile->name);
  return names;
}

std::vector<std::string_view> SimMachines::boot_states() {
  return {std::begin(seam_boot_names), std::end(seam_boot_names)};
}

Result<MachineSpec> SimMachines::load(std::string_view name_or_path) {
  if (!is_path(name_or_path)) {
    if (const auto builtin = find_builtin(name_or_path); !builtin) return fail(builtin.error());
    MachineSpec spec;
    spec.profile = name_or_path;
    return spec;
  }
  const auto text = Root("/").read(name_or_path);
  if (!text) return fail(file_error(text.error(), ErrorId::no_such_machine, "the machine"));
  return name_file(name_or_path, parse_machine(*text));
}

Result<MachineView> SimMachines::view(std::string_view name, const MachineSpec& spec) {
  const auto setup = name_file(name, make_setup(spec));
  if (!setup) return fail(setup.error());
  const seam_profile& profile = setup->profile;
  MachineView view;
  view.name = name;
  view.spec = spec;
  view.fms = profile.fms[0];
  view.packages = profile.packages;
  view.lps = profile.lps;
  view.boot = seam_boot_names[profile.boot];
  view.module = {profile.module.major, profile.module.minor, profile.module.update};
  view.seamldr = {profile.seamldr.major, profile.seamldr.minor, profile.seamldr.update};
  view.features0 = profile.module.features0;
  view.updates = profile.seamldr.updates - updates_at_boot(profile);
  view.tds = profile.population.tds;
  view.mktme_keyids = profile.mktme_keyids;
  view.tdx_keyids = profile.tdx_keyids;
  view.seamret_invalidates_vmcs = profile.seamret_keeps_vmcs == 0;
  view.partial_write_erratum = profile.partial_write_erratum != 0;
  for (u32 i = 0; i < profile.nr_cmrs; ++i) view.cmrs.push_back({profile.cmrs[i].base, profile.cmrs[i].size});
  return view;
}

Result<void> SimMachines::save(const std::string& path, const MachineSpec& spec) {
  if (const auto setup = make_setup(spec); !setup) return fail(setup.error());
  return write_new_file(path, print_machine(spec));
}

Result<bool> SimMachines::reset(const std::string& path) {
  if (const auto spec = load(path); !spec) return fail(spec.error());
  // Who is changing the machine would save it again.
  MachineState held(path, {});
  if (const auto claimed = held.claim(); !claimed) return fail(claimed.error());
  const std::string state = MachineState::path_for(path);
  if (unlink(state.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  return fail(ErrorId::file_unwritable, "cannot remove '" + state + "': " + std::strerror(errno));
}

}  // namespace tdxctl
