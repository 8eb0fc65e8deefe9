// SPDX-License-Identifier: MIT
// Makes docs/model-status-table.md from the model and compares. To write it
// anew: TDXCTL_WRITE_DOCS=1 tdxctl_unit_tests --gtest_filter=SeamStatusTable.*

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "machine.h"

namespace tdxctl::seam_test {
namespace {

struct TableLeaf {
  const char* name;
  u64 rax;
};

constexpr TableLeaf kLeaves[] = {
    {"TDH.VP.ENTER", kVpEnter},
    {"TDH.PHYMEM.PAGE.RDMD", kPageRdmd},
    {"TDH.SYS.KEY.CONFIG", kKeyConfig},
    {"TDH.SYS.INFO", kInfo},
    {"TDH.SYS.INIT", kInit},
    {"TDH.SYS.RD", kRd},
    {"TDH.SYS.LP.INIT", kLpInit},
    {"TDH.SYS.TDMR.INIT", kTdmrInit},
    {"TDH.SYS.RDALL", kRdall},
    {"TDH.SYS.LP.SHUTDOWN", kLpShutdown},
    {"TDH.SYS.CONFIG", kConfig},
    {"TDH.SYS.CONFIG v1", kConfig | kVersion1},
    {"TDH.SYS.SHUTDOWN", kShutdown},
    {"TDH.SYS.UPDATE", kUpdate},
    {"TDH.SYS.UPDATE v1", kUpdate | kVersion1},
    {"TDH.EXT.INIT", kExtInit},
    {"TDH.EXT.MEM.ADD", kExtMemAdd},
    {"TDH.SYS.DISABLE", kDisable},
    {"TDH.QUOTE.INIT", kQuoteInit},
    {"leaf 255 (unknown)", 255},
};

struct TableState {
  const char* name;
  void (*reach)(Machine&);
};

void to_config_done(Machine& m) {
  m.init_all();
  m.status(kConfig, m.config_regs({small_tdmr()}));
}

void to_ready(Machine& m) {
  to_config_done(m);
  m.config_keys();
}

constexpr TableState kStates[] = {
    {"no module", [](Machine&) {}},
    {"INIT_PENDING", [](Machine&) {}},
    {"SYSINIT_DONE, not all LPs",
     [](Machine& m) {
       m.status(kInit);
       m.status(kLpInit);
     }},
    {"SYSINIT_DONE", [](Machine& m) { m.init_all(); }},
    {"SYSCONFIG_DONE", to_config_done},
    {"READY", to_ready},
    {"SHUTDOWN",
     [](Machine& m) {
       to_ready(m);
       m.status(kShutdown);
     }},
    {"DISABLE under way",
     [](Machine& m) {
       to_ready(m);
       m.status(kDisable);
     }},
    {"after DISABLE",
     [](Machine& m) {
       to_ready(m);
       while (m.status(kDisable) == TDX_INTERRUPTED_RESUMABLE) continue;
     }},
};

constexpr const char* kGenerationProfiles[] = {"sapphire-rapids", "granite-rapids", "connect-preview"};

Machine machine_in(const char* profile_name, const TableState& state) {
  bool absent = std::string_view(state.name) == "no module";
  auto profile = booting(profile_name, absent ? SEAM_BOOT_NO_MODULE : SEAM_BOOT_LOADED);
  profile.lps = 4;
  profile.interrupt_every_ns = 50'000;
  Machine machine(profile);
  state.reach(machine);
  return machine;
}

std::string cell(const char* profile, const TableState& state, const TableLeaf& leaf) {
  Machine machine = machine_in(profile, state);
  auto answer = machine.call(leaf.rax);
  if (answer.outcome == SEAM_VMFAIL_INVALID) return "VMfailInvalid";
  std::ostringstream text;
  text << "0x" << std::hex << answer.regs.rax;
  return text.str();
}

std::string table() {
  std::ostringstream out;
  out << "# What the model answers: leaf x state\n\n"
         "Made by the test SeamStatusTable from the model; do not edit. All registers but RAX are zero, the "
         "call\n"
         "comes from LP 0. States that a generation does not have are left out.\n";
  for (u32 generation = 0; generation < SEAM_NR_GENERATIONS; ++generation) {
    const char* name = kGenerationProfiles[generation];
    const seam_profile& profile = *seam_profile_find(name);
    out << "\n## " << seam_generation_names[profile.module.generation] << ": module " << profile.module.major
        << "." << profile.module.minor << "." << (profile.module.update < 10 ? "0" : "")
        << profile.module.update << " (profile " << name << ")\n\n| leaf |";
    std::vector<const TableState*> states;
    for (const auto& state : kStates) {
      bool needs_disable = std::string_view(state.name).find("DISABLE") != std::string_view::npos;
      if (!needs_disable || profile.module.generation == SEAM_GENERATION_NEXT) states.push_back(&state);
    }
    for (const auto* state : states) out << ' ' << state->name << " |";
    out << "\n|---|";
    for (std::size_t i = 0; i < states.size(); ++i) out << "---|";
    out << '\n';
    for (const auto& leaf : kLeaves) {
      out << "| " << leaf.name << " |";
      for (const auto* state : states) out << ' ' << cell(name, *state, leaf) << " |";
      out << '\n';
    }
  }
  return out.str();
}

TEST(SeamStatusTable, IsTheOneInDocs) {
  const std::string path = TDXCTL_SOURCE_DIR "/docs/model-status-table.md";
  std::string made = table();
  if (std::getenv("TDXCTL_WRITE_DOCS")) std::ofstream(path) << made;
  std::ostringstream written;
  written << std::ifstream(path).rdbuf();
  EXPECT_EQ(written.str(), made);
}

TEST(SeamStatusTable, ShowsEveryGeneration) {
  for (u32 generation = 0; generation < SEAM_NR_GENERATIONS; ++generation) {
    EXPECT_EQ(seam_profile_find(kGenerationProfiles[generation])->module.generation, generation);
  }
}

}  // namespace
}  // namespace tdxctl::seam_test
