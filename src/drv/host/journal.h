// SPDX-License-Identifier: MIT
// journald, by its native protocol. Source: systemd, "Native Journal Protocol".
#pragma once

#include "core/port/journal.h"
#include "drv/host/root.h"

namespace tdxctl {

/// What journald takes as one entry.
std::string journal_datagram(std::span<const JournalField> fields);

/// The journald that listens below a root directory, if one does. An entry that does not fit into a datagram
/// is lost.
class HostJournal : public Journal {
 public:
  explicit HostJournal(Root root) : root_(std::move(root)) {}

  void send(std::span<const JournalField> fields) override;

 private:
  Root root_;
};

}  // namespace tdxctl
