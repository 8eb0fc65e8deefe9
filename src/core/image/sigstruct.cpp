// SPDX-License-Identifier: MIT
#include "core/image/sigstruct.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/abi/bits.h"
#include "core/abi/fms.h"
#include "core/hex.h"

namespace tdxctl::image {
namespace {

static_assert(std::endian::native == std::endian::little, "fields are copied as they lie in the file");

// The number that the hexadecimal digits high:low spell in decimal; nothing where one of them is a letter.
std::optional<unsigned> decimal_digits(std::uint32_t bcd, unsigned high, unsigned low) {
  unsigned number = 0;
  for (unsigned digit = high + 1; digit-- > low;) {
    const auto value = static_cast<unsigned>(abi::field(bcd, digit * 4 + 3, digit * 4));
    if (value > 9) return std::nullopt;
    number = number * 10 + value;
  }
  return number;
}

std::string with_zeros(unsigned number, std::size_t digits) {
  std::string text = std::to_string(number);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return text;
}

}  // namespace

std::string to_string(const Svn& svn) { return std::to_string(svn.major) + "." + std::to_string(svn.minor); }

Sigstruct read_sigstruct(std::span<const std::uint8_t, kSigstructBytes> bytes) {
  Sigstruct sigstruct;
  std::memcpy(&sigstruct, bytes.data(), sizeof sigstruct);
  return sigstruct;
}

bool is_debug(const Sigstruct& sigstruct) { return abi::bit(sigstruct.module_type, 31); }

Svn svn(const Sigstruct& sigstruct) { return {sigstruct.svn_major, sigstruct.svn_minor}; }

std::optional<std::chrono::year_month_day> date(const Sigstruct& sigstruct) {
  const auto year = decimal_digits(sigstruct.date_bcd, 7, 4);
  const auto month = decimal_digits(sigstruct.date_bcd, 3, 2);
  const auto day = decimal_digits(sigstruct.date_bcd, 1, 0);
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day));
  if (!date.ok()) return std::nullopt;
  return date;
}

std::string to_string(const std::chrono::year_month_day& date) {
  return with_zeros(static_cast<unsigned>(static_cast<int>(date.year())), 4) + "-" +
         with_zeros(static_cast<unsigned>(date.month()), 2) + "-" +
         with_zeros(static_cast<unsigned>(date.day()), 2);
}

std::vector<std::uint32_t> cpus(const Sigstruct& sigstruct) {
  const std::size_t count = std::min<std::size_t>(sigstruct.cpu_count, sigstruct.cpus.size());
  std::vector<std::uint32_t> list(sigstruct.cpus.begin(), sigstruct.cpus.begin() + count);
  for (std::uint32_t& fms : list) fms = abi::without_stepping(fms);
  return list;
}

std::string cpu_name(std::uint32_t fms) {
  const abi::TdxCpu* const cpu = abi::find_tdx_cpu(fms);
  return cpu != nullptr ? std::string(cpu->name) : "CPU " + hex(fms);
}

std::optional<BuildInfo> build_info(const Sigstruct& sigstruct) {
  const BuildInfo info = {{sigstruct.build_major, sigstruct.build_minor, sigstruct.build_update},
                          sigstruct.build_number,
                          sigstruct.build_unknown};
  if (info.version == Version{} && info.build_number == 0 && info.unknown == 0) return std::nullopt;
  return info;
}

std::array<std::uint8_t, kSignedBytes> signed_message(const Sigstruct& sigstruct) {
  std::array<std::uint8_t, kSigstructBytes> bytes;
  std::memcpy(bytes.data(), &sigstruct, sizeof sigstruct);
  std::array<std::uint8_t, kSignedBytes> message;
  const auto body = std::copy_n(bytes.begin(), offsetof(Sigstruct, modulus), message.begin());
  std::copy(bytes.begin() + offsetof(Sigstruct, seamhash), bytes.end(), body);
  return message;
}

}  // namespace tdxctl::image
