// SPDX-License-Identifier: MIT
// The six ways in which a machine has no TDX for us: six sentences, each with another thing to do.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "core/abi/status.h"
#include "core/module_answers.h"
#include "drv/helper/helper_driver.h"
#include "drv/native/native_driver.h"
#include "recorded_tree.h"
#include "unit/core/fake_drivers.h"

namespace tdxctl {
namespace {

Error without_tdx_host() {
  const test::RecordedTree tree;
  test::FakePlatform platform;
  platform.now.kernel_tdx_host = false;
  return NativeDriver(tree.root(), platform).module().error();
}

Error helper_error(const test::RecordedTree& tree) {
  return HelperDriver(tree.locate("/dev/tdxctl")).module().error();
}

TEST(NoTdxHere, SixCausesHaveSixSentencesAndSixThingsToDo) {
  const test::RecordedTree tree;
  std::vector<Error> errors = {
      seamcall_error(kReadLeaf, abi::kSeamcallUd), seamcall_error(kReadLeaf, abi::kSeamcallGp),
      seamcall_error(kReadLeaf, abi::kSeamcallVmfailInvalid), helper_error(tree), without_tdx_host()};
  {
    tree.write("/dev/tdxctl", "");
    tree.deny("/dev/tdxctl");
    TDXCTL_DROP_PRIVILEGES(nobody);
    errors.push_back(helper_error(tree));
  }

  std::set<ErrorId> ids;
  std::set<std::string> sentences;
  std::set<std::string_view> hints;
  for (const Error& error : errors) {
    EXPECT_TRUE(ids.insert(error.id).second) << error.what;
    EXPECT_TRUE(sentences.insert(error.what).second) << error.what;
    EXPECT_TRUE(hints.insert(error.hint_text()).second) << error.hint_text();
    EXPECT_FALSE(error.hint_text().empty()) << error.what;
    const ErrorClass exit = error_info(error.id).error_class;
    EXPECT_TRUE(exit == ErrorClass::not_supported || exit == ErrorClass::denied) << error.what;
  }
  EXPECT_EQ(errors.size(), 6u);
}

}  // namespace
}  // namespace tdxctl
