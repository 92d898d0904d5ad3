#include "docs/tree.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace skein::docs {
namespace {

struct Workspace {
  repo::Snapshot snapshot;

  repo::SnapshotFile& add(std::string path) {
    repo::SnapshotFile file;
    file.path = std::move(path);
    file.size = 10;
    file.digest = sha256(file.path);
    return snapshot.files.emplace_back(std::move(file));
  }
  SiteTree tree() {
    std::ranges::sort(snapshot.files, {}, &repo::SnapshotFile::path);
    return make_tree(snapshot, repo::builtin_languages(),
                     [](const std::string&) { return std::string("#!/bin/sh\n"); });
  }
};

TEST(Tree, GivesPagesToTextsInKnownLanguagesThatWereWrittenHere) {
  Workspace w;
  w.add("a.py");
  w.add("b.unknown-thing");
  w.add("c.py").kind = repo::FileKind::binary;
  w.add("d.py").kind = repo::FileKind::symlink;
  w.add("e.py").traits.vendored = true;
  w.add("f.js").traits.minified = true;
  w.add("g.py").traits.huge = true;
  w.add("h.py").traits.generated = true;
  w.add("run").executable = true;
  w.add("walk");
  const auto tree = w.tree();
  std::vector<std::string> pages, marks;
  for (const auto& file : tree.files) {
    if (file.page) pages.push_back(file.file->path);
    marks.push_back(file.mark);
  }
  EXPECT_EQ(pages, (std::vector<std::string>{"a.py", "h.py", "run"}));
  EXPECT_EQ(marks, (std::vector<std::string>{"", "", "binary", "symbolic link", "vendored", "minified", "huge",
                                             "generated", "", ""}));
  EXPECT_EQ(tree.pages, 3u);
  ASSERT_EQ(tree.left_out.size(), 3u);  // Vendored, minified, huge: others would be looked for.
  EXPECT_EQ(tree.left_out[0].files, 1u);
}

TEST(Tree, DocumentsTheRootAndTheFoldersOnTheWayToAPage) {
  Workspace w;
  w.add("a/b/c/d.py");
  w.add("media/logo.png").kind = repo::FileKind::binary;
  const auto tree = w.tree();
  EXPECT_TRUE(tree.folder("")->documented);
  EXPECT_TRUE(tree.folder("a")->documented);
  EXPECT_TRUE(tree.folder("a/b/c")->documented);
  EXPECT_FALSE(tree.folder("media")->documented);
  EXPECT_EQ(tree.folder("a/x"), nullptr);
  EXPECT_TRUE(tree.page_of("a/b").folder);
  EXPECT_EQ(tree.page_of("media").path, "");
  EXPECT_EQ(tree.page_of("media/logo.png").path, "");
  EXPECT_TRUE(Workspace().tree().folders.front().documented);
}

TEST(Tree, LeavesOutWhatLiesTooDeepOrIsTooLongAndSaysSo) {
  Workspace w;
  std::string deep;
  for (std::size_t i = 0; i <= kMaxDepth; ++i) deep += "d/";
  w.add(deep + "a.py");
  w.add(deep.substr(2) + "b.py");
  w.add(std::string(kMaxPath, 'x') + ".py");
  const auto tree = w.tree();
  EXPECT_EQ(tree.pages, 1u);
  ASSERT_EQ(tree.left_out.size(), 1u);
  EXPECT_EQ(tree.left_out.front().files, 2u);
}

TEST(Tree, TakesOneReadmeOfAFolder) {
  Workspace w;
  w.add("README.md");
  w.add("a/README");
  w.add("b/README.md").kind = repo::FileKind::symlink;
  w.add("b/x.py");
  const auto tree = w.tree();
  EXPECT_EQ(tree.files[tree.folder("")->readme].file->path, "README.md");
  EXPECT_EQ(tree.files[tree.folder("a")->readme].file->path, "a/README");
  EXPECT_EQ(tree.folder("b")->readme, TreeFolder::kNone);
}

TEST(Tree, DigestsFollowNamesAndClassesAndNotBytes) {
  Workspace one, two, three;
  one.add("a/x.py");
  two.add("a/x.py").digest = sha256("other bytes");
  three.add("a/x.py").traits.generated = true;
  EXPECT_EQ(one.tree().folder("a")->digest, two.tree().folder("a")->digest);
  EXPECT_NE(one.tree().folder("a")->digest, three.tree().folder("a")->digest);
  Workspace four;
  four.add("a/x.py").kind = repo::FileKind::binary;
  EXPECT_NE(one.tree().paths_digest, four.tree().paths_digest);
}

}  // namespace
}  // namespace skein::docs
