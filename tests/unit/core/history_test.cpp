// SPDX-License-Identifier: MIT
#include "core/history.h"

#include <gmock/gmock.h>

#include "core/port/loader.h"
#include "core/rfc3339.h"
#include "unit/core/fake_drivers.h"
#include "unit/core/fake_store.h"

namespace tdxctl {
namespace {

HistoryEntry full_entry() {
  HistoryEntry entry{.action = "apply", .result = "failed"};
  entry.time = *parse_rfc3339("2026-11-21T13:34:20Z");
  entry.from = Version{1, 5, 16};
  entry.to = Version{1, 5, 20};
  entry.image_sha384 = "ab";
  entry.driver = "native";
  entry.boot_id = "c1";
  entry.features0 = 0xD1326F3F0FBF;
  entry.status = 0x8000000000020000;
  entry.outcome = "old-module";
  entry.error_id = "update_had_no_effect";
  entry.message = "a \"word\"\nand a line";
  entry.duration_ms = 12;
  entry.user = "uid 0";
  return entry;
}

TEST(HistoryLine, ReadsWhatItWrites) {
  const std::string line = to_line(full_entry());
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const History history = parse_history(line + "\n");
  ASSERT_EQ(history.entries.size(), 1u);
  EXPECT_TRUE(history.problems.empty());
  EXPECT_EQ(to_line(history.entries.front()), line);
}

TEST(HistoryLine, IsOneObjectWhateverIsInIt) {
  HistoryEntry entry = full_entry();
  entry.message = "\xff\xfe not UTF-8";
  EXPECT_EQ(parse_history(to_line(entry)).entries.size(), 1u);
}

TEST(ParseHistory, ATornLastLineCostsNothingElse) {
  const std::string line = to_line(full_entry());
  for (std::size_t length = 1; length < line.size(); ++length) {
    const History history = parse_history(line + "\n" + line.substr(0, length));
    ASSERT_EQ(history.entries.size(), 1u) << length;
    ASSERT_EQ(history.problems.size(), 1u) << length;
    EXPECT_EQ(history.problems.front(), "line 2 of the history is torn and is passed over");
  }
}

TEST(ParseHistory, PassesOverWhatIsNoEntry) {
  const std::string line = to_line(full_entry()) + "\n";
  const History history = parse_history("nonsense\n" + line + "{}\n\n[1]\n" + line);
  EXPECT_EQ(history.entries.size(), 2u);
  EXPECT_EQ(history.problems.size(), 3u);
}

TEST(AppendHistory, AddsBehindATornLine) {
  test::FakeStore store;
  store.put(kHistory, "{\"time\":");
  ASSERT_TRUE(append_history(store, full_entry()));
  const auto history = read_history(store);
  ASSERT_TRUE(history);
  EXPECT_EQ(history->entries.size(), 1u);
  EXPECT_EQ(history->problems.size(), 1u);
}

TEST(JournalFields, SayWhatTheHistorySays) {
  EXPECT_THAT(
      journal_fields(full_entry()),
      testing::ElementsAre(
          JournalField{"MESSAGE", "update apply failed, from 1.5.16 to 1.5.20: a \"word\"\nand a line"},
          JournalField{"PRIORITY", "3"}, JournalField{"SYSLOG_IDENTIFIER", "tdxctl"},
          JournalField{"TDXCTL_ACTION", "apply"}, JournalField{"TDXCTL_RESULT", "failed"},
          JournalField{"TDXCTL_FROM", "1.5.16"}, JournalField{"TDXCTL_TO", "1.5.20"},
          JournalField{"TDXCTL_IMAGE_SHA384", "ab"}, JournalField{"TDXCTL_DRIVER", "native"},
          JournalField{"TDXCTL_OUTCOME", "old-module"},
          JournalField{"TDXCTL_ERROR_ID", "update_had_no_effect"}));
}

TEST(UpdateWasBrokenOff, IsUpToTheLastUpdate) {
  test::FakeStore store;
  test::FakePlatform platform;
  EXPECT_EQ(*update_was_broken_off(store, platform), false);
  const std::pair<HistoryEntry, bool> entries[] = {
      {{.action = "apply", .result = "begun"}, true},   {{.action = "apply", .result = "failed"}, true},
      {{.action = "stage", .result = "done"}, true},    {{.action = "recover", .result = "begun"}, true},
      {{.action = "recover", .result = "done"}, false}, {{.action = "stage", .result = "failed"}, false},
      {{.action = "apply", .result = "failed"}, true},  {{.action = "load", .result = "begun"}, false},
  };
  for (const auto& [entry, broken_off] : entries) {
    ASSERT_TRUE(append_history(store, entry));
    EXPECT_EQ(*update_was_broken_off(store, platform), broken_off) << to_line(entry);
  }
}

TEST(UpdateWasBrokenOff, NotWhereAModuleRanAfterIt) {
  const std::pair<UpdateOutcome, bool> outcomes[] = {{UpdateOutcome::old_module, false},
                                                     {UpdateOutcome::new_module, false},
                                                     {UpdateOutcome::no_module, true},
                                                     {UpdateOutcome::unknown, true}};
  for (const auto& [outcome, broken_off] : outcomes) {
    test::FakeStore store;
    test::FakePlatform platform;
    HistoryEntry entry{.action = "apply", .result = "failed"};
    entry.outcome = to_string(outcome);
    ASSERT_TRUE(append_history(store, entry));
    EXPECT_EQ(*update_was_broken_off(store, platform), broken_off) << entry.outcome;
  }
}

TEST(UpdateWasBrokenOff, IsOverWithTheBoot) {
  test::FakeStore store;
  test::FakePlatform platform;
  HistoryEntry entry{.action = "apply", .result = "begun"};
  entry.boot_id = "c1";
  ASSERT_TRUE(append_history(store, entry));
  EXPECT_TRUE(*update_was_broken_off(store, platform)) << "nothing tells which boot this is";
  platform.boot = "c1";
  EXPECT_TRUE(*update_was_broken_off(store, platform));
  platform.boot = "c2";
  EXPECT_FALSE(*update_was_broken_off(store, platform));
  entry.boot_id.clear();
  ASSERT_TRUE(append_history(store, entry));
  EXPECT_TRUE(*update_was_broken_off(store, platform)) << "nobody knows which boot it was";
}

TEST(UpdateWasBrokenOff, ASimulatedMachineAndARealOneKnowNothingOfEachOther) {
  test::FakeStore store;
  test::FakePlatform platform;
  HistoryEntry entry{.action = "apply", .result = "begun"};
  entry.driver = "sim";
  ASSERT_TRUE(append_history(store, entry));
  EXPECT_FALSE(*update_was_broken_off(store, platform));
  platform.simulated = true;
  EXPECT_TRUE(*update_was_broken_off(store, platform));
  entry.driver = "helper";
  entry.result = "done";
  ASSERT_TRUE(append_history(store, entry));
  EXPECT_TRUE(*update_was_broken_off(store, platform));
}

TEST(JournalFields, LeaveOutWhatSaysNothing) {
  EXPECT_THAT(
      journal_fields({.action = "wanted", .result = "done"}),
      testing::ElementsAre(JournalField{"MESSAGE", "update wanted done"}, JournalField{"PRIORITY", "5"},
                           JournalField{"SYSLOG_IDENTIFIER", "tdxctl"},
                           JournalField{"TDXCTL_ACTION", "wanted"}, JournalField{"TDXCTL_RESULT", "done"}));
}

TEST(Rfc3339, ReadsWhatItWritesAndNothingElse) {
  for (const char* text : {"2026-11-21T13:34:20Z", "1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z"}) {
    ASSERT_TRUE(parse_rfc3339(text)) << text;
    EXPECT_EQ(rfc3339(*parse_rfc3339(text)), text);
  }
  for (const char* text : {"", "2026-11-21", "2026-02-30T00:00:00Z", "2026-11-21T24:00:00Z",
                           "2026-11-21 13:34:20Z", "2026-11-21T13:34:20z", "x026-11-21T13:34:20Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

}  // namespace
}  // namespace tdxctl
