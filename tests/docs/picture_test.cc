#include "docs/picture.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace skein::docs {
namespace {

Picture chain() {
  Picture picture;
  for (const auto* path : {"src/\"a\"]", "src/b<svg>", "c"})
    picture.nodes.push_back({path, path, PictureNode::Role::folder, 3});
  picture.edges = {{0, 1, 4, false}, {1, 2, 30, true}};
  picture.more_edges = 5;
  picture.unconnected = {{"docs", "docs", PictureNode::Role::folder, 1}};
  return picture;
}

constexpr std::string_view kPlain =
    "graph 1 4 0.5\nnode n0 0.5 0.25 1 0.39 \"\" solid box black lightgrey\nnode n1 2 0.25 1 0.39 \"\" solid box black "
    "lightgrey\nnode n2 3.5 0.25 1 0.39 \"\" solid box black lightgrey\nedge n0 n1 4 1 0.25 1.1 0.25 1.3 0.25 1.5 0.25 "
    "solid black\nedge n1 n2 4 2.5 0.25 2.6 0.25 2.8 0.25 3 0.25 solid black\nstop\n";

TEST(Picture, ComesBackAsItWasStored) {
  const auto picture = chain();
  const auto again = decode_picture(encode(picture));
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ(*again, picture);
  EXPECT_EQ(encode(Picture{}), "");
  EXPECT_EQ(*decode_picture(""), Picture{});
}

TEST(Picture, ABrokenRecordIsRefused) {
  auto picture = chain();
  picture.edges.push_back({2, 3, 1, false});
  EXPECT_FALSE(decode_picture(encode(picture))) << "an edge to a node that is not there";
  picture = chain();
  picture.nodes.resize(kPictureNodes + 1);
  EXPECT_FALSE(decode_picture(encode(picture))) << "too many nodes";
  const auto bytes = encode(chain());
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) EXPECT_FALSE(decode_picture(bytes.substr(0, cut))) << cut;
}

TEST(Picture, GraphvizMeetsNoTextOfTheRepository) {
  const auto dot = dot_text(chain(), PictureDirection::to_the_right);
  EXPECT_EQ(dot.find("svg"), dot.npos) << dot;
  EXPECT_EQ(dot.find("src"), dot.npos) << dot;
  EXPECT_TRUE(dot.contains("n0->n1;\nn1->n2;\n")) << dot;
}

TEST(Picture, ALayoutIsReadUpsideDown) {
  const auto layout = parse_layout(kPlain, chain());
  ASSERT_TRUE(layout) << layout.error().to_string();
  EXPECT_EQ(layout->width, 4 * 72 + 16);
  EXPECT_EQ(layout->nodes[0], (PicturePoint{44, 26}));
  ASSERT_EQ(layout->edges[0].size(), 4u);
  EXPECT_EQ(layout->edges[0].back(), (PicturePoint{116, 26}));
}

TEST(Picture, ALayoutThatIsNoneIsRefused) {
  const std::string plain(kPlain);
  for (std::size_t cut = 0; cut + 1 < plain.size(); ++cut)
    EXPECT_FALSE(parse_layout(plain.substr(0, cut), chain())) << plain.substr(0, cut);
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{{"node n2", "node n7"},
                                                                                 {"node n2", "node n1"},
                                                                                 {"edge n1 n2", "edge n2 n1"},
                                                                                 {"n1 4 1 0.25", "n1 5 1 0.25"},
                                                                                 {"0.25 1 0.39", "nan 1 0.39"},
                                                                                 {"graph 1 4", "graph 1 1e300"},
                                                                                 {"stop", "halt"}}) {
    auto wrong = plain;
    wrong.replace(wrong.find(from), from.size(), to);
    EXPECT_FALSE(parse_layout(wrong, chain())) << wrong;
  }
}

TEST(Picture, ItsNodesAreLinksAndItsNamesAreEscaped) {
  const auto picture = chain();
  const auto layout = parse_layout(kPlain, picture);
  ASSERT_TRUE(layout);
  const auto html = picture_html(picture, &*layout, "modules/src/index.html", "");
  EXPECT_TRUE(html.contains("<a href=\"../c/index.html\"><g class=\"node\">")) << html;
  EXPECT_TRUE(html.contains("src/b&lt;svg&gt;")) << html;
  EXPECT_EQ(html.find("b<svg>"), html.npos) << html;
  EXPECT_TRUE(html.contains("class=\"edge w3 cycle\"")) << html;
  EXPECT_TRUE(html.contains("uses c/: 30 imports")) << html;
  EXPECT_TRUE(html.contains("5 weaker ties")) << html;
  EXPECT_EQ(html.find("style="), html.npos) << "the pages' policy allows no style on an element";
}

TEST(Picture, WithoutALayoutItIsAListThatSaysWhy) {
  const auto html = picture_html(chain(), nullptr, "index.html", "No picture: because.");
  EXPECT_TRUE(html.contains("No picture: because.")) << html;
  EXPECT_TRUE(html.contains("</a> uses <a href=\"modules/c/index.html\">c/</a> <span class=\"soft\">30</span>"))
      << html;
}

}  // namespace
}  // namespace skein::docs
