// SPDX-License-Identifier: MIT
#include "drv/host/memory_map.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace tdxctl {
namespace {

constexpr std::string_view kNodes = "/sys/devices/system/node";

template <class T>
std::optional<T> parse_all(std::string_view text, int base) {
  T value{};
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || at != text.data() + text.size()) return std::nullopt;
  return value;
}

/// N of "nodeN" or "memoryN".
std::optional<std::uint32_t> number_behind(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  return parse_all<std::uint32_t>(name.substr(prefix.size()), 10);
}

/// "00100000-7fffffff : System RAM", without the addresses' meaning being looked at.
std::optional<MemoryRange> parse_line(std::string_view line) {
  const auto colon = line.find(" : ");
  const auto dash = line.find('-');
  if (colon == std::string_view::npos || dash > colon || line.substr(colon + 3) != "System RAM") {
    return std::nullopt;
  }
  const auto first = parse_all<std::uint64_t>(line.substr(0, dash), 16);
  const auto last = parse_all<std::uint64_t>(line.substr(dash + 1, colon - dash - 1), 16);
  if (!first || !last || *last < *first) return std::nullopt;
  return MemoryRange{*first, *last - *first + 1, std::nullopt};
}

/// One memory block, the unit in which Linux gives memory to nodes.
struct Block {
  std::uint64_t number;
  std::uint32_t node;
};

/// Blocks of all nodes in rising order, a block of two nodes twice. Nothing where Linux does not tell.
std::vector<Block> read_blocks(const Root& root) {
  std::vector<Block> blocks;
  const auto nodes = root.list(kNodes);
  if (!nodes) return blocks;
  for (const std::string& name : *nodes) {
    const auto node = number_behind(name, "node");
    if (!node) continue;
    const auto entries = root.list(std::string(kNodes) + "/" + name);
    if (!entries) continue;
    for (const std::string& entry : *entries) {
      if (const auto number = number_behind(entry, "memory")) blocks.push_back({*number, *node});
    }
  }
  std::ranges::stable_sort(blocks, {}, &Block::number);
  return blocks;
}

/// Cuts RAM where its node changes. A block of two nodes counts for the first.
std::vector<MemoryRange> with_nodes(const std::vector<MemoryRange>& memory, const std::vector<Block>& blocks,
                                    std::uint64_t block_bytes) {
  std::vector<MemoryRange> parts;
  for (const MemoryRange& range : memory) {
    std::uint64_t at = range.base;
    auto block = std::ranges::lower_bound(blocks, at / block_bytes, {}, &Block::number);
    while (at < range.end()) {
      const std::uint64_t number = at / block_bytes;
      while (block != blocks.end() && block->number < number) ++block;
      std::optional<std::uint32_t> node;
      if (block != blocks.end() && block->number == number) node = block->node;
      const std::uint64_t end = std::min(range.end(), (number + 1) * block_bytes);
      if (at != range.base && parts.back().node == node) {
        parts.back().bytes += end - at;
      } else {
        parts.push_back({at, end - at, node});
      }
      at = end;
    }
  }
  return parts;
}

}  // namespace

Result<std::vector<MemoryRange>> parse_iomem(std::string_view text) {
  std::vector<MemoryRange> memory;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (const auto range = parse_line(text.substr(0, end))) memory.push_back(*range);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (memory.empty()) {
    return fail(ErrorId::driver_unavailable, "'/proc/iomem' shows no RAM", "give the machine with --machine");
  }
  if (std::ranges::all_of(memory, [](const MemoryRange& range) { return range.end() == 1; })) {
    return fail(ErrorId::not_permitted, "Linux hides the addresses in '/proc/iomem' from this user");
  }
  return memory;
}

Result<std::vector<MemoryRange>> read_memory(const Root& root) {
  const auto text = root.read("/proc/iomem");
  if (!text) return fail(file_error(text.error(), ErrorId::driver_unavailable, "the memory map"));
  auto memory = parse_iomem(*text);
  if (!memory) return memory;
  const auto size = root.read("/sys/devices/system/memory/block_size_bytes");
  const std::uint64_t block_bytes = size ? parse_all<std::uint64_t>(trimmed(*size), 16).value_or(0) : 0;
  const auto blocks = read_blocks(root);
  // A block is at least 128 MiB. Anything much smaller would be no Linux that we know.
  if (block_bytes < (1u << 20) || blocks.empty()) return memory;
  return with_nodes(*memory, blocks, block_bytes);
}

}  // namespace tdxctl
