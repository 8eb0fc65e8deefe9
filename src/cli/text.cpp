// SPDX-License-Identifier: MIT
#include "cli/text.h"

#include <algorithm>
#include <numeric>

namespace tdxctl::cli {
namespace {

std::string_view escape_code(Colour colour) {
  switch (colour) {
    case Colour::plain:
      return "";
    case Colour::bold:
      return "\x1b[1m";
    case Colour::faint:
      return "\x1b[2m";
    case Colour::good:
      return "\x1b[32m";
    case Colour::warn:
      return "\x1b[33m";
    case Colour::bad:
      return "\x1b[31m";
  }
  return "";
}

/// Bytes of the UTF-8 sequence that `text` starts with, or 0 when it is none. Overlong forms and surrogates
/// are none.
std::size_t utf8_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
  }
  if (lead == 0xE0 && at(1) < 0xA0) return 0;
  if (lead == 0xED && at(1) > 0x9F) return 0;
  if (lead == 0xF0 && at(1) < 0x90) return 0;
  if (lead == 0xF4 && at(1) > 0x8F) return 0;
  return length;
}

/// Whether the sequence is a control character: C0, DEL, or C1, which UTF-8 writes as C2 80 to C2 9F.
bool is_control(std::string_view sequence) {
  const auto lead = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return lead < 0x20 || lead == 0x7F;
  return lead == 0xC2 && static_cast<unsigned char>(sequence[1]) < 0xA0;
}

}  // namespace

std::string Style::paint(Colour colour_of, std::string_view text) const {
  if (!colour || colour_of == Colour::plain || text.empty()) return std::string(text);
  return std::string(escape_code(colour_of)).append(text).append("\x1b[0m");
}

std::string printable(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view sequence = text.substr(0, std::max<std::size_t>(length, 1));
    if (length != 0 && !is_control(sequence)) {
      shown += sequence;
    } else {
      for (const char byte : sequence) {
        const auto value = static_cast<unsigned char>(byte);
        shown += {'\\', 'x', kDigits[value >> 4], kDigits[value & 15]};
      }
    }
    text.remove_prefix(sequence.size());
  }
  return shown;
}

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

std::vector<std::size_t> Columns::widths() const {
  std::vector<std::size_t> columns;
  for (const auto& cells : rows_) {
    // The last cell of a row may be long without moving the others.
    for (std::size_t i = 0; i + 1 < cells.size(); ++i) {
      if (i == columns.size()) columns.push_back(0);
      columns[i] = std::max(columns[i], display_width(cells[i].text));
    }
  }
  return columns;
}

std::size_t Columns::width() const {
  const std::vector<std::size_t> columns = widths();
  std::size_t widest = 0;
  for (const auto& cells : rows_) {
    std::size_t width = indent_ + (cells.empty() ? 0 : display_width(cells.back().text));
    for (std::size_t i = 0; i + 1 < cells.size(); ++i) width += columns[i] + 2;
    widest = std::max(widest, width);
  }
  return widest;
}

std::string Columns::str() const {
  const std::vector<std::size_t> columns = widths();
  std::string text;
  for (const auto& cells : rows_) {
    std::size_t pending = indent_;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (!cells[i].text.empty()) {
        text.append(pending, ' ').append(style_.paint(cells[i].colour, cells[i].text));
        pending = 0;
      }
      if (i + 1 < cells.size()) pending += columns[i] + 2 - display_width(cells[i].text);
    }
    text += '\n';
  }
  return text;
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string lines;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    const bool fits = column > 0 && column + 1 + display_width(word) < width;
    if (fits) {
      lines += ' ';
      column += 1;
    } else {
      if (column > 0) lines += '\n';
      lines.append(indent, ' ');
      column = indent;
    }
    lines += word;
    column += display_width(word);
  }
  return lines + "\n";
}

std::string counted(std::uint64_t count, std::string_view thing) {
  std::string text = std::to_string(count).append(" ").append(thing);
  if (count != 1) text += 's';
  return text;
}

std::string join(const std::vector<std::string>& items, std::string_view separator) {
  std::string text;
  for (const std::string& item : items) {
    if (!text.empty()) text += separator;
    text += item;
  }
  return text;
}

std::string_view closest(std::string_view typed, const std::vector<std::string_view>& names) {
  // Levenshtein distance, one row at a time.
  const auto distance = [&](std::string_view name) {
    std::vector<std::size_t> row(name.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < typed.size(); ++i) {
      std::size_t diagonal = row[0]++;
      for (std::size_t j = 0; j < name.size(); ++j) {
        const std::size_t replaced = diagonal + (typed[i] == name[j] ? 0 : 1);
        diagonal = row[j + 1];
        row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
      }
    }
    return row.back();
  };
  std::string_view best;
  std::size_t best_distance = 1 + typed.size() / 3;
  for (const std::string_view name : names) {
    const std::size_t changes = distance(name);
    if (changes < best_distance || (changes == best_distance && best.empty())) {
      best = name;
      best_distance = changes;
    }
  }
  return best;
}

}  // namespace tdxctl::cli
