// SPDX-License-Identifier: MIT
#include "drv/host/cpu_list.h"

#include <gtest/gtest.h>

namespace tdxctl {
namespace {

TEST(CountCpuList, CountsNumbersAndRanges) {
  EXPECT_EQ(*count_cpu_list("0"), 1u);
  EXPECT_EQ(*count_cpu_list("0-3"), 4u);
  EXPECT_EQ(*count_cpu_list("0-3,8,10-11"), 7u);
  EXPECT_EQ(*count_cpu_list("5-5"), 1u);
}

TEST(CountCpuList, AnEmptyListNamesNone) { EXPECT_EQ(*count_cpu_list(""), 0u); }

TEST(CountCpuList, CountsUpTo32Bits) {
  EXPECT_EQ(*count_cpu_list("0-4294967294"), 4294967295u);
  EXPECT_EQ(*count_cpu_list("4294967295"), 1u);
}

TEST(CountCpuList, RefusesMoreThanCanBeCounted) {
  for (const char* list : {"0-4294967295", "0-4294967294,0", "1-4294967295,1-4294967295"}) {
    const auto count = count_cpu_list(list);
    EXPECT_FALSE(count) << list << " would be " << *count;
  }
}

TEST(CountCpuList, RefusesAnythingElse) {
  for (const char* list : {",", "0,", ",0", "0,,1", "-", "0-", "-3", "3-0", "0-1-2", "a", "0x1", "0 1", " 0",
                           "0\n", "4294967296", "0-4294967296", "+1", "1.5"}) {
    const auto count = count_cpu_list(list);
    ASSERT_FALSE(count) << "'" << list << "'";
    EXPECT_EQ(count.error().id, ErrorId::file_unreadable);
    EXPECT_NE(count.error().what.find(list), std::string::npos) << count.error().what;
  }
  EXPECT_FALSE(count_cpu_list(std::string_view("0\0", 2)));
}

}  // namespace
}  // namespace tdxctl
