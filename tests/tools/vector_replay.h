// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace tdxctl {

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
[[nodiscard]] ReplayReport replay_vectors(const std::filesystem::path& file);

}  // namespace tdxctl
