// How a picture looks: SVG in the page, so that its nodes are links and its colours are the style sheet's.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "docs/figures.h"
#include "docs/links.h"
#include "docs/picture.h"
#include "text/escape.h"

namespace skein::docs {
namespace {

constexpr double kCharacter = 7.25;  // Of the style sheet's 12 px monospaced font.
constexpr double kPadding = 9;
constexpr double kArrow = 7;

/// In columns of a monospaced font: code points, those of East Asian scripts twice.
std::size_t columns(std::string_view label) {
  std::size_t count = 0;
  for (const char c : label) {
    const auto byte = static_cast<std::uint8_t>(c);
    if ((byte & 0xc0) != 0x80) ++count;
    if (byte >= 0xe1) ++count;
  }
  return count;
}

void append_coordinate(std::string& out, double value) {
  std::array<char, 48> digits;
  const double rounded = std::round(value * 10) / 10;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), rounded == 0 ? 0.0 : rounded,
                                 std::chars_format::fixed, 1)
                       .ptr;
  std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
  if (text.ends_with(".0")) text.remove_suffix(2);
  out += text;
}

void append_point(std::string& out, const PicturePoint& point) {
  append_coordinate(out, point.x);
  out += ' ';
  append_coordinate(out, point.y);
}

/// A curve and the arrow at its end.
void append_edge(std::string& out, const std::vector<PicturePoint>& curve, const PictureEdge& edge,
                 const std::string& title) {
  const PicturePoint tip = curve.back();
  // The direction in which it comes: of equal points the control point before.
  PicturePoint from = curve[curve.size() - 2];
  for (std::size_t i = curve.size() - 1; i-- > 0;)
    if (std::hypot(tip.x - curve[i].x, tip.y - curve[i].y) > 1) {
      from = curve[i];
      break;
    }
  const double length = std::max(std::hypot(tip.x - from.x, tip.y - from.y), 1e-6);
  const double x = (tip.x - from.x) / length;
  const double y = (tip.y - from.y) / length;
  const PicturePoint base{tip.x - x * kArrow, tip.y - y * kArrow};
  const auto strength = edge.imports >= 20 ? 3 : edge.imports >= 5 ? 2 : 1;
  out +=
      fmt::format("<g class=\"edge w{}{}\"><title>{}</title><path d=\"M", strength, edge.cycle ? " cycle" : "", title);
  append_point(out, curve.front());
  for (std::size_t i = 1; i < curve.size(); ++i) {
    out += i % 3 == 1 ? " C" : " ";
    append_point(out, i + 1 == curve.size() ? base : curve[i]);
  }
  out += "\"/><polygon points=\"";
  append_point(out, tip);
  out += ' ';
  append_point(out, {base.x - y * kArrow * 0.45, base.y + x * kArrow * 0.45});
  out += ' ';
  append_point(out, {base.x + y * kArrow * 0.45, base.y - x * kArrow * 0.45});
  out += "\"/></g>\n";
}

std::string shown_name(const PictureNode& node) {
  switch (node.role) {
    case PictureNode::Role::folder:
    case PictureNode::Role::subject:
      return node.path.empty() ? "all files" : text::display_path(node.path) + "/";
    case PictureNode::Role::files:
      return node.path.empty() ? "files of the root folder" : "files of " + text::display_path(node.path) + "/";
    case PictureNode::Role::rest:
      break;
  }
  return fmt::format("{} more folders", node.files);
}

bool is_link(const PictureNode& node) { return node.role != PictureNode::Role::rest; }

void append_link(std::string& out, const PictureNode& node, std::string_view page) {
  if (is_link(node)) out += fmt::format("<a href=\"{}\">", relative_link(page, module_page(node.path)));
  text::append_html(out, shown_name(node));
  if (is_link(node)) out += "</a>";
}

void append_node(std::string& out, const PictureNode& node, const PicturePoint& middle, std::string_view page) {
  static constexpr std::array<std::string_view, 4> kClasses{"node", "node own", "node subject", "node rest"};
  const double width = picture_node_width(node);
  const bool link = is_link(node) && node.role != PictureNode::Role::subject;
  if (link) out += fmt::format("<a href=\"{}\">", relative_link(page, module_page(node.path)));
  out += fmt::format("<g class=\"{}\"><title>", kClasses[static_cast<std::size_t>(node.role)]);
  text::append_html(out, shown_name(node));
  if (node.role != PictureNode::Role::rest && node.files > 0) {
    out += ": ";
    append_count(out, node.files, "documented file", "documented files");
  }
  out += "</title><rect x=\"";
  append_coordinate(out, middle.x - width / 2);
  out += "\" y=\"";
  append_coordinate(out, middle.y - kPictureNodeHeight / 2);
  out += "\" width=\"";
  append_coordinate(out, width);
  out += "\" height=\"";
  append_coordinate(out, kPictureNodeHeight);
  out += "\" rx=\"5\"/><text x=\"";
  append_coordinate(out, middle.x);
  out += "\" y=\"";
  append_coordinate(out, middle.y + 4);
  out += "\">";
  text::append_html(out, node.label);
  out += "</text></g>";
  if (link) out += "</a>";
  out += '\n';
}

