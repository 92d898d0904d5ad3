#include "repo/history.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "repo/author_name.h"
#include "repo/git_program.h"
#include "support/scratch_tree.h"

namespace skein::repo {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t kStart = 1'600'000'000;
constexpr std::int64_t kDay = 86'400;

/// A repository made by `git fast-import`, commit by commit.
class HistoryTest : public ::testing::Test {
 public:
  /// Begins a commit; `from`: marks of its parents, none: the branch's last one.
  HistoryTest& commit(const std::string& author, std::int64_t time, const std::vector<int>& from = {}) {
    stream_ +=
        fmt::format("commit refs/heads/trunk\nmark :{}\nauthor {} {} +0000\ncommitter c <c@example.org> {} +0000\n",
                    ++mark_, author, time, time);
    stream_ += "data 1\nx\n";
    for (std::size_t i = 0; i < from.size(); ++i)
      stream_ += fmt::format("{} :{}\n", i == 0 ? "from" : "merge", from[i]);
    return *this;
  }
  HistoryTest& write(const std::string& path, const std::string& text) {
    stream_ += fmt::format("M 100644 inline {}\ndata {}\n{}\n", path, text.size(), text);
    return *this;
  }
  HistoryTest& remove(const std::string& path) {
    stream_ += "D " + path + "\n";
    return *this;
  }
  HistoryTest& rename(const std::string& from, const std::string& to) {
    stream_ += "R " + from + " " + to + "\n";
    return *this;
  }
  GitInfo import() {
    test::git(tree_.root(), {"init", "-q", "-b", "trunk"});
    test::git(tree_.root(), {"fast-import", "--quiet", "--force", "--date-format=raw"}, stream_);
    return read_git(tree_.root());
  }
  HistoryLog log(const HistoryWindow& window = {}) { return read_history_log(import(), window); }
  static History history_of(const HistoryLog& log, std::vector<std::string_view> present) {
    std::ranges::sort(present);
    return summarize_history(log, present);
  }

  test::ScratchTree tree_;
  std::string stream_;
  int mark_ = 0;
};

const std::string kAnn = "Ann <ann@example.org>";
const std::string kBob = "Bob <bob@example.org>";

std::string lines(int count, std::string_view text = "line") {
  std::string out;
  for (int i = 0; i < count; ++i) out += fmt::format("{} {}\n", text, i);
  return out;
}

TEST_F(HistoryTest, CountsCommitsLinesAndAuthorsOfFilesAndFolders) {
  commit(kAnn, kStart).write("src/a.c", lines(10)).write("src/b.c", lines(3));
  commit(kBob, kStart + 1).write("src/a.c", lines(12));
  commit(kBob, kStart + 2).write("src/a.c", lines(11));
  const auto read = log();
  EXPECT_TRUE(read.complete);
  EXPECT_THAT(read.notes, IsEmpty());
  const auto history = history_of(read, {"src/a.c", "src/b.c"});
  EXPECT_EQ(history.commits, 3U);
  ASSERT_EQ(history.authors.size(), 2U);
  EXPECT_EQ(history.authors[0].name, "Bob");
  const auto* file = history.file("src/a.c");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->commits, 3U);
  EXPECT_EQ(file->lines_added, 12U);
  EXPECT_EQ(file->lines_removed, 1U);
  EXPECT_EQ(file->last_time, kStart + 2);
  EXPECT_THAT(file->shares, ElementsAre(AuthorShare{0, 2, 3}, AuthorShare{1, 1, 10}));
  const auto* folder = history.folder("src");
  ASSERT_NE(folder, nullptr);
  EXPECT_EQ(folder->commits, 3U) << "a commit counts once, however many files it touches";
  EXPECT_EQ(folder->lines_added, 15U);
  EXPECT_EQ(history.folder("")->commits, 3U);
}

TEST_F(HistoryTest, FollowsRenamesWithAndWithoutEdits) {
  commit(kAnn, kStart).write("old.c", lines(20));
  commit(kAnn, kStart + 1).rename("old.c", "mid.c");
  commit(kBob, kStart + 2).remove("mid.c").write("src/new.c", lines(21));
  const auto history = history_of(log(), {"src/new.c"});
  const auto* file = history.file("src/new.c");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->commits, 3U);
  EXPECT_EQ(file->lines_added, 21U);
  EXPECT_EQ(file->lines_removed, 0U);
  EXPECT_EQ(history.folder("src")->authors, 2U);
}

