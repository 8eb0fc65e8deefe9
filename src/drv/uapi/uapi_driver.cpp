// SPDX-License-Identifier: MIT
#include "drv/uapi/uapi_driver.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/abi/bits.h"
#include "core/abi/metadata.h"
#include "core/abi/msrs.h"
#include "core/module_answers.h"
#include "core/seamldr_info.h"
#include "kmod/uapi/tdxctl.h"

namespace tdxctl {
namespace {

constexpr std::uint64_t kReadAllLeaf = abi::leaf::kSysRdall;
constexpr std::uint64_t kSeamldrInfo = 1ull << 63;

constexpr std::uint64_t kMajorVersion = 0x0800000100000004;
constexpr std::uint64_t kMinorVersion = 0x0800000100000003;
constexpr std::uint64_t kUpdateVersion = 0x0800000100000005;

/// A batch is a header and its elements in one block: that is what crosses to the helper.
class MetadataBatch {
 public:
  explicit MetadataBatch(std::size_t elements)
      : words_((sizeof(tdxctl_metadata) + elements * sizeof(tdxctl_field)) / sizeof(std::uint64_t)) {
    header().size = static_cast<__u32>(words_.size() * sizeof(std::uint64_t));
    header().nr_fields = static_cast<__u32>(elements);
  }
  [[nodiscard]] tdxctl_metadata& header() { return *reinterpret_cast<tdxctl_metadata*>(words_.data()); }
  [[nodiscard]] std::span<tdxctl_field> fields() {
    return {reinterpret_cast<tdxctl_field*>(words_.data() + sizeof(tdxctl_metadata) / sizeof(std::uint64_t)),
            header().nr_fields};
  }

