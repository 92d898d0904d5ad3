#include "docs/picture.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/bytes.h"

namespace skein::docs {
namespace {

constexpr double kDotsPerInch = 72;
constexpr double kLargest = 100'000;
constexpr double kMargin = 8;

void put(ByteWriter& out, const std::vector<PictureNode>& nodes) {
  out.varint(nodes.size());
  for (const auto& node : nodes)
    out.text(node.path).text(node.label).u8(static_cast<std::uint8_t>(node.role)).varint(node.files);
}

Result<std::vector<PictureNode>> take_nodes(ByteReader& in, std::size_t most) {
  const auto count = in.count(4);
  if (count > most) return fail(Code::data_corrupt, "a picture has {} nodes", count);
  std::vector<PictureNode> nodes(count);
  for (auto& node : nodes) {
    node.path = in.text();
    node.label = in.text();
    const auto role = in.u8();
    if (role > static_cast<std::uint8_t>(PictureNode::Role::rest))
      return fail(Code::data_corrupt, "a picture has an unknown kind of node");
    node.role = static_cast<PictureNode::Role>(role);
    node.files = in.varint();
  }
  return nodes;
}

/// Two decimals, without a locale.
void append_fixed(std::string& out, double value) {
  std::array<char, 48> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed, 2).ptr;
  out.append(digits.data(), end);
}

/// The words of a "plain" line.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) {}
  std::string_view next() {
    const auto begin = rest_.find_first_not_of(' ');
    if (begin == rest_.npos) return {};
    rest_.remove_prefix(begin);
    const auto end = std::min(rest_.find(' '), rest_.size());
    const auto word = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return word;
  }
  /// NaN where there is no number.
  double number() {
    const auto word = next();
    double value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size() || !(std::abs(value) <= kLargest)) return NAN;
    return value;
  }
  /// The N of "nN"; `most` where it is none below that.
  std::size_t node(std::size_t most) {
    auto word = next();
    std::size_t index = 0;
    if (!word.starts_with('n')) return most;
    word.remove_prefix(1);
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), index);
    return error != std::errc() || end != word.data() + word.size() ? most : std::min(index, most);
  }

 private:
  std::string_view rest_;
};

}  // namespace

std::string encode(const Picture& picture) {
  if (picture.empty() && picture.unconnected.empty()) return {};
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(picture.kind));
  put(out, picture.nodes);
  out.varint(picture.edges.size());
  for (const auto& edge : picture.edges)
    out.varint(edge.from).varint(edge.to).varint(edge.imports).u8(edge.cycle ? 1 : 0);
  out.varint(picture.more_edges);
  put(out, picture.unconnected);
  return out.take();
}

Result<Picture> decode_picture(std::string_view bytes) {
  Picture picture;
  if (bytes.empty()) return picture;
  ByteReader in(bytes);
  const auto kind = in.u8();
  if (kind > static_cast<std::uint8_t>(Picture::Kind::around))
    return fail(Code::data_corrupt, "a picture of an unknown kind");
  picture.kind = static_cast<Picture::Kind>(kind);
  SKEIN_TRY(picture.nodes, take_nodes(in, kPictureNodes));
  const auto edges = in.count(4);
  if (edges > kPictureEdges) return fail(Code::data_corrupt, "a picture has {} edges", edges);
  for (std::size_t i = 0; i < edges; ++i) {
    const auto from = in.varint();
    const auto to = in.varint();
    const auto imports = in.varint();
    const bool cycle = in.u8() != 0;
    if (from >= picture.nodes.size() || to >= picture.nodes.size())
      return fail(Code::data_corrupt, "an edge of a picture leads nowhere");
    picture.edges.push_back({static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to), imports, cycle});
  }
  picture.more_edges = in.varint();
  SKEIN_TRY(picture.unconnected, take_nodes(in, kPictureNodes));
  SKEIN_DO(in.finish("a picture"));
  return picture;
}

std::string dot_text(const Picture& picture, PictureDirection direction) {
  std::string out = "digraph{rankdir=";
  out += direction == PictureDirection::to_the_right ? "LR;nodesep=0.12;ranksep=0.55;" : "TB;nodesep=0.15;ranksep=0.4;";
  out += "node[shape=box,fixedsize=true,label=\"\",height=";
  append_fixed(out, kPictureNodeHeight / kDotsPerInch);
  out += "];edge[arrowhead=none];\n";
  for (std::size_t i = 0; i < picture.nodes.size(); ++i) {
    out += fmt::format("n{}[width=", i);
    append_fixed(out, picture_node_width(picture.nodes[i]) / kDotsPerInch);
    out += "];\n";
  }
  for (const auto& edge : picture.edges) out += fmt::format("n{}->n{};\n", edge.from, edge.to);
  return out += "}\n";
}

Result<PictureLayout> parse_layout(std::string_view plain, const Picture& picture) {
  const auto wrong = [] { return fail(Code::data_corrupt, "a layout cannot be read"); };
  PictureLayout layout;
  layout.nodes.resize(picture.nodes.size(), {NAN, NAN});
  layout.edges.resize(picture.edges.size());
  const auto point = [&](Words& words) {
    const double x = words.number() * kDotsPerInch + kMargin;
    return PicturePoint{x, layout.height - kMargin - words.number() * kDotsPerInch};
  };
  bool ended = false;
  while (!plain.empty() && !ended) {
    const auto newline = std::min(plain.find('\n'), plain.size());
    Words words(plain.substr(0, newline));
    plain.remove_prefix(std::min(newline + 1, plain.size()));
    const auto what = words.next();
    if (what == "graph") {
      if (layout.width != 0 || words.number() != 1) return wrong();
      layout.width = words.number() * kDotsPerInch + 2 * kMargin;
      layout.height = words.number() * kDotsPerInch + 2 * kMargin;
      if (!(layout.width > 0 && layout.height > 0)) return wrong();
    } else if (what == "node") {
      const auto node = words.node(layout.nodes.size());
      if (node == layout.nodes.size()) return wrong();
      layout.nodes[node] = point(words);
    } else if (what == "edge") {
      const auto from = words.node(layout.nodes.size());
      const auto to = words.node(layout.nodes.size());
      const auto edge = std::ranges::find_if(
          picture.edges, [&](const auto& candidate) { return candidate.from == from && candidate.to == to; });
      const double points = words.number();
      if (edge == picture.edges.end() || !(points >= 4 && points <= 1'000) || std::fmod(points - 1, 3) != 0)
        return wrong();
      auto& curve = layout.edges[static_cast<std::size_t>(edge - picture.edges.begin())];
      curve.clear();
      for (int i = 0; i < static_cast<int>(points); ++i) curve.push_back(point(words));
      if (std::ranges::any_of(curve, [](const auto& p) { return std::isnan(p.x) || std::isnan(p.y); })) return wrong();
    } else if (what == "stop") {
      ended = true;
    } else if (!what.empty()) {
      return wrong();
    }
  }
  if (!ended || layout.width == 0) return wrong();
  if (std::ranges::any_of(layout.nodes, [](const auto& p) { return std::isnan(p.x) || std::isnan(p.y); }))
    return wrong();
  return layout;
}

}  // namespace skein::docs
