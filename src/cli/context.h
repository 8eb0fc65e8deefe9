// SPDX-License-Identifier: MIT
// What a verb is given to work with.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/options.h"
#include "cli/text.h"
#include "core/drivers.h"
#include "core/port/clock.h"
#include "core/port/files.h"
#include "core/port/journal.h"
#include "core/port/machines.h"
#include "core/port/store.h"

namespace tdxctl::cli {

/// What main() joins to the commands. Nothing is made before a verb asks for it.
class Parts {
 public:
  virtual ~Parts() = default;

  /// The drivers of a choice. Errors: with sim those of Machines::load and Machines::view.
  [[nodiscard]] virtual Result<std::unique_ptr<Drivers>> drivers(const DriverChoice& choice) = 0;
  [[nodiscard]] virtual Machines& machines() = 0;
  [[nodiscard]] virtual Files& files() = 0;

  /// Real time. From the first call on, signals that ask to stop are left to the caller.
  [[nodiscard]] virtual Clock& clock() = 0;
  /// What is kept below that root directory.
  [[nodiscard]] virtual Store& store(const std::string& root) = 0;
  /// The journal of the system below that root directory.
  [[nodiscard]] virtual Journal& journal(const std::string& root) = 0;

  /// Columns of the terminal on standard output; 0 where it does not say.
  [[nodiscard]] virtual std::size_t terminal_columns() { return 0; }
};

class Context {
 public:
  explicit Context(Parts& parts) : parts_(parts) {}

  Options options;

  /// Names the schema of what is printed, "tdxctl.VERB/1". Before a verb is known it is that of a bare error.
  std::string_view verb = "error";

  /// The simulated machine that answers; empty when none does.
  std::string machine;

  /// What the chosen verb does; gives the exit code. Set while the command line is read, called afterwards.
  std::function<int()> run;

  /// The drivers that --driver asks for, made on the first call.
  [[nodiscard]] Result<Drivers*> drivers();

  [[nodiscard]] Machines& machines() { return parts_.machines(); }
  [[nodiscard]] Files& files() { return parts_.files(); }
  [[nodiscard]] Clock& clock() { return parts_.clock(); }
  [[nodiscard]] Store& store() { return parts_.store(options.root); }
  [[nodiscard]] Journal& journal() { return parts_.journal(options.root); }

  /// How text on standard output is to look.
  [[nodiscard]] Style style() const;

 private:
  Parts& parts_;
  std::unique_ptr<Drivers> drivers_;
};

}  // namespace tdxctl::cli
