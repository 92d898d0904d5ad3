#include "repo/snapshot.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "repo/git_program.h"
#include "store/folder_descent.h"
#include "support/scratch_tree.h"

namespace skein::repo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class SnapshotTest : public ::testing::Test {
 protected:
  Snapshot scanned(const store::StatTable* remembered = nullptr) {
    auto snapshot = scan(tree_.root(), options_, pool_, remembered);
    EXPECT_TRUE(snapshot.has_value()) << snapshot.error().to_string();
    return std::move(*snapshot);
  }

  store::StatTable saved(const Snapshot& snapshot) {
    auto files = make_system_file_system();
    EXPECT_TRUE(snapshot.table.save(*files, state_.path("table"), {}).has_value());
    return std::move(*store::StatTable::open(state_.path("table")));
  }

  static std::vector<std::string> paths(const Snapshot& snapshot) {
    std::vector<std::string> result;
    for (const auto& file : snapshot.files) result.push_back(file.path);
    return result;
  }

  // A git repository in the scratch tree, with all that is there committed.
  void commit_all() {
    if (!std::filesystem::exists(tree_.path(".git"))) test::git(tree_.root(), {"init", "-q"});
    test::git(tree_.root(), {"add", "-A"});
    test::git(tree_.root(), {"commit", "-q", "--allow-empty", "-m", "as found"});
  }

  test::ScratchTree tree_;
  test::ScratchTree state_;
  ScanOptions options_;
  ThreadPool pool_{2};
};

TEST_F(SnapshotTest, IsEmptyForAnEmptyFolder) {
  const auto snapshot = scanned();
  EXPECT_THAT(snapshot.files, IsEmpty());
  EXPECT_THAT(snapshot.left_out, IsEmpty());
  EXPECT_FALSE(snapshot.git.present);
}

TEST_F(SnapshotTest, ListsFilesByTheBytesOfTheirPaths) {
  tree_.write("a/b", "1");
  tree_.write("a.c", "22");
  tree_.write("a-b", "333");
  ::chmod(tree_.path("a.c").c_str(), 0755);
  const auto snapshot = scanned();
  EXPECT_THAT(paths(snapshot), ElementsAre("a-b", "a.c", "a/b"));
  ASSERT_NE(snapshot.find("a.c"), nullptr);
  EXPECT_EQ(snapshot.find("a.c")->size, 2u);
  EXPECT_TRUE(snapshot.find("a.c")->executable);
  EXPECT_FALSE(snapshot.find("a/b")->executable);
  EXPECT_EQ(snapshot.find("a/b")->digest, sha256("1"));
  EXPECT_EQ(snapshot.find("a"), nullptr);
}

TEST_F(SnapshotTest, TakesAnyName) {
  const std::vector<std::string> names = {"new\nline", "bad\xff\xfe.py", "-", "\"><script>", " ", "a\\b", "\x01"};
  for (const auto& name : names) tree_.write(name, name);
  auto sorted = names;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(paths(scanned()), sorted);
}

TEST_F(SnapshotTest, RecordsLinksAndNeverFollowsThem) {
  state_.write("secret", "from outside");
  tree_.link(state_.path("secret"), "outside");
  tree_.link(".", "loop");
  tree_.link("nowhere", "dangling");
  const auto snapshot = scanned();
  EXPECT_THAT(paths(snapshot), ElementsAre("dangling", "loop", "outside"));
  for (const auto& file : snapshot.files) EXPECT_EQ(file.kind, FileKind::symlink);
  EXPECT_EQ(snapshot.find("loop")->digest, sha256("."));
}

TEST_F(SnapshotTest, ReportsPipesAndSocketsWithoutOpeningThem) {
  ASSERT_EQ(::mkfifo(tree_.path("pipe").c_str(), 0644), 0);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  tree_.path("sock").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const auto snapshot = scanned();
  ::close(socket);
  EXPECT_THAT(snapshot.files, IsEmpty());
  ASSERT_EQ(snapshot.left_out.size(), 2u);
  EXPECT_EQ(snapshot.left_out[0].path, "pipe");
  EXPECT_EQ(snapshot.left_out[0].reason, LeftOutReason::special);
  EXPECT_TRUE(saved(snapshot).check(tree_.root()).unchanged);
}

TEST_F(SnapshotTest, ReportsWhatTheSystemRefusesToRead) {
  // The system refuses root nothing; CI is root, a developer's run is not.
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  tree_.write("shut.txt", "x");
  tree_.write("closed/a", "x");
  ::chmod(tree_.path("shut.txt").c_str(), 0);
  ::chmod(tree_.path("closed").c_str(), 0);
  const auto snapshot = scanned();
  ::chmod(tree_.path("closed").c_str(), 0755);
  ASSERT_EQ(snapshot.left_out.size(), 2u);
  EXPECT_EQ(snapshot.left_out[0].path, "closed");
  EXPECT_EQ(snapshot.left_out[1].path, "shut.txt");
  EXPECT_EQ(snapshot.left_out[1].reason, LeftOutReason::unreadable);
}

