// SPDX-License-Identifier: MIT
// The helper's commands as the ports of core, over a transport that answers what the test says.
#include "drv/uapi/uapi_driver.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/abi/status.h"
#include "kmod/uapi/tdxctl.h"

namespace tdxctl {
namespace {

constexpr std::uint64_t kFirstField = 0x00000C0B00000000;
constexpr std::uint64_t kNotReady = 0xC000050500000000;
constexpr std::uint64_t kFieldIdIncorrect = 0xC0000C0000000000;
constexpr std::uint64_t kSeamldrInfo = 1ull << 63;

/// Checks what every command promises, and then lets the test answer.
class ScriptedTransport : public Transport {
 public:
  int error = 0;
  std::function<void(unsigned int command, void* argument)> answer = [](unsigned int, void*) {};
  std::vector<unsigned int> commands;

  int run(unsigned int command, void* argument) override {
    commands.push_back(command);
    std::uint32_t head[2];
    std::memcpy(head, argument, sizeof head);
    EXPECT_EQ(head[0], expected_size(command, argument));
    EXPECT_EQ(head[1], 0u) << "no flags are defined";
    if (error == 0) answer(command, argument);
    return error;
  }
  int start_over() override { return error; }

 private:
  static std::size_t expected_size(unsigned int command, void* argument) {
    switch (command) {
      case TDXCTL_IOC_PLATFORM:
        return sizeof(tdxctl_platform);
      case TDXCTL_IOC_MODULE_STATE:
        return sizeof(tdxctl_module_state);
      case TDXCTL_IOC_SEAMLDR_INFO:
        return sizeof(tdxctl_seamldr_info);
      case TDXCTL_IOC_DISABLE:
        return sizeof(tdxctl_disable);
      case TDXCTL_IOC_STAGE:
        return sizeof(tdxctl_stage) + static_cast<tdxctl_stage*>(argument)->nr_pages * 4096;
      case TDXCTL_IOC_APPLY:
        return sizeof(tdxctl_apply);
      case TDXCTL_IOC_READ:
      case TDXCTL_IOC_READ_ALL: {
        const auto* batch = static_cast<tdxctl_metadata*>(argument);
        EXPECT_LE(batch->nr_fields, TDXCTL_METADATA_MAX);
        return sizeof(tdxctl_metadata) + batch->nr_fields * sizeof(tdxctl_field);
      }
      default:
        ADD_FAILURE() << "unknown command " << command;
        return 0;
    }
  }
};

class UapiDriver : public testing::Test {
 protected:
  /// Makes the module answer READ from a function of the id.
  void answer_read(std::function<tdxctl_field(std::uint64_t id)> of) {
    transport_.answer = [of](unsigned int, void* argument) {
      auto* batch = static_cast<tdxctl_metadata*>(argument);
      for (std::uint32_t i = 0; i < batch->nr_fields; ++i) batch->fields[i] = of(batch->fields[i].id);
    };
  }
  void answer_read_all(std::uint64_t status, std::uint32_t fields, std::uint32_t total) {
    transport_.answer = [=, this](unsigned int, void* argument) {
      auto* batch = static_cast<tdxctl_metadata*>(argument);
      method_ = batch->method;
      batch->status = status;
      batch->nr_fields = fields;
      batch->nr_total = total;
      for (std::uint32_t i = 0; i < fields; ++i) batch->fields[i] = {100 + i, 200 + i, 0};
    };
  }

