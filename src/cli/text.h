// SPDX-License-Identifier: MIT
// Text for people: columns, colours, and nothing that a terminal could take for a command.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tdxctl::cli {

enum class Colour : std::uint8_t { plain, bold, faint, good, warn, bad };

/// How text is to look. The default is that of a file or a pipe.
struct Style {
  bool colour = false;
  std::size_t width = 0;  ///< columns of the terminal; 0 where lines may be as long as they are

  [[nodiscard]] std::string paint(Colour colour_of, std::string_view text) const;
};

/// Text from outside in a form that is safe to show: control characters and bytes that are not UTF-8 become
/// \xNN.
std::string printable(std::string_view text);

/// Columns that a cell takes on a terminal, for text that is printable.
std::size_t display_width(std::string_view text);

struct Cell {
  std::string text;
  Colour colour = Colour::plain;
};

/// Rows of cells, each column as wide as its widest cell, two spaces between columns, nothing after the last.
class Columns {
 public:
  explicit Columns(const Style& style, std::size_t indent = 0) : style_(style), indent_(indent) {}

  void row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] std::string str() const;
  /// Columns that the widest row takes.
  [[nodiscard]] std::size_t width() const;

 private:
  [[nodiscard]] std::vector<std::size_t> widths() const;

  Style style_;
  std::size_t indent_;
  std::vector<std::vector<Cell>> rows_;
};

/// The words of a text on lines that end before that column, all indented. A word that is longer stays whole.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width);

/// "1 package", "2 packages".
std::string counted(std::uint64_t count, std::string_view thing);

/// The items with a separator between them.
std::string join(const std::vector<std::string>& items, std::string_view separator);

/// The name closest to what was typed, or nothing when none is close.
std::string_view closest(std::string_view typed, const std::vector<std::string_view>& names);

}  // namespace tdxctl::cli
