// SPDX-License-Identifier: MIT
#include "cli/cmd_update.h"

#include <gtest/gtest.h>

#include <map>

#include "core/image/hex_digits.h"
#include "unit/core/image/test_image.h"

namespace tdxctl::cli {
namespace {

using image::Format;
using image::make_test_image;
using image::TestImage;
using Bytes = std::vector<std::uint8_t>;

/// Files that exist here only.
class FakeFiles : public Files {
 public:
  std::map<std::string, Bytes> files;

  Result<Bytes> read(const std::string& path, std::size_t limit_bytes) override {
    const auto file = files.find(path);
    if (file == files.end()) return fail(ErrorId::file_unreadable, "cannot read '" + path + "'");
    if (file->second.size() > limit_bytes) return fail(ErrorId::file_unreadable, "too large");
    return file->second;
  }

  Result<std::vector<FolderEntry>> list(const std::string& path) override {
    return fail(ErrorId::file_unreadable, "cannot read '" + path + "'");
  }

  Result<bool> create(std::span<const NewFile> made) override {
    for (const NewFile& file : made) files[file.path] = file.content;
    return true;
  }

  void write(const std::string& path, std::string_view text) {
    files[path] = Bytes(text.begin(), text.end());
  }
};

class Update : public testing::Test {
 protected:
  Update() {
    files_.write("key", image::hex_digits(image::test_options().key_hash));
    files_.files["good"] = image_.file(Format::v0x200);
  }

  FakeFiles files_;
  TestImage image_ = make_test_image();
};

TEST_F(Update, VerifyWithItsKeyIsValid) {
  const auto report = verify_images(files_, {"good"}, "key");
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->images[0].error);
  EXPECT_EQ(to_json(*report)["images"][0]["verdict"], "valid");
  const std::string text = to_text(*report, Style{});
  EXPECT_NE(text.find("good: valid\n"), std::string::npos) << text;
  EXPECT_NE(text.find(image::hex_digits(image_.sigstruct.seamhash)), std::string::npos) << text;
}

TEST_F(Update, VerifyWithoutAKeyWantsIntels) {
  const auto report = verify_images(files_, {"good"}, "");
  ASSERT_TRUE(report);
  ASSERT_TRUE(report->images[0].error);
  EXPECT_EQ(report->images[0].error->id, ErrorId::image_key);
}

TEST_F(Update, VerifySaysWhichKeyFileIsNone) {
  const auto report = verify_images(files_, {"good"}, "good");
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().id, ErrorId::bad_key);
  EXPECT_TRUE(report.error().what.starts_with("'good': ")) << report.error().what;
}

TEST_F(Update, VerifyCallsADebugImageIncompatibleUnlessItIsInvalidToo) {
  image_.sigstruct.module_type = 1u << 31;
  image_.sign();
  Bytes& debug = files_.files["debug"] = image_.file();
  EXPECT_EQ(verify_images(files_, {"debug"}, "key")->images[0].error->id, ErrorId::image_debug_signed);
  debug.back() ^= 1;
  image::reseal(debug);
  EXPECT_EQ(verify_images(files_, {"debug"}, "key")->images[0].error->id, ErrorId::image_seamhash);
}

TEST_F(Update, InspectDoesNotJudgeWhoSigned) {
  image_.sigstruct.module_type = 1u << 31;
  image_.sign();
  files_.files["debug"] = image_.file();
  const Inspection inspection = inspect_images(files_, {"debug"});
  EXPECT_FALSE(inspection.images[0].error);
  EXPECT_EQ(to_json(inspection)["images"][0]["sigstruct"]["debug"], true);
  EXPECT_EQ(to_json(inspection)["images"][0]["sigstruct"]["intel_key"], false);
}