 private:
  std::vector<std::uint64_t> words_;
};
static_assert(sizeof(tdxctl_metadata) % sizeof(std::uint64_t) == 0);
static_assert(sizeof(tdxctl_field) % sizeof(std::uint64_t) == 0);

/// TDH.SYS.RDALL gives the id of the first field of a sequence only, and the others can differ from it in the
/// bit that marks a field as non-architectural. TDH.SYS.RD gives each field its own id.
std::uint64_t id_as_by_rd(std::uint64_t id) {
  const auto field = abi::find_metadata_field(id);
  if (!field) return id;
  const std::uint64_t non_architectural = abi::mask(63, 63);
  return (id & ~non_architectural) | (field->id() & non_architectural);
}

constexpr std::size_t kPageBytes = 4096;
static_assert(sizeof(tdxctl_stage) % sizeof(std::uint64_t) == 0);

/// The numbers that the UAPI header has for the steps.
struct StepNumber {
  ApplyStep step;
  std::uint32_t number;
};

constexpr StepNumber kSteps[] = {
    {ApplyStep::ask, TDXCTL_STEP_INFO},
    {ApplyStep::shutdown, TDXCTL_STEP_SHUTDOWN},
    {ApplyStep::install, TDXCTL_STEP_INSTALL},
    {ApplyStep::init, TDXCTL_STEP_INIT},
    {ApplyStep::lp_init, TDXCTL_STEP_LP_INIT},
    {ApplyStep::update, TDXCTL_STEP_UPDATE},
    {ApplyStep::extensions, TDXCTL_STEP_EXTENSIONS},
};
static_assert(std::size(kSteps) == kApplySteps);

constexpr std::uint32_t first_step(UpdateFrom from) {
  switch (from) {
    case UpdateFrom::start:
      return TDXCTL_STEP_SHUTDOWN;
    case UpdateFrom::install:
      return TDXCTL_STEP_INSTALL;
    case UpdateFrom::init:
      return TDXCTL_STEP_INIT;
    case UpdateFrom::load:
      return TDXCTL_STEP_LOAD;
  }
  return TDXCTL_STEP_NONE;
}

constexpr ModulePresence presence(std::uint32_t module) {
  switch (module) {
    case TDXCTL_MODULE_NONE:
      return ModulePresence::none;
    case TDXCTL_MODULE_UNFINISHED:
      return ModulePresence::unfinished;
    case TDXCTL_MODULE_SHUT_DOWN:
      return ModulePresence::shut_down;
    case TDXCTL_MODULE_NOT_READY:
      return ModulePresence::not_ready;
    case TDXCTL_MODULE_READY:
      return ModulePresence::ready;
  }
  return ModulePresence::unknown;
}

template <class Argument>
Argument sized() {
  Argument argument{};
  argument.size = sizeof argument;
  return argument;
}

}  // namespace

Error command_error(std::string_view command, int error_number) {
  const std::string sentence = "the helper could not run " + std::string(command) + ": ";
  switch (error_number) {
    case ENOTTY:
    case EINVAL:
    case E2BIG:
    case EOPNOTSUPP:
      return {ErrorId::helper_mismatch,
              sentence + "it is of another release than tdxctl (" + std::strerror(error_number) + ")"};
    case EACCES:
      return {ErrorId::not_permitted, sentence + "permission denied"};
    case EPERM:
      return {ErrorId::not_permitted,
              sentence + "it takes CAP_SYS_ADMIN, and a kernel that is not locked down"};
    case ECANCELED:
      return {ErrorId::seamret_vmcs_refused,
              "the helper refused to call the P-SEAMLDR: this CPU loses the current VMCS in it, and the "
              "helper was "
              "loaded with seamret_vmcs=refuse"};
    case EPROTO:
      return {ErrorId::helper_failed, sentence + "the TDX module contradicts itself"};
    case EIO:
      return {ErrorId::helper_failed, sentence + "the current VMCS of the LP could not be loaded again",
              "virtual machines that ran on this LP may fail: see the kernel log"};
    case EBUSY:
      return {ErrorId::busy, sentence + "another operation is in progress"};
    case EINTR:
      return {ErrorId::busy, sentence + "interrupted by a signal"};
    case EAGAIN:
      return {ErrorId::busy, sentence + "an LP is offline", "bring all LPs online"};
    case ENODATA:
      return {ErrorId::helper_failed, sentence + "no module image is staged"};
    case ENOSPC:
      return {ErrorId::no_pamt_memory, sentence + "no memory in one piece was to be had for a PAMT"};
    case ERANGE:
      return {ErrorId::memory_map_differs, sentence + "the TDMRs do not fit the kernel's memory map"};
    case EALREADY:
      return {ErrorId::module_not_pending, sentence + "there is a TDX module that answers"};
    case EINPROGRESS:
      return {ErrorId::busy, sentence + "the TDX module is being brought up"};
    case EADDRINUSE:
      return {
          ErrorId::module_not_pending,
          sentence +
              "the module may still use the memory that it was given before, or TDs that wait for an update"};
    case ENODEV:
      return {ErrorId::too_few_keyids, sentence + "the CPU has no private KeyIDs"};
    default:
      return {ErrorId::helper_failed, sentence + std::strerror(error_number)};
  }
}

Error run_error(const Transport& transport, std::string_view command, int error_number) {
  const Error* trouble = error_number == EREMOTEIO ? transport.own_trouble() : nullptr;
  return trouble != nullptr ? *trouble : command_error(command, error_number);
}

Result<ModuleState> UapiModule::state() {
  auto argument = sized<tdxctl_module_state>();
  if (const int error = transport_.run(TDXCTL_IOC_MODULE_STATE, &argument)) {
    return fail(run_error(transport_, "MODULE_STATE", error));
  }
  return judge_module_state(argument.read_status, argument.gate_status);
}

Result<Version> UapiModule::version() {
  constexpr std::array<std::uint64_t, 3> kIds = {kMajorVersion, kMinorVersion, kUpdateVersion};
  const auto answers = read(kIds);
  if (!answers) return fail(answers.error());
  for (const FieldAnswer& answer : *answers) {
    if (abi::bit(answer.status, 63)) return fail(seamcall_error(kReadLeaf, answer.status));
  }
  const auto part = [&](std::size_t i) { return static_cast<std::uint16_t>((*answers)[i].value); };
  return Version{part(0), part(1), part(2)};
}

Result<std::vector<FieldAnswer>> UapiModule::read(std::span<const std::uint64_t> ids) {
  std::vector<FieldAnswer> answers;
  answers.reserve(ids.size());
  while (!ids.empty()) {
    const auto chunk = ids.first(std::min<std::size_t>(ids.size(), TDXCTL_METADATA_MAX));
    ids = ids.subspan(chunk.size());
    MetadataBatch batch(chunk.size());
    std::ranges::transform(chunk, batch.fields().begin(), [](std::uint64_t id) {
      return tdxctl_field{id, 0, 0};
    });
    if (const int error = transport_.run(TDXCTL_IOC_READ, &batch.header()))
      return fail(run_error(transport_, "READ", error));
    for (const tdxctl_field& field : batch.fields()) {
      if (instruction_failed(field.status)) return fail(seamcall_error(kReadLeaf, field.status));
      answers.push_back({field.id, field.value, field.status});
    }
  }
  return answers;
}

Result<std::vector<Field>> UapiModule::read_all(ReadAllMethod method) {
  const bool by_rd = method == ReadAllMethod::rd;
  MetadataBatch batch(TDXCTL_METADATA_MAX);
  batch.header().method = by_rd ? TDXCTL_READ_ALL_RD : TDXCTL_READ_ALL_RDALL;
  if (const int error = transport_.run(TDXCTL_IOC_READ_ALL, &batch.header())) {
    return fail(run_error(transport_, "READ_ALL", error));
  }
  if (batch.header().status != 0)
    return fail(seamcall_error(by_rd ? kReadLeaf : kReadAllLeaf, batch.header().status));
  if (batch.header().nr_total > batch.header().nr_fields) {
    return fail(ErrorId::helper_failed, "the TDX module has more metadata than the helper can return");
  }
  std::vector<Field> fields;
  fields.reserve(batch.fields().size());
  for (const tdxctl_field& field : batch.fields()) {
    fields.push_back({by_rd ? field.id : id_as_by_rd(field.id), field.value});
  }
  return fields;
}

Result<DisableSlice> UapiModule::disable_slice(std::chrono::milliseconds limit) {
  auto argument = sized<tdxctl_disable>();
  argument.slice_ms =
      static_cast<__u32>(std::clamp<std::int64_t>(limit.count(), 0, TDXCTL_DISABLE_SLICE_MAX_MS));
  if (const int error = transport_.run(TDXCTL_IOC_DISABLE, &argument)) {
    return fail(run_error(transport_, "DISABLE", error));
  }
  return DisableSlice{.finished = argument.finished != 0,
                      .status = argument.status,
                      .calls = argument.calls,
                      .interrupted = argument.interrupted,
                      .busy = argument.busy};
}

Result<SeamldrInfo> UapiLoader::info() {
  if (info_) return *info_;
  auto argument = sized<tdxctl_seamldr_info>();
  if (const int error = transport_.run(TDXCTL_IOC_SEAMLDR_INFO, &argument)) {
    return fail(run_error(transport_, "SEAMLDR_INFO", error));
  }
  if (argument.status != 0) return fail(seamcall_error(kSeamldrInfo, argument.status));
  info_ = parse_seamldr_info(argument.info);
  return *info_;
}

Result<Version> UapiLoader::version() {
  const auto seamldr = info();
  if (!seamldr) return fail(seamldr.error());
  return seamldr->version;
}

Result<std::uint32_t> UapiLoader::updates_left() {
  const auto seamldr = info();
  if (!seamldr) return fail(seamldr.error());
  return seamldr->updates_left;
}

Result<void> UapiLoader::stage(std::span<const std::uint8_t> sigstruct,
                               std::span<const std::uint8_t> module) {
  if (sigstruct.size() > kPageBytes) {
    return fail(ErrorId::image_sigstruct_length, "a sigstruct of more than 4096 bytes cannot be staged");
  }
  if (module.empty() || module.size() % kPageBytes != 0 ||
      module.size() / kPageBytes > TDXCTL_MODULE_PAGES_MAX) {
    return fail(ErrorId::image_length, "only 1 to 496 whole pages of a module can be staged");
  }
  std::vector<std::uint64_t> words((sizeof(tdxctl_stage) + module.size()) / sizeof(std::uint64_t));
  auto& header = *reinterpret_cast<tdxctl_stage*>(words.data());
  header.size = static_cast<__u32>(sizeof(tdxctl_stage) + module.size());
  header.nr_pages = static_cast<__u32>(module.size() / kPageBytes);
  std::ranges::copy(sigstruct, header.sigstruct);
  std::memcpy(words.data() + sizeof(tdxctl_stage) / sizeof(std::uint64_t), module.data(), module.size());
  if (const int error = transport_.run(TDXCTL_IOC_STAGE, &header))
    return fail(run_error(transport_, "STAGE", error));
  return {};
}

Result<ApplyOutcome> UapiLoader::apply(UpdateFrom from) {
  auto argument = sized<tdxctl_apply>();
  argument.first_step = first_step(from);
  info_.reset();
  if (const int error = transport_.run(TDXCTL_IOC_APPLY, &argument)) {
    return fail(run_error(transport_, "APPLY", error));
  }
  ApplyOutcome outcome;
  for (const StepNumber& row : kSteps) {
    if (row.number == argument.failed_step) outcome.failed_step = row.step;
    outcome.took[static_cast<std::size_t>(row.step)] = std::chrono::nanoseconds{argument.step_ns[row.number]};
  }
  if (argument.failed_step != TDXCTL_STEP_NONE && !outcome.failed_step) {
    return fail(ErrorId::helper_mismatch,
                "the helper names step " + std::to_string(argument.failed_step) + ", which is not known");
  }
  outcome.failed_lp = argument.failed_lp;
  outcome.status = argument.status;
  outcome.module = presence(argument.module);
  outcome.replaced = argument.replaced != 0;
  outcome.vmcs_lost = argument.vmcs_lost;
  outcome.shutdown_rcx = argument.shutdown_rcx;
  outcome.stopped = std::chrono::nanoseconds{argument.stopped_ns};
  return outcome;
}

Result<tdxctl_platform> ask_platform(Transport& transport) {
  tdxctl_platform platform{};
  platform.size = sizeof platform;
  if (const int error = transport.run(TDXCTL_IOC_PLATFORM, &platform)) {
    return fail(run_error(transport, "PLATFORM", error));
  }
  return platform;
}

Result<void> has_capability(Transport& transport, std::uint64_t capability, std::string_view what) {
  const auto platform = ask_platform(transport);
  if (!platform) return fail(platform.error());
  if ((platform->capabilities & capability) == 0) {
    return fail(ErrorId::helper_mismatch, "the helper that is loaded cannot " + std::string(what));
  }
  return {};
}

Result<PlatformMsrs> read_msrs(Transport& transport) {
  const auto platform = ask_platform(transport);
  if (!platform) return fail(platform.error());
  PlatformMsrs msrs;
  if (platform->msrs_valid & TDXCTL_MSR_KEYID_PARTITIONING) {
    msrs.keyids = abi::parse_keyid_partitioning(platform->keyid_partitioning);
  }
  if (platform->msrs_valid & TDXCTL_MSR_VMX_BASIC) {
    msrs.seamret_invalidates_vmcs = !abi::bit(platform->vmx_basic, abi::kVmxBasicSeamretKeepsVmcsBit);
  }
  return msrs;
}

}  // namespace tdxctl
