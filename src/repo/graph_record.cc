// The stored forms of graph.h.
#include <limits>
#include <utility>

#include "base/bytes.h"
#include "repo/graph.h"

namespace skein::repo {
namespace {

constexpr std::uint8_t kEntryKinds = static_cast<std::uint8_t>(EntryKind::script) + 1;

Status check_format(ByteReader& in) {
  const std::uint8_t format = in.u8();
  if (!in.ok()) return fail(Code::data_corrupt, "the graph is empty");
  if (format > kGraphFormat)
    return fail(Code::unsupported_version, "a graph of format {}; this skein knows up to {}", format, kGraphFormat);
  if (format != kGraphFormat) return fail(Code::data_corrupt, "the graph is damaged");
  return {};
}

/// 0 stands for none.
std::uint64_t plus_one(std::uint32_t index) { return index == GraphNode::kNone ? 0 : std::uint64_t{index} + 1; }

void put(ByteWriter& out, const std::vector<std::uint32_t>& indexes) {
  out.varint(indexes.size());
  for (const auto index : indexes) out.varint(index);
}

void put(ByteWriter& out, const ImportGraph& graph) {
  out.varint(graph.nodes.size());
  for (const auto& node : graph.nodes) {
    out.text(node.path).varint(node.layer).varint(node.fan_in).varint(node.fan_out);
    out.varint(plus_one(node.cycle)).varint(plus_one(node.module));
  }
  for (std::uint32_t node = 0; node < graph.nodes.size(); ++node) {
    const auto uses = graph.uses(node);
    out.varint(uses.size());
    for (const auto& edge : uses) out.varint(edge.node).varint(edge.imports);
  }
  out.varint(graph.cycles.size());
  for (const auto& cycle : graph.cycles) {
    put(out, cycle.members);
    put(out, cycle.shortest);
    out.varint(cycle.edges);
  }
  out.varint(graph.layers);
}

/// Remembers whether every number was in its range.
class GraphReader {
 public:
  explicit GraphReader(ByteReader& in) : in_(in) {}

  [[nodiscard]] bool good() const { return good_ && in_.ok(); }

  std::uint32_t number() {
    const std::uint64_t value = in_.varint();
    if (value > std::numeric_limits<std::uint32_t>::max()) good_ = false;
    return static_cast<std::uint32_t>(value);
  }

  std::uint32_t index(std::size_t size) {
    const std::uint32_t value = number();
    if (value >= size) good_ = false;
    return value;
  }

  std::uint32_t optional_index(std::size_t size) {
    const std::uint32_t value = number();
    if (value > size) good_ = false;
    return value == 0 ? GraphNode::kNone : value - 1;
  }

  std::vector<std::uint32_t> indexes(std::size_t size, bool ascending) {
    std::vector<std::uint32_t> values(in_.count());
    for (std::size_t i = 0; i < values.size() && good(); ++i) {
      values[i] = index(size);
      if (ascending && i > 0 && values[i] <= values[i - 1]) good_ = false;
    }
    return values;
  }

  std::optional<EntryKind> entry(std::uint8_t first) {
    const std::uint8_t kind = in_.u8();
    if (kind < first) return std::nullopt;
    if (kind - first >= kEntryKinds) {
      good_ = false;
      return std::nullopt;
    }
    return static_cast<EntryKind>(kind - first);
  }

  bool flag() {
    const std::uint8_t value = in_.u8();
    if (value > 1) good_ = false;
    return value == 1;
  }

  std::vector<std::string> texts() {
    std::vector<std::string> out(in_.count());
    for (auto& text : out) text = in_.text();
    return out;
  }

  ImportGraph graph(std::size_t modules) {
    ImportGraph out;
    const std::size_t nodes = in_.count(6);
    out.nodes.reserve(nodes);
    for (std::size_t i = 0; i < nodes && good(); ++i) {
      GraphNode node;
      node.path = in_.text();
      node.layer = number();
      node.fan_in = number();
      node.fan_out = number();
      node.cycle = number();  // Checked below: cycles follow.
      node.module = optional_index(modules);
      if (!out.nodes.empty() && out.nodes.back().path >= node.path) good_ = false;
      out.nodes.push_back(std::move(node));
    }
    for (std::size_t i = 0; i < nodes && good(); ++i) {
      const std::size_t uses = in_.count(2);
      for (std::size_t k = 0; k < uses && good(); ++k) {
        const std::uint32_t node = index(nodes);
        if (node == i || (k > 0 && node <= out.edges.back().node)) good_ = false;
        out.edges.push_back({node, number()});
      }
      out.begin.push_back(static_cast<std::uint32_t>(out.edges.size()));
    }
    const std::size_t cycles = in_.count(3);
    for (std::size_t i = 0; i < cycles && good(); ++i) {
      GraphCycle cycle;
      cycle.members = indexes(nodes, true);
      cycle.shortest = indexes(nodes, false);
      cycle.edges = in_.varint();
      if (cycle.members.size() < 2 || cycle.shortest.size() < 2) good_ = false;
      out.cycles.push_back(std::move(cycle));
    }
    for (auto& node : out.nodes) {
      if (node.cycle > cycles) good_ = false;
      node.cycle = node.cycle == 0 ? GraphNode::kNone : node.cycle - 1;
    }
    out.layers = number();
    return out;
  }

