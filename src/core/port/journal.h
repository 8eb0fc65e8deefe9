// SPDX-License-Identifier: MIT
// Port: the log of the system, where the administrator of a fleet looks. Implemented in drv/host.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tdxctl {

struct JournalField {
  std::string_view name;  ///< capital letters, digits and underscores
  std::string value;

  friend bool operator==(const JournalField&, const JournalField&) = default;
};

class Journal {
 public:
  virtual ~Journal() = default;

  /// Adds one entry where there is a journal. Never waits, and tells nobody whether it arrived: what has to
  /// be kept is kept elsewhere.
  virtual void send(std::span<const JournalField> fields) = 0;
};

}  // namespace tdxctl
