// SPDX-License-Identifier: MIT
#include "core/image/container.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/hex.h"

namespace tdxctl::image {
namespace {

static_assert(std::endian::native == std::endian::little, "headers are copied as they lie in the file");

constexpr std::array<char, 8> kMagic = {'T', 'D', 'X', '-', 'B', 'L', 'O', 'B'};
constexpr std::size_t kSigstructAt = kPageBytes;
constexpr std::size_t kModuleAt = 2 * kPageBytes;
constexpr std::size_t kReservedAt = 20;  // in both forms

struct Header0x100 {
  std::uint16_t version;
  std::uint16_t checksum;
  std::uint32_t module_offset;
  std::array<char, 8> magic;
  std::uint32_t file_bytes;
  std::array<std::uint8_t, kPageBytes - kReservedAt> reserved;
};
static_assert(sizeof(Header0x100) == kPageBytes && offsetof(Header0x100, magic) == 8);

struct Header0x200 {
  std::uint16_t version;
  std::uint16_t checksum;
  std::array<char, 8> magic;
  std::uint32_t sigstruct_pages;
  std::uint32_t module_pages;
  std::array<std::uint8_t, kPageBytes - kReservedAt> reserved;
};
static_assert(sizeof(Header0x200) == kPageBytes && offsetof(Header0x200, magic) == 4);

template <class Header>
struct File {
  Bytes bytes;
  Header header;
};

template <class Header>
File<Header> read_header(Bytes bytes) {
  File<Header> file{bytes, {}};
  std::memcpy(&file.header, bytes.data(), sizeof file.header);
  return file;
}

std::string pages(std::uint64_t count) { return std::to_string(count) + (count == 1 ? " page" : " pages"); }
std::string bytes_text(std::uint64_t count) { return std::to_string(count) + " bytes"; }

Finding all_zero(Bytes bytes, std::size_t from, std::size_t to) {
  const Bytes part = bytes.subspan(from, to - from);
  const auto set = std::ranges::find_if(part, [](std::uint8_t byte) { return byte != 0; });
  if (set == part.end()) return ok("all zero");
  return bad("byte " + hex(from + static_cast<std::size_t>(set - part.begin())) + " is " + hex(*set, 2));
}

Finding module_is_whole(std::size_t module_bytes) {
  return holds(module_bytes % kPageBytes == 0, bytes_text(module_bytes));
}
Finding module_is_there(std::size_t module_bytes) {
  return holds(module_bytes > 0, bytes_text(module_bytes));
}
Finding module_is_loadable(std::size_t module_bytes) {
  return holds(module_bytes <= kMaxModulePages * kPageBytes, bytes_text(module_bytes));
}

bool usable_module(std::size_t module_bytes) {
  return module_bytes > 0 && module_bytes % kPageBytes == 0 && module_bytes <= kMaxModulePages * kPageBytes;
}

// The rules that both forms, or a container and separate files, share.
constexpr Rule kShortRule = {ErrorId::image_too_short, "the file holds at least a header page"};
constexpr Rule kVersionRule = {ErrorId::image_version, "the version is that of a known container"};
constexpr Rule kMagicRule = {ErrorId::image_magic, "the magic is 'TDX-BLOB'"};
constexpr Rule kReservedRule = {ErrorId::image_reserved, "the reserved bytes of the header are zero"};
constexpr Rule kLengthRule = {ErrorId::image_length, "the file is as long as its header says"};
constexpr Rule kOffsetRule = {ErrorId::image_module_offset,
                              "the module starts on a page of the file behind the header"};
constexpr Rule kSigstructPagesRule = {ErrorId::image_sigstruct_pages, "the sigstruct takes exactly one page"};
constexpr Rule kSigstructLengthRule = {ErrorId::image_sigstruct_length,
                                       "the sigstruct has 2048 bytes, or a page of 4096"};
constexpr Rule kPaddingRule = {ErrorId::image_sigstruct_padding,
                               "the page of the sigstruct is filled with zeros"};
constexpr Rule kMissingRule = {ErrorId::image_module_missing, "there is a module", "SEAMLDR_EBADPARAM"};
constexpr Rule kTooLargeRule = {ErrorId::image_module_too_large, "the module has at most 496 pages",
                                "SEAMLDR_EBADPARAM"};
constexpr Rule kUnalignedRule = {ErrorId::image_module_unaligned, "the module is a whole number of pages"};
constexpr Rule kChecksumRule = {ErrorId::image_checksum, "the 16-bit words of the file add up to zero"};

constexpr RuleRow<Bytes> kFileRules[] = {
    {kShortRule, [](const Bytes& file) { return holds(file.size() >= kPageBytes, bytes_text(file.size())); }},
    {kVersionRule,
     [](const Bytes& file) {
       std::uint16_t version = 0;
       if (file.size() < sizeof version) return skipped("the file is too short");
       std::memcpy(&version, file.data(), sizeof version);
       return holds(version == 0x100 || version == 0x200, hex(version, 4));
     }},
};

template <class Header>
Finding magic_is_right(const File<Header>& file) {
  return holds(file.header.magic == kMagic, file.header.magic == kMagic ? "'TDX-BLOB'" : "something else");
}
template <class Header>
Finding reserved_is_zero(const File<Header>& file) {
  return all_zero(file.bytes, kReservedAt, kPageBytes);
}
template <class Header>
Finding padding_is_zero(const File<Header>& file) {
  if (file.bytes.size() < kModuleAt) return skipped("the file ends before it");
  return all_zero(file.bytes, kSigstructAt + kSigstructBytes, kModuleAt);
}
template <class Header>
Finding checksum_is_right(const File<Header>& file) {
  const std::uint16_t sum = sum16(file.bytes);
  return holds(sum == 0, "they add up to " + hex(sum, 4));
}

// --- 0x100 ---

using File0x100 = File<Header0x100>;

bool offset_is_usable(const File0x100& file) {
  const std::uint32_t offset = file.header.module_offset;
  return offset % kPageBytes == 0 && offset >= kPageBytes && offset <= file.bytes.size();
}

std::size_t module_bytes(const File0x100& file) { return file.bytes.size() - file.header.module_offset; }

template <Finding (*test)(std::size_t)>
Finding about_module(const File0x100& file) {
  return offset_is_usable(file) ? test(module_bytes(file))
                                : skipped("it is not known where the module starts");
}

constexpr RuleRow<File0x100> kRules0x100[] = {
    {kMagicRule, magic_is_right<Header0x100>},
    {kLengthRule,
     [](const File0x100& file) {
       return holds(file.header.file_bytes == file.bytes.size(),
                    "the header says " + bytes_text(file.header.file_bytes) + ", the file has " +
                        bytes_text(file.bytes.size()));
     }},
    {kReservedRule, reserved_is_zero<Header0x100>},
    {kOffsetRule,
     [](const File0x100& file) { return holds(offset_is_usable(file), hex(file.header.module_offset)); }},
    {kSigstructPagesRule,
     [](const File0x100& file) {
       if (!offset_is_usable(file)) return skipped("it is not known where the module starts");
       const std::size_t count = file.header.module_offset / kPageBytes - 1;
       return holds(count == 1, pages(count));
     }},
    {kMissingRule, about_module<module_is_there>},
    {kTooLargeRule, about_module<module_is_loadable>},
    {kUnalignedRule, about_module<module_is_whole>},
    {kPaddingRule, padding_is_zero<Header0x100>},
    {kChecksumRule, checksum_is_right<Header0x100>},
};

Bytes find_module(const File0x100& file) {
  if (file.header.module_offset != kModuleAt || !offset_is_usable(file)) return {};
  return usable_module(module_bytes(file)) ? file.bytes.subspan(kModuleAt) : Bytes{};
}

// --- 0x200 ---

using File0x200 = File<Header0x200>;

// Tested before any count is multiplied.
bool counts_are_usable(const Header0x200& header) {
  return header.sigstruct_pages == 1 && header.module_pages >= 1 && header.module_pages <= kMaxModulePages;
}

constexpr RuleRow<File0x200> kRules0x200[] = {
    {kMagicRule, magic_is_right<Header0x200>},
    {kReservedRule, reserved_is_zero<Header0x200>},
    {kSigstructPagesRule,
     [](const File0x200& file) {
       return holds(file.header.sigstruct_pages == 1, pages(file.header.sigstruct_pages));
     }},
    {kMissingRule,
     [](const File0x200& file) {
       return holds(file.header.module_pages > 0, pages(file.header.module_pages));
     }},
    {kTooLargeRule,
     [](const File0x200& file) {
       return holds(file.header.module_pages <= kMaxModulePages, pages(file.header.module_pages));
     }},
    {kLengthRule,
     [](const File0x200& file) {
       if (!counts_are_usable(file.header)) return skipped("the page counts are wrong");
       const std::size_t expected = kModuleAt + file.header.module_pages * kPageBytes;
       return holds(expected == file.bytes.size(), "the page counts ask for " + bytes_text(expected) +
                                                       ", the file has " + bytes_text(file.bytes.size()));
     }},
    {kPaddingRule, padding_is_zero<Header0x200>},
    {kChecksumRule, checksum_is_right<Header0x200>},
};

Bytes find_module(const File0x200& file) {
  if (!counts_are_usable(file.header)) return {};
  const std::size_t length = file.header.module_pages * kPageBytes;
  return file.bytes.size() >= kModuleAt + length ? file.bytes.subspan(kModuleAt, length) : Bytes{};
}

template <class Header>
void check_as(std::span<const RuleRow<File<Header>>> rules, Bytes bytes, Container& container,
              std::vector<Check>& checks) {
  const File<Header> file = read_header<Header>(bytes);
  run_rules(rules, file, checks);
  container.checksum = file.header.checksum;
  container.parts.module = find_module(file);
  if (bytes.size() >= kSigstructAt + kSigstructBytes) {
    container.parts.sigstruct = bytes.subspan(kSigstructAt, kSigstructBytes);
  }
}

// --- separate files ---

constexpr RuleRow<Bytes> kSigstructFileRules[] = {
    {kSigstructLengthRule,
     [](const Bytes& file) {
       return holds(file.size() == kSigstructBytes || file.size() == kPageBytes, bytes_text(file.size()));
     }},
    {kPaddingRule,
     [](const Bytes& file) {
       return file.size() == kPageBytes ? all_zero(file, kSigstructBytes, kPageBytes)
                                        : skipped("there is none");
     }},
};

constexpr RuleRow<Bytes> kModuleFileRules[] = {
    {kMissingRule, [](const Bytes& file) { return module_is_there(file.size()); }},
    {kTooLargeRule, [](const Bytes& file) { return module_is_loadable(file.size()); }},
    {kUnalignedRule, [](const Bytes& file) { return module_is_whole(file.size()); }},
};

}  // namespace

std::string_view to_string(Format format) { return format == Format::v0x100 ? "0x100" : "0x200"; }

std::optional<Format> detect_format(Bytes file) {
  if (file.size() < sizeof(std::uint16_t) + sizeof kMagic + sizeof(std::uint32_t) * 2) return std::nullopt;
  std::uint16_t version = 0;
  std::memcpy(&version, file.data(), sizeof version);
  if (version == 0x100) return Format::v0x100;
  if (version == 0x200) return Format::v0x200;
  const auto magic_at = [&](std::size_t offset) {
    return std::memcmp(file.data() + offset, kMagic.data(), kMagic.size()) == 0;
  };
  if (magic_at(offsetof(Header0x100, magic))) return Format::v0x100;
  if (magic_at(offsetof(Header0x200, magic))) return Format::v0x200;
  return std::nullopt;
}

FileKind detect_kind(Bytes file) {
  constexpr std::array<std::uint8_t, 8> kSigstructStart = {6, 0, 0, 0, 0xE1, 0, 0, 0};
  constexpr std::array<std::uint8_t, 4> kElfStart = {0x7F, 'E', 'L', 'F'};
  const auto starts_with = [&](Bytes start) {
    return file.size() >= start.size() && std::ranges::equal(file.first(start.size()), start);
  };
  if (starts_with(kElfStart)) return FileKind::module;
  if (starts_with(kSigstructStart)) return FileKind::sigstruct;
  return detect_format(file) ? FileKind::container : FileKind::unknown;
}

Container check_container(Bytes file, std::vector<Check>& checks) {
  Container container;
  container.format = detect_format(file);
  run_rules<Bytes>(kFileRules, file, checks);
  if (file.size() < kPageBytes || !container.format) return container;
  if (*container.format == Format::v0x100) {
    check_as<Header0x100>(kRules0x100, file, container, checks);
  } else {
    check_as<Header0x200>(kRules0x200, file, container, checks);
  }
  return container;
}

Parts check_parts(Bytes sigstruct_file, Bytes module_file, std::vector<Check>& checks) {
  run_rules<Bytes>(kSigstructFileRules, sigstruct_file, checks);
  run_rules<Bytes>(kModuleFileRules, module_file, checks);
  Parts parts;
  if (sigstruct_file.size() >= kSigstructBytes) parts.sigstruct = sigstruct_file.first(kSigstructBytes);
  if (usable_module(module_file.size())) parts.module = module_file;
  return parts;
}

Result<Container> parse_container(Bytes file) {
  std::vector<Check> checks;
  Container container = check_container(file, checks);
  if (const Check* broken = first_with(Verdict::bad, checks)) return fail(to_error(*broken));
  return container;
}

std::uint16_t sum16(Bytes bytes) {
  // Eight sums side by side, so that the compiler can use vector registers.
  std::array<std::uint16_t, 8> sums{};
  std::size_t at = 0;
  for (; bytes.size() - at >= sizeof sums; at += sizeof sums) {
    std::array<std::uint16_t, 8> words;
    std::memcpy(words.data(), bytes.data() + at, sizeof words);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = static_cast<std::uint16_t>(sums[i] + words[i]);
  }
  std::uint32_t sum = 0;
  for (const std::uint16_t part : sums) sum += part;
  for (std::size_t i = at; i < bytes.size(); ++i) sum += std::uint32_t{bytes[i]} << (i % 2 == 0 ? 0 : 8);
  return static_cast<std::uint16_t>(sum);
}

Result<HeaderPage> make_header(Format format, const Parts& parts) {
  std::vector<Check> checks;
  check_parts(parts.sigstruct, parts.module, checks);
  if (const Check* broken = first_with(Verdict::bad, checks)) return fail(to_error(*broken));

  const std::size_t file_bytes = kModuleAt + parts.module.size();
  HeaderPage page{};
  const auto seal = [&](auto header) {
    std::memcpy(page.data(), &header, sizeof header);
    const auto sum = static_cast<std::uint16_t>(sum16(page) + sum16(parts.sigstruct) + sum16(parts.module));
    header.checksum = static_cast<std::uint16_t>(-sum);
    std::memcpy(page.data(), &header, sizeof header);
  };
  if (format == Format::v0x100) {
    seal(Header0x100{.version = 0x100,
                     .checksum = 0,
                     .module_offset = kModuleAt,
                     .magic = kMagic,
                     .file_bytes = static_cast<std::uint32_t>(file_bytes),
                     .reserved = {}});
  } else {
    seal(Header0x200{.version = 0x200,
                     .checksum = 0,
                     .magic = kMagic,
                     .sigstruct_pages = 1,
                     .module_pages = static_cast<std::uint32_t>(parts.module.size() / kPageBytes),
                     .reserved = {}});
  }
  return page;
}

Result<std::vector<std::uint8_t>> build_container(Format format, const Parts& parts) {
  const Result<HeaderPage> header = make_header(format, parts);
  if (!header) return fail(header.error());
  std::vector<std::uint8_t> file;
  file.reserve(kModuleAt + parts.module.size());
  file.insert(file.end(), header->begin(), header->end());
  file.insert(file.end(), parts.sigstruct.begin(), parts.sigstruct.end());
  file.resize(kModuleAt);
  file.insert(file.end(), parts.module.begin(), parts.module.end());
  return file;
}

Result<std::vector<std::uint8_t>> convert(Bytes file, Format to) {
  const Result<Container> container = parse_container(file);
  if (!container) return fail(container.error());
  return build_container(to, container->parts);
}

}  // namespace tdxctl::image