TEST_F(SnapshotTest, NeverEntersGitAndSkeinFolders) {
  tree_.write(".skein/state", "x");
  tree_.write("sub/.skein/state", "x");
  tree_.write("a", "x");
  commit_all();
  EXPECT_THAT(paths(scanned()), ElementsAre("a"));
}

TEST_F(SnapshotTest, NotesNestedRepositoriesAndSubmodulesWithoutEnteringThem) {
  tree_.write("a", "x");
  tree_.write("nested/b", "x");
  test::git(tree_.path("nested"), {"init", "-q"});
  tree_.write("module/c", "x");
  test::git(tree_.path("module"), {"init", "-q"});
  test::git(tree_.path("module"), {"add", "-A"});
  test::git(tree_.path("module"), {"commit", "-q", "-m", "x"});
  test::git(tree_.root(), {"init", "-q"});
  test::git(tree_.root(), {"-c", "advice.addEmbeddedRepo=false", "add", "a", "module"});
  const auto snapshot = scanned();
  EXPECT_THAT(paths(snapshot), ElementsAre("a", "module"));
  EXPECT_EQ(snapshot.find("module")->kind, FileKind::submodule);
  ASSERT_EQ(snapshot.left_out.size(), 1u);
  EXPECT_EQ(snapshot.left_out[0].path, "nested");
  EXPECT_EQ(snapshot.left_out[0].reason, LeftOutReason::nested_repository);
}

TEST_F(SnapshotTest, LetsSkeinsRulesWinOverGitsAndOverWhatIsTracked) {
  tree_.write("tracked.txt", "x");
  tree_.write("kept.log", "x");
  commit_all();
  tree_.write(".gitignore", "*.log\n");
  tree_.write("other.log", "x");
  tree_.write(".skeinignore", "tracked.txt\n!other.log\n");
  const auto snapshot = scanned();
  EXPECT_THAT(paths(snapshot), ElementsAre(".gitignore", ".skeinignore", "kept.log", "other.log"));
  EXPECT_EQ(snapshot.ignored, 1u);
}

TEST_F(SnapshotTest, AppliesTheRulesOfTheWorkTreeAroundAFolderOfIt) {
  tree_.write(".gitignore", "/sub/*.log\n");
  tree_.write("sub/a.log", "x");
  tree_.write("sub/tracked.log", "x");
  tree_.write("sub/b", "x");
  test::git(tree_.root(), {"init", "-q"});
  test::git(tree_.root(), {"add", "-f", "sub/tracked.log"});
  auto snapshot = scan(tree_.path("sub"), options_, pool_);
  ASSERT_TRUE(snapshot.has_value());
  EXPECT_THAT(paths(*snapshot), ElementsAre("b", "tracked.log"));
  EXPECT_EQ(snapshot->git.prefix, "sub/");
}

TEST_F(SnapshotTest, ReadsAnIgnoredFolderAsAPlainOneWhenAskedForIt) {
  tree_.write(".gitignore", "build/\n");
  tree_.write("build/a", "x");
  commit_all();
  auto snapshot = scan(tree_.path("build"), options_, pool_);
  ASSERT_TRUE(snapshot.has_value());
  EXPECT_THAT(paths(*snapshot), ElementsAre("a"));
  EXPECT_THAT(snapshot->notes, ElementsAre(HasSubstr("ignored by the git repository")));
}

TEST_F(SnapshotTest, NeverRunsWhatARepositoryConfigures) {
  tree_.write("a", "x");
  tree_.write(".gitattributes", "* filter=evil diff=evil\n");
  commit_all();
  state_.write("evil", "#!/bin/sh\ntouch " + state_.path("ran") + "\n");
  ::chmod(state_.path("evil").c_str(), 0755);
  for (const char* key : {"core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv"})
    test::git(tree_.root(), {"config", key, state_.path("evil")});
  for (const char* hook : {"post-checkout", "post-index-change", "fsmonitor-watchman"}) {
    tree_.write(std::string(".git/hooks/") + hook, state_.read("evil"));
    ::chmod(tree_.path(std::string(".git/hooks/") + hook).c_str(), 0755);
  }
  EXPECT_EQ(scanned().files.size(), 2u);
  EXPECT_FALSE(std::filesystem::exists(state_.path("ran")));
}

TEST_F(SnapshotTest, FindsNothingChangedAfterAScan) {
  tree_.write("a.txt", "one");
  tree_.write("sub/b.txt", "two");
  commit_all();
  const auto table = saved(scanned());
  // The first check may ask for a new table where git wrote in the same tick; the second one has no such reason.
  const auto again = scanned(&table);
  const auto check = saved(again).check(tree_.root());
  EXPECT_TRUE(check.unchanged || check.difference.find(".git") != std::string::npos) << check.difference;
}

