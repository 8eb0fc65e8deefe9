// SPDX-License-Identifier: MIT
#include "drv/sim/machine_state.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "drv/host/new_file.h"
#include "drv/host/root.h"

extern "C" {
#include "seam/seam.h"
}

namespace tdxctl {
namespace {

constexpr std::string_view kMagic = "tdxctl.machine-state/3\n";

template <class T>
void append(std::string& text, const T& value) {
  text.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Takes a value off the front; nothing where there is too little left.
template <class T>
std::optional<T> take(std::string_view& text) {
  T value;
  if (text.size() < sizeof value) return std::nullopt;
  std::memcpy(&value, text.data(), sizeof value);
  text.remove_prefix(sizeof value);
  return value;
}

/// A bool that comes from a file can be neither.
bool is_sound(const bool& flag) {
  std::uint8_t byte;
  std::memcpy(&byte, &flag, sizeof byte);
  return byte <= 1;
}

bool is_sound(const tdxctl_bring_up& bring_up) {
  return bring_up.step <= TDXCTL_BRING_UP_QUOTE_INIT && bring_up.nr_tdmrs <= TDXCTL_TDMRS_MAX &&
         is_sound(bring_up.held) && is_sound(bring_up.kept) && is_sound(bring_up.given) &&
         is_sound(bring_up.extensions);
}

}  // namespace

MachineState::MachineState(const std::string& machine_path, std::string made_from)
    : machine_path_(machine_path), made_from_(std::move(made_from)) {}

MachineState::~MachineState() {
  if (lock_ >= 0) close(lock_);
}

Result<std::optional<SavedMachine>> MachineState::load() const {
  const std::string path = path_for(machine_path_);
  const auto content = Root("/").read(path);
  if (!content) {
    if (content.error().trouble == FileTrouble::absent) return std::optional<SavedMachine>{};
    return fail(file_error(content.error(), ErrorId::file_unreadable, "the state of the machine"));
  }
  const auto unusable = [&](std::string_view why) {
    return fail(ErrorId::profile_invalid, "'" + path + "' " + std::string(why),
                "start the machine anew with 'tdxctl sim reset'");
  };
  std::string_view rest = *content;
  if (!rest.starts_with(kMagic)) return unusable("is no state of a machine");
  rest.remove_prefix(kMagic.size());
  const auto text_bytes = take<std::uint64_t>(rest);
  if (!text_bytes || *text_bytes > rest.size()) return unusable("is damaged");
  if (rest.substr(0, *text_bytes) != made_from_)
    return unusable("is of a machine that the file no longer describes");
  rest.remove_prefix(*text_bytes);
  const auto next_page = take<std::uint64_t>(rest);
  const auto bring_up = take<tdxctl_bring_up>(rest);
  if (!next_page || !bring_up || !is_sound(*bring_up) || rest.empty() ||
      rest.size() % sizeof(std::uint64_t) != 0)
    return unusable("is damaged");
  SavedMachine saved{*next_page, *bring_up, std::vector<std::uint64_t>(rest.size() / sizeof(std::uint64_t))};
  std::memcpy(saved.state.data(), rest.data(), rest.size());
  const auto* machine = reinterpret_cast<const seam_machine*>(saved.state.data());
  if (!seam_is_machine(machine, rest.size())) return unusable("is damaged, or of another build of tdxctl");
  if (const char* wrong = seam_machine_check(machine)) return unusable(std::string("is damaged: ") + wrong);
  return saved;
}

Result<void> MachineState::claim() {
  const int fd = open(machine_path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return fail(ErrorId::file_unreadable, "cannot lock '" + machine_path_ + "': " + std::strerror(errno));
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    close(fd);
    return fail(ErrorId::busy, "another run is changing the machine '" + machine_path_ + "'");
  }
  lock_ = fd;
  return {};
}

bool MachineState::claimed_by_another() const {
  if (claimed()) return false;
  const int fd = open(machine_path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool taken = flock(fd, LOCK_SH | LOCK_NB) != 0;
  close(fd);
  return taken;
}

Result<void> MachineState::save(std::uint64_t next_page, const tdxctl_bring_up& bring_up,
                                std::span<const std::uint64_t> state) const {
  std::string content(kMagic);
  append(content, std::uint64_t{made_from_.size()});
  content += made_from_;
  append(content, next_page);
  tdxctl_bring_up kept = bring_up;
  kept.list = {};  // a page of this run
  append(content, kept);
  content.append(reinterpret_cast<const char*>(state.data()), state.size_bytes());
  return replace_file(path_for(machine_path_), content);
}

}  // namespace tdxctl