TEST_F(HistoryTest, WhatIsGoneIsNoFile) {
  commit(kAnn, kStart).write("a", "1\n").write("b", "2\n");
  commit(kAnn, kStart + 1).remove("a");
  const auto history = history_of(log(), {"b"});
  EXPECT_EQ(history.files.size(), 1U);
  EXPECT_EQ(history.folder("")->commits, 2U);
}

TEST_F(HistoryTest, AMergeChangesNothingOfItsOwn) {
  commit(kAnn, kStart).write("a", lines(1));
  commit(kBob, kStart + 1, {1}).write("b", lines(5));
  commit(kAnn, kStart + 2, {1}).write("a", lines(2));
  commit(kAnn, kStart + 3, {3, 2}).write("b", lines(5));
  const auto history = history_of(log(), {"a", "b"});
  EXPECT_EQ(history.commits, 4U);
  EXPECT_EQ(history.merges, 1U);
  EXPECT_EQ(history.file("b")->commits, 1U);
  EXPECT_EQ(history.authors[0].commits, 2U);
}

TEST_F(HistoryTest, AWindowOfCommitsTakesTheNewest) {
  for (int i = 0; i < 9; ++i) commit(kAnn, kStart + i * kDay).write("a", lines(i + 1));
  const auto read = log({.commits = 4});
  EXPECT_EQ(read.commits.size(), 4U);
  EXPECT_FALSE(read.complete);
  EXPECT_EQ(history_of(read, {"a"}).oldest, kStart + 5 * kDay);
}

TEST_F(HistoryTest, AWindowOfMonthsEndsThatLongBeforeTheNewestCommit) {
  for (int i = 0; i < 9; ++i) commit(kAnn, kStart + i * 10 * kDay).write("a", lines(i + 1));
  const auto read = log({.by = HistoryWindow::By::months, .months = 1});
  EXPECT_EQ(read.commits.size(), 4U) << "0, 10, 20 and 30 days before the newest";
  EXPECT_FALSE(read.complete);
}

TEST_F(HistoryTest, PeopleOfOneAddressOrOneNameAreOneAndAMailmapIsObeyed) {
  commit("A. Old <ann@example.org>", kStart).write("a", "1\n");
  commit("Ann <ANN@example.org>", kStart + 1).write("a", "2\n");
  commit("Ann <ann@home.example>", kStart + 2).write("a", "3\n");
  commit("zz <bot@example.org>", kStart + 3)
      .write("a", "4\n")
      .write(".mailmap", "Bob <bob@example.org> <bot@example.org>\n");
  const auto history = history_of(log(), {"a"});
  ASSERT_EQ(history.authors.size(), 2U);
  EXPECT_EQ(history.authors[0].name, "Ann");
  EXPECT_EQ(history.authors[0].commits, 3U);
  EXPECT_EQ(history.authors[1].name, "Bob");
}

TEST_F(HistoryTest, BinaryFilesAndLargeCommitsCountWithoutLines) {
  commit(kAnn, kStart).write("a.bin", std::string("\0\1\n\n", 4));
  commit(kAnn, kStart + 1).write("b", lines(3)).write("c", lines(3)).write("d", lines(3));
  const auto read = read_history_log(import(), {}, nullptr, {.bulk_files = 2});
  EXPECT_TRUE(read.commits[0].bulk);
  EXPECT_FALSE(read.commits[1].bulk);
  const auto history = history_of(read, {"a.bin", "b"});
  EXPECT_EQ(history.file("b")->commits, 1U);
  EXPECT_EQ(history.file("b")->lines_added, 0U);
  EXPECT_EQ(history.file("a.bin")->lines_added, 0U);
  EXPECT_THAT(history.notes, ElementsAre(HasSubstr("1 commit changed more than 2 files")));
}

TEST_F(HistoryTest, StopsCountingLinesWhenEnoughWasComparedAndSaysSo) {
  for (int i = 0; i < 6; ++i) commit(kAnn, kStart + i).write("a", lines(10 + i));
  const auto read = read_history_log(import(), {}, nullptr, {.compared_bytes = 100});
  EXPECT_EQ(read.commits.size(), 6U);
  EXPECT_THAT(read.notes, ElementsAre(HasSubstr("some lines are not counted")));
  EXPECT_EQ(history_of(read, {"a"}).file("a")->commits, 6U);
}

