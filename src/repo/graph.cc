#include "repo/graph.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

namespace skein::repo {
namespace {

constexpr std::array<std::string_view, 4> kEntryKinds = {"manifest", "main", "named", "script"};
static_assert(kEntryKinds.size() == static_cast<std::size_t>(EntryKind::script) + 1);

std::string_view folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? std::string_view{} : path.substr(0, slash);
}

/// Sets edges, fan_in and fan_out. `targets[n]`: what n uses, with repetitions and without n itself.
void set_edges(ImportGraph& graph, std::vector<std::vector<GraphEdge>>& targets) {
  graph.begin.assign(1, 0);
  graph.begin.reserve(targets.size() + 1);
  for (std::size_t node = 0; node < targets.size(); ++node) {
    auto& uses = targets[node];
    std::ranges::sort(uses, {}, &GraphEdge::node);
    for (const auto& use : uses) {
      if (graph.edges.size() > graph.begin.back() && graph.edges.back().node == use.node) {
        graph.edges.back().imports += use.imports;
      } else {
        graph.edges.push_back(use);
        ++graph.nodes[use.node].fan_in;
      }
    }
    graph.nodes[node].fan_out = static_cast<std::uint32_t>(graph.edges.size()) - graph.begin.back();
    graph.begin.push_back(static_cast<std::uint32_t>(graph.edges.size()));
    std::vector<GraphEdge>().swap(uses);
  }
}

/// Tarjan's walk with a stack of its own. A component is complete only after all components that it uses, so its layer
/// is known at that moment.
class Components {
 public:
  explicit Components(ImportGraph& graph)
      : graph_(graph), index_(graph.nodes.size(), 0), low_(graph.nodes.size(), 0), open_(graph.nodes.size(), false) {}

  void run() {
    for (std::uint32_t node = 0; node < graph_.nodes.size(); ++node) {
      if (index_[node] == 0) visit(node);
    }
    std::ranges::sort(graph_.cycles, {}, [](const GraphCycle& cycle) { return cycle.members.front(); });
    for (std::uint32_t i = 0; i < graph_.cycles.size(); ++i) {
      for (const auto member : graph_.cycles[i].members) graph_.nodes[member].cycle = i;
    }
    find_shortest_ways();
  }

 private:
  struct Frame {
    std::uint32_t node, next;  ///< next: of its edges.
  };

  void enter(std::uint32_t node) {
    index_[node] = low_[node] = ++count_;
    path_.push_back(node);
    open_[node] = true;
    walk_.push_back({node, graph_.begin[node]});
  }

  void visit(std::uint32_t root) {
    enter(root);
    while (!walk_.empty()) {
      auto& [node, next] = walk_.back();
      if (next < graph_.begin[node + 1]) {
        const std::uint32_t used = graph_.edges[next++].node;
        if (index_[used] == 0) {
          enter(used);
        } else if (open_[used]) {
          low_[node] = std::min(low_[node], index_[used]);
        }
        continue;
      }
      const std::uint32_t done = node;
      walk_.pop_back();
      if (!walk_.empty()) low_[walk_.back().node] = std::min(low_[walk_.back().node], low_[done]);
      if (low_[done] == index_[done]) close(done);
    }
  }

  void close(std::uint32_t first) {
    const auto start = std::find(path_.rbegin(), path_.rend(), first).base() - 1;
    std::vector<std::uint32_t> members(start, path_.end());
    path_.erase(start, path_.end());
    std::uint32_t layer = 0;
    for (const auto member : members) {
      for (const auto& edge : graph_.uses(member)) {
        if (!open_[edge.node]) layer = std::max(layer, graph_.nodes[edge.node].layer + 1);
      }
    }
    // Only now: above, what is open and used is a member.
    for (const auto member : members) {
      open_[member] = false;
      graph_.nodes[member].layer = layer;
    }
    graph_.layers = std::max(graph_.layers, layer + 1);
    if (members.size() < 2) return;
    std::ranges::sort(members);
    graph_.cycles.push_back({std::move(members), {}, 0});
  }

