#include "docs/graph_summary.h"

#include <algorithm>
#include <tuple>

#include "base/bytes.h"
#include "docs/text_list.h"

namespace skein::docs {
namespace {

using docs::put;

using Node = GraphSummary::Node;
using Cycle = GraphSummary::Cycle;

Node node_of(const repo::GraphNode& node) {
  return {node.path, node.layer, node.fan_in, node.fan_out, node.cycle != repo::GraphNode::kNone};
}

std::vector<Node> top(const repo::ImportGraph& graph, std::uint32_t repo::GraphNode::* count) {
  std::vector<const repo::GraphNode*> order;
  for (const auto& node : graph.nodes)
    if (node.*count > 0) order.push_back(&node);
  std::ranges::stable_sort(order, [&](const auto* a, const auto* b) { return a->*count > b->*count; });
  std::vector<Node> nodes;
  for (std::size_t i = 0; i < std::min(order.size(), GraphSummary::kTop); ++i) nodes.push_back(node_of(*order[i]));
  return nodes;
}

std::vector<Cycle> cycles_of(const repo::ImportGraph& graph) {
  std::vector<const repo::GraphCycle*> order;
  for (const auto& cycle : graph.cycles) order.push_back(&cycle);
  std::ranges::stable_sort(order, std::ranges::greater{}, [](const auto* cycle) { return cycle->members.size(); });
  order.resize(std::min(order.size(), GraphSummary::kCycles));
  std::vector<Cycle> cycles;
  for (const auto* from : order) {
    auto& cycle = cycles.emplace_back();
    cycle.total = from->members.size();
    cycle.ties = from->edges;
    for (std::size_t i = 0; i < std::min(from->members.size(), GraphSummary::kMembers); ++i)
      cycle.members.push_back(graph.nodes[from->members[i]].path);
    if (from->shortest.size() <= GraphSummary::kMembers)
      for (const auto member : from->shortest) cycle.shortest.push_back(graph.nodes[member].path);
  }
  return cycles;
}

/// "src/cli/main.cc", "app/__main__.py": named as what starts the program.
bool is_main_name(std::string_view path) {
  const auto name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0.
  const auto stem = name.substr(0, name.find('.'));
  return stem == "main" || stem == "Main" || stem == "__main__";
}

void put(ByteWriter& out, const std::vector<Node>& nodes) {
  out.varint(nodes.size());
  for (const auto& node : nodes)
    out.text(node.path).varint(node.layer).varint(node.fan_in).varint(node.fan_out).u8(node.in_cycle ? 1 : 0);
}

std::vector<Node> take_nodes(ByteReader& in) {
  std::vector<Node> nodes(in.count(5));
  for (auto& node : nodes) {
    node.path = in.text();
    node.layer = static_cast<std::uint32_t>(in.varint());
    node.fan_in = static_cast<std::uint32_t>(in.varint());
    node.fan_out = static_cast<std::uint32_t>(in.varint());
    node.in_cycle = in.u8() != 0;
  }
  return nodes;
}

void put(ByteWriter& out, const std::vector<Cycle>& cycles) {
  out.varint(cycles.size());
  for (const auto& cycle : cycles) {
    put(out, cycle.members);
    put(out, cycle.shortest);
    out.varint(cycle.total).varint(cycle.ties);
  }
}

std::vector<Cycle> take_cycles(ByteReader& in) {
  std::vector<Cycle> cycles(in.count(4));
  for (auto& cycle : cycles) {
    cycle.members = take_texts(in);
    cycle.shortest = take_texts(in);
    cycle.total = in.varint();
    cycle.ties = in.varint();
  }
  return cycles;
}

}  // namespace

GraphSummary summarize(const repo::RepoGraph& graph, const std::vector<bool>& is_side) {
  GraphSummary summary;
  summary.files = graph.files.nodes.size();
  summary.file_ties = graph.files.edges.size();
  summary.outside = graph.outside;
  summary.modules = graph.modules.nodes.size();
  summary.module_ties = graph.modules.edges.size();
  summary.layers = graph.modules.layers;
  std::vector<const repo::GraphNode*> order;
  for (const auto& node : graph.modules.nodes) order.push_back(&node);
  std::ranges::stable_sort(order, [](const auto* a, const auto* b) {
    return a->layer != b->layer ? a->layer < b->layer : a->fan_in > b->fan_in;
  });
  for (std::size_t i = 0; i < std::min(order.size(), GraphSummary::kRows); ++i)
    summary.by_layer.push_back(node_of(*order[i]));
  summary.foundations = top(graph.modules, &repo::GraphNode::fan_in);
  summary.most_used = top(graph.files, &repo::GraphNode::fan_in);
  summary.most_using = top(graph.files, &repo::GraphNode::fan_out);
  summary.module_cycles = cycles_of(graph.modules);
  summary.file_cycles = cycles_of(graph.files);
  summary.all_module_cycles = graph.modules.cycles.size();
  summary.all_file_cycles = graph.files.cycles.size();
  for (const auto& entry : graph.entries) {
    const auto& node = graph.files.nodes[entry.file];
    if (entry.kind != repo::EntryKind::manifest && is_side[entry.file]) continue;
    summary.entries.push_back({node.path, entry.kind, node.fan_in});
  }
  summary.all_entries = summary.entries.size();
  // What a manifest names, then programs, then scripts; of each, what nobody uses and what is near the root first.
  const auto depth = [](const auto& entry) { return std::ranges::count(entry.path, '/'); };
  std::ranges::stable_sort(summary.entries, [&](const auto& a, const auto& b) {
    const auto rank = [&](const auto& entry) {
      return std::tuple(entry.kind != repo::EntryKind::manifest, entry.kind == repo::EntryKind::script,
                        !is_main_name(entry.path), entry.fan_in > 0, depth(entry), entry.kind);
    };
    return rank(a) < rank(b);
  });
  summary.entries.resize(std::min(summary.entries.size(), GraphSummary::kRows));
  summary.all_orphans = graph.orphans.size();
  for (std::size_t i = 0; i < std::min(graph.orphans.size(), GraphSummary::kRows); ++i)
    summary.orphans.push_back(graph.files.nodes[graph.orphans[i]].path);
  return summary;
}

std::string encode(const GraphSummary& summary) {
  ByteWriter out;
  out.varint(summary.files).varint(summary.file_ties).varint(summary.outside).varint(summary.modules);
  out.varint(summary.module_ties).varint(summary.layers);
  put(out, summary.by_layer);
  put(out, summary.foundations);
  put(out, summary.most_used);
  put(out, summary.most_using);
  put(out, summary.module_cycles);
  put(out, summary.file_cycles);
  out.varint(summary.all_module_cycles).varint(summary.all_file_cycles).varint(summary.entries.size());
  for (const auto& entry : summary.entries)
    out.text(entry.path).u8(static_cast<std::uint8_t>(entry.kind)).varint(entry.fan_in);
  out.varint(summary.all_entries);
  put(out, summary.orphans);
  out.varint(summary.all_orphans);
  return out.take();
}

Result<GraphSummary> decode_graph_summary(std::string_view bytes) {
  ByteReader in(bytes);
  GraphSummary summary;
  summary.files = in.varint();
  summary.file_ties = in.varint();
  summary.outside = in.varint();
  summary.modules = in.varint();
  summary.module_ties = in.varint();
  summary.layers = static_cast<std::uint32_t>(in.varint());
  summary.by_layer = take_nodes(in);
  summary.foundations = take_nodes(in);
  summary.most_used = take_nodes(in);
  summary.most_using = take_nodes(in);
  summary.module_cycles = take_cycles(in);
  summary.file_cycles = take_cycles(in);
  summary.all_module_cycles = in.varint();
  summary.all_file_cycles = in.varint();
  summary.entries.resize(in.count(3));
  for (auto& entry : summary.entries) {
    entry.path = in.text();
    const auto kind = in.u8();
    if (kind > static_cast<std::uint8_t>(repo::EntryKind::script))
      return fail(Code::data_corrupt, "a graph's summary holds an unknown kind of entry");
    entry.kind = static_cast<repo::EntryKind>(kind);
    entry.fan_in = static_cast<std::uint32_t>(in.varint());
  }
  summary.all_entries = in.varint();
  summary.orphans = take_texts(in);
  summary.all_orphans = in.varint();
  SKEIN_DO(in.finish("a graph's summary"));
  return summary;
}

}  // namespace skein::docs
