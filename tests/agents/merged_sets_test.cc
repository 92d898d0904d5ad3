#include "agents/merged_sets.h"

#include <gtest/gtest.h>

#include "agents/patch.h"

namespace skein::agents {
namespace {

Entry file(std::string bytes) { return {EntryKind::file, 0644, std::move(bytes)}; }

class Merging : public ::testing::Test {
 protected:
  void add(const char* step, std::vector<Change> changes) {
    const auto added = merged_.add(step, {std::move(changes)});
    ASSERT_TRUE(added) << added.error().to_string();
  }
  std::string conflicts() const {
    std::string text;
    for (const auto& one : merged_.conflicts()) {
      text += one.path + ":";
      for (const auto& step : one.steps) text += " " + step;
      text += ";";
    }
    return text;
  }
  MergedSets merged_;
};

TEST_F(Merging, StepsThatSawEachOtherFollowEachOther) {
  add("one", {{"a", file("1"), file("2")}, {"gone", file("x"), {}}});
  add("two", {{"a", file("2"), file("3")}, {"new", {}, file("n")}});
  add("three", {{"new", file("n"), {}}});
  EXPECT_EQ(conflicts(), "");
  const ChangeSet set = merged_.set();
  ASSERT_EQ(set.changes.size(), 2u) << "what was made and removed again is no change";
  EXPECT_EQ(set.changes[0].path, "a");
  EXPECT_EQ(set.changes[0].before, file("1"));
  EXPECT_EQ(set.changes[0].after, file("3"));
  EXPECT_EQ(set.changes[1].path, "gone");
}

TEST_F(Merging, DifferentLinesOfOneFileAreBothKept) {
  const std::string base = "a\nb\nc\nd\ne\nf\ng\n";
  add("one", {{"f", file(base), file("A\nb\nc\nd\ne\nf\ng\n")}});
  add("two", {{"f", file(base), file("a\nb\nc\nd\ne\nf\nG\n")}});
  EXPECT_EQ(conflicts(), "");
  EXPECT_EQ(merged_.set().changes[0].after.bytes, "A\nb\nc\nd\ne\nf\nG\n");
  EXPECT_EQ(merged_.merged_files(), std::vector<std::string>{"f"});
}

TEST_F(Merging, ConflictsNameFilesAndSteps) {
  add("one",
      {{"lines", file("a\n"), file("b\n")}, {"made", {}, file("1")}, {"went", file("x"), {}}, {"way", {}, file("w")}});
  add("two", {{"lines", file("a\n"), file("c\n")}, {"made", {}, file("2")}, {"went", file("x"), file("y")}});
  add("three", {{"way/below", {}, file("z")}});
  EXPECT_EQ(conflicts(), "lines: one two;made: one two;went: one two;way: one three;");
  const std::string text = conflict_error(merged_.conflicts()).to_string();
  EXPECT_NE(text.find("lines (the same lines changed: one, two)"), std::string::npos) << text;
  EXPECT_NE(text.find("lines: one has \"b\""), std::string::npos) << text;
  EXPECT_NE(text.find("lines: two has \"c\""), std::string::npos) << text;
}

TEST_F(Merging, TheSameChangeTwiceIsOne) {
  add("one", {{"a", file("1"), file("2")}});
  add("two", {{"a", file("1"), file("2")}});
  EXPECT_EQ(conflicts(), "");
  EXPECT_EQ(merged_.set().changes.size(), 1u);
}

}  // namespace
}  // namespace skein::agents
