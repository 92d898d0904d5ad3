// What the pages about the whole say of the graph of imports: the part of it that people read, in one record.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "repo/graph.h"

namespace skein::docs {

struct GraphSummary {
  struct Node {
    std::string path;
    std::uint32_t layer = 0, fan_in = 0, fan_out = 0;
    bool in_cycle = false;
    bool operator==(const Node&) const = default;
  };
  struct Cycle {
    std::vector<std::string> members;   ///< Sorted; at most kMembers.
    std::vector<std::string> shortest;  ///< As repo::GraphCycle, where not longer than kMembers.
    std::uint64_t total = 0;            ///< Members.
    std::uint64_t ties = 0;             ///< Between them.
    bool operator==(const Cycle&) const = default;
  };
  struct Entry {
    std::string path;
    repo::EntryKind kind{};
    std::uint32_t fan_in = 0;
    bool operator==(const Entry&) const = default;
  };
  std::uint64_t files = 0, file_ties = 0, outside = 0;
  std::uint64_t modules = 0, module_ties = 0;
  std::uint32_t layers = 0;                       ///< Of modules.
  std::vector<Node> by_layer;                     ///< Modules, the lowest layer first, then the most used.
  std::vector<Node> foundations;                  ///< Modules with the highest fan-in.
  std::vector<Node> most_used;                    ///< Files with the highest fan-in,
  std::vector<Node> most_using;                   ///< and those with the highest fan-out.
  std::vector<Cycle> module_cycles, file_cycles;  ///< The largest first.
  std::uint64_t all_module_cycles = 0, all_file_cycles = 0;
  std::vector<Entry> entries;  ///< The strongest reasons first; tests and documentation left out.
  std::uint64_t all_entries = 0;
  std::vector<std::string> orphans;  ///< Sorted.
  std::uint64_t all_orphans = 0;

  static constexpr std::size_t kRows = 1'000;  ///< Of each list of modules, entries and orphans.
  static constexpr std::size_t kTop = 40;
  static constexpr std::size_t kCycles = 100;
  static constexpr std::size_t kMembers = 60;
  bool operator==(const GraphSummary&) const = default;
};

/// `is_side[n]`: node n of graph.files is a test or documentation, whose main functions are nobody's entry.
[[nodiscard]] GraphSummary summarize(const repo::RepoGraph& graph, const std::vector<bool>& is_side);
[[nodiscard]] std::string encode(const GraphSummary& summary);
/// Errors: `data_corrupt`.
[[nodiscard]] Result<GraphSummary> decode_graph_summary(std::string_view bytes);

}  // namespace skein::docs
