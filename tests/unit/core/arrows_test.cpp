// SPDX-License-Identifier: MIT
// The arrows between the rooms of the tree are #include lines: a wrong one fails here.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tdxctl {
namespace {

namespace fs = std::filesystem;

/// What the files of a room may include of ours, and what they may not include of others.
struct Room {
  std::string_view path;  ///< a folder or one file; the longest that fits counts
  std::vector<std::string_view> may_include;
  std::vector<std::string_view> never_includes;  ///< beginnings of <...>
};

const std::vector<std::string_view> kDevicesAndScreens = {"CLI/",   "spdlog/", "fcntl.h", "iostream",
                                                          "linux/", "stdio.h", "sys/",    "unistd.h"};

// cli -> core <- drv -> kmod/uapi; drv/sim -> kmod/logic, seam. Nothing points back up.
const Room kRooms[] = {
    {"src/core", {"src/core"}, kDevicesAndScreens},
    {"src/cli", {"src/cli", "src/core"}, {"linux/", "sys/ioctl.h"}},
    {"src/cli/main.cpp", {"src/cli", "src/core", "src/drv"}, {}},
    {"src/drv/host", {"src/drv/host", "src/core"}, {"CLI/"}},
    {"src/drv/native", {"src/drv/native", "src/drv/host", "src/core"}, {"CLI/"}},
    {"src/drv/uapi", {"src/drv/uapi", "src/core", "kmod/uapi"}, {"CLI/"}},
    {"src/drv/helper", {"src/drv/helper", "src/drv/uapi", "src/core", "kmod/uapi"}, {"CLI/"}},
    {"src/drv/sim",
     {"src/drv/sim", "src/drv/uapi", "src/drv/host", "src/core", "kmod/uapi", "kmod/logic", "seam"},
     {"CLI/"}},
    {"kmod/uapi", {"kmod/uapi"}, {}},
    {"kmod/logic", {"kmod/logic", "kmod/uapi"}, {"linux/slab.h", "linux/uaccess.h", "asm/"}},
    {"kmod/linux", {"kmod/linux", "kmod/logic", "kmod/uapi"}, {}},
    {"seam", {"seam"}, {"assert.h", "stdio.h", "stdlib.h", "string.h", "linux/slab.h", "asm/"}},
};

bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

const Room* room_of(std::string_view file) {
  const Room* found = nullptr;
  for (const Room& room : kRooms) {
    if (is_below(file, room.path) && (!found || room.path.size() > found->path.size())) found = &room;
  }
  return found;
}

/// The file that an include line means, from the root of the tree: beside the file, below src/ or below the
/// root.
std::optional<std::string> target_of(const std::string& file, const std::string& include) {
  const fs::path root = TDXCTL_SOURCE_DIR;
  for (const fs::path& base : {fs::path(file).parent_path(), fs::path("src"), fs::path()}) {
    const fs::path target = (base / include).lexically_normal();
    if (fs::is_regular_file(root / target)) return target.generic_string();
  }
  return std::nullopt;
}

/// What is wrong with a line of a file; empty when nothing is, or when it includes nothing.
std::string wrong_arrow(const std::string& file, const std::string& line) {
  static const std::regex kInclude(R"(^\s*#\s*include\s*(["<])([^">]+)[">])");
  std::smatch match;
  if (!std::regex_search(line, match, kInclude)) return {};
  const std::string include = match[2];
  const Room* room = room_of(file);
  if (!room) return file + " is in no room";

  if (match[1] == "<") {
    const bool foreign = std::ranges::any_of(
        room->never_includes, [&](std::string_view each) { return include.starts_with(each); });
    return foreign ? file + " includes <" + include + ">" : "";
  }
  const auto target = target_of(file, include);
  if (!target) return file + " includes '" + include + "', which is nowhere";
  const bool allowed =
      std::ranges::any_of(room->may_include, [&](std::string_view each) { return is_below(*target, each); });
  return allowed ? "" : file + " includes " + *target;
}

bool is_source(const fs::path& path) {
  const std::string name = path.filename();
  if (name.ends_with(".mod.c")) return false;  // kbuild made it
  return name.ends_with(".h") || name.ends_with(".c") || name.ends_with(".cpp");
}

