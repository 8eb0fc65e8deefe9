// SPDX-License-Identifier: MIT
#include "core/metadata_read.h"

#include <gtest/gtest.h>

#include "core/abi/features.h"
#include "core/abi/metadata.h"
#include "fake_drivers.h"

namespace tdxctl {
namespace {

using test::FakeDrivers;

class MetadataRead : public testing::Test {
 protected:
  test::FakeModule& module() { return host_.driver.at("helper")->module_port; }

  std::vector<std::uint64_t> ids_asked_for(std::vector<std::string> names) {
    const auto answer = read_metadata(*host_.drivers, names);
    if (!answer || module().batches.empty()) return {};
    return module().batches.back();
  }
  ErrorId error_of(std::vector<std::string> names) {
    const auto answer = read_metadata(*host_.drivers, names);
    EXPECT_TRUE(module().batches.empty()) << "the module was asked for part of a wrong command line";
    return answer ? ErrorId::internal : answer.error().id;
  }

  FakeDrivers host_{"native", "helper"};
};

TEST_F(MetadataRead, AFieldIsOneElement) {
  EXPECT_EQ(ids_asked_for({"TDX_FEATURES0"}), std::vector<std::uint64_t>{kFeatures0Id});
}

TEST_F(MetadataRead, AnArrayIsAllOfItsElements) {
  const auto ids = ids_asked_for({"CMR_BASE"});
  ASSERT_EQ(ids.size(), 32u);
  for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(ids[i], 0x9000000300000080 + i);
  EXPECT_EQ(ids_asked_for({"CMR_BASE[3]"}), std::vector<std::uint64_t>{0x9000000300000083});
}

TEST_F(MetadataRead, ANumberNeedsNoRow) {
  EXPECT_EQ(ids_asked_for({"0x123456789abcdef0"}), std::vector<std::uint64_t>{0x123456789ABCDEF0});
  EXPECT_EQ(ids_asked_for({"18"}), std::vector<std::uint64_t>{18});
}

TEST_F(MetadataRead, TheOrderAndRepetitionOfTheCommandLineStay) {
  EXPECT_EQ(ids_asked_for({"7", "TDX_FEATURES0", "7"}), (std::vector<std::uint64_t>{7, kFeatures0Id, 7}));
}

TEST_F(MetadataRead, AWrongNameIsRefusedBeforeTheModuleIsAsked) {
  EXPECT_EQ(error_of({"TDX_FEATURES0", "NO_SUCH_FIELD"}), ErrorId::unknown_name);
  EXPECT_EQ(error_of({""}), ErrorId::unknown_name);
  EXPECT_EQ(error_of({"CMR_BASE[32]"}), ErrorId::unknown_name);
  EXPECT_EQ(error_of({"0xZZ"}), ErrorId::bad_number);
  EXPECT_EQ(error_of({"0x10000000000000000"}), ErrorId::bad_number);
}

TEST_F(MetadataRead, AnElementThatTheModuleRefusesHasItsOwnStatus) {
  module().fields[kFeatures0Id] = 7;
  const std::vector<std::string> names = {"TDX_FEATURES0", "0x1"};
  const auto answer = read_metadata(*host_.drivers, names);
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->data.size(), 2u);
  EXPECT_EQ(answer->data[0].value, 7u);
  EXPECT_EQ(answer->data[0].status, 0u);
  EXPECT_EQ(answer->data[1].status, test::kFieldIdIncorrect);
  EXPECT_EQ(answer->driver, "helper");
}

TEST_F(MetadataRead, EveryNamedFieldCanBeAskedForByName) {
  std::vector<std::string> names;
  std::size_t elements = 0;
  for (const auto& field : abi::metadata_fields()) {
    names.emplace_back(field.name);
    elements += abi::find_metadata_field(field.name)->count;
  }
  EXPECT_EQ(ids_asked_for(names).size(), elements);
}

TEST_F(MetadataRead, WithoutADriverForMetadataThereIsItsReason) {
  host_.driver.at("helper")->no_module = Error{ErrorId::helper_not_loaded, "no helper"};
  const std::vector<std::string> names = {"TDX_FEATURES0"};
  EXPECT_EQ(read_metadata(*host_.drivers, names).error().id, ErrorId::helper_not_loaded);
  EXPECT_EQ(read_features0(*host_.drivers).error().id, ErrorId::helper_not_loaded);
  EXPECT_EQ(read_all_metadata(*host_.drivers, ReadAllMethod::rd).error().id, ErrorId::helper_not_loaded);
}

TEST_F(MetadataRead, ADriverThatFailsIsHeard) {
  module().trouble = Error{ErrorId::seamcall_gp, "SEAMCALL raised #GP"};
  const std::vector<std::string> names = {"TDX_FEATURES0"};
  EXPECT_EQ(read_metadata(*host_.drivers, names).error().id, ErrorId::seamcall_gp);
  EXPECT_EQ(read_features0(*host_.drivers).error().id, ErrorId::seamcall_gp);
  EXPECT_EQ(read_all_metadata(*host_.drivers, ReadAllMethod::rdall).error().id, ErrorId::seamcall_gp);
}

TEST_F(MetadataRead, Features0IsItsWord) {
  module().fields[kFeatures0Id] = 0x61F0FBF;
  const auto features0 = read_features0(*host_.drivers);
  ASSERT_TRUE(features0);
  EXPECT_EQ(features0->data, 0x61F0FBFu);
  EXPECT_EQ(features0->driver, "helper");
}

TEST_F(MetadataRead, AModuleWithoutFeatures0SaysSo) {
  const auto features0 = read_features0(*host_.drivers);
  ASSERT_FALSE(features0);
  EXPECT_EQ(features0.error().id, ErrorId::seamcall_failed);
  ASSERT_TRUE(features0.error().seamcall);
  EXPECT_EQ(features0.error().seamcall->status, test::kFieldIdIncorrect);
}

TEST_F(MetadataRead, AllOfItIsAskedForByTheMethodThatWasChosen) {
  module().fields = {{1, 10}, {2, 20}};
  for (const auto method : {ReadAllMethod::rd, ReadAllMethod::rdall}) {
    const auto all = read_all_metadata(*host_.drivers, method);
    ASSERT_TRUE(all);
    EXPECT_EQ(all->data.size(), 2u);
    EXPECT_EQ(module().enumerations.back(), method);
  }
}

TEST(Features0Id, IsTheFieldOfThatName) {
  EXPECT_EQ(abi::find_metadata_field("TDX_FEATURES0")->id(), kFeatures0Id);
}

}  // namespace
}  // namespace tdxctl