  /// Breadth first inside each component, from its first member back to it: every edge is seen once.
  void find_shortest_ways() {
    std::vector<std::uint32_t> from(graph_.nodes.size(), GraphNode::kNone);
    for (std::uint32_t i = 0; i < graph_.cycles.size(); ++i) {
      auto& cycle = graph_.cycles[i];
      const std::uint32_t first = cycle.members.front();
      std::vector<std::uint32_t> queue{first};
      std::uint32_t last = GraphNode::kNone;
      for (std::size_t at = 0; at < queue.size(); ++at) {
        for (const auto& edge : graph_.uses(queue[at])) {
          if (graph_.nodes[edge.node].cycle != i) continue;
          ++cycle.edges;
          if (edge.node == first) {
            if (last == GraphNode::kNone) last = queue[at];
          } else if (from[edge.node] == GraphNode::kNone) {
            from[edge.node] = queue[at];
            queue.push_back(edge.node);
          }
        }
      }
      for (std::uint32_t node = last; node != first; node = from[node]) cycle.shortest.push_back(node);
      cycle.shortest.push_back(first);
      std::ranges::reverse(cycle.shortest);
    }
  }

  ImportGraph& graph_;
  std::vector<std::uint32_t> index_, low_;  // 0: not seen.
  std::vector<bool> open_;                  // On path_.
  std::vector<std::uint32_t> path_;
  std::vector<Frame> walk_;
  std::uint32_t count_ = 0;
};

void make_modules(RepoGraph& graph) {
  auto& files = graph.files;
  auto& modules = graph.modules;
  std::vector<std::string_view> folders;
  folders.reserve(files.nodes.size());
  for (const auto& file : files.nodes) folders.push_back(folder_of(file.path));
  std::vector<std::string_view> sorted = folders;
  std::ranges::sort(sorted);
  sorted.erase(std::ranges::unique(sorted).begin(), sorted.end());
  std::unordered_map<std::string_view, std::uint32_t> index;
  index.reserve(sorted.size());
  for (const auto folder : sorted) {
    index.emplace(folder, static_cast<std::uint32_t>(modules.nodes.size()));
    modules.nodes.push_back({.path = std::string(folder)});
  }
  for (std::size_t i = 0; i < folders.size(); ++i) files.nodes[i].module = index.at(folders[i]);
  std::vector<std::vector<GraphEdge>> targets(modules.nodes.size());
  for (std::uint32_t file = 0; file < files.nodes.size(); ++file) {
    const std::uint32_t module = files.nodes[file].module;
    for (const auto& use : files.uses(file)) {
      const std::uint32_t used = files.nodes[use.node].module;
      if (used != module) targets[module].push_back({used, use.imports});
    }
  }
  set_edges(modules, targets);
}

}  // namespace

std::string_view to_string(EntryKind kind) { return kEntryKinds[static_cast<std::size_t>(kind)]; }

std::optional<EntryKind> parse_entry_kind(std::string_view name) {
  for (std::size_t i = 0; i < kEntryKinds.size(); ++i) {
    if (kEntryKinds[i] == name) return static_cast<EntryKind>(i);
  }
  return std::nullopt;
}

std::optional<std::uint32_t> ImportGraph::find(std::string_view path) const {
  const auto at =
      std::ranges::lower_bound(nodes, path, {}, [](const GraphNode& node) -> std::string_view { return node.path; });
  if (at == nodes.end() || at->path != path) return std::nullopt;
  return static_cast<std::uint32_t>(at - nodes.begin());
}

