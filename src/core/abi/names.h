// SPDX-License-Identifier: MIT
// Names as people and logs spell them: TDH.SYS.INIT, TDH_SYS_INIT and tdh-sys-init are one name.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tdxctl::abi {

namespace names_detail {
constexpr bool separates(char c) { return c == '.' || c == '-' || c == '_' || c == ' '; }
constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
}  // namespace names_detail

/// What is left of text after prefix; nothing where text does not start with it. Case and separators do not
/// matter.
constexpr std::optional<std::string_view> after_prefix(std::string_view text, std::string_view prefix) {
  using names_detail::separates, names_detail::upper;
  std::size_t t = 0;
  for (std::size_t p = 0; p < prefix.size(); ++p) {
    if (separates(prefix[p])) continue;
    while (t < text.size() && separates(text[t])) ++t;
    if (t == text.size() || upper(text[t]) != upper(prefix[p])) return std::nullopt;
    ++t;
  }
  while (t < text.size() && separates(text[t])) ++t;
  return text.substr(t);
}

/// Whether two names are the same but for case and separators. An empty name is the same as none.
constexpr bool same_name(std::string_view a, std::string_view b) {
  const auto rest = after_prefix(a, b);
  return rest && rest->empty() && after_prefix(a, {}) != std::string_view{};
}

static_assert(same_name("TDH_SYS_INIT", "tdh.sys.init") && same_name("sys-disable", "SYS_DISABLE"));
static_assert(!same_name("TDH.SYS.INFO", "TDH.SYS.INIT") && !same_name("A", "AB") && !same_name("AB", "A"));
static_assert(!same_name("", "") && !same_name("", "A") && !same_name("A", "") && !same_name("_", ""));

/// Text from outside, safe to show in a sentence: in single quotes, printable ASCII only, cut after 40
/// characters.
inline std::string quoted(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  std::string out = "'";
  for (const char c : text.substr(0, kLongest)) out += c >= ' ' && c <= '~' ? c : '?';
  return out += text.size() > kLongest ? "...'" : "'";
}

}  // namespace tdxctl::abi
