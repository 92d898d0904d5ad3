#include "docs/graphviz.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include "support/scratch_tree.h"

namespace skein::docs {
namespace {

/// A program of this script in the place of dot.
std::unique_ptr<Graphviz> program(const test::ScratchTree& place, std::string_view script) {
  place.write("dot", script);
  EXPECT_EQ(::chmod(place.path("dot").c_str(), 0755), 0);
  return Graphviz::find(*make_system_file_system(), place.path("dot"));
}

TEST(Graphviz, IsNotThereWhereItsProgramIsNot) {
  const auto files = make_system_file_system();
  EXPECT_EQ(Graphviz::find(*files, ""), nullptr);
  EXPECT_EQ(Graphviz::find(*files, "/nowhere/at/all/dot"), nullptr);
}

TEST(Graphviz, ALayoutDependsOnItsGraphAlone) {
  const auto graphviz = Graphviz::find(*make_system_file_system(), "/usr/bin/dot");
  // ./check installs it; by hand one may go without, as a user may: pages have lists then.
  if (graphviz == nullptr) GTEST_SKIP() << "Graphviz is not installed: nothing was laid out";
  Picture picture;
  for (int i = 0; i < 20; ++i)
    picture.nodes.push_back({fmt::format("folder{}", i), "label", PictureNode::Role::folder, 1});
  for (std::uint32_t i = 1; i < 20; ++i) picture.edges.push_back({i / 2, i, 1, false});
  const auto dot = dot_text(picture, PictureDirection::to_the_right);
  const auto first = graphviz->lay_out(dot, {});
  ASSERT_TRUE(first) << first.error().to_string();
  ASSERT_TRUE(parse_layout(*first, picture));
  // The same worker after other work, and another worker.
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(graphviz->lay_out("digraph{n0->n1;}\n", {}));
  const auto again = graphviz->lay_out(dot, {});
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *first);
  const auto other = Graphviz::find(*make_system_file_system(), "/usr/bin/dot");
  EXPECT_EQ(other->lay_out(dot, {}).value(), *first);
}

TEST(Graphviz, AProgramThatWorksWithoutEndIsStopped) {
  const test::ScratchTree place;
  const auto endless = program(place, "#!/bin/sh\nwhile :; do :; done\n");
  const auto answer = endless->lay_out("digraph{}\n", {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), Code::timed_out) << answer.error().to_string();
}

TEST(Graphviz, AProgramThatEndsIsTriedTwiceAndGivenUp) {
  const test::ScratchTree place;
  const auto ending = program(place, "#!/bin/sh\nexit 3\n");
  const auto answer = ending->lay_out("digraph{}\n", {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), Code::unavailable) << answer.error().to_string();
}

TEST(Graphviz, AStopEndsTheWait) {
  const test::ScratchTree place;
  const auto endless = program(place, "#!/bin/sh\nwhile :; do :; done\n");
  std::stop_source stop;
  stop.request_stop();
  const auto answer = endless->lay_out("digraph{}\n", stop.get_token());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), Code::cancelled);
}

}  // namespace
}  // namespace skein::docs