std::string edge_title(const Picture& picture, const PictureEdge& edge) {
  std::string title;
  text::append_html(title, shown_name(picture.nodes[edge.from]));
  title += " uses ";
  text::append_html(title, shown_name(picture.nodes[edge.to]));
  title += ": ";
  append_count(title, edge.imports, "import", "imports");
  return title;
}

/// One item for each node that uses others.
void append_list(std::string& out, const Picture& picture, std::string_view page) {
  out += "<ul>\n";
  for (std::size_t i = 0; i < picture.edges.size();) {
    const auto from = picture.edges[i].from;
    out += "<li>";
    append_link(out, picture.nodes[from], page);
    out += " uses ";
    for (std::size_t k = i; i < picture.edges.size() && picture.edges[i].from == from; ++i) {
      if (i > k) out += ", ";
      append_link(out, picture.nodes[picture.edges[i].to], page);
      out += " <span class=\"soft\">";
      append_number(out, picture.edges[i].imports);
      out += "</span>";
    }
    out += "</li>\n";
  }
  out += "</ul>\n";
}

}  // namespace

double picture_node_width(const PictureNode& node) {
  return std::round(static_cast<double>(columns(node.label)) * kCharacter + 2 * kPadding);
}

std::string picture_html(const Picture& picture, const PictureLayout* layout, std::string_view page,
                         std::string_view why_list) {
  std::string out;
  const bool inside = picture.kind == Picture::Kind::inside;
  const std::string_view id = inside ? "picture-inside" : "picture-around";
  const auto cycles = std::ranges::count_if(picture.edges, &PictureEdge::cycle);
  if (!picture.empty()) {
    if (layout != nullptr) {
      out += "<figure class=\"picture\">\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-labelledby=\"";
      (out += id) += "\"><svg class=\"graph\" role=\"group\" aria-labelledby=\"";
      (out += id) += "\" viewBox=\"0 0 ";
      append_coordinate(out, std::ceil(layout->width));
      out += ' ';
      append_coordinate(out, std::ceil(layout->height));
      out += "\" width=\"";
      append_coordinate(out, std::ceil(layout->width));
      out += "\" height=\"";
      append_coordinate(out, std::ceil(layout->height));
      out += "\">\n";
      // Those of cycles last: above the others.
      for (const bool cycle : {false, true})
        for (std::size_t i = 0; i < picture.edges.size(); ++i)
          if (picture.edges[i].cycle == cycle && layout->edges[i].size() >= 4)
            append_edge(out, layout->edges[i], picture.edges[i], edge_title(picture, picture.edges[i]));
      for (std::size_t i = 0; i < picture.nodes.size(); ++i) append_node(out, picture.nodes[i], layout->nodes[i], page);
      out += "</svg></div>\n<figcaption id=\"";
      (out += id) += "\">An arrow leads from a folder to one that its files import; thicker: more imports.";
      if (cycles > 0) out += " Broken lines are parts of cycles.";
    } else {
      out += "<p class=\"soft\" id=\"";
      ((out += id) += "\">") += why_list;
      out += inside ? " What uses what, with the number of imports:" : "";
    }
    if (picture.more_edges > 0) {
      out += " Not shown: ";
      append_count(out, picture.more_edges, "weaker tie", "weaker ties");
      out += '.';
    }
    if (layout != nullptr) {
      out += "</figcaption>\n";
      if (inside) {
        out += "<details><summary>The same as a list</summary>\n";
        append_list(out, picture, page);
        out += "</details>\n";
      }
      out += "</figure>\n";
    } else {
      out += "</p>\n";
      if (inside) append_list(out, picture, page);
    }
  }
  if (!picture.unconnected.empty()) {
    out += "<p class=\"soft\">";
    out += picture.empty() ? "No import leads from one of these folders to another: " : "Without such ties: ";
    for (std::size_t i = 0; i < picture.unconnected.size(); ++i) {
      if (i > 0) out += ", ";
      append_link(out, picture.unconnected[i], page);
    }
    out += ".</p>\n";
  }
  return out;
}

}  // namespace skein::docs
