#include <gtest/gtest.h>

#include "docs/site_maker_support.h"

namespace skein::docs {
namespace {

TEST(GraphTopics, WhatIsBesideTheProjectIsNoPlaceToStart) {
  test::ScratchTree tree;
  tree.write("Gemfile", "source 'x'\ngem 'rack'\n");
  tree.write("examples/chat.rb", "#!/usr/bin/env ruby\nrequire_relative '../lib/tool'\n");
  tree.write("bench/a.py", "def f(): pass\nif __name__ == '__main__':\n    f()\n");
  tree.write("tool/run.py", "import tool.core\nif __name__ == '__main__':\n    tool.core.go()\n");
  tree.write("tool/__init__.py", "");
  tree.write("tool/core.py", "def go():\n    if True:\n        return 1\n");
  SiteMaker maker(tree.root());
  ASSERT_TRUE(maker.make());
  const auto overview = maker.pages().at("index.md");
  const auto reading = overview.substr(overview.find("## Where to start"), 600);
  const auto first = reading.substr(0, reading.find("programs start here"));
  EXPECT_TRUE(first.contains("`tool/run.py`")) << overview;
  EXPECT_EQ(reading.find("programs start here"), reading.rfind("programs start here")) << reading;
  // A small project's files stand where folders say little.
  EXPECT_TRUE(reading.contains("`tool/core.py`")) << reading;
  EXPECT_TRUE(reading.contains("1 decision, among the most")) << reading;
  // All are entry points still, the project's own first.
  const auto entries = overview.substr(overview.find("## Entry points"));
  EXPECT_LT(entries.find("tool/run.py"), entries.find("Gemfile"));
  EXPECT_LT(entries.find("Gemfile"), entries.find("bench/a.py"));
  EXPECT_LT(entries.find("Gemfile"), entries.find("examples/chat.rb"));
}

}  // namespace
}  // namespace skein::docs
