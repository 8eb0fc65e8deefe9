// SPDX-License-Identifier: MIT
#include "core/image/elf.h"

#include <elf.h>

#include <cstring>
#include <optional>

#include "core/hex.h"

namespace tdxctl::image {
namespace {

constexpr std::string_view kBadParam = "SEAMLDR_EBADPARAM";

// What the relocation tables of a module showed: the first thing wrong of each kind.
struct Relocations {
  bool headers_read = false;  // all section headers could be looked at
  std::size_t count = 0;
  std::optional<std::string> bad_sections;
  std::optional<std::string> bad_table;
  std::optional<std::string> bad_type;
  std::optional<std::string> bad_offset;
  std::optional<std::string> bad_addend;
};

struct Subject {
  Elf64_Ehdr header;
  Relocations relocations;
};

// Copies a T out of the module; nothing where it does not lie inside.
template <class T>
std::optional<T> read_at(Bytes module, std::uint64_t offset) {
  if (module.size() < sizeof(T) || offset > module.size() - sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, module.data() + offset, sizeof value);
  return value;
}

void note(std::optional<std::string>& place, std::string what) {
  if (!place) place = std::move(what);
}

// Offsets in the module are addresses in memory, so the table is at sh_addr, not at sh_offset.
void scan_table(Bytes module, const Elf64_Shdr& section, Relocations& found) {
  for (std::uint64_t at = 0; at < section.sh_size; at += sizeof(Elf64_Rela)) {
    const auto entry = read_at<Elf64_Rela>(module, section.sh_addr + at);
    if (!entry) return;
    ++found.count;
    // Words only for what is wrong: there are thousands of entries.
    const auto where = [&] { return "relocation " + std::to_string(found.count); };
    if (entry->r_info != R_X86_64_RELATIVE) note(found.bad_type, where() + " has type " + hex(entry->r_info));
    if (entry->r_offset > module.size() - sizeof(std::uint64_t)) {
      note(found.bad_offset, where() + " is for " + hex(entry->r_offset));
    }
    if (static_cast<std::uint64_t>(entry->r_addend) >= module.size()) {
      note(found.bad_addend, where() + " points to " + hex(static_cast<std::uint64_t>(entry->r_addend)));
    }
  }
}

bool inside(Bytes module, std::uint64_t offset, std::uint64_t bytes) {
  return bytes <= module.size() && offset <= module.size() - bytes;
}

Relocations scan_relocations(Bytes module, const Elf64_Ehdr& header) {
  Relocations found;
  std::uint64_t table_bytes = 0;
  if (header.e_shnum != 0 && header.e_shentsize != sizeof(Elf64_Shdr)) {
    found.bad_sections = "a section header has " + std::to_string(header.e_shentsize) + " bytes";
    return found;
  }
  if (!inside(module, header.e_shoff, std::uint64_t{header.e_shnum} * sizeof(Elf64_Shdr))) {
    found.bad_sections = std::to_string(header.e_shnum) + " headers at " + hex(header.e_shoff);
    return found;
  }
  found.headers_read = true;
  for (std::uint64_t i = 0; i < header.e_shnum; ++i) {
    const auto section = read_at<Elf64_Shdr>(module, header.e_shoff + i * sizeof(Elf64_Shdr));
    if (section->sh_type != SHT_RELA) continue;
    const std::string where = "section " + std::to_string(i);
    if (section->sh_entsize != sizeof(Elf64_Rela) || section->sh_size % sizeof(Elf64_Rela) != 0) {
      note(found.bad_table, where + " has " + std::to_string(section->sh_size) + " bytes in entries of " +
                                std::to_string(section->sh_entsize));
      continue;
    }
    if (!inside(module, section->sh_addr, section->sh_size)) {
      note(found.bad_table, where + " ends outside the module");
      continue;
    }
    // Tables that overlap could make a small file take hours.
    table_bytes += section->sh_size;
    if (table_bytes > module.size()) {
      note(found.bad_table, where + " overlaps others");
      break;
    }
    scan_table(module, *section, found);
  }
  return found;
}

Finding none_bad(const Subject& s, const std::optional<std::string>& wrong) {
  if (wrong) return bad(*wrong);
  if (!s.relocations.headers_read) return skipped("the section headers cannot be read");
  return ok(std::to_string(s.relocations.count) + " relocations");
}

using enum ErrorId;

constexpr RuleRow<Subject> kRules[] = {
    {{image_elf_magic, "the module starts with the magic of ELF", kBadParam},
     [](const Subject& s) {
       const bool is_elf = std::memcmp(s.header.e_ident, ELFMAG, SELFMAG) == 0;
       return holds(is_elf, is_elf ? "ELF" : "something else");
     }},
    {{image_elf_class, "the module is a 64-bit file", kBadParam},
     [](const Subject& s) {
       return holds(s.header.e_ident[EI_CLASS] == ELFCLASS64,
                    "class " + std::to_string(s.header.e_ident[EI_CLASS]));
     }},
    {{image_elf_byte_order, "the module is little endian", kBadParam},
     [](const Subject& s) {
       return holds(s.header.e_ident[EI_DATA] == ELFDATA2LSB,
                    "byte order " + std::to_string(s.header.e_ident[EI_DATA]));
     }},
    {{image_elf_version, "the ELF version is 1", kBadParam},
     [](const Subject& s) {
       return holds(s.header.e_ident[EI_VERSION] == EV_CURRENT, std::to_string(s.header.e_ident[EI_VERSION]));
     }},
    {{image_elf_sections, "the section headers lie inside the module", kBadParam},
     [](const Subject& s) {
       return s.relocations.bad_sections ? bad(*s.relocations.bad_sections)
                                         : ok(std::to_string(s.header.e_shnum) + " sections");
     }},
    {{image_elf_rela_table, "relocation tables are whole, inside the module, and apart from each other",
      kBadParam},
     [](const Subject& s) { return none_bad(s, s.relocations.bad_table); }},
    {{image_elf_rela_type, "all relocations are of type R_X86_64_RELATIVE", kBadParam},
     [](const Subject& s) { return none_bad(s, s.relocations.bad_type); }},
    {{image_elf_rela_offset, "all relocations are for places inside the module", kBadParam},
     [](const Subject& s) { return none_bad(s, s.relocations.bad_offset); }},
    {{image_elf_rela_addend, "all relocations point into the module", kBadParam},
     [](const Subject& s) { return none_bad(s, s.relocations.bad_addend); }},
};

}  // namespace

void check_elf(Bytes module, std::vector<Check>& checks) {
  const auto header = read_at<Elf64_Ehdr>(module, 0);
  if (!header) return skip_rules<Subject>(kRules, "there is no module", checks);
  run_rules<Subject>(kRules, {*header, scan_relocations(module, *header)}, checks);
}

}  // namespace tdxctl::image