TEST_F(SnapshotTest, NoticesAddedIgnoredRulesAndTrackedChanges) {
  tree_.write("cache/.gitignore", "*\n");
  tree_.write("cache/x", "1");
  tree_.write("a", "1");
  const auto table = saved(scanned());
  EXPECT_TRUE(table.check(tree_.root()).unchanged) << table.check(tree_.root()).difference;
  tree_.write("cache/.gitignore", "*.tmp\n");
  EXPECT_FALSE(table.check(tree_.root()).unchanged);
  EXPECT_THAT(paths(scanned(&table)), ElementsAre("a", "cache/.gitignore", "cache/x"));
}

TEST_F(SnapshotTest, TakesOverTheDigestsOfFilesThatDidNotChange) {
  for (int i = 0; i < 50; ++i) {
    tree_.write("f" + std::to_string(i), std::to_string(i));
    tree_.set_time("f" + std::to_string(i), 1'000'000'000'000'000'000 + i);
  }
  // A change time cannot be set back, so the table is given the future as its time.
  auto first = scanned();
  store::StatTableBuilder builder(std::numeric_limits<std::int64_t>::max());
  builder.set_tag_scheme(classification_digest());
  for (const auto& file : first.files) {
    store::FileStamp stamp;
    ASSERT_EQ(store::stamp_at(AT_FDCWD, tree_.path(file.path).c_str(), stamp), 0);
    builder.add_path(file.path, stamp, file.digest, 1);
  }
  state_.write("table", builder.encode({}));
  const auto table = store::StatTable::open(state_.path("table"));
  ASSERT_TRUE(table.has_value());
  tree_.write("f7", "changed");
  const auto second = scanned(&*table);
  EXPECT_EQ(second.hashed_files, 1u);
  EXPECT_EQ(second.find("f7")->digest, sha256("changed"));
  EXPECT_EQ(second.find("f8")->digest, sha256("8"));
  EXPECT_EQ(second.find("f8")->kind, FileKind::binary);  // As the tag says.
}

TEST_F(SnapshotTest, LeavesAnOutputFolderOutAndItsComingUnnoticed) {
  tree_.write("a", "1");
  options_.never_enter = {"site/out"};
  tree_.make_folder("site");
  const auto table = saved(scanned());
  tree_.write("site/out/index.html", "x");
  EXPECT_TRUE(table.check(tree_.root()).unchanged) << table.check(tree_.root()).difference;
  EXPECT_THAT(paths(scanned()), ElementsAre("a"));
  tree_.write("site/other", "x");
  EXPECT_FALSE(table.check(tree_.root()).unchanged);
}

TEST_F(SnapshotTest, MarksHugeFilesAndHashesThemWhole) {
  options_.huge_bytes = 1'000'000;
  tree_.write("big", std::string(1'000'001, 'x'));
  tree_.write("small", "x");
  const auto snapshot = scanned();
  EXPECT_TRUE(snapshot.find("big")->traits.huge);
  EXPECT_EQ(snapshot.find("big")->digest, sha256(std::string(1'000'001, 'x')));
  EXPECT_FALSE(snapshot.find("small")->traits.huge);
}

TEST_F(SnapshotTest, WalksNestsDeeperThanAPathMayBeLong) {
  auto descent = store::FolderDescent::open(tree_.root(), store::FolderDescent::Access::look_up);
  ASSERT_TRUE(descent.has_value());
  constexpr int kDepth = 2'200;  // 4,400 bytes; the system allows 4,096.
  for (int i = 0; i < kDepth; ++i) {
    ASSERT_EQ(::mkdirat(descent->current(), "d", 0755), 0);
    ASSERT_EQ(descent->enter("d"), 0);
    if (i % 220 == 219) {
      const int file = ::openat(descent->current(), "f", O_CREAT | O_WRONLY, 0644);
      ASSERT_EQ(::write(file, "deep", 4), 4);
      ::close(file);
    }
  }
  const auto snapshot = scanned();
  ASSERT_EQ(snapshot.files.size(), 10u);
  EXPECT_EQ(snapshot.files[0].digest, sha256("deep"));
  EXPECT_EQ(snapshot.files[0].path.size(), 2u * kDepth + 1);
  EXPECT_TRUE(saved(snapshot).check(tree_.root()).unchanged);
}

TEST_F(SnapshotTest, IsTheSameOnOneThreadAndOnMany) {
  SeededRandom random(11);
  for (int i = 0; i < 300; ++i) {
    const std::string folder = "d" + std::to_string(random.below(9)) + "/e" + std::to_string(random.below(9));
    tree_.write(folder + "/f" + std::to_string(i), std::string(random.below(5'000), 'x'));
  }
  InlineExecutor single;
  ThreadPool many(8);
  const auto one = scan(tree_.root(), options_, single);
  const auto two = scan(tree_.root(), options_, many);
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->digest(), two->digest());
  EXPECT_EQ(paths(*one), paths(*two));
}

TEST_F(SnapshotTest, RefusesRootsThatAreNoFolders) {
  tree_.write("file", "");
  EXPECT_EQ(scan(tree_.path("file"), options_, pool_).error().code(), Code::invalid_argument);
  EXPECT_EQ(scan(tree_.path("none"), options_, pool_).error().code(), Code::not_found);
}

}  // namespace
}  // namespace skein::repo
