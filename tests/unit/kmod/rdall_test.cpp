// SPDX-License-Identifier: MIT
// READ_ALL by TDH.SYS.RDALL: pages as they should be, and pages as no module should write them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "fake_host.h"

namespace tdxctl::test {
namespace {

/// Writes the list page of TDH.SYS.RDALL.
class ListPage {
 public:
  ListPage& sequence(u64 id, u64 nr_fields, u64 nr_elements, u64 first_value) {
    words_.push_back(id | (nr_fields - 1) << TDX_FIELD_LAST_FIELD_SHIFT |
                     (nr_elements - 1) << TDX_FIELD_LAST_ELEMENT_SHIFT);
    for (u64 i = 0; i < nr_fields * nr_elements; ++i) words_.push_back(first_value + i);
    ++nr_sequences_;
    return *this;
  }
  ListPage& used(u16 bytes) {
    used_ = bytes;
    return *this;
  }
  ListPage& sequences(u16 nr) {
    nr_sequences_ = nr;
    return *this;
  }
  void write(std::uint8_t* page) const {
    const tdx_metadata_list head{used_ ? used_ : static_cast<u16>(sizeof(head) + words_.size() * sizeof(u64)),
                                 nr_sequences_, 0};
    memcpy(page, &head, sizeof(head));
    std::copy_n(reinterpret_cast<const std::uint8_t*>(words_.data()), words_.size() * sizeof(u64),
                page + sizeof(head));
  }

 private:
  std::vector<u64> words_;
  u16 nr_sequences_ = 0;
  u16 used_ = 0;
};

class ReadAllByRdall : public testing::Test {
 protected:
  /// One answer of the module: the page, RAX and R8.
  struct Answer {
    ListPage page;
    u64 status = 0;
    u64 next = TDX_FIELD_NULL;
  };

  int run(u32 room, std::vector<Answer> answers) {
    arg_ = Metadata(room);
    arg_->method = TDXCTL_READ_ALL_RDALL;
    std::size_t call = 0;
    u64 expected_start = TDX_FIELD_NULL;
    host_.seamcall = [&](u64 rax, FakeHost::Regs& regs) {
      EXPECT_EQ(rax, kSysRdall);
      EXPECT_EQ(regs.r8, expected_start);
      std::uint8_t* page = host_.page(regs.rdx);
      EXPECT_TRUE(std::all_of(page, page + TDX_PAGE_BYTES, [](auto b) { return b == 0; }))
          << "what the last call left is still there";
      const Answer& answer = answers[std::min(call++, answers.size() - 1)];
      answer.page.write(page);
      regs.r8 = expected_start = answer.next;
      return answer.status;
    };
    const int ret = arg_.run(host_, TDXCTL_IOC_READ_ALL);
    EXPECT_EQ(host_.allocated, 1);
    EXPECT_EQ(host_.freed, 1);
    return ret;
  }

