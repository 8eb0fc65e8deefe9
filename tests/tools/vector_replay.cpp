// SPDX-License-Identifier: MIT
#include "vector_replay.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "kernel_machine.h"
#include "machine.h"

namespace tdxctl {
namespace {

using Json = nlohmann::json;
using Bytes = std::vector<std::uint8_t>;

/// Numbers are JSON numbers or strings "0x...".
std::uint64_t number(const Json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  const auto& text = value.get_ref<const std::string&>();
  std::size_t used = 0;
  std::uint64_t result = std::stoull(text, &used, 16);
  if (text.size() < 3 || text.compare(0, 2, "0x") != 0 || used != text.size()) {
    throw std::invalid_argument("not a number: " + text);
  }
  return result;
}

std::uint64_t number_or(const Json& object, const char* key, std::uint64_t otherwise) {
  auto found = object.find(key);
  return found == object.end() ? otherwise : number(*found);
}

std::string hex(std::uint64_t value) {
  char text[19];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

std::string hex(const Bytes& bytes) {
  std::string text;
  for (auto byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

Bytes bytes_of(const std::string& text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

struct NamedRegister {
  const char* name;
  u64 seam_regs::*member;
};

constexpr NamedRegister kRegisters[] = {
    {"rax", &seam_regs::rax}, {"rcx", &seam_regs::rcx}, {"rdx", &seam_regs::rdx}, {"rbx", &seam_regs::rbx},
    {"rbp", &seam_regs::rbp}, {"rsi", &seam_regs::rsi}, {"rdi", &seam_regs::rdi}, {"r8", &seam_regs::r8},
    {"r9", &seam_regs::r9},   {"r10", &seam_regs::r10}, {"r11", &seam_regs::r11}, {"r12", &seam_regs::r12},
    {"r13", &seam_regs::r13}, {"r14", &seam_regs::r14}, {"r15", &seam_regs::r15},
};

/// The registers that every "out" of a SEAMCALL lists.
bool is_output(const char* name) {
  for (const char* output : {"rax", "rcx", "rdx", "r8", "r9", "r10", "r11"}) {
    if (std::string_view(output) == name) return true;
  }
  return false;
}

template <class Value>
Value look_up(const std::string& name, std::initializer_list<std::pair<const char*, Value>> names) {
  for (const auto& [known, value] : names) {
    if (name == known) return value;
  }
  throw std::invalid_argument("unknown name: " + name);
}

/// One machine, and the sequence that runs on it.
class Replay {
 public:
  explicit Replay(const PowerOn& power_on) : machine_(power_on(*seam_profile_find("conformance"))) {}

  /// Runs one op. Returns what differs, or nothing.
  std::optional<std::string> run(const Json& op) {
    const auto& kind = op.at("op").get_ref<const std::string&>();
    if (kind == "seamcall") return seamcall(op);
    if (kind == "read") return read(op);
    if (kind == "write") {
      Bytes bytes = bytes_of(op.at("hex"));
      machine_->write_memory(number(op.at("pa")), bytes.data(), bytes.size());
    } else if (kind == "fill") {
      Bytes bytes(number(op.at("len")), static_cast<std::uint8_t>(number(op.at("byte"))));
      machine_->write_memory(number(op.at("pa")), bytes.data(), bytes.size());
    } else if (kind == "platform") {
      platform(op);
    } else if (kind == "pconfig_fail_once") {
      seam_fail_pconfig(machine(), static_cast<u32>(number(op.at("code"))));
    } else if (kind == "other_lp_busy") {
      seam_hold(machine(), look_up<seam_hold_kind>(op.at("holds"), {{"none", SEAM_HOLD_NOTHING},
                                                                    {"exclusive", SEAM_HOLD_EXCLUSIVE},
                                                                    {"shared", SEAM_HOLD_SHARED},
                                                                    {"tdmr0", SEAM_HOLD_TDMR0},
                                                                    {"in_seam_lp1", SEAM_HOLD_LP1}}));
    } else if (kind == "module_reload") {
      seam_reload_module(machine());
    } else {
      throw std::invalid_argument("unknown op: " + kind);
    }
    return std::nullopt;
  }

 private:
  using seam_hold_kind = enum seam_hold;

  seam_machine* machine() { return machine_->get(); }

  std::optional<std::string> seamcall(const Json& op) {
    auto lp = static_cast<u32>(number(op.at("lp")));
    if (lp >= machine_->profile().lps) throw std::invalid_argument("no such LP");
    seam_regs in{};
    for (const auto& reg : kRegisters) in.*reg.member = number_or(op, reg.name, 0);
    seam_regs out = in;
    auto outcome = machine_->execute(lp, out);
    const Json& expected = op.at("out");
    if (expected.contains("fatal")) {
      if (outcome == SEAM_VMFAIL_INVALID) return std::nullopt;
      return "expected the module to shut itself down, got rax " + hex(out.rax);
    }
    if (outcome != SEAM_RETURNED) {
      return "expected rax " + expected.at("rax").get<std::string>() +
             ", but the instruction failed (outcome " + std::to_string(outcome) + ")";
    }
    std::string wrong;
    for (const auto& reg : kRegisters) {
      std::uint64_t want = is_output(reg.name) ? number(expected.at(reg.name)) : in.*reg.member;
      std::uint64_t got = out.*reg.member;
      if (want != got) {
        wrong += std::string(wrong.empty() ? "" : "; ") + reg.name + " expected " + hex(want) + ", got " +
                 hex(got);
      }
    }
    if (wrong.empty()) return std::nullopt;
    return "SEAMCALL " + hex(in.rax) + " on LP " + std::to_string(lp) + ": " + wrong;
  }

  std::optional<std::string> read(const Json& op) {
    Bytes want = bytes_of(op.at("out").at("hex"));
    Bytes got(number(op.at("len")));
    machine_->read_memory(number(op.at("pa")), got.data(), got.size());
    for (std::size_t i = 0; i < std::max(want.size(), got.size()); ++i) {
      if (i >= want.size() || i >= got.size() || want[i] != got[i]) {
        std::size_t row = i & ~std::size_t{7};
        auto part = [row](const Bytes& b) {
          return hex(Bytes(b.begin() + static_cast<long>(std::min(row, b.size())),
                           b.begin() + static_cast<long>(std::min(row + 8, b.size()))));
        };
        return "memory at " + op.at("pa").get<std::string>() + " + " + std::to_string(i) + ": expected " +
               part(want) + ", got " + part(got);
      }
    }
    return std::nullopt;
  }

  void platform(const Json& op) {
    if (op.contains("lps")) {
      seam_profile profile = machine_->profile();
      profile.lps = static_cast<u32>(number(op.at("lps")));
      profile.packages = static_cast<u32>(number(op.at("packages")));
      for (u32 i = 1; i < profile.packages && i < SEAM_MAX_PACKAGES; ++i) profile.fms[i] = profile.fms[0];
      if (const char* wrong = seam_profile_check(&profile)) throw std::invalid_argument(wrong);
      machine_->power_on(profile);
    }
    if (op.contains("cmrs")) {
      std::vector<seam_range> cmrs;
      for (const auto& cmr : op.at("cmrs")) cmrs.push_back({number(cmr.at(0)), number(cmr.at(1))});
      check(seam_set_cmrs(machine(), cmrs.data(), static_cast<u32>(cmrs.size())));
    }
    if (op.contains("msr_reset")) seam_reset_msrs(machine());
    if (op.contains("cpuid_reset")) seam_reset_cpuid(machine());
    auto lp = static_cast<u32>(number_or(op, "lp", SEAM_ALL_LPS));
    if (op.contains("msr")) {
      for (const auto& [msr, value] : op.at("msr").items()) {
        check(seam_set_msr(machine(), lp, static_cast<u32>(std::stoul(msr, nullptr, 16)), number(value)));
      }
    }
    if (op.contains("cpuid")) cpuid(op.at("cpuid"));
    if (op.contains("rdrand_fail")) {
      seam_fail_rdrand(machine(), static_cast<u32>(number(op.at("rdrand_fail"))));
    }
    if (op.contains("seamops_capabilities")) {
      check(seam_set_seamops(machine(), lp, number(op.at("seamops_capabilities"))));
    }
    if (op.contains("sysinfo")) sysinfo(op.at("sysinfo"));
  }

  void cpuid(const Json& change) {
    const Json& lp = change.at("lp");
    check(seam_set_cpuid(
        machine(), lp == -1 ? SEAM_ALL_LPS : static_cast<u32>(number(lp)),
        static_cast<u32>(number(change.at("leaf"))), static_cast<u32>(number(change.at("subleaf"))),
        look_up<seam_cpuid_register>(
            change.at("reg"), {{"eax", SEAM_EAX}, {"ebx", SEAM_EBX}, {"ecx", SEAM_ECX}, {"edx", SEAM_EDX}}),
        static_cast<u32>(number(change.at("value")))));
  }

  void sysinfo(const Json& told) {
    seam_sysinfo info{};
    info.module_hv = static_cast<u16>(number_or(told, "module_hv", 0));
    info.min_update_hv = static_cast<u16>(number_or(told, "min_update_hv", 0));
    info.no_downgrade = static_cast<u8>(number_or(told, "no_downgrade", 0));
    info.handoff_pages = static_cast<u16>(number_or(told, "num_handoff_pages", 15));
    seam_set_sysinfo(machine(), &info);
  }

  static void check(bool there_was_room) {
    if (!there_was_room) throw std::length_error("more platform changes than the model keeps");
  }

  std::unique_ptr<seam_test::ModelMachine> machine_;
};

void replay_line(const std::string& line, const std::string& where, const PowerOn& power_on,
                 ReplayReport& report) {
  Json sequence = Json::parse(line, nullptr, false);
  if (!sequence.is_object() || !sequence.contains("ops")) {
    report.malformed.push_back(where + ": not a vector");
    return;
  }
  ++report.sequences;
  std::string at = where + ": " + sequence.value("id", "?") + ", op ";
  std::size_t index = 0;
  try {
    Replay replay(power_on);
    for (const auto& op : sequence.at("ops")) {
      ++index;
      ++report.ops;
      if (auto difference = replay.run(op)) {
        report.differences.push_back(at + std::to_string(index) + ": " + *difference);
      }
    }
  } catch (const std::exception& e) {
    report.malformed.push_back(at + std::to_string(index) + ": " + e.what());
  }
}

}  // namespace

std::unique_ptr<seam_test::ModelMachine> power_on_here(const seam_profile& profile) {
  return std::make_unique<seam_test::Machine>(profile);
}

std::unique_ptr<seam_test::ModelMachine> power_on_in_kernel(const seam_profile& profile) {
  return std::make_unique<seam_test::KernelMachine>(profile);
}

ReplayReport replay_vectors(const std::filesystem::path& file, const PowerOn& power_on) {
  ReplayReport report;
  std::ifstream in(file);
  if (!in) {
    report.malformed.push_back(file.string() + ": cannot be read");
    return report;
  }
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    replay_line(line, file.string() + ":" + std::to_string(number), power_on, report);
  }
  return report;
}

}  // namespace tdxctl