TEST_F(Update, InspectShowsPagesAndNotWhatIsStored) {
  const Json json = to_json(inspect_images(files_, {"good"}));
  const Json& sigstruct = json["images"][0]["sigstruct"];
  EXPECT_EQ(sigstruct["handoff_pages"], image_.sigstruct.handoff_pages + 1);
  EXPECT_EQ(sigstruct["keyhole_pages_per_lp"], image_.sigstruct.keyhole_pages + 1);
}

TEST_F(Update, ConvertTakesEitherOfTwoFiles) {
  ASSERT_TRUE(convert_image(files_, "good", "p", "parts"));
  EXPECT_EQ(files_.files["p.bin"], image_.module);
  EXPECT_EQ(files_.files["p.sigstruct"], image_.sigstruct_bytes());
  for (const char* in : {"p.bin", "p.sigstruct"}) {
    const auto conversion = convert_image(files_, in, "out", "0x100");
    ASSERT_TRUE(conversion) << conversion.error().what;
    EXPECT_EQ(conversion->from_form, "parts");
    EXPECT_EQ(files_.files["out"], image_.file(Format::v0x100));
  }
}

TEST_F(Update, ConvertNamesTheFileThatIsMissing) {
  files_.files["a.b/p.sigstruct"] = image_.sigstruct_bytes();
  const auto conversion = convert_image(files_, "a.b/p.sigstruct", "out", "0x100");
  ASSERT_FALSE(conversion);
  EXPECT_EQ(conversion.error().id, ErrorId::file_unreadable);
  EXPECT_EQ(conversion.error().what, "cannot read 'a.b/p.bin'");
}

TEST_F(Update, ConvertWritesNothingOfADamagedImage) {
  files_.files["good"].back() ^= 1;
  ASSERT_FALSE(convert_image(files_, "good", "out", "0x100"));
  EXPECT_FALSE(files_.files.contains("out"));
}

TEST_F(Update, IdentifyIsNotCertainOfAnImageThatIntelDidNotSign) {
  image_.sigstruct.svn_major = 3;
  image_.sigstruct.build_major = 2;
  image_.sigstruct.build_update = 8;
  image_.sign();
  files_.files["claims"] = image_.file();
  const Identification found = identify_targets(files_, {"claims"}).targets[0];
  EXPECT_FALSE(found.error) << found.error->what;
  EXPECT_EQ(found.identity.how, image::IdentifiedBy::build_info);
  EXPECT_FALSE(found.identity.certain);
}

struct NotIdentified {
  std::string target;
  ErrorId error;
};

TEST_F(Update, IdentifySaysWhyNot) {
  const NotIdentified rows[] = {{std::string(96, '0'), ErrorId::unknown_name},
                                {"0x" + std::string(96, '0'), ErrorId::unknown_name},
                                {std::string(95, 'a'), ErrorId::usage},
                                {"9.9", ErrorId::unknown_name},
                                {"1.256", ErrorId::file_unreadable},
                                {"1.", ErrorId::file_unreadable},
                                {"none", ErrorId::file_unreadable}};
  for (const NotIdentified& row : rows) {
    const Identification found = identify_targets(files_, {row.target}).targets[0];
    ASSERT_TRUE(found.error) << row.target;
    EXPECT_EQ(found.error->id, row.error) << row.target;
  }
}

Error of(ErrorId id) { return {id, "it", {}, {}}; }

TEST(SumUp, TakesTheGravest) {
  EXPECT_FALSE(sum_up(3, {}));
  EXPECT_EQ(sum_up(1, {of(ErrorId::image_key)})->what, "it");
  const auto worst =
      sum_up(5, {of(ErrorId::image_debug_signed), of(ErrorId::file_unreadable), of(ErrorId::image_checksum)});
  EXPECT_EQ(worst->id, ErrorId::image_checksum);
  EXPECT_EQ(worst->what, "3 of 5 failed; the gravest: it");
  EXPECT_EQ(sum_up(2, {of(ErrorId::image_debug_signed), of(ErrorId::file_unreadable)})->id,
            ErrorId::file_unreadable);
}

}  // namespace
}  // namespace tdxctl::cli
