#include "repo/git.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "repo/git_program.h"
#include "support/scratch_tree.h"

namespace skein::repo {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class GitTest : public ::testing::Test {
 protected:
  void commit_all() {
    test::git(tree_.root(), {"init", "-q", "-b", "trunk"});
    test::git(tree_.root(), {"add", "-A"});
    test::git(tree_.root(), {"commit", "-q", "-m", "as found"});
  }
  std::string head() {
    std::string id = test::git(tree_.root(), {"rev-parse", "HEAD"});
    id.pop_back();
    return id;
  }
  test::ScratchTree tree_;
};

TEST_F(GitTest, SaysThatAPlainFolderHasNone) {
  const auto info = read_git(tree_.root());
  EXPECT_FALSE(info.present);
  EXPECT_THAT(info.notes, IsEmpty());
}

TEST_F(GitTest, ReadsCommitBranchRemoteAndTrackedPaths) {
  tree_.write("a", "x");
  tree_.write("b/c", "x");
  tree_.write("b.d", "x");
  commit_all();
  tree_.write("untracked", "x");
  test::git(tree_.root(), {"remote", "add", "origin", "https://me:secret@example.org/x/y.git?token=z"});
  const auto info = read_git(tree_.root());
  EXPECT_TRUE(info.present && info.index_read && !info.bare && !info.shallow && !info.linked);
  EXPECT_EQ(info.commit, head());
  EXPECT_EQ(info.branch, "trunk");
  EXPECT_EQ(info.remote, "https://example.org/x/y.git");
  EXPECT_EQ(info.tracked.size(), 3u);
  EXPECT_TRUE(info.is_tracked("b/c") && info.is_tracked("b.d") && !info.is_tracked("untracked"));
  EXPECT_TRUE(info.has_tracked_below("b") && !info.has_tracked_below("a"));
  EXPECT_THAT(info.notes, IsEmpty());
}

TEST_F(GitTest, FindsACommitInPackedRefsAndADetachedHead) {
  tree_.write("a", "x");
  commit_all();
  test::git(tree_.root(), {"pack-refs", "--all"});
  EXPECT_EQ(read_git(tree_.root()).commit, head());
  test::git(tree_.root(), {"checkout", "-q", "--detach"});
  const auto info = read_git(tree_.root());
  EXPECT_EQ(info.commit, head());
  EXPECT_EQ(info.branch, "");
}

TEST_F(GitTest, ReadsARepositoryWithoutCommits) {
  test::git(tree_.root(), {"init", "-q", "-b", "trunk"});
  const auto info = read_git(tree_.root());
  EXPECT_TRUE(info.present && info.index_read);
  EXPECT_EQ(info.branch, "trunk");
  EXPECT_EQ(info.commit, "");
}

TEST_F(GitTest, ReadsEveryVersionOfTheIndex) {
  for (int i = 0; i < 40; ++i) tree_.write("folder/with/names/file" + std::to_string(i), "x");
  commit_all();
  for (const char* version : {"2", "3", "4"}) {
    test::git(tree_.root(), {"update-index", "--index-version", version});
    const auto info = read_git(tree_.root());
    EXPECT_EQ(info.tracked.size(), 40u) << version;
    EXPECT_TRUE(info.is_tracked("folder/with/names/file17")) << version;
  }
}

TEST_F(GitTest, ReadsLinkedWorkTreesAndFoldersBelowTheRoot) {
  tree_.write("a", "x");
  tree_.write("sub/b", "x");
  commit_all();
  const test::ScratchTree other;
  test::git(tree_.root(), {"worktree", "add", "-q", other.path("w")});
  const auto info = read_git(other.path("w"));
  EXPECT_TRUE(info.present && info.linked && info.index_read);
  EXPECT_EQ(info.branch, "w");
  EXPECT_EQ(info.commit, head());
  const auto below = read_git(tree_.path("sub"));
  EXPECT_EQ(below.prefix, "sub/");
  ASSERT_EQ(below.tracked.size(), 1u);
  EXPECT_EQ(below.tracked[0].path, "b");
}

TEST_F(GitTest, ReadsBareAndShallowRepositories) {
  tree_.write("a", "x");
  commit_all();
  const test::ScratchTree other;
  test::git(other.root(), {"clone", "-q", "--bare", tree_.root(), "bare"});
  test::git(other.root(), {"clone", "-q", "--depth=1", "file://" + tree_.root(), "shallow"});
  const auto bare = read_git(other.path("bare"));
  EXPECT_TRUE(bare.present && bare.bare);
  EXPECT_EQ(bare.commit, head());
  EXPECT_TRUE(read_git(other.path("shallow")).shallow);
}

TEST_F(GitTest, ReadsAnIndexDespiteExtensionsThatLibgit2DoesNotKnow) {
  tree_.write("a", "x");
  commit_all();
  test::git(tree_.root(), {"config", "core.repositoryFormatVersion", "1"});
  test::git(tree_.root(), {"config", "extensions.partialClone", "origin"});
  test::git(tree_.root(), {"config", "extensions.worktreeConfig", "true"});
  const auto info = read_git(tree_.root());
  EXPECT_TRUE(info.index_read);
  EXPECT_EQ(info.tracked.size(), 1u);
}

TEST_F(GitTest, NotesWhatItCannotRead) {
  tree_.write("a", "x");
  test::git(tree_.root(), {"init", "-q", "--object-format=sha256"});
  test::git(tree_.root(), {"add", "a"});
  auto info = read_git(tree_.root());
  EXPECT_TRUE(info.present && !info.index_read);
  EXPECT_THAT(info.notes, Contains(HasSubstr("index cannot be read")));

  const test::ScratchTree other;
  test::git(other.root(), {"init", "-q"});
  other.write(".git/index", "nonsense");
  other.write(".git/config", "[nonsense");
  info = read_git(other.root());
  EXPECT_TRUE(info.present && !info.index_read);
  EXPECT_EQ(info.notes.size(), 2u);
}

TEST(GitUrl, LosesCredentials) {
  EXPECT_EQ(without_credentials("https://u:p@host/x"), "https://host/x");
  EXPECT_EQ(without_credentials("https://token@host/a@b"), "https://host/a@b");
  EXPECT_EQ(without_credentials("https://u:p@ss@host"), "https://host");
  EXPECT_EQ(without_credentials("git@host:x/y.git"), "git@host:x/y.git");
  EXPECT_EQ(without_credentials("u:p@host:x"), "host:x");
  EXPECT_EQ(without_credentials("ssh://git@host:22/x"), "ssh://host:22/x");
  EXPECT_EQ(without_credentials("/local/path"), "/local/path");
  EXPECT_EQ(without_credentials("https://host/x?token=1#f"), "https://host/x");
}

}  // namespace
}  // namespace skein::repo
