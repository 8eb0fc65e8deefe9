// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model_machine.h"

namespace tdxctl {

/// Makes a machine and powers it on, in the home of the model that it stands for.
using PowerOn = std::function<std::unique_ptr<seam_test::ModelMachine>(const seam_profile&)>;

/// In this process, and in the kernel, where it throws std::system_error without seam_host.
std::unique_ptr<seam_test::ModelMachine> power_on_here(const seam_profile& profile);
std::unique_ptr<seam_test::ModelMachine> power_on_in_kernel(const seam_profile& profile);

/// What replaying a file of conformance vectors on the model found.
struct ReplayReport {
  std::size_t sequences = 0;
  std::size_t ops = 0;
  /// Each is one line: "file:line: id, op N: what was expected and what came".
  std::vector<std::string> differences;
  /// Lines that are not vectors of the format; in the same form.
  std::vector<std::string> malformed;
};

/// Replays every sequence of one file, one JSON object a line, each on a freshly
/// powered-on machine of the profile "conformance" with zero-filled memory.
/// The format is that of the project's vector collection; see docs/model.md.
[[nodiscard]] ReplayReport replay_vectors(const std::filesystem::path& file,
                                          const PowerOn& power_on = power_on_here);

}  // namespace tdxctl