 private:
  ByteReader& in_;
  bool good_ = true;
};

}  // namespace

std::string encode(const RepoGraph& graph) {
  ByteWriter out;
  out.u8(kGraphFormat);
  put(out, graph.modules);
  put(out, graph.files);
  out.varint(graph.entries.size());
  for (const auto& entry : graph.entries) out.varint(entry.file).u8(static_cast<std::uint8_t>(entry.kind));
  put(out, graph.orphans);
  out.varint(graph.outside);
  return out.take();
}

Result<RepoGraph> decode_graph(std::string_view bytes) {
  ByteReader in(bytes);
  SKEIN_DO(check_format(in));
  GraphReader reader(in);
  RepoGraph graph;
  graph.modules = reader.graph(0);
  if (reader.good()) graph.files = reader.graph(graph.modules.nodes.size());
  bool good = reader.good();
  for (const auto& file : graph.files.nodes) good = good && file.module != GraphNode::kNone;
  const std::size_t files = graph.files.nodes.size();
  const std::size_t entries = good ? in.count(2) : 0;
  for (std::size_t i = 0; i < entries && reader.good(); ++i) {
    const std::uint32_t file = reader.index(files);
    good = good && (graph.entries.empty() || file > graph.entries.back().file);
    if (const auto kind = reader.entry(0)) graph.entries.push_back({file, *kind});
  }
  if (good && reader.good()) graph.orphans = reader.indexes(files, true);
  graph.outside = in.varint();
  if (!good || !reader.good() || !in.at_end()) return fail(Code::data_corrupt, "the graph is damaged");
  return graph;
}

std::string encode(const ModuleSlice& slice) {
  ByteWriter out;
  out.u8(kGraphFormat).text(slice.path);
  out.varint(slice.layer).varint(slice.layers).varint(slice.fan_in).varint(slice.fan_out);
  for (const auto* uses : {&slice.uses, &slice.used_by}) {
    out.varint(uses->size());
    for (const auto& use : *uses) out.text(use.path).varint(use.imports);
  }
  for (const auto* paths : {&slice.cycle, &slice.shortest}) {
    out.varint(paths->size());
    for (const auto& path : *paths) out.text(path);
  }
  out.varint(slice.files.size());
  for (const auto& file : slice.files) {
    out.text(file.path).varint(file.layer).varint(file.fan_in).varint(file.fan_out);
    out.u8(file.in_cycle ? 1 : 0).u8(file.orphan ? 1 : 0);
    out.u8(file.entry ? static_cast<std::uint8_t>(static_cast<std::uint8_t>(*file.entry) + 1) : std::uint8_t{0});
  }
  return out.take();
}

Result<ModuleSlice> decode_module_slice(std::string_view bytes) {
  ByteReader in(bytes);
  SKEIN_DO(check_format(in));
  GraphReader reader(in);
  ModuleSlice slice;
  slice.path = in.text();
  for (auto* number : {&slice.layer, &slice.layers, &slice.fan_in, &slice.fan_out}) *number = reader.number();
  for (auto* uses : {&slice.uses, &slice.used_by}) {
    uses->resize(in.count(2));
    for (auto& use : *uses) {
      use.path = in.text();
      use.imports = in.varint();
    }
  }
  slice.cycle = reader.texts();
  slice.shortest = reader.texts();
  slice.files.resize(in.count(7));
  for (auto& file : slice.files) {
    file.path = in.text();
    for (auto* number : {&file.layer, &file.fan_in, &file.fan_out}) *number = reader.number();
    file.in_cycle = reader.flag();
    file.orphan = reader.flag();
    file.entry = reader.entry(1);
  }
  if (!reader.good() || !in.at_end()) return fail(Code::data_corrupt, "the graph of a module is damaged");
  return slice;
}

}  // namespace skein::repo