std::vector<std::string> source_files() {
  const fs::path root = TDXCTL_SOURCE_DIR;
  std::vector<std::string> files;
  for (const char* folder : {"src", "kmod", "seam"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (entry.is_regular_file() && is_source(entry.path())) {
        files.push_back(entry.path().lexically_relative(root).generic_string());
      }
    }
  }
  return files;
}

TEST(Arrows, NoFileIncludesWhatItsRoomMayNot) {
  for (const std::string& file : source_files()) {
    std::ifstream in(fs::path(TDXCTL_SOURCE_DIR) / file);
    ASSERT_TRUE(in) << file;
    int number = 0;
    for (std::string line; std::getline(in, line);) {
      ++number;
      EXPECT_EQ(wrong_arrow(file, line), "") << "line " << number;
    }
  }
}

TEST(Arrows, EveryRoomHasFilesThatWereRead) {
  std::set<std::string_view> rooms;
  for (const std::string& file : source_files()) {
    const Room* room = room_of(file);
    ASSERT_NE(room, nullptr) << file << " is in no room";
    rooms.insert(room->path);
  }
  for (const Room& room : kRooms) EXPECT_TRUE(rooms.contains(room.path)) << room.path << " has no files";
}

struct Line {
  const char* file;
  const char* text;
};

TEST(Arrows, AWrongLineIsSeen) {
  for (const Line& line : {
           Line{"src/core/drivers.cpp", "#include \"drv/host/root.h\""},
           Line{"src/core/drivers.cpp", "#include \"cli/text.h\""},
           Line{"src/core/drivers.cpp", "#include \"kmod/uapi/tdxctl.h\""},
           Line{"src/core/drivers.cpp", "#include \"../drv/host/root.h\""},
           Line{"src/core/abi/bits.h", "#  include \"drv/host/root.h\"  // only for now"},
           Line{"src/core/drivers.cpp", "#include <spdlog/spdlog.h>"},
           Line{"src/core/drivers.cpp", "#include <fcntl.h>"},
           Line{"src/cli/text.cpp", "#include \"drv/host/root.h\""},
           Line{"src/cli/text.cpp", "#include \"seam/seam.h\""},
           Line{"src/drv/host/root.cpp", "#include \"cli/text.h\""},
           Line{"src/drv/host/root.cpp", "#include \"kmod/uapi/tdxctl.h\""},
           Line{"src/drv/native/native_driver.cpp", "#include \"drv/uapi/transport.h\""},
           Line{"src/drv/helper/helper_driver.cpp", "#include \"drv/sim/sim_host.h\""},
           Line{"src/drv/uapi/uapi_driver.cpp", "#include \"kmod/logic/logic.h\""},
           Line{"src/drv/sim/sim_host.cpp", "#include \"kmod/linux/host.h\""},
           Line{"kmod/logic/leaves.c", "#include \"../linux/host.h\""},
           Line{"kmod/logic/leaves.c", "#include \"../../seam/seam.h\""},
           Line{"kmod/uapi/tdxctl.h", "#include \"../logic/host.h\""},
           Line{"kmod/linux/main.c", "#include \"../../seam/seam.h\""},
           Line{"seam/seam.c", "#include \"../kmod/logic/tdx.h\""},
           Line{"seam/seam.c", "#include <string.h>"},
           Line{"seam/seam.c", "#include \"no_such_file.h\""},
           Line{"src/new_room/file.cpp", "#include \"core/error.h\""},
       }) {
    EXPECT_NE(wrong_arrow(line.file, line.text), "") << line.file << ": " << line.text;
  }
}

TEST(Arrows, ARightLineIsNot) {
  for (const Line& line : {
           Line{"src/core/drivers.cpp", "#include \"core/drivers.h\""},
           Line{"src/core/drivers.cpp", "#include <algorithm>"},
           Line{"src/core/drivers.cpp", "// #include \"drv/host/root.h\""},
           Line{"src/cli/main.cpp", "#include \"drv/host/root.h\""},
           Line{"src/drv/helper/helper_driver.cpp", "#include \"kmod/uapi/tdxctl.h\""},
           Line{"src/drv/sim/sim_host.h", "#include \"seam/seam.h\""},
           Line{"kmod/logic/leaves.c", "#include \"leaves.h\""},
           Line{"kmod/logic/logic.h", "#include \"../uapi/tdxctl.h\""},
       }) {
    EXPECT_EQ(wrong_arrow(line.file, line.text), "");
  }
}

}  // namespace
}  // namespace tdxctl
