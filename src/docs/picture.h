// Pictures of what uses what: which folders and edges one shows, how they are asked to be laid out, and how the layout
// becomes SVG. Graphviz sees numbers only: names, links and looks stay here, so that no name can reach its language
// and a layout depends on no font of the machine.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "docs/model.h"

namespace skein::docs {

inline constexpr std::size_t kPictures = 300;      ///< Of a site.
inline constexpr std::size_t kPictureNodes = 40;   ///< Of a picture, after collapsing.
inline constexpr std::size_t kPictureEdges = 100;  ///< Of a picture: the strongest.

struct PictureNode {
  enum class Role : std::uint8_t {
    folder,   ///< With all below it.
    files,    ///< The direct files of a folder whose folders are shown apart.
    subject,  ///< What the picture is about.
    rest,     ///< Several that are not shown one by one; `files` is how many.
  };
  std::string path;
  std::string label;  ///< Short; what is shown.
  Role role = Role::folder;
  std::uint64_t files = 0;  ///< Documented files in it.
  bool operator==(const PictureNode&) const = default;
};

struct PictureEdge {
  std::uint32_t from = 0, to = 0;  ///< Nodes: `from` uses `to`.
  std::uint64_t imports = 0;
  bool cycle = false;  ///< Both are in a cycle of the nodes shown.
  bool operator==(const PictureEdge&) const = default;
};

struct Picture {
  enum class Kind : std::uint8_t {
    inside,  ///< Folders of one folder, and what uses what among them.
    around,  ///< One folder, what uses it and what it uses.
  };
  Kind kind = Kind::inside;
  std::vector<PictureNode> nodes;
  std::vector<PictureEdge> edges;        ///< Sorted by (from, to).
  std::uint64_t more_edges = 0;          ///< Weaker ones that were left out.
  std::vector<PictureNode> unconnected;  ///< Folders without any edge, not drawn.

  /// Nothing to draw.
  [[nodiscard]] bool empty() const { return edges.empty(); }
  bool operator==(const Picture&) const = default;
};
[[nodiscard]] std::string encode(const Picture& picture);
/// Never trusts its input: edges are within nodes, and there are at most kPictureNodes and kPictureEdges.
/// Errors: `data_corrupt`.
[[nodiscard]] Result<Picture> decode_picture(std::string_view bytes);

/// Sizes of a node in pixels.
inline constexpr double kPictureNodeHeight = 28;
[[nodiscard]] double picture_node_width(const PictureNode& node);

enum class PictureDirection : std::uint8_t { to_the_right, downwards };
/// The picture in Graphviz' language: sizes and edges of nodes "n0", "n1", …, no text of the repository.
[[nodiscard]] std::string dot_text(const Picture& picture, PictureDirection direction);

struct PicturePoint {
  double x = 0, y = 0;  ///< In pixels, from the upper left.
  bool operator==(const PicturePoint&) const = default;
};
struct PictureLayout {
  double width = 0, height = 0;
  std::vector<PicturePoint> nodes;               ///< Their middles.
  std::vector<std::vector<PicturePoint>> edges;  ///< Bézier curves: 3n + 1 points; empty for one that is not drawn.
};
/// Reads what Graphviz writes as "plain". Never trusts it. Errors: `data_corrupt`.
[[nodiscard]] Result<PictureLayout> parse_layout(std::string_view plain, const Picture& picture);

/// Lays graphs out. Thread-safe.
class PictureLayouter {
 public:
  virtual ~PictureLayouter() = default;
  /// Of its program: part of the key of every picture.
  [[nodiscard]] virtual std::string_view version() const = 0;
  /// "plain" of a graph in Graphviz' language. Errors: `timed_out`; `unavailable` where the program does not work here;
  /// `cancelled`; others are of the machine and may pass.
  [[nodiscard]] virtual Result<std::string> lay_out(std::string_view dot, std::stop_token stop) const = 0;
};

/// The picture's part of page `page`: a figure with its SVG and its caption. Where `layout` is null: the same as a
/// list, with `why_list` as the reason.
[[nodiscard]] std::string picture_html(const Picture& picture, const PictureLayout* layout, std::string_view page,
                                       std::string_view why_list);

}  // namespace skein::docs
