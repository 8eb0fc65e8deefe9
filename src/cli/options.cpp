// SPDX-License-Identifier: MIT
#include "cli/options.h"

#include "cli/text.h"

namespace tdxctl::cli {
namespace {

struct DriverName {
  std::string_view name;
  DriverKind kind;
};
constexpr DriverName kDriverNames[] = {
    {"auto", DriverKind::automatic},
    {"native", DriverKind::native},
    {"helper", DriverKind::helper},
    {"sim", DriverKind::sim},
};

}  // namespace

Result<DriverChoice> parse_driver(const Options& options) {
  const std::string_view typed = options.driver;
  const auto equals = typed.find('=');
  for (const DriverName& row : kDriverNames) {
    if (typed.substr(0, equals) != row.name) continue;
    if (equals == std::string_view::npos) return DriverChoice{row.kind, {}, options.root};
    if (row.kind == DriverKind::sim && equals + 1 < typed.size()) {
      return DriverChoice{row.kind, std::string(typed.substr(equals + 1)), options.root};
    }
  }
  return fail(ErrorId::usage, "no driver is called '" + printable(typed) + "'",
              "drivers are auto, native, helper and sim[=MACHINE]");
}

}  // namespace tdxctl::cli