  FakeHost host_;
  Metadata arg_{0};
};

constexpr u64 kOverflow = TDX_METADATA_LIST_OVERFLOW;
constexpr u64 kId = 0x1900000300000010;

TEST_F(ReadAllByRdall, ExpandsSequencesToElements) {
  ASSERT_EQ(run(10, {{ListPage().sequence(kId, 1, 1, 5).sequence(0x0800000100000003, 3, 2, 100)}}), 0);
  EXPECT_EQ(arg_->status, 0U);
  ASSERT_EQ(arg_->nr_fields, 7U);
  EXPECT_EQ(arg_.field(0).id, kId);
  EXPECT_EQ(arg_.field(0).value, 5U);
  for (u32 i = 0; i < 6; ++i) {
    EXPECT_EQ(arg_.field(1 + i).id, 0x0800000100000003 + i) << "without the counts";
    EXPECT_EQ(arg_.field(1 + i).value, 100 + i);
    EXPECT_EQ(arg_.field(1 + i).status, 0U);
  }
}

TEST_F(ReadAllByRdall, StepsByTwoWhereTheHeaderSaysSo) {
  const u64 by_two = kId | u64{1} << TDX_FIELD_STEP_SHIFT;
  ASSERT_EQ(run(10, {{ListPage().sequence(by_two, 3, 1, 0)}}), 0);
  EXPECT_EQ(arg_.field(1).id, by_two + 2);
  EXPECT_EQ(arg_.field(2).id, by_two + 4);
}

TEST_F(ReadAllByRdall, GoesOnWhereAFullPageEnded) {
  ASSERT_EQ(run(10, {{ListPage().sequence(kId, 2, 1, 1), kOverflow, 0x77},
                     {ListPage().sequence(kId + 2, 1, 1, 3), kOverflow, 0x78},
                     {ListPage().sequence(kId + 3, 1, 1, 4)}}),
            0);
  EXPECT_EQ(arg_->nr_total, 4U);
  for (u32 i = 0; i < 4; ++i) EXPECT_EQ(arg_.field(i).value, 1 + i);
  EXPECT_EQ(host_.calls.size(), 3U);
  EXPECT_EQ(host_.longest_batch, 1);
}

TEST_F(ReadAllByRdall, CountsWhatThereIsNoRoomFor) {
  ASSERT_EQ(run(2, {{ListPage().sequence(kId, 5, 1, 1)}}), 0);
  EXPECT_EQ(arg_->nr_fields, 2U);
  EXPECT_EQ(arg_->nr_total, 5U);
}

TEST_F(ReadAllByRdall, TakesAPageThatIsFullToTheLastByte) {
  // 8 bytes of head, 8 of header, 510 values.
  ASSERT_EQ(run(600, {{ListPage().sequence(kId, 510, 1, 1)}}), 0);
  EXPECT_EQ(arg_->nr_fields, 510U);
  EXPECT_EQ(arg_.field(509).value, 510U);
}

TEST_F(ReadAllByRdall, ReportsTheStatusThatEndedIt) {
  ASSERT_EQ(run(10, {{ListPage().sequence(kId, 1, 1, 1), kOverflow, 0x77},
                     {ListPage().sequence(kId, 9, 1, 1), 0xC000050200000000, 0}}),
            0);
  EXPECT_EQ(arg_->status, 0xC000050200000000U);
  EXPECT_EQ(arg_->nr_fields, 1U) << "the page of a failed call was believed";
}

TEST_F(ReadAllByRdall, ReportsThatThereIsNoModule) {
  ASSERT_EQ(run(10, {{ListPage(), TDXCTL_STATUS_GP, 0}}), 0);
  EXPECT_EQ(arg_->status, TDXCTL_STATUS_GP);
  EXPECT_EQ(arg_->nr_fields, 0U);
}

TEST_F(ReadAllByRdall, StopsForASignal) {
  host_.signal_after = 1;
  EXPECT_EQ(run(10, {{ListPage().sequence(kId, 1, 1, 1), kOverflow, 0x77}}), -EINTR);
  EXPECT_EQ(host_.calls.size(), 1U);
}

TEST_F(ReadAllByRdall, RefusesLessUsedThanTheHead) {
  EXPECT_EQ(run(10, {{ListPage().sequence(kId, 1, 1, 1).used(7)}}), -EPROTO);
}

TEST_F(ReadAllByRdall, RefusesMoreUsedThanThePage) {
  EXPECT_EQ(run(10, {{ListPage().sequence(kId, 1, 1, 1).used(4097)}}), -EPROTO);
  EXPECT_EQ(arg_.field(0).value, 0U);
}

TEST_F(ReadAllByRdall, RefusesAHeaderBeyondTheUsedBytes) {
  EXPECT_EQ(run(10, {{ListPage().sequence(kId, 1, 1, 1).sequences(2)}}), -EPROTO);
}

TEST_F(ReadAllByRdall, RefusesAHeaderThatIsCutOff) {
  EXPECT_EQ(run(10, {{ListPage().sequence(kId, 1, 1, 1).used(12)}}), -EPROTO);
}

TEST_F(ReadAllByRdall, RefusesValuesThatAreCutOff) {
  EXPECT_EQ(run(10, {{ListPage().sequence(kId, 1, 1, 1).used(23)}}), -EPROTO);
}

TEST_F(ReadAllByRdall, RefusesASequenceLongerThanThePage) {
  ListPage page;
  page.sequence(kId | u64{0x1FF} << TDX_FIELD_LAST_FIELD_SHIFT | u64{0xF} << TDX_FIELD_LAST_ELEMENT_SHIFT, 1,
                1, 1);
  EXPECT_EQ(run(10, {{page.used(4096)}}), -EPROTO);
}

TEST_F(ReadAllByRdall, RefusesMoreSequencesThanThePageHolds) {
  EXPECT_EQ(run(10, {{ListPage().sequence(kId, 1, 1, 1).used(4096).sequences(0xffff)}}), -EPROTO);
}

TEST_F(ReadAllByRdall, EndsWhenAFullPageIsEmpty) {
  EXPECT_EQ(run(10, {{ListPage(), kOverflow, 0x77}}), -EPROTO);
  EXPECT_EQ(host_.calls.size(), 1U);
}

TEST_F(ReadAllByRdall, EndsWhenAFullPageStartsOver) {
  EXPECT_EQ(run(10, {{ListPage().sequence(kId, 1, 1, 1), kOverflow, TDX_FIELD_NULL}}), -EPROTO);
  EXPECT_EQ(host_.calls.size(), 1U);
}

TEST_F(ReadAllByRdall, EndsWhenTheNextIdNeverMoves) {
  EXPECT_EQ(run(10, {{ListPage().sequence(kId, 1, 1, 1), kOverflow, 0x77}}), -EPROTO);
  EXPECT_EQ(host_.calls.size(), TDXCTL_METADATA_MAX + 1U);
}

TEST_F(ReadAllByRdall, KeepsElementCodesInsideTheCode) {
  ASSERT_EQ(run(10, {{ListPage().sequence(0x0800000100FFFFFF, 2, 1, 1)}}), 0);
  EXPECT_EQ(arg_.field(1).id, 0x0800000100000000U);
}

TEST(ReadAllWithoutMemory, SaysSoAndFreesNothing) {
  FakeHost host;
  host.has_memory = false;
  Metadata arg(1);
  arg->method = TDXCTL_READ_ALL_RDALL;
  EXPECT_EQ(arg.run(host, TDXCTL_IOC_READ_ALL), -ENOMEM);
  EXPECT_EQ(host.freed, 0);
  EXPECT_TRUE(host.calls.empty());
}

}  // namespace
}  // namespace tdxctl::test
