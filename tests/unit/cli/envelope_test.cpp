// SPDX-License-Identifier: MIT
#include "cli/envelope.h"

#include <gtest/gtest.h>

namespace tdxctl::cli {
namespace {

using std::chrono::sys_days, std::chrono::sys_seconds;
using namespace std::chrono_literals;

constexpr sys_seconds kLeapDay = sys_days(2024y / 2 / 29) + 23h + 5min + 9s;

TEST(Envelope, HoldsAResult) {
  const Json json =
      to_json({.verb = "features", .driver = "helper", .machine = {}, .data = Json{{"n", 1}}}, kLeapDay);
  EXPECT_EQ(json["schema"], "tdxctl.features/1");
  EXPECT_EQ(json["generated_at"], "2024-02-29T23:05:09Z");
  EXPECT_EQ(json["driver"], "helper");
  EXPECT_TRUE(json["machine"].is_null());
  EXPECT_EQ(json["ok"], true);
  EXPECT_EQ(json["data"]["n"], 1);
  EXPECT_TRUE(json["error"].is_null());
  EXPECT_FALSE(json.contains("changed"));
}

TEST(Envelope, HoldsAnErrorBesideAResult) {
  const Error error{ErrorId::feature_missing, "no SYS_DISABLE"};
  const Json json =
      to_json({.verb = "features-has", .driver = {}, .machine = "m", .data = Json::object(), .error = &error},
              kLeapDay);
  EXPECT_EQ(json["ok"], false);
  EXPECT_TRUE(json["driver"].is_null());
  EXPECT_EQ(json["machine"], "m");
  EXPECT_TRUE(json["data"].is_object());
  EXPECT_EQ(json["error"]["id"], "feature_missing");
  EXPECT_EQ(json["error"]["exit_code"], 3);
}

TEST(Envelope, SaysWhetherAnActionChangedAnything) {
  const Json json = to_json({.verb = "sim-create", .driver = {}, .machine = {}, .changed = false}, kLeapDay);
  EXPECT_EQ(json["changed"], false);
}

TEST(ErrorJson, ExplainsASeamcall) {
  Error error{ErrorId::seamcall_failed, "failed"};
  error.seamcall = SeamcallFailure{34, 0xC000010000000002};
  const Json seamcall = to_json(error)["seamcall"];
  EXPECT_EQ(seamcall["leaf"], "TDH.SYS.RD");
  EXPECT_EQ(seamcall["rax"], "0x0000000000000022");
  EXPECT_EQ(seamcall["status"], "0xc000010000000002");
  EXPECT_EQ(seamcall["name"], "TDX_OPERAND_INVALID");
  EXPECT_EQ(seamcall["operand"], "RDX");
}

TEST(ErrorJson, PrefersTheHintOfTheError) {
  EXPECT_EQ(to_json(Error{ErrorId::busy, "busy"})["hint"], error_info(ErrorId::busy).hint);
  EXPECT_EQ(to_json(Error{ErrorId::busy, "busy", "wait"})["hint"], "wait");
  EXPECT_TRUE(to_json(Error{ErrorId::file_unreadable, "gone"})["hint"].is_null());
}

TEST(Serialise, GivesOneLineOrMany) {
  const Json json = {{"a", 1}, {"b", "x"}};
  EXPECT_EQ(serialise(json, false), "{\"a\":1,\"b\":\"x\"}\n");
  EXPECT_EQ(serialise(json, true), "{\n  \"a\": 1,\n  \"b\": \"x\"\n}\n");
}

TEST(Serialise, SurvivesBytesThatAreNoText) {
  EXPECT_EQ(serialise(Json{{"a", "x\xff\n"}}, false), "{\"a\":\"x\xef\xbf\xbd\\n\"}\n");
}

}  // namespace
}  // namespace tdxctl::cli
