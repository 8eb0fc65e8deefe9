// SPDX-License-Identifier: MIT
#include "cli/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "cli/text.h"

namespace tdxctl::cli {

void start_log(int verbosity) {
  // spdlog's own default logger writes to standard output.
  auto log = spdlog::stderr_logger_st("tdxctl");
  log->set_pattern("%n: %l: %v");
  log->set_level(verbosity > 2   ? spdlog::level::trace
                 : verbosity > 1 ? spdlog::level::debug
                                 : spdlog::level::info);
  spdlog::set_default_logger(std::move(log));
}

void log_drivers(Drivers& drivers, int verbosity) {
  if (verbosity == 0) return;
  for (const Capability& row : drivers.capabilities()) {
    if (row.available) {
      spdlog::info("driver {}: {} available", row.driver, row.name);
    } else {
      spdlog::info("driver {}: {} not available: {}", row.driver, row.name,
                   printable(row.available.error().what));
    }
  }
}

}  // namespace tdxctl::cli
