// Which commit files are, and the files of another commit.
#include <gtest/gtest.h>

#include "base/executor.h"
#include "repo/commit_files.h"
#include "repo/git_program.h"
#include "repo/tree_source.h"
#include "support/scratch_tree.h"

namespace skein::repo {
namespace {

class CommitSource : public ::testing::Test {
 protected:
  CommitSource() {
    tree_.write("a.py", "a = 1\n");
    tree_.write("lib/b.py", "b = 2\n");
    tree_.write("lib/run.sh", "#!/bin/sh\n");
    std::filesystem::permissions(tree_.path("lib/run.sh"), std::filesystem::perms::owner_all);
    tree_.link("a.py", "link");
    test::git(tree_.root(), {"init", "-q", "-b", "trunk"});
    first_ = commit("first");
    tree_.write("lib/c.py", "c = 3\n");
    second_ = commit("second");
  }
  std::string commit(const std::string& message) {
    test::git(tree_.root(), {"add", "-A"});
    test::git(tree_.root(), {"commit", "-q", "-m", message});
    auto id = test::git(tree_.root(), {"rev-parse", "HEAD"});
    while (id.ends_with('\n')) id.pop_back();
    return id;
  }
  std::string source() {
    ThreadPool pool(1);
    return tree_source(scan(tree_.root(), {}, pool).value());
  }
  test::ScratchTree tree_;
  std::string first_, second_;
};

TEST_F(CommitSource, FilesThatAreACommitsAreThatCommit) {
  EXPECT_EQ(source(), "commit " + second_);
  test::git(tree_.root(), {"checkout", "-q", first_});
  EXPECT_EQ(source(), "commit " + first_);
}

TEST_F(CommitSource, AnyDifferenceMakesThemATreeOfTheirOwn) {
  const auto clean = source();
  tree_.write("lib/b.py", "b = 3\n");
  const auto edited = source();
  EXPECT_TRUE(edited.starts_with("tree ")) << edited;
  test::git(tree_.root(), {"add", "-A"});
  EXPECT_TRUE(source().starts_with("tree ")) << "staged, not committed";
  test::git(tree_.root(), {"reset", "-q", "--hard"});
  EXPECT_EQ(source(), clean);
  tree_.write("new.py", "n = 1\n");
  EXPECT_TRUE(source().starts_with("tree ")) << "a file that git does not track was read too";
  tree_.remove("new.py");
  tree_.remove("a.py");
  EXPECT_TRUE(source().starts_with("tree ")) << "a file is gone";
  EXPECT_NE(source(), edited);
}

TEST_F(CommitSource, WithoutGitItIsATree) {
  const test::ScratchTree plain;
  plain.write("a.py", "a = 1\n");
  ThreadPool pool(1);
  EXPECT_TRUE(tree_source(scan(plain.root(), {}, pool).value()).starts_with("tree "));
}

TEST_F(CommitSource, AnotherCommitsFilesAreWrittenAsTheyWere) {
  const auto files = make_system_file_system();
  const auto git = read_git(tree_.root());
  test::git(tree_.root(), {"tag", "-a", "v1", "-m", "one", first_});
  for (const auto& revision :
       {first_, first_.substr(0, 8), std::string("trunk~1"), std::string("HEAD~"), std::string("v1")}) {
    const test::ScratchTree out;
    const auto written = write_commit(*files, git, revision, out.path("x"));
    ASSERT_TRUE(written) << revision << ": " << written.error().to_string();
    EXPECT_EQ(written->commit, first_) << revision;
    EXPECT_EQ(written->files, 3u);
    EXPECT_EQ(out.read("x/lib/b.py"), "b = 2\n");
    EXPECT_FALSE(std::filesystem::exists(out.path("x/lib/c.py")));
    EXPECT_TRUE(std::filesystem::is_symlink(out.path("x/link")));
  }
  test::git(tree_.root(), {"pack-refs", "--all"});
  const test::ScratchTree out;
  EXPECT_EQ(write_commit(*files, git, "trunk", out.path("x"))->commit, second_);
}

TEST_F(CommitSource, ARevisionThatIsNoneIsAnErrorWithAWayOut) {
  const auto files = make_system_file_system();
  const auto git = read_git(tree_.root());
  for (const auto* revision : {"nowhere", "HEAD~9", "../../etc/passwd", "", "HEAD^", "HEAD~x", "zz"}) {
    const test::ScratchTree out;
    EXPECT_FALSE(write_commit(*files, git, revision, out.path("x"))) << revision;
  }
  const test::ScratchTree plain;
  EXPECT_EQ(write_commit(*files, read_git(plain.root()), "HEAD", plain.path("x")).error().code(), Code::not_found);
}

}  // namespace
}  // namespace skein::repo
