// SPDX-License-Identifier: MIT
#include "cli/text.h"

#include <gtest/gtest.h>

namespace tdxctl::cli {
namespace {

struct Shown {
  std::string_view from;
  std::string_view to;
};

TEST(Printable, EscapesWhatATerminalCouldObey) {
  const Shown cases[] = {
      {"plain", "plain"},
      {"a\nb\tc", "a\\x0ab\\x09c"},
      {"\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"},
      {"del\x7f", "del\\x7f"},
      {"caf\xc3\xa9", "caf\xc3\xa9"},
      {"c1 \xc2\x9b"
       "31m",
       "c1 \\xc2\\x9b31m"},
      {"bare \x9b", "bare \\x9b"},
      {"cut \xe2\x82", "cut \\xe2\\x82"},
      {"overlong \xc0\xaf", "overlong \\xc0\\xaf"},
      {"surrogate \xed\xa0\x80", "surrogate \\xed\\xa0\\x80"},
      {"high \xf4\x90\x80\x80", "high \\xf4\\x90\\x80\\x80"},
      {"last \xf4\x8f\xbf\xbf", "last \xf4\x8f\xbf\xbf"},
  };
  for (const Shown& each : cases) EXPECT_EQ(printable(each.from), each.to);
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
}

TEST(Style, PaintsOnlyWithColour) {
  EXPECT_EQ(Style{}.paint(Colour::bad, "no"), "no");
  EXPECT_EQ(Style{true}.paint(Colour::bad, "no"), "\x1b[31mno\x1b[0m");
  EXPECT_EQ(Style{true}.paint(Colour::plain, "no"), "no");
  EXPECT_EQ(Style{true}.paint(Colour::bad, ""), "");
}

TEST(Columns, AlignsByWhatIsSeen) {
  Columns rows(Style{true}, 2);
  rows.row({{"a", Colour::good}, {"1"}, {"x"}});
  rows.row({{"l\xc3\xa4ng"}, {"22"}, {"a last cell is as long as it likes"}});
  EXPECT_EQ(rows.str(),
            "  \x1b[32ma\x1b[0m     1   x\n  l\xc3\xa4ng  22  a last cell is as long as it likes\n");
}

TEST(Columns, LeavesNoBlanksAtTheEndOfALine) {
  Columns rows(Style{});
  rows.row({{"name"}, {"value"}, {""}});
  rows.row({{"longer name"}, {""}, {"note"}});
  EXPECT_EQ(rows.str(), "name         value\nlonger name         note\n");
}

TEST(Counted, KnowsOneFromMany) {
  EXPECT_EQ(counted(1, "package"), "1 package");
  EXPECT_EQ(counted(0, "package"), "0 packages");
  EXPECT_EQ(counted(2, "package"), "2 packages");
}

TEST(Closest, FindsATypingMistakeAndNothingElse) {
  const std::vector<std::string_view> verbs = {"status", "features", "metadata", "decode", "sim"};
  EXPECT_EQ(closest("statsu", verbs), "status");
  EXPECT_EQ(closest("feature", verbs), "features");
  EXPECT_EQ(closest("metdaata", verbs), "metadata");
  EXPECT_EQ(closest("xyzzy", verbs), "");
  EXPECT_EQ(closest("", verbs), "");
}

TEST(Columns, KnowsHowWideItIs) {
  Columns rows(Style{}, 2);
  EXPECT_EQ(rows.width(), 0u);
  rows.row({{"a"}, {"long"}, {"x"}});
  rows.row({{"bcd"}, {"e"}, {"and the rest"}});
  EXPECT_EQ(rows.width(), 2u + 3 + 2 + 4 + 2 + 12);
}

TEST(Wrapped, BreaksBetweenWordsAndNeverInOne) {
  EXPECT_EQ(wrapped("one two three", 2, 11), "  one two\n  three\n");
  EXPECT_EQ(wrapped("a 0123456789abcdef b", 2, 8), "  a\n  0123456789abcdef\n  b\n");
  EXPECT_EQ(wrapped("", 2, 8), "\n");
}

}  // namespace
}  // namespace tdxctl::cli