TEST_F(HistoryTest, OfAFolderOfTheRepositoryOnlyThatCounts) {
  commit(kAnn, kStart).write("app/src/a", "1\n").write("other", "1\n");
  commit(kAnn, kStart + 1).write("other", "2\n");
  auto info = import();
  info.prefix = "app/";
  const auto history = history_of(read_history_log(info, {}), {"src/a"});
  EXPECT_EQ(history.files.size(), 1U);
  EXPECT_EQ(history.folder("")->commits, 1U);
}

TEST_F(HistoryTest, AShallowCloneSaysWhatItDoesNotKnow) {
  for (int i = 0; i < 5; ++i) commit(kAnn, kStart + i).write("a", lines(i + 1));
  import();
  const test::ScratchTree clones;
  test::git(clones.root(), {"clone", "-q", "--bare", "--depth", "2", "file://" + tree_.root(), "shallow"});
  const auto read = read_history_log(read_git(clones.path("shallow")), {});
  EXPECT_EQ(read.commits.size(), 2U);
  EXPECT_TRUE(read.shallow);
  EXPECT_FALSE(read.complete);
  EXPECT_THAT(read.notes, ElementsAre(HasSubstr("shallow")));
  EXPECT_TRUE(read.commits[1].boundary);
  EXPECT_EQ(history_of(read, {"a"}).file("a")->lines_added, 1U) << "not the whole tree of the oldest commit";
}

TEST_F(HistoryTest, WithoutGitOrCommitsANoteSaysSo) {
  EXPECT_THAT(read_history_log(read_git(tree_.root()), {}).notes, ElementsAre(HasSubstr("no git repository")));
  test::git(tree_.root(), {"init", "-q"});
  EXPECT_THAT(read_history_log(read_git(tree_.root()), {}).notes, ElementsAre(HasSubstr("no commit yet")));
  GitInfo info;
  info.present = true;
  info.commit = std::string(64, 'a');
  EXPECT_THAT(read_history_log(info, {}).notes, ElementsAre(HasSubstr("SHA-256")));
  info.commit = std::string(40, 'a');
  info.common_directory = tree_.path(".git");
  EXPECT_THAT(read_history_log(info, {}).notes, Contains(HasSubstr("cannot be read")));
}

TEST_F(HistoryTest, WhatIsRememberedIsNotComparedAgainAndGivesTheSame) {
  for (int i = 0; i < 6; ++i) commit(i % 2 == 0 ? kAnn : kBob, kStart + i).write("a", lines(i + 1));
  const auto before = log();
  const auto stored = decode_history_log(encode(before, ""), "");
  ASSERT_TRUE(stored);
  stream_ = "";
  stream_ += fmt::format(
      "commit refs/heads/trunk\nauthor {} {} +0000\ncommitter c <c@example.org> {} +0000\ndata 1\nx\n"
      "from refs/heads/trunk^0\n",
      kAnn, kStart + 9, kStart + 9);
  rename("a", "b");
  const auto info = import();
  auto again = read_history_log(info, {}, &*stored);
  EXPECT_EQ(again.taken_over, 6U);
  again.taken_over = 0;
  EXPECT_EQ(again, read_history_log(info, {}));
  EXPECT_EQ(again.commits.size(), 7U);
}

TEST_F(HistoryTest, NothingThatARepositoryConfiguresIsRun) {
  commit(kAnn, kStart).write("a.txt", "1\n").write(".gitattributes", "*.txt diff=evil filter=evil\n");
  commit(kAnn, kStart + 1).write("a.txt", "2\n");
  import();
  const std::string mark = tree_.path("ran");
  for (const auto* key : {"diff.evil.command", "diff.evil.textconv", "filter.evil.smudge", "filter.evil.clean",
                          "core.fsmonitor", "core.sshCommand", "diff.external"})
    test::git(tree_.root(), {"config", key, "touch " + mark});
  EXPECT_EQ(history_of(read_history_log(read_git(tree_.root()), {}), {"a.txt"}).file("a.txt")->commits, 2U);
  EXPECT_FALSE(std::filesystem::exists(mark));
}

