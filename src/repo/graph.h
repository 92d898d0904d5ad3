// The graph of a workspace: which file and which folder uses which, what that makes of them (layers, cycles, fan-in and
// fan-out), where a reader or a program starts, and what nobody uses. Plain data in, plain data out, linear time, so
// that it can be a pure step of the engine with early cutoff.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace skein::repo {

/// Why a file is a place to start, the strongest reason first.
enum class EntryKind : std::uint8_t {
  manifest,  ///< A manifest names it: "bin", "main", [[bin]], a script of pyproject.toml.
  main,      ///< It defines a main function, or guards one with `if __name__ == "__main__"`.
  named,     ///< A tool runs or loads it by its name: __main__.py, setup.py, vite.config.js.
  script,    ///< Its first line names an interpreter ("#!").
};
[[nodiscard]] std::string_view to_string(EntryKind kind);
/// The value of a name that `to_string` gave.
[[nodiscard]] std::optional<EntryKind> parse_entry_kind(std::string_view name);

/// One file as the graph needs it.
struct GraphSource {
  std::string path{};  ///< "/"-separated, relative to the workspace; no two sources share one.
  std::vector<std::string>
      uses{};  ///< Files that its imports lead to; one that several imports name stands repeatedly.
  std::optional<EntryKind> entry{};
  bool test = false;
  bool documentation = false;
  /// A file of its language is used only where some file imports it. False for those that a compiler or a build takes
  /// by itself (C's sources, Go's and Java's packages, styles, data): such a file is never an orphan.
  bool by_import = false;
};

/// `uses` of the node that holds the edge; `imports`: how many imports make it, >= 1.
struct GraphEdge {
  bool operator==(const GraphEdge&) const = default;
  std::uint32_t node = 0;
  std::uint32_t imports = 0;
};

struct GraphNode {
  bool operator==(const GraphNode&) const = default;
  static constexpr std::uint32_t kNone = 0xffffffff;
  std::string path{};         ///< Of the file, or of the module's folder; "" is the workspace's own folder.
  std::uint32_t layer = 0;    ///< 0 uses nothing here; else one more than the highest layer that it uses. Members of a
                              ///< cycle share one layer.
  std::uint32_t fan_in = 0;   ///< Other nodes that use it, each counted once.
  std::uint32_t fan_out = 0;  ///< Other nodes that it uses.
  std::uint32_t cycle = kNone;   ///< Index in `cycles`.
  std::uint32_t module = kNone;  ///< Of a file: its node in the graph of modules.
};

/// Nodes each of which uses every other one, at least indirectly: a strongly connected component of two or more.
struct GraphCycle {
  bool operator==(const GraphCycle&) const = default;
  std::vector<std::uint32_t> members{};   ///< Ascending.
  std::vector<std::uint32_t> shortest{};  ///< The shortest way from the first member back to it, without repeating it:
                                          ///< each uses the next, the last uses the first. Of equals the first found.
  std::uint64_t edges = 0;                ///< Between members.
};

/// A directed graph without loops from a node to itself.
struct ImportGraph {
  bool operator==(const ImportGraph&) const = default;
  std::vector<GraphNode> nodes{};          ///< Sorted by path.
  std::vector<std::uint32_t> begin = {0};  ///< Where a node's edges begin; one more than nodes.
  std::vector<GraphEdge> edges{};          ///< Of a node in the order of their targets.
  std::vector<GraphCycle> cycles{};        ///< In the order of their first members.
  std::uint32_t layers = 0;                ///< The highest layer + 1; 0 without nodes.

  /// What a node uses. REQUIRES node < nodes.size().
  [[nodiscard]] std::span<const GraphEdge> uses(std::uint32_t node) const {
    return std::span(edges).subspan(begin[node], begin[node + 1] - begin[node]);
  }
  /// O(log n).
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view path) const;
  /// The same nodes with each edge turned around: uses(n) is then what uses n. Layers, fans and cycles stay as they
  /// are. O(nodes + edges).
  [[nodiscard]] ImportGraph reversed() const;
};

struct GraphEntry {
  bool operator==(const GraphEntry&) const = default;
  std::uint32_t file = 0;  ///< Node in `files`.
  EntryKind kind{};
};

struct RepoGraph {
  bool operator==(const RepoGraph&) const = default;
  ImportGraph files{};
  /// A module is a folder that itself holds a file of the graph; it uses those of its files' uses that lie elsewhere.
  ImportGraph modules{};
  std::vector<GraphEntry> entries{};  ///< Ascending by file.
  std::vector<std::uint32_t>
      orphans{};              ///< Files, ascending: by_import, used by nobody, no entry, test, documentation.
  std::uint64_t outside = 0;  ///< Uses of files that are no sources: not in the graph.
};

/// A pure function of the sources; their order does not matter. Strongly connected components by Tarjan (Depth-first
/// search and linear graph algorithms, 1972), without recursion; layers are longest paths over the condensation, which
/// the same walk visits from its ends on. O(n log n) for sorting the paths, then O(files + uses).
[[nodiscard]] RepoGraph make_graph(std::vector<GraphSource> sources);

/// The layout's version, the first byte of what `encode` gives.
inline constexpr std::uint8_t kGraphFormat = 1;
/// The stored form; equal graphs give equal bytes.
[[nodiscard]] std::string encode(const RepoGraph& graph);
/// Never trusts its input: every index in what it gives is in range, and nodes are sorted.
/// Errors: `data_corrupt`, `unsupported_version`.
[[nodiscard]] Result<RepoGraph> decode_graph(std::string_view bytes);

/// What the page of one module needs to know of the graph: a small record, so that a change elsewhere that does not
/// matter to a module leaves its slice as it was.
struct ModuleSlice {
  bool operator==(const ModuleSlice&) const = default;
  struct Use {
    bool operator==(const Use&) const = default;
    std::string path{};
    std::uint64_t imports = 0;
  };
  struct File {
    bool operator==(const File&) const = default;
    std::string path{};
    std::uint32_t layer = 0, fan_in = 0, fan_out = 0;
    bool in_cycle = false;
    bool orphan = false;
    std::optional<EntryKind> entry{};
  };
  std::string path{};
  std::uint32_t layer = 0, layers = 0, fan_in = 0, fan_out = 0;
  std::vector<Use> uses{}, used_by{};   ///< Other modules, most imports first, then by path.
  std::vector<std::string> cycle{};     ///< The modules of its cycle, itself included, by path; empty: in none.
  std::vector<std::string> shortest{};  ///< GraphCycle::shortest of that.
  std::vector<File> files{};            ///< By path.
};
/// One slice per module, in the order of graph.modules.nodes. O(graph).
[[nodiscard]] std::vector<ModuleSlice> module_slices(const RepoGraph& graph);
[[nodiscard]] std::string encode(const ModuleSlice& slice);
/// Errors: `data_corrupt`, `unsupported_version`.
[[nodiscard]] Result<ModuleSlice> decode_module_slice(std::string_view bytes);

}  // namespace skein::repo
