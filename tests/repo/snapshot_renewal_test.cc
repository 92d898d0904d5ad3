#include "repo/snapshot_renewal.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <functional>

#include "base/random.h"
#include "repo/git_program.h"
#include "support/scratch_tree.h"

namespace skein::repo {
namespace {

class RenewalTest : public ::testing::Test {
 protected:
  struct Last {
    std::string rest;
    std::optional<store::StatTable> table;
  };

  Snapshot scanned(const store::StatTable* remembered = nullptr) {
    auto snapshot = scan(tree_.root(), options_, pool_, remembered);
    EXPECT_TRUE(snapshot) << snapshot.error().to_string();
    return std::move(*snapshot);
  }
  Last remember() {
    Last last;
    // Again while git's index is of this very moment: nothing is believed of that then.
    do {
      const auto snapshot = scanned();
      last.rest = encode_rest(snapshot);
      EXPECT_TRUE(snapshot.table.save(*files_, state_.path("table"), sha256("r")));
      last.table.emplace(std::move(*store::StatTable::open(state_.path("table"))));
    } while (!last.table->changes(tree_.root()).only_files);
    return last;
  }
  std::optional<RenewedSnapshot> renewed(const Last& last) {
    return renew(tree_.root(), options_, pool_, *last.table, last.table->changes(tree_.root()), last.rest);
  }
  static void expect_same(const Snapshot& a, const Snapshot& b) {
    ASSERT_EQ(a.files.size(), b.files.size());
    for (std::size_t i = 0; i < a.files.size(); ++i) {
      const auto& one = a.files[i];
      const auto& other = b.files[i];
      EXPECT_EQ(one.path, other.path);
      EXPECT_EQ(one.size, other.size) << one.path;
      EXPECT_EQ(one.digest, other.digest) << one.path;
      EXPECT_EQ(one.kind, other.kind) << one.path;
      EXPECT_EQ(one.executable, other.executable) << one.path;
      EXPECT_EQ(one.traits, other.traits) << one.path;
      EXPECT_EQ(one.mtime_ns, other.mtime_ns) << one.path;
    }
    EXPECT_EQ(a.digest(), b.digest());
    ASSERT_EQ(a.left_out.size(), b.left_out.size());
    for (std::size_t i = 0; i < a.left_out.size(); ++i) {
      EXPECT_EQ(a.left_out[i].path, b.left_out[i].path);
      EXPECT_EQ(a.left_out[i].reason, b.left_out[i].reason);
    }
    EXPECT_EQ(a.ignored, b.ignored);
    EXPECT_EQ(a.notes, b.notes);
    EXPECT_EQ(a.git.present, b.git.present);
    EXPECT_EQ(a.git.commit, b.git.commit);
    EXPECT_EQ(a.git.prefix, b.git.prefix);
    EXPECT_EQ(a.git.remote, b.git.remote);
    EXPECT_EQ(a.git.index_read, b.git.index_read);
  }

  test::ScratchTree tree_, state_;
  std::unique_ptr<FileSystem> files_ = make_system_file_system();
  ScanOptions options_;
  ThreadPool pool_{2};
};

TEST_F(RenewalTest, GivesWhatAScanGives) {
  const std::vector<std::string> paths{"a-b/x.py", "a/x.py",   "a.c",        "a/b/c/d.h", "README.md",
                                       "z/empty",  "vendor/v", "a/b-c/y.js", "a/b.js",    "bin/tool"};
  for (const auto& path : paths) tree_.write(path, "# " + path + "\n");
  tree_.write(".gitignore", "*.log\n");
  tree_.write("x.log", "ignored");
  tree_.write("log/.gitignore", "*\n");  // Ignores itself: watched, and no file of the snapshot.
  ::chmod(tree_.path("bin/tool").c_str(), 0755);
  ::symlink("a.c", tree_.path("link").c_str());
  test::git(tree_.root(), {"init", "-q"});
  test::git(tree_.root(), {"remote", "add", "origin", "https://localhost/x.git"});
  test::git(tree_.root(), {"add", "-A"});
  test::git(tree_.root(), {"commit", "-q", "-m", "one"});
  auto last = remember();
  SeededRandom random(1);
  for (int round = 0; round < 12; ++round) {
    for (std::uint64_t i = random.below(4); i > 0; --i) {
      const auto& path = paths[random.below(paths.size())];
      std::string bytes = "# changed " + std::to_string(round) + "\n";
      if (random.chance(0.2)) bytes = std::string("\0binary", 7);
      if (random.chance(0.2)) bytes = "// generated file. DO NOT EDIT\n";
      tree_.write(path, bytes);
    }
    auto now = renewed(last);
    ASSERT_TRUE(now) << round;
    expect_same(now->snapshot, scanned());
    // The table that it leaves is one of the tree as it is now.
    ASSERT_TRUE(now->table.save(*files_, state_.path("table"), sha256("r")));
    last.rest = encode_rest(now->snapshot);
    last.table.emplace(std::move(*store::StatTable::open(state_.path("table"))));
    EXPECT_TRUE(last.table->check(tree_.root()).unchanged);
  }
}

TEST_F(RenewalTest, LeavesToAScanWhatOnlyThatCanTell) {
  tree_.write("src/a.py", "1\n");
  tree_.write("src/b.py", "1\n");
  tree_.write(".gitignore", "*.log\n");
  const auto last = remember();
  EXPECT_TRUE(renewed(last));
  const auto unless = [&](const std::function<void()>& edit, const std::function<void()>& back) {
    edit();
    EXPECT_FALSE(renewed(last));
    back();
  };
  unless([&] { tree_.write("src/c.py", "2\n"); }, [&] { tree_.remove("src/c.py"); });
  unless([&] { tree_.write(".gitignore", "*.py\n"); }, [&] { tree_.write(".gitignore", "*.log\n"); });
  unless([&] { tree_.remove("src/b.py"); }, [&] { tree_.write("src/b.py", "1\n"); });
  unless(
      [&] {
        tree_.remove("src/b.py");
        ::symlink("a.py", tree_.path("src/b.py").c_str());
      },
      [&] {
        tree_.remove("src/b.py");
        tree_.write("src/b.py", "1\n");
      });
  EXPECT_FALSE(renew(tree_.root(), options_, pool_, *last.table, last.table->changes(tree_.root()), "damaged"));
}

}  // namespace
}  // namespace skein::repo