TEST_F(HistoryTest, LinesAreThoseThatGitCounts) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    stream_.clear();
    mark_ = 0;
    std::map<std::string, std::vector<std::string>> files;
    for (int c = 0; c < 25; ++c) {
      commit(random.chance(0.5) ? kAnn : kBob, kStart + c);
      std::set<std::string> touched;
      for (std::uint64_t n = 1 + random.below(3); n > 0; --n) {
        const std::string path = fmt::format("d{}/f{}", random.below(3), random.below(4));
        if (!touched.insert(path).second) continue;
        auto& text = files[path];
        for (std::uint64_t k = random.below(6); k > 0 && !text.empty(); --k)
          text.erase(text.begin() + static_cast<std::ptrdiff_t>(random.below(text.size())));
        for (std::uint64_t k = 1 + random.below(6); k > 0; --k)
          text.insert(text.begin() + static_cast<std::ptrdiff_t>(random.below(text.size() + 1)),
                      fmt::format("{}\n", random.next()));
        std::string whole;
        for (const auto& line : text) whole += line;
        if (random.chance(0.2)) whole.pop_back();
        write(path, whole);
      }
    }
    const test::ScratchTree repository;
    test::git(repository.root(), {"init", "-q", "-b", "trunk"});
    test::git(repository.root(), {"fast-import", "--quiet", "--date-format=raw"}, stream_);
    const auto read = read_history_log(read_git(repository.root()), {});
    std::string ours;
    for (const auto& change : read.commits) {
      ours += "@" + change.id + "\n";
      for (const auto& file : change.files)
        ours += fmt::format("{}\t{}\t{}\n", file.added, file.removed, read.paths[file.path]);
    }
    std::string theirs = test::git(repository.root(), {"log", "--format=@%H", "--numstat", "--no-renames"});
    for (std::size_t at = 0; (at = theirs.find("\n\n")) != theirs.npos;) theirs.erase(at, 1);
    EXPECT_EQ(ours, theirs);
  }
}

TEST_F(HistoryTest, StoredFormsComeBackAndDamageIsFound) {
  commit(kAnn, kStart).write("a", lines(3)).write("d/b", lines(2));
  commit(kBob, kStart + 1).rename("a", "d/c");
  const auto read = log();
  const std::string bytes = encode(read, "p/");
  EXPECT_EQ(*decode_history_log(bytes, "p/"), read);
  EXPECT_EQ(decode_history_log(bytes, "").error().code(), Code::not_found);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_history_log(bytes.substr(0, size), "p/")) << size;
  const auto history = history_of(read, {"d/b", "d/c"});
  const std::string stored = encode(history);
  EXPECT_EQ(*decode_history(stored), history);
  for (std::size_t size = 0; size < stored.size(); ++size) EXPECT_FALSE(decode_history(stored.substr(0, size))) << size;
  std::string newer = stored;
  newer[0] = 9;
  EXPECT_EQ(decode_history(newer).error().code(), Code::unsupported_version);
}

TEST(HotSpots, AreBusyAndComplexAndTouchedMoreThanOnce) {
  History history;
  for (const auto& [path, commits] : {std::pair("a", 10U), std::pair("b", 4U), std::pair("c", 1U), std::pair("d", 5U)})
    history.files.push_back({.path = path, .commits = commits});
  const std::vector<FileComplexity> files = {{"a", 2}, {"b", 10}, {"c", 1000}, {"d", 0}, {"e", 7}};
  EXPECT_THAT(hot_spots(history, files, 10), ElementsAre(HotSpot{"b", 4, 10, 40}, HotSpot{"a", 10, 2, 20}));
  EXPECT_EQ(hot_spots(history, files, 1).size(), 1U);
}

TEST(AuthorName, CanBeShownWhateverItWas) {
  EXPECT_EQ(clean_author_name("  Ann \t\n <b>X</b> "), "Ann <b>X</b>");
  EXPECT_EQ(clean_author_name("J\xC3\xB6rg"), "J\xC3\xB6rg");
  EXPECT_EQ(clean_author_name("a\xFFz\xC3"), "a\xEF\xBF\xBDz\xEF\xBF\xBD");
  EXPECT_EQ(clean_author_name("abc\xE2\x80\xAEzyx\x1B[31m"), "abczyx[31m") << "no turned text, no colours";
  EXPECT_EQ(clean_author_name("\x01\xE2\x80\x8B"), "unknown");
  EXPECT_EQ(clean_author_name(std::string(500, 'x')).size(), 100U);
  EXPECT_EQ(clean_author_name(std::string(99, 'x') + "\xC3\xB6").size(), 99U) << "cut between letters";
}

}  // namespace
}  // namespace skein::repo
