// SPDX-License-Identifier: MIT
#include "cli/update_store.h"

#include <gtest/gtest.h>

#include "unit/core/fake_store.h"

namespace tdxctl::cli {
namespace {

class CountingJournal : public Journal {
 public:
  void send(std::span<const JournalField> /*fields*/) override { ++entries; }
  int entries = 0;
};

/// Only what the history needs.
class HistoryParts : public Parts {
 public:
  Result<std::unique_ptr<Drivers>> drivers(const DriverChoice& /*choice*/) override { std::abort(); }
  Machines& machines() override { std::abort(); }
  Files& files() override { std::abort(); }
  Clock& clock() override { std::abort(); }
  Store& store(const std::string& /*root*/) override { return kept; }
  Journal& journal(const std::string& /*root*/) override { return told; }

  test::FakeStore kept;
  CountingJournal told;
};

TEST(Note, KeepsWhatIsSimulatedFromThisHostsJournal) {
  struct Row {
    const char* driver;
    const char* root;
    int entries;
  };
  for (const Row& row : {Row{"auto", "/", 1}, Row{"native", "/", 1}, Row{"sim", "/", 0},
                         Row{"sim=machine.json", "/", 0}, Row{"sim", "/tree", 1}, Row{"auto", "/tree", 1}}) {
    HistoryParts parts;
    Context context(parts);
    context.options.driver = row.driver;
    context.options.root = row.root;
    ASSERT_TRUE(note(context, new_entry("wanted", "done")));
    EXPECT_EQ(parts.told.entries, row.entries) << row.driver << " " << row.root;
    EXPECT_EQ(read_history(parts.kept)->entries.size(), 1u);
  }
}

}  // namespace
}  // namespace tdxctl::cli