  ScriptedTransport transport_;
  UapiModule module_{transport_};
  UapiLoader loader_{transport_};
  std::uint32_t method_ = ~0u;
};

struct Cause {
  int number;
  ErrorId id;
};

constexpr Cause kCauses[] = {
    {ENOTTY, ErrorId::helper_mismatch},
    {EINVAL, ErrorId::helper_mismatch},
    {E2BIG, ErrorId::helper_mismatch},
    {EOPNOTSUPP, ErrorId::helper_mismatch},
    {EFAULT, ErrorId::helper_failed},
    {ENOMEM, ErrorId::helper_failed},
    {EPROTO, ErrorId::helper_failed},
    {EIO, ErrorId::helper_failed},
    {EACCES, ErrorId::not_permitted},
    {EPERM, ErrorId::not_permitted},
    {ECANCELED, ErrorId::seamret_vmcs_refused},
    {EBADF, ErrorId::helper_failed},
    {EBUSY, ErrorId::busy},
    {EINTR, ErrorId::busy},
    {EAGAIN, ErrorId::busy},
    {ENODATA, ErrorId::helper_failed},
    {ENOSPC, ErrorId::no_pamt_memory},
    {ERANGE, ErrorId::memory_map_differs},
    {EALREADY, ErrorId::module_not_pending},
    {ENODEV, ErrorId::too_few_keyids},
};

TEST(CommandError, EachErrnoHasASentenceOfItsOwn) {
  std::set<std::string> sentences;
  for (const Cause& cause : kCauses) {
    const Error error = command_error("READ", cause.number);
    EXPECT_EQ(error.id, cause.id) << error.what;
    EXPECT_TRUE(sentences.insert(error.what).second) << error.what;
    EXPECT_FALSE(error.hint_text().empty()) << error.what;
    EXPECT_FALSE(error.seamcall) << "no SEAMCALL answered";
  }
}

TEST_F(UapiDriver, EachErrnoComesThroughEachCommand) {
  for (const Cause& cause : kCauses) {
    SCOPED_TRACE(std::strerror(cause.number));
    transport_.error = cause.number;
    const std::uint64_t id = 1;
    EXPECT_EQ(module_.state().error().id, cause.id);
    EXPECT_EQ(module_.version().error().id, cause.id);
    EXPECT_EQ(module_.read({&id, 1}).error().id, cause.id);
    EXPECT_EQ(module_.read_all(ReadAllMethod::rd).error().id, cause.id);
    EXPECT_EQ(module_.disable_slice(std::chrono::seconds{1}).error().id, cause.id);
    EXPECT_EQ(loader_.info().error().id, cause.id);
    EXPECT_EQ(loader_.version().error().id, cause.id);
    EXPECT_EQ(loader_.updates_left().error().id, cause.id);
    EXPECT_EQ(loader_.stage({}, std::vector<std::uint8_t>(4096)).error().id, cause.id);
    EXPECT_EQ(loader_.apply(UpdateFrom::start).error().id, cause.id);
    EXPECT_EQ(read_msrs(transport_).error().id, cause.id);
  }
}

TEST_F(UapiDriver, TheStateFollowsFromTheProbe) {
  transport_.answer = [](unsigned int, void* argument) {
    auto* state = static_cast<tdxctl_module_state*>(argument);
    state->read_status = kFirstField;
    state->gate_status = kNotReady;
  };
  EXPECT_EQ(*module_.state(), ModuleState::initialising);
}

TEST_F(UapiDriver, AVersionIsThreeFields) {
  answer_read([](std::uint64_t id) { return tdxctl_field{id, (id & 0xF) * 10, 0}; });
  EXPECT_EQ(*module_.version(), (Version{40, 30, 50}));
  EXPECT_EQ(transport_.commands, std::vector<unsigned int>{TDXCTL_IOC_READ});
}

TEST_F(UapiDriver, AVersionOfWhichAPartIsRefusedIsNone) {
  for (const std::uint64_t part : {0x0800000100000003, 0x0800000100000004, 0x0800000100000005}) {
    answer_read([part](std::uint64_t id) { return tdxctl_field{id, 1, id == part ? kFieldIdIncorrect : 0}; });
    const auto version = module_.version();
    ASSERT_FALSE(version);
    EXPECT_EQ(version.error().id, ErrorId::seamcall_failed);
    EXPECT_EQ(version.error().seamcall->status, kFieldIdIncorrect);
  }
}

TEST_F(UapiDriver, EachElementHasItsOwnAnswer) {
  answer_read([](std::uint64_t id) { return tdxctl_field{id, id * 2, id == 7 ? kFieldIdIncorrect : 0}; });
  const std::vector<std::uint64_t> ids = {5, 7, 5};
  const auto answers = module_.read(ids);
  ASSERT_TRUE(answers);
  ASSERT_EQ(answers->size(), 3u);
  EXPECT_EQ((*answers)[0].value, 10u);
  EXPECT_EQ((*answers)[1].status, kFieldIdIncorrect);
  EXPECT_EQ((*answers)[2].id, 5u);
}

TEST_F(UapiDriver, NoIdsNeedNoCommand) {
  const auto answers = module_.read({});
  ASSERT_TRUE(answers);
  EXPECT_TRUE(answers->empty());
  EXPECT_TRUE(transport_.commands.empty());
}

TEST_F(UapiDriver, ABatchThatIsTooLargeIsCutIntoSeveral) {
  answer_read([](std::uint64_t id) { return tdxctl_field{id, ~id, 0}; });
  for (const std::size_t count :
       {TDXCTL_METADATA_MAX, TDXCTL_METADATA_MAX + 1, 2 * TDXCTL_METADATA_MAX + 5}) {
    transport_.commands.clear();
    std::vector<std::uint64_t> ids(count);
    for (std::size_t i = 0; i < count; ++i) ids[i] = i;
    const auto answers = module_.read(ids);
    ASSERT_TRUE(answers);
    ASSERT_EQ(answers->size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_EQ((*answers)[i].id, i);
      ASSERT_EQ((*answers)[i].value, ~std::uint64_t{i});
    }
    EXPECT_EQ(transport_.commands.size(), (count + TDXCTL_METADATA_MAX - 1) / TDXCTL_METADATA_MAX);
  }
}

TEST_F(UapiDriver, AnInstructionThatFailsEndsTheBatch) {
  for (const auto& [status, id] :
       {std::pair{abi::kSeamcallUd, ErrorId::seamcall_ud}, std::pair{abi::kSeamcallGp, ErrorId::seamcall_gp},
        std::pair{abi::kSeamcallVmfailInvalid, ErrorId::seamcall_vmfailinvalid}}) {
    answer_read([status = status](std::uint64_t field) { return tdxctl_field{field, 0, status}; });
    const std::uint64_t field = 1;
    EXPECT_EQ(module_.read({&field, 1}).error().id, id);
    answer_read_all(status, 0, 0);
    EXPECT_EQ(module_.read_all(ReadAllMethod::rdall).error().id, id);
    transport_.answer = [status = status](unsigned int, void* argument) {
      static_cast<tdxctl_seamldr_info*>(argument)->status = status;
    };
    EXPECT_EQ(UapiLoader(transport_).info().error().id, id);
  }
}

TEST_F(UapiDriver, AllElementsComeInTheirOrder) {
  answer_read_all(0, 3, 3);
  const auto fields = module_.read_all(ReadAllMethod::rd);
  ASSERT_TRUE(fields);
  ASSERT_EQ(fields->size(), 3u);
  EXPECT_EQ((*fields)[2].id, 102u);
  EXPECT_EQ((*fields)[2].value, 202u);
  EXPECT_EQ(method_, std::uint32_t{TDXCTL_READ_ALL_RD});
  ASSERT_TRUE(module_.read_all(ReadAllMethod::rdall));
  EXPECT_EQ(method_, std::uint32_t{TDXCTL_READ_ALL_RDALL});
}

TEST_F(UapiDriver, AnEnumerationThatStoppedNamesTheLeafThatDidIt) {
  answer_read_all(kNotReady, 1, 1);
  for (const auto& [method, leaf] :
       {std::pair{ReadAllMethod::rd, 34u}, std::pair{ReadAllMethod::rdall, 37u}}) {
    const auto fields = module_.read_all(method);
    ASSERT_FALSE(fields) << "part of the list is no list";
    EXPECT_EQ(fields.error().id, ErrorId::module_state);
    EXPECT_EQ(fields.error().seamcall->rax_in, leaf);
  }
}

TEST_F(UapiDriver, MoreElementsThanThereIsRoomForIsAnError) {
  answer_read_all(0, TDXCTL_METADATA_MAX, TDXCTL_METADATA_MAX + 1);
  EXPECT_EQ(module_.read_all(ReadAllMethod::rd).error().id, ErrorId::helper_failed);
}

TEST_F(UapiDriver, ASliceComesBackAsItWas) {
  transport_.answer = [](unsigned int, void* argument) {
    auto* disable = static_cast<tdxctl_disable*>(argument);
    disable->finished = 1;
    disable->status = kNotReady;
    disable->calls = 9;
    disable->interrupted = 5;
    disable->busy = 3;
  };
  const auto slice = module_.disable_slice(std::chrono::milliseconds{10});
  ASSERT_TRUE(slice) << "whatever the module says is an answer";
  EXPECT_TRUE(slice->finished);
  EXPECT_EQ(slice->status, kNotReady);
  EXPECT_EQ(slice->calls, 9u);
  EXPECT_EQ(slice->interrupted, 5u);
  EXPECT_EQ(slice->busy, 3u);
  EXPECT_EQ(transport_.commands, std::vector<unsigned int>{TDXCTL_IOC_DISABLE});
}

TEST_F(UapiDriver, ASliceIsAsLongAsTheHelperAllows) {
  std::uint32_t slice_ms = ~0u;
  transport_.answer = [&](unsigned int, void* argument) {
    slice_ms = static_cast<tdxctl_disable*>(argument)->slice_ms;
  };
  using std::chrono::milliseconds;
  for (const auto& [limit, expected] :
       {std::pair{milliseconds{250}, 250u}, std::pair{milliseconds{0}, 0u}, std::pair{milliseconds{-5}, 0u},
        std::pair{milliseconds{1000}, 1000u}, std::pair{milliseconds{1001}, 1000u},
        std::pair{milliseconds::max(), 1000u}}) {
    ASSERT_TRUE(module_.disable_slice(limit));
    EXPECT_EQ(slice_ms, expected) << limit.count();
  }
}

TEST_F(UapiDriver, TheLoaderIsAskedOnce) {
  transport_.answer = [](unsigned int, void* argument) {
    auto* info = static_cast<tdxctl_seamldr_info*>(argument);
    info->info[20] = 2;   // major
    info->info[28] = 15;  // updates left
  };
  EXPECT_EQ(*loader_.version(), (Version{2, 0, 0}));
  EXPECT_EQ(*loader_.updates_left(), 15u);
  EXPECT_TRUE(loader_.info());
  EXPECT_EQ(transport_.commands.size(), 1u);
}

TEST_F(UapiDriver, ALoaderThatFailedIsAskedAgain) {
  transport_.error = EINTR;
  EXPECT_FALSE(loader_.version());
  transport_.error = 0;
  EXPECT_TRUE(loader_.version());
}

TEST_F(UapiDriver, AStatusOfTheLoaderIsInItsOwnNumbering) {
  transport_.answer = [](unsigned int, void* argument) {
    static_cast<tdxctl_seamldr_info*>(argument)->status = 0x8000000000000003;
  };
  const auto info = loader_.info();
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().id, ErrorId::seamldr_failed);
  EXPECT_EQ(info.error().seamcall->rax_in, kSeamldrInfo);
}

TEST_F(UapiDriver, AnImageIsHandedOverInPages) {
  std::vector<std::uint8_t> sigstruct(2048, 7), module(2 * 4096, 9);
  module.back() = 3;
  bool good = false;
  transport_.answer = [&](unsigned int, void* argument) {
    const auto* stage = static_cast<tdxctl_stage*>(argument);
    const auto* pages = static_cast<std::uint8_t*>(argument) + sizeof(tdxctl_stage);
    good = stage->nr_pages == 2 && std::memcmp(stage->sigstruct, sigstruct.data(), 2048) == 0 &&
           stage->sigstruct[2048] == 0 && std::memcmp(pages, module.data(), module.size()) == 0;
  };
  ASSERT_TRUE(loader_.stage(sigstruct, module));
  EXPECT_TRUE(good);
}

TEST_F(UapiDriver, AnImageThatHasNoPagesIsNotHandedOver) {
  const auto length = [&](std::size_t sigstruct, std::size_t module) {
    return loader_.stage(std::vector<std::uint8_t>(sigstruct), std::vector<std::uint8_t>(module)).error().id;
  };
  EXPECT_EQ(length(4097, 4096), ErrorId::image_sigstruct_length);
  EXPECT_EQ(length(2048, 0), ErrorId::image_length);
  EXPECT_EQ(length(2048, 4095), ErrorId::image_length);
  EXPECT_EQ(length(2048, 497 * 4096), ErrorId::image_length);
  EXPECT_TRUE(transport_.commands.empty());
}

TEST_F(UapiDriver, TheOutcomeOfAnUpdateComesBackAsItWas) {
  std::uint32_t first = 0;
  transport_.answer = [&](unsigned int, void* argument) {
    auto* apply = static_cast<tdxctl_apply*>(argument);
    first = apply->first_step;
    apply->failed_step = TDXCTL_STEP_LP_INIT;
    apply->failed_lp = 3;
    apply->status = kNotReady;
    apply->module = TDXCTL_MODULE_NOT_READY;
    apply->replaced = 1;
    apply->vmcs_lost = 2;
    apply->shutdown_rcx = 0x10001;
    apply->stopped_ns = 99;
    apply->step_ns[TDXCTL_STEP_UPDATE] = 44;
  };
  const auto outcome = loader_.apply(UpdateFrom::install);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(first, 0u + TDXCTL_STEP_INSTALL);
  EXPECT_EQ(outcome->failed_step, ApplyStep::lp_init);
  EXPECT_EQ(outcome->failed_lp, 3u);
  EXPECT_EQ(outcome->status, kNotReady);
  EXPECT_EQ(outcome->module, ModulePresence::not_ready);
  EXPECT_TRUE(outcome->replaced);
  EXPECT_EQ(outcome->vmcs_lost, 2u);
  EXPECT_EQ(outcome->shutdown_rcx, 0x10001u);
  EXPECT_EQ(outcome->stopped.count(), 99);
  EXPECT_EQ(outcome->took[static_cast<std::size_t>(ApplyStep::update)].count(), 44);
}

TEST_F(UapiDriver, AStepThatIsNotKnownIsNoOutcome) {
  transport_.answer = [](unsigned int, void* argument) {
    static_cast<tdxctl_apply*>(argument)->failed_step = 8;
  };
  EXPECT_EQ(loader_.apply(UpdateFrom::start).error().id, ErrorId::helper_mismatch);
}

TEST_F(UapiDriver, TheLoaderIsAskedAgainAfterAnUpdate) {
  EXPECT_TRUE(loader_.info());
  EXPECT_TRUE(loader_.apply(UpdateFrom::start));
  EXPECT_TRUE(loader_.info());
  EXPECT_EQ(transport_.commands.size(), 3u);
}

class UapiMsrs : public UapiDriver {
 protected:
  PlatformMsrs read(std::uint32_t valid, std::uint64_t vmx_basic = 0) {
    transport_.answer = [=](unsigned int, void* argument) {
      auto* platform = static_cast<tdxctl_platform*>(argument);
      platform->msrs_valid = valid;
      platform->keyid_partitioning = 64ull << 32 | 63;
      platform->vmx_basic = vmx_basic;
    };
    return *read_msrs(transport_);
  }
};

TEST_F(UapiMsrs, OneThatFaultsIsUnknown) {
  EXPECT_FALSE(read(0).keyids);
  EXPECT_FALSE(read(0).seamret_invalidates_vmcs);
  EXPECT_FALSE(read(TDXCTL_MSR_VMX_BASIC).keyids);
  EXPECT_FALSE(read(TDXCTL_MSR_KEYID_PARTITIONING).seamret_invalidates_vmcs);
}

TEST_F(UapiMsrs, OneThatIsThereIsTakenApart) {
  const auto keyids = read(TDXCTL_MSR_KEYID_PARTITIONING).keyids;
  EXPECT_EQ(keyids->mktme, 63u);
  EXPECT_EQ(keyids->tdx, 64u);
  EXPECT_TRUE(*read(TDXCTL_MSR_VMX_BASIC, 0).seamret_invalidates_vmcs);
  EXPECT_FALSE(*read(TDXCTL_MSR_VMX_BASIC, 1ull << 60).seamret_invalidates_vmcs);
}

}  // namespace
}  // namespace tdxctl