ImportGraph ImportGraph::reversed() const {
  ImportGraph out;
  out.nodes = nodes;
  out.cycles = cycles;
  out.layers = layers;
  out.begin.assign(nodes.size() + 1, 0);
  for (const auto& edge : edges) ++out.begin[edge.node + 1];
  for (std::size_t i = 0; i < nodes.size(); ++i) out.begin[i + 1] += out.begin[i];
  out.edges.resize(edges.size());
  auto next = out.begin;
  for (std::uint32_t node = 0; node < nodes.size(); ++node) {
    for (const auto& edge : uses(node)) out.edges[next[edge.node]++] = {node, edge.imports};
  }
  return out;
}

RepoGraph make_graph(std::vector<GraphSource> sources) {
  std::ranges::sort(sources, {}, &GraphSource::path);
  RepoGraph graph;
  std::unordered_map<std::string_view, std::uint32_t> index;
  index.reserve(sources.size());
  graph.files.nodes.reserve(sources.size());
  for (const auto& source : sources) {
    index.emplace(source.path, static_cast<std::uint32_t>(graph.files.nodes.size()));
    graph.files.nodes.push_back({.path = source.path});
  }
  std::vector<std::vector<GraphEdge>> targets(sources.size());
  for (std::uint32_t i = 0; i < sources.size(); ++i) {
    for (const auto& use : sources[i].uses) {
      const auto found = index.find(use);
      if (found == index.end()) {
        ++graph.outside;
      } else if (found->second != i) {
        targets[i].push_back({found->second, 1});
      }
    }
  }
  set_edges(graph.files, targets);
  make_modules(graph);
  Components(graph.files).run();
  Components(graph.modules).run();
  for (std::uint32_t i = 0; i < sources.size(); ++i) {
    const auto& source = sources[i];
    if (source.entry) {
      graph.entries.push_back({i, *source.entry});
    } else if (source.by_import && graph.files.nodes[i].fan_in == 0 && !source.test && !source.documentation) {
      graph.orphans.push_back(i);
    }
  }
  return graph;
}

std::vector<ModuleSlice> module_slices(const RepoGraph& graph) {
  const auto& modules = graph.modules;
  std::vector<ModuleSlice> slices(modules.nodes.size());
  const ImportGraph users = modules.reversed();
  const auto named = [&](std::span<const GraphEdge> edges) {
    std::vector<ModuleSlice::Use> uses;
    for (const auto& edge : edges) uses.push_back({modules.nodes[edge.node].path, edge.imports});
    std::ranges::stable_sort(uses, std::ranges::greater{}, &ModuleSlice::Use::imports);
    return uses;
  };
  for (std::uint32_t i = 0; i < slices.size(); ++i) {
    const auto& node = modules.nodes[i];
    auto& slice = slices[i];
    slice.path = node.path;
    slice.layer = node.layer;
    slice.layers = modules.layers;
    slice.fan_in = node.fan_in;
    slice.fan_out = node.fan_out;
    slice.uses = named(modules.uses(i));
    slice.used_by = named(users.uses(i));
    if (node.cycle == GraphNode::kNone) continue;
    for (const auto member : modules.cycles[node.cycle].members) slice.cycle.push_back(modules.nodes[member].path);
    for (const auto step : modules.cycles[node.cycle].shortest) slice.shortest.push_back(modules.nodes[step].path);
  }
  auto entry = graph.entries.begin();
  auto orphan = graph.orphans.begin();
  for (std::uint32_t i = 0; i < graph.files.nodes.size(); ++i) {
    const auto& node = graph.files.nodes[i];
    ModuleSlice::File file{.path = node.path, .layer = node.layer, .fan_in = node.fan_in, .fan_out = node.fan_out};
    file.in_cycle = node.cycle != GraphNode::kNone;
    if (entry != graph.entries.end() && entry->file == i) file.entry = entry++->kind;
    if (orphan != graph.orphans.end() && *orphan == i) {
      file.orphan = true;
      ++orphan;
    }
    slices[node.module].files.push_back(std::move(file));
  }
  return slices;
}

}  // namespace skein::repo
