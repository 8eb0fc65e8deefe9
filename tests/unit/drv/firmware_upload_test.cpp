// SPDX-License-Identifier: MIT
#include "drv/native/firmware_upload.h"

#include <gtest/gtest.h>

#include <deque>
#include <optional>

namespace tdxctl {
namespace {

using Bytes = std::vector<std::uint8_t>;

// Linux's side of the protocol: takes data between loading 1 and 0, then shows the states of the script, and
// at last idle.
class ScriptedDevice : public UploadDevice {
 public:
  std::deque<std::string> states;      ///< after the image was handed over; empty for a quick upload
  std::string error = "old:hw-error";  ///< of an earlier upload
  std::string next_error;              ///< of this one
  std::optional<std::string> broken;   ///< an attribute that cannot be written
  std::string busy_with;               ///< a state other than idle to begin with
  bool never_ends = false;
  Bytes data;
  std::vector<std::string> loading;

  Result<std::string> read(std::string_view attribute) override {
    if (attribute == "error") return error + "\n";
    if (attribute != "status") return fail(ErrorId::file_unreadable, "no such attribute");
    if (!busy_with.empty()) return busy_with + "\n";
    if (never_ends && handed_) return std::string("transferring\n");
    if (!handed_ || states.empty()) return std::string("idle\n");
    std::string state = states.front() + "\n";
    states.pop_front();
    return state;
  }

  Result<void> write(std::string_view attribute, std::span<const std::uint8_t> bytes) override {
    const std::string text(bytes.begin(), bytes.end());
    if (attribute == broken && text != "-1") return fail(ErrorId::not_permitted, "no");
    if (attribute == "data") {
      data.assign(bytes.begin(), bytes.end());
    } else {
      loading.push_back(text);
      handed_ = text == "0" && !data.empty();
      if (handed_) error = next_error;
    }
    return {};
  }

 private:
  bool handed_ = false;
};

class FakeClock : public Clock {
 public:
  Duration now() override { return time; }
  bool sleep(Duration duration) override {
    time += duration;
    return !stopping;
  }
  bool stop_requested() override { return stopping; }

  Duration time{};
  bool stopping = false;
};

class Upload : public testing::Test {
 protected:
  Result<UploadEnd> run() {
    return upload(device_, image_,
                  {clock_, std::chrono::seconds(10),
                   [this](std::string_view state, Clock::Duration) { shown_.emplace_back(state); }});
  }

  ScriptedDevice device_;
  FakeClock clock_;
  const Bytes image_ = Bytes(10000, 7);
  std::vector<std::string> shown_;
};

TEST_F(Upload, HandsTheImageOverAndWaits) {
  device_.states = {"preparing", "transferring", "transferring", "programming"};
  const auto end = run();
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->finished);
  EXPECT_EQ(end->error, "");
  EXPECT_EQ(end->duration, std::chrono::milliseconds(40));
  EXPECT_EQ(device_.data, image_);
  EXPECT_EQ(device_.loading, (std::vector<std::string>{"1", "0"}));
  EXPECT_EQ(shown_, (std::vector<std::string>{"preparing", "transferring", "transferring", "programming"}));
}

TEST_F(Upload, TakesAQuickOneForFinished) {
  const auto end = run();
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->finished);
  EXPECT_EQ(end->error, "") << "the error of an earlier upload is not that of this one";
}

TEST_F(Upload, TellsTheErrorOfThisUpload) {
  device_.states = {"transferring"};
  device_.next_error = "transferring:firmware-invalid";
  EXPECT_EQ(run()->error, "transferring:firmware-invalid");
}

TEST_F(Upload, DoesNotBeginWhileAnotherIsInProgress) {
  device_.busy_with = "transferring";
  const auto end = run();
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().id, ErrorId::busy);
  EXPECT_TRUE(device_.loading.empty());
}

TEST_F(Upload, TakesBackWhatLinuxDoesNotTake) {
  device_.broken = "data";
  const auto end = run();
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().id, ErrorId::not_permitted);
  EXPECT_EQ(device_.loading, (std::vector<std::string>{"1", "-1"}));
}

TEST_F(Upload, BeginsNothingWhereItMayNot) {
  device_.broken = "loading";
  EXPECT_EQ(run().error().id, ErrorId::not_permitted);
  EXPECT_TRUE(device_.data.empty());
}

TEST_F(Upload, StopsWaitingAndNeverCancels) {
  device_.never_ends = true;
  const auto end = run();
  ASSERT_TRUE(end);
  EXPECT_FALSE(end->finished);
  EXPECT_EQ(end->duration, std::chrono::seconds(10));
  EXPECT_EQ(device_.loading, (std::vector<std::string>{"1", "0"}));
}

TEST_F(Upload, ASignalDoesNotMakeItLookAway) {
  device_.states = {"transferring", "transferring"};
  clock_.stopping = true;
  EXPECT_TRUE(run()->finished);
}

const Result<Version> kShown = Version{1, 5, 20};
const Result<Version> kGone = fail(ErrorId::module_state, "no working TDX module");
const Result<Version> kDenied = fail(ErrorId::not_permitted, "permission denied");

struct Ending {
  UploadEnd end;
  const Result<Version>& running;
  UpdateOutcome outcome;
  std::optional<ErrorId> error;
};

TEST(JudgeUpload, TellsWhichModuleIsLeft) {
  const std::string word = "transferring:firmware-invalid";
  using enum UpdateOutcome;
  for (const Ending& row : {
           Ending{{true, "", {}}, kShown, new_module, {}},
           Ending{{true, "", {}}, kGone, unknown, {}},
           Ending{{true, word, {}}, kShown, old_module, ErrorId::update_had_no_effect},
           Ending{{true, word, {}}, kGone, no_module, ErrorId::update_failed},
           Ending{{true, word, {}}, kDenied, unknown, ErrorId::update_failed},
           Ending{{false, "", {}}, kShown, unknown, ErrorId::update_unfinished},
       }) {
    const UpdateAttempt attempt = judge_upload(row.end, row.running, std::nullopt);
    EXPECT_EQ(attempt.outcome, row.outcome) << row.end.error;
    EXPECT_EQ(attempt.error ? std::optional(attempt.error->id) : std::nullopt, row.error);
  }
}

TEST(JudgeUpload, NamesTheSeamcallThatLinuxLogged) {
  const UploadEnd end{true, "transferring:firmware-invalid", {}};
  const SeamcallFailure install{0x8000000000000001, 0x8000000000020001};
  const UpdateAttempt attempt = judge_upload(end, kGone, install);
  EXPECT_EQ(
      attempt.error->what,
      "Linux could not update the TDX module: 'transferring:firmware-invalid', SEAMLDR.INSTALL failed with "
      "status 0x8000000000020001");
  EXPECT_EQ(attempt.error->seamcall->status, install.status);
  EXPECT_FALSE(judge_upload({true, "", {}}, kShown, install).error) << "the update went well all the same";
}

}  // namespace
}  // namespace tdxctl
