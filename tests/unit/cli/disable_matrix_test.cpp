// SPDX-License-Identifier: MIT
// Makes docs/disable-matrix.md: what `tdxctl disable` makes of every status that TDH.SYS.DISABLE could
// answer, through the helper's logic and the simulated machine. To write it anew: TDXCTL_WRITE_DOCS=1
// tdxctl_unit_tests --gtest_filter=DisableMatrix.*
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "cli/exit_codes.h"
#include "core/abi/status.h"
#include "core/disable.h"
#include "core/hex.h"
#include "core/metadata_read.h"
#include "unit/core/fake_drivers.h"

namespace tdxctl::cli {
namespace {

using namespace std::chrono_literals;

constexpr int kPositions[] = {1, 2, 100};

class EndlessTime : public Clock {
 public:
  Duration now() override { return now_ += 50ms; }
  bool sleep(Duration duration) override {
    now_ += duration;
    return true;
  }
  bool stop_requested() override { return false; }

 private:
  Duration now_{0};
};

class Nobody : public DisableWatcher {
 public:
  void on_progress(const DisableProgress& /*progress*/) override {}
};

/// The answer comes after position - 1 interruptions.
DisableResult answered(std::uint64_t status, int position) {
  test::FakeDrivers host{"helper"};
  test::FakeModule& module = host.driver.at("helper")->module_port;
  module.fields[kFeatures0Id] = 1ull << 53;
  host.platform->now.hkids = HkidUse{0, 31};
  if (position > 1) {
    const auto before = static_cast<std::uint64_t>(position - 1);
    module.slices.push_back(DisableSlice{.calls = before, .interrupted = before});
  }
  const bool interrupted = status == abi::status::kInterruptedResumable;
  const bool busy = status == abi::status::kSysBusy;
  module.slices.push_back(DisableSlice{.finished = !interrupted && !busy,
                                       .status = status,
                                       .calls = 1,
                                       .interrupted = interrupted,
                                       .busy = busy});
  EndlessTime clock;
  Nobody nobody;
  return disable(*host.drivers, {.timeout = 10s}, clock, nobody);
}

std::string cell(const DisableResult& result) {
  std::string text = std::to_string(result.error ? exit_code(*result.error) : 0);
  if (result.error) return text + " " + std::string(error_info(result.error->id).name);
  return text + (result.changed ? " changed" : " unchanged") +
         (result.warning.empty() ? "" : ", with a warning");
}

std::string matrix() {
  std::ostringstream out;
  out << "# What `tdxctl disable` makes of every answer\n\n"
         "Made by the test DisableMatrix over a scripted driver; do not edit. TDH.SYS.DISABLE answers with "
         "the status, for\n"
         "ever, at the first call, or after it was interrupted once or 99 times; the time limit is 10 s. A "
         "cell has the exit\n"
         "code and the `error.id`, or whether anything changed.\n\n"
         "| status | name | first call | second | hundredth |\n|---|---|---|---|---|\n";
  for (const auto interface : {abi::Interface::tdx_module, abi::Interface::software}) {
    for (const abi::StatusCode& code : abi::status_codes(interface)) {
      out << "| " << hex64(code.value) << " | " << code.name;
      for (const int position : kPositions) out << " | " << cell(answered(code.value, position));
      out << " |\n";
    }
  }
  return out.str();
}

TEST(DisableMatrix, IsTheOneInDocs) {
  const std::string path = TDXCTL_SOURCE_DIR "/docs/disable-matrix.md";
  const std::string made = matrix();
  if (std::getenv("TDXCTL_WRITE_DOCS")) std::ofstream(path) << made;
  std::ostringstream written;
  written << std::ifstream(path).rdbuf();
  EXPECT_EQ(written.str(), made);
}

}  // namespace
}  // namespace tdxctl::cli
