// SPDX-License-Identifier: MIT
#include "cli/cmd_sim.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/commands.h"
#include "cli/cpu_text.h"
#include "cli/report.h"
#include "core/decode/number.h"
#include "core/hex.h"
#include "core/image/hex_digits.h"
#include "core/image/key.h"

namespace tdxctl::cli {
namespace {

constexpr std::size_t kMaxKeyFileBytes = 65536;

/// The options of `sim create` that are not plain text or small numbers, as typed.
struct CreateOptions {
  std::string path;
  MachineSpec spec;
  std::string module;
  std::string seamldr;
  std::string features0;
  std::string trusted_key;
};

Result<std::optional<Version>> version_option(const std::string& typed, std::string_view option) {
  if (typed.empty()) return std::nullopt;
  const auto version = parse_version(typed);
  if (!version) {
    return fail(ErrorId::usage, std::string(option) + ": '" + printable(typed) + "' is not a version",
                "give major.minor.update, for example 1.5.05");
  }
  return version;
}

/// The hash of a key that is named by a file, or the hash itself.
Result<image::Sha384> key_option(Files& files, const std::string& typed) {
  image::Sha384 hash{};
  if (image::parse_hex_digits(typed, hash)) return hash;
  const auto bytes = files.read(typed, kMaxKeyFileBytes);
  if (!bytes) return fail(bytes.error());
  return image::parse_key({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
}

Result<MachineSpec> spec_of(Files& files, const CreateOptions& options) {
  MachineSpec spec = options.spec;
  const auto module = version_option(options.module, "--module");
  if (!module) return fail(module.error());
  spec.module = *module;
  const auto seamldr = version_option(options.seamldr, "--seamldr");
  if (!seamldr) return fail(seamldr.error());
  spec.seamldr = *seamldr;
  if (!options.features0.empty()) {
    const auto features0 = parse_number(options.features0);
    if (!features0) return fail(features0.error());
    spec.features0 = *features0;
  }
  if (!options.trusted_key.empty()) {
    const auto key = key_option(files, options.trusted_key);
    if (!key) return fail(key.error());
    spec.trusted_key = image::hex_digits(*key);
  }
  return spec;
}

Result<MachineView> view_machine(Machines& machines, std::string_view name) {
  const auto spec = machines.load(name);
  if (!spec) return fail(spec.error());
  return machines.view(name, *spec);
}

Error unknown_boot_state(const std::string& typed, const std::vector<std::string_view>& states) {
  const std::vector<std::string> names(states.begin(), states.end());
  return {ErrorId::usage, "--boot: '" + printable(typed) + "' is not a boot state",
          "boot states are " + join(names, ", ")};
}

int run_list(Context& context) {
  MachineList list;
  for (const std::string_view name : context.machines().builtin()) {
    auto machine = view_machine(context.machines(), name);
    if (!machine) return report(context, machine.error());
    list.machines.push_back(std::move(*machine));
  }
  return report_result(context, list);
}

int run_show(Context& context, const std::string& name) {
  if (name.empty()) return run_list(context);
  auto machine = view_machine(context.machines(), name);
  if (!machine) return report(context, machine.error());
  return report_result(context, MachineList{{std::move(*machine)}, true});
}

int run_create(Context& context, const CreateOptions& options) {
  if (options.path.find('/') == std::string::npos && !options.path.ends_with(".json")) {
    return report(context,
                  {ErrorId::usage, "'" + printable(options.path) + "' would be taken for a built-in machine",
                   "name the file with a '/' or with '.json' at the end"});
  }
  auto spec = spec_of(context.files(), options);
  if (!spec) return report(context, spec.error());
  Machines& machines = context.machines();
  if (spec->boot) {
    const auto states = machines.boot_states();
    if (std::ranges::find(states, *spec->boot) == states.end())
      return report(context, unknown_boot_state(*spec->boot, states));
  }
  if (spec->profile.empty()) spec->profile = machines.builtin().front();
  auto machine = machines.view(options.path, *spec);
  if (!machine) return report(context, machine.error());
  if (const auto saved = machines.save(options.path, *spec); !saved) return report(context, saved.error());
  return report_result(context, NewMachine{options.path, std::move(*machine)}, {.changed = true});
}

int run_reset(Context& context, const std::string& path) {
  const auto was_changed = context.machines().reset(path);
  if (!was_changed) return report(context, was_changed.error());
  return report_result(context, MachineReset{path, *was_changed}, {.changed = *was_changed});
}

std::string cmr_text(const MachineRange& range) {
  return "[" + hex(range.base) + ", " + hex(range.base + range.bytes) + ") " +
         std::to_string(range.bytes >> 20) + " MiB";
}

}  // namespace

std::string to_text(const MachineList& list, const Style& style) {
  if (list.detailed) {
    std::string text;
    for (const MachineView& machine : list.machines) text += to_text(machine, style);
    return text;
  }
  Columns rows(style);
  rows.row({{"machine", Colour::bold},
            {"CPU", Colour::bold},
            {"packages", Colour::bold},
            {"LPs", Colour::bold},
            {"module", Colour::bold},
            {"P-SEAMLDR", Colour::bold},
            {"boot", Colour::bold}});
  for (const MachineView& machine : list.machines) {
    rows.row({{machine.name},
              {cpu_text(machine.fms)},
              {std::to_string(machine.packages)},
              {std::to_string(machine.lps)},
              {to_string(machine.module)},
              {to_string(machine.seamldr)},
              {machine.boot}});
  }
  return rows.str();
}

Json to_json(const MachineList& list) {
  Json machines = Json::array();
  for (const MachineView& machine : list.machines) machines.push_back(to_json(machine));
  return {{"machines", std::move(machines)}};
}

std::string to_text(const MachineView& machine, const Style& style) {
  Columns rows(style);
  rows.row({{"machine"}, {printable(machine.name), Colour::bold}});
  rows.row({{"profile"}, {machine.spec.profile}});
  rows.row({{"CPU"}, {cpu_text(machine.fms)}});
  rows.row({{"topology"}, {counted(machine.packages, "package") + ", " + counted(machine.lps, "LP")}});
  rows.row({{"boot"}, {machine.boot}});
  rows.row({{"TDX module"}, {to_string(machine.module)}});
  rows.row({{"features"}, {hex64(machine.features0)}});
  rows.row(
      {{"P-SEAMLDR"}, {to_string(machine.seamldr) + ", " + counted(machine.updates, "update") + " left"}});
  rows.row({{"KeyIDs"},
            {std::to_string(machine.tdx_keyids) + " private, " + std::to_string(machine.mktme_keyids) +
             " shared"}});
  rows.row({{"TDs"}, {std::to_string(machine.tds)}});
  rows.row({{"errata"},
            {std::string(machine.partial_write_erratum ? "partial write" : "no partial write") + ", " +
             (machine.seamret_invalidates_vmcs ? "SEAMRET clears the VMCS" : "SEAMRET keeps the VMCS")}});
  for (std::size_t i = 0; i < machine.cmrs.size(); ++i) {
    rows.row({{i == 0 ? "CMRs" : ""}, {cmr_text(machine.cmrs[i])}});
  }
  if (!machine.spec.trusted_key.empty()) rows.row({{"trusted key"}, {machine.spec.trusted_key}});
  if (!machine.spec.faults.empty()) rows.row({{"faults"}, {printable(machine.spec.faults)}});
  return rows.str();
}

Json to_json(const MachineView& machine) {
  Json cmrs = Json::array();
  for (const MachineRange& range : machine.cmrs) {
    cmrs.push_back({{"base", hex64(range.base)}, {"size_bytes", range.bytes}});
  }
  return {
      {"name", machine.name},
      {"profile", machine.spec.profile},
      {"cpu", cpu_json(machine.fms)},
      {"packages", machine.packages},
      {"lps", machine.lps},
      {"boot", machine.boot},
      {"module_version", to_string(machine.module)},
      {"module_version_parts", version_parts(machine.module)},
      {"features0", hex64(machine.features0)},
      {"seamldr_version", to_string(machine.seamldr)},
      {"seamldr_version_parts", version_parts(machine.seamldr)},
      {"updates_left", machine.updates},
      {"tds", machine.tds},
      {"keyids", {{"shared", machine.mktme_keyids}, {"private", machine.tdx_keyids}}},
      {"seamret_invalidates_vmcs", machine.seamret_invalidates_vmcs},
      {"partial_write_erratum", machine.partial_write_erratum},
      {"cmrs", std::move(cmrs)},
      {"trusted_key", or_null(machine.spec.trusted_key)},
      {"faults", or_null(machine.spec.faults)},
  };
}

std::string to_text(const NewMachine& made, const Style& style) {
  return to_text(made.machine, style) + "written; use it with: tdxctl --driver sim=" + printable(made.path) +
         " status\n";
}

Json to_json(const NewMachine& made) { return {{"path", made.path}, {"machine", to_json(made.machine)}}; }

std::string to_text(const MachineReset& reset, const Style& /*style*/) {
  if (!reset.was_changed) return "nothing to do: nothing has changed the machine since power on\n";
  return printable(reset.path) + " was switched off and on\n";
}

Json to_json(const MachineReset& reset) { return {{"path", reset.path}}; }

void add_sim(CLI::App& verb, Context& context) {
  const auto create_options = std::make_shared<CreateOptions>();
  CLI::App* create = verb.add_subcommand("create", "write a machine file");
  MachineSpec& spec = create_options->spec;
  create->add_option("FILE", create_options->path, "file to make; never replaced")->required()->type_name("");
  create->add_option("--profile", spec.profile, "built-in machine to start from")->type_name("MACHINE");
  create->add_option("--packages", spec.packages, "CPU packages")->type_name("N");
  create->add_option("--lps", spec.lps, "LPs in all packages together")->type_name("N");
  create->add_option("--boot", spec.boot, "how far the machine has come, for example loaded or ready")
      ->type_name("STATE");
  create->add_option("--module", create_options->module, "version of the TDX module")->type_name("VERSION");
  create->add_option("--seamldr", create_options->seamldr, "version of the P-SEAMLDR")->type_name("VERSION");
  create->add_option("--features0", create_options->features0, "TDX_FEATURES0 of the module")
      ->type_name("MASK");
  create->add_option("--updates", spec.updates, "updates left after power on")->type_name("N");
  create->add_option("--tds", spec.tds, "TDs that are alive after power on")->type_name("N");
  create
      ->add_option("--trusted-key", create_options->trusted_key, "public key that images may be signed with")
      ->type_name("FILE");
  create
      ->add_option("--faults", spec.faults,
                   "calls that fail, for example seamcall=34,status=0x8000020300000000")
      ->type_name("FAULTS");
  on_run(*create, context, "sim-create",
         [&context, create_options] { return run_create(context, *create_options); });

  CLI::App* reset = verb.add_subcommand("reset", "switch the machine of a file off and on");
  const auto path = std::make_shared<std::string>();
  reset->add_option("FILE", *path, "machine file")->required()->type_name("");
  on_run(*reset, context, "sim-reset", [&context, path] { return run_reset(context, *path); });

  CLI::App* show = verb.add_subcommand("show", "show the built-in machines, or one machine");
  const auto name = std::make_shared<std::string>();
  show->add_option("MACHINE", *name, "built-in name or machine file")->type_name("");
  on_run(*show, context, "sim-show", [&context, name] { return run_show(context, *name); });
}

}  // namespace tdxctl::cli
