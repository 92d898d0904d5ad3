#include "store/stat_table.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include <fcntl.h>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/random.h"
#include "store/folder_descent.h"
#include "support/scratch_tree.h"

namespace skein::store {
namespace {

// From then on every stamp is older than the table, so that only stamps count; from `kPast` on all are racy.
constexpr std::int64_t kFuture = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kPast = 0;

class StatTableTest : public ::testing::Test {
 protected:
  // Remembers everything below the scratch tree.
  StatTable remember(std::int64_t started_ns = kFuture, std::vector<std::string> left_out = {},
                     const std::vector<std::string>& watched = {}) {
    StatTableBuilder table(started_ns);
    table.leave_out(left_out);
    auto descent = FolderDescent::open(tree_.root(), FolderDescent::Access::list);
    add_folder(table, *descent, 0, "", left_out);
    for (const auto& path : watched) table.watch(tree_.root(), path);
    return reopen(table.encode(sha256("request")));
  }

  StatTable reopen(const std::string& bytes) {
    other_.write("table", bytes);
    auto opened = StatTable::open(other_.path("table"));
    EXPECT_TRUE(opened.has_value()) << opened.error().to_string();
    return std::move(*opened);
  }

  Code code_of(const std::string& bytes) {
    other_.write("table", bytes);
    const auto opened = StatTable::open(other_.path("table"));
    EXPECT_FALSE(opened.has_value());
    return opened ? Code::internal : opened.error().code();
  }

  void add_folder(StatTableBuilder& table, FolderDescent& descent, std::uint32_t parent, const std::string& name,
                  const std::vector<std::string>& left_out) {
    FileStamp stamp;
    ASSERT_EQ(stamp_of(descent.current(), stamp), 0);
    std::vector<ListedName> entries;
    ASSERT_EQ(list_folder(descent.current(), entries), 0);
    if (name.empty())
      for (const auto& gone : left_out)
        std::erase_if(entries, [&](const ListedName& entry) { return entry.name == gone; });
    const Digest listing = listing_digest(entries);
    const auto number = name.empty() ? table.add_root(stamp, listing) : table.add_folder(parent, name, stamp, listing);
    for (const auto& entry : entries) {
      if (entry.kind == EntryKind::folder) {
        ASSERT_EQ(descent.enter(entry.name.c_str()), 0);
        add_folder(table, descent, number, entry.name, left_out);
        ASSERT_EQ(descent.leave(), 0);
      } else {
        ASSERT_EQ(stamp_at(descent.current(), entry.name.c_str(), stamp), 0);
        table.add_file(number, entry.name, stamp, *hash_at(descent.current(), entry.name.c_str(), entry.kind), 7);
      }
    }
  }

  test::ScratchTree tree_;
  test::ScratchTree other_;
};

TEST_F(StatTableTest, SaysUnchangedOfAnUntouchedTree) {
  tree_.write("a.txt", "one");
  tree_.write("b/c.txt", "two");
  tree_.link("a.txt", "b/link");
  const auto table = remember();
  const auto check = table.check(tree_.root());
  EXPECT_TRUE(check.unchanged) << check.difference;
  EXPECT_EQ(check.hashed_bytes, 0u);
  EXPECT_EQ(table.file_count(), 3u);
  EXPECT_EQ(table.folder_count(), 2u);
  EXPECT_EQ(table.request(), sha256("request"));
}

TEST_F(StatTableTest, NamesTheFirstFileWhoseSizeChanged) {
  tree_.write("b/c.txt", "two");
  const auto table = remember();
  tree_.write("b/c.txt", "three");
  EXPECT_EQ(table.check(tree_.root()).difference, "b/c.txt: its size differs");
}

TEST_F(StatTableTest, NoticesAddedAndRemovedFilesAndFolders) {
  tree_.write("b/c.txt", "two");
  {
    const auto table = remember(kPast);
    tree_.write("b/new.txt", "");
    EXPECT_EQ(table.check(tree_.root()).difference, "b: files were added or removed");
  }
  {
    const auto table = remember(kPast);
    tree_.remove("b/new.txt");
    EXPECT_FALSE(table.check(tree_.root()).unchanged);
  }
  const auto table = remember(kPast);
  tree_.make_folder("empty");
  EXPECT_FALSE(table.check(tree_.root()).unchanged);
}

TEST_F(StatTableTest, NoticesWhatBecomesOfFoldersThatHoldNothing) {
  // As the site's table has them: without their files. They are not opened as long as their stamps are the same.
  StatTableBuilder builder(kFuture);
  tree_.make_folder("a/leaf");
  tree_.make_folder("a/other");
  std::uint32_t above = 0;
  for (const auto* path : {"", "a", "a/leaf", "a/other"}) {
    const auto full = tree_.path(path);
    FileStamp stamp;
    ASSERT_EQ(stamp_at(AT_FDCWD, full.c_str(), stamp), 0);
    std::vector<ListedName> entries;
    for (const auto& entry : std::filesystem::directory_iterator(full))
      entries.push_back({entry.path().filename().string(), EntryKind::folder});
    const std::string_view name = std::string_view(path).substr(std::string_view(path).rfind('/') + 1);
    if (name.empty())
      builder.add_root(stamp, listing_digest(entries));
    else if (name == "a")
      above = builder.add_folder(StatTable::kRoot, name, stamp, listing_digest(entries));
    else
      builder.add_folder(above, name, stamp, listing_digest(entries));
  }
  const auto table = reopen(builder.encode(sha256("request")));
  EXPECT_TRUE(table.check(tree_.root()).unchanged);
  tree_.write("a/leaf/page", "");
  EXPECT_EQ(table.check(tree_.root()).difference, "a/leaf: files were added or removed");
  tree_.remove("a/leaf/page");
  EXPECT_TRUE(table.check(tree_.root()).unchanged);
  tree_.remove("a/leaf");
  tree_.link("other", "a/leaf");
  EXPECT_FALSE(table.check(tree_.root()).unchanged) << "a link to a folder is none";
  tree_.remove("a/leaf");
  EXPECT_FALSE(table.check(tree_.root()).unchanged);
  tree_.make_folder("a/leaf");
  EXPECT_TRUE(table.check(tree_.root()).unchanged);
}

TEST_F(StatTableTest, FindsAFolderUnchangedThatWasWrittenToAndCleanedUp) {
  tree_.write("b/c.txt", "two");
  const auto table = remember();
  tree_.write("b/scratch", "");
  tree_.remove("b/scratch");
  EXPECT_TRUE(table.check(tree_.root()).unchanged);
}

TEST_F(StatTableTest, NoticesAChangeThatKeepsSizeAndModificationTime) {
  tree_.write("a.txt", "one");
  tree_.set_time("a.txt", 1'000'000'000'000'000'001);
  const auto table = remember(kPast);
  tree_.write("a.txt", "two");
  tree_.set_time("a.txt", 1'000'000'000'000'000'001);
  EXPECT_FALSE(table.check(tree_.root()).unchanged);
}

TEST_F(StatTableTest, ReadsRacyFilesAgain) {
  tree_.write("a.txt", "one");
  const auto table = remember(kPast);
  const auto check = table.check(tree_.root());
  EXPECT_TRUE(check.unchanged) << check.difference;
  EXPECT_EQ(check.hashed_bytes, 3u);
}

TEST_F(StatTableTest, FindsAChangeThatLeftNoTraceInTheStampOfARacyFile) {
  tree_.write("a.txt", "one");
  FileStamp stamp;
  ASSERT_EQ(stamp_at(AT_FDCWD, tree_.path("a.txt").c_str(), stamp), 0);
  StatTableBuilder builder(kPast);
  builder.add_path("a.txt", stamp, sha256("two"));  // As if it had been read before it was written.
  const auto table = reopen(builder.encode({}));
  EXPECT_EQ(table.check(tree_.root()).difference, "a.txt: its content changed");
}

TEST_F(StatTableTest, CallsAFreshlyWrittenFileRacyAndAnOldOneNot) {
  const std::int64_t before = stamp_clock_ns();
  tree_.write("a.txt", "one");
  FileStamp stamp;
  ASSERT_EQ(stamp_at(AT_FDCWD, tree_.path("a.txt").c_str(), stamp), 0);
  EXPECT_TRUE(is_racy(stamp, before));
  EXPECT_FALSE(is_racy(stamp, before + 60'000'000'000));
  stamp.mtime_ns = stamp.ctime_ns = 5'000'000'000;  // A file system that keeps whole seconds.
  EXPECT_TRUE(is_racy(stamp, 6'500'000'000));
}

TEST_F(StatTableTest, LetsLeftOutPathsComeAndGo) {
  tree_.write("a.txt", "one");
  const auto table = remember(kFuture, {".skein"});
  tree_.write(".skein/table", "ours");
  const auto check = table.check(tree_.root());
  EXPECT_TRUE(check.unchanged) << check.difference;
}

TEST_F(StatTableTest, NoticesWatchedPathsThatChangeAppearOrVanish) {
  tree_.write("a.txt", "one");
  other_.write("watched", "before");
  const std::vector<std::string> watched = {other_.path("watched"), other_.path("absent")};
  {
    const auto table = remember(kFuture, {}, watched);
    EXPECT_TRUE(table.check(tree_.root()).unchanged);
    other_.write("watched", "before");  // Another time, the same bytes.
    EXPECT_TRUE(table.check(tree_.root()).unchanged);
    other_.write("absent", "");
    EXPECT_FALSE(table.check(tree_.root()).unchanged);
  }
  const auto table = remember(kFuture, {}, watched);
  other_.remove("watched");
  EXPECT_FALSE(table.check(tree_.root()).unchanged);
}

TEST_F(StatTableTest, AsksForANewTableWhenAWatchedFileWasWrittenMeanwhile) {
  other_.write("watched", "now");
  const auto table = remember(kPast, {}, {other_.path("watched")});
  EXPECT_FALSE(table.check(tree_.root()).unchanged);
}

TEST_F(StatTableTest, FindsFilesByFolderAndName) {
  tree_.write("b/c.txt", "two");
  tree_.write("b/a.txt", "two!");
  tree_.write("c/c.txt", "");
  const auto table = remember();
  const auto folder = table.find_folder(StatTable::kRoot, "b");
  ASSERT_TRUE(folder.has_value());
  const auto file = table.find_file(*folder, "c.txt");
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(file->digest, sha256("two"));
  EXPECT_EQ(file->tag, 7u);
  EXPECT_EQ(file->stamp.size, 3u);
  EXPECT_FALSE(table.find_file(*folder, "d.txt").has_value());
  EXPECT_FALSE(table.find_folder(*folder, "b").has_value());
  ASSERT_TRUE(table.folder(*folder));
  EXPECT_EQ(table.folder(*folder)->stamp.kind, EntryKind::folder);
  EXPECT_FALSE(table.folder(1'000));
}

TEST_F(StatTableTest, HoldsAListOfPathsWithoutWatchingTheirFolders) {
  tree_.write("out/x/a.o", "a");
  tree_.write("out/b.o", "b");
  StatTableBuilder builder(kFuture);
  for (const char* path : {"out/x/a.o", "out/b.o"}) {
    FileStamp stamp;
    ASSERT_EQ(stamp_at(AT_FDCWD, tree_.path(path).c_str(), stamp), 0);
    builder.add_path(path, stamp, {});
  }
  const auto table = reopen(builder.encode({}));
  tree_.write("out/c.o", "nobody's");
  EXPECT_TRUE(table.check(tree_.root()).unchanged);
  tree_.write("out/x/a.o", "aa");
  EXPECT_FALSE(table.check(tree_.root()).unchanged);
}

TEST_F(StatTableTest, ChecksFolderNestsOfAnyDepth) {
  auto descent = FolderDescent::open(tree_.root(), FolderDescent::Access::list);
  ASSERT_TRUE(descent.has_value());
  constexpr int kDepth = 300;
  for (int i = 0; i < kDepth; ++i) {
    ASSERT_EQ(::mkdirat(descent->current(), "deep", 0755), 0);
    ASSERT_EQ(::mkdirat(descent->current(), "side", 0755), 0);
    ASSERT_EQ(descent->enter("deep"), 0);
  }
  for (int i = 0; i < kDepth; ++i) ASSERT_EQ(descent->leave(), 0);
  EXPECT_EQ(descent->depth(), 0u);

  StatTableBuilder builder(kFuture);
  FileStamp stamp;
  std::vector<ListedName> entries;
  std::uint32_t folder = 0;
  for (int i = 0; i <= kDepth; ++i) {
    ASSERT_EQ(stamp_of(descent->current(), stamp), 0);
    ASSERT_EQ(list_folder(descent->current(), entries), 0);
    const Digest listing = listing_digest(entries);
    folder = i == 0 ? builder.add_root(stamp, listing) : builder.add_folder(folder, "deep", stamp, listing);
    if (i == kDepth) break;
    builder.add_folder(folder, "side", {}, {});
    ASSERT_EQ(descent->enter("deep"), 0);
  }
  const auto table = reopen(builder.encode({}));
  const auto check = table.check(tree_.root());
  EXPECT_TRUE(check.unchanged) << check.difference.substr(0, 100);
}

TEST_F(StatTableTest, GivesEqualBytesForEqualContentsInAnyOrder) {
  const FileStamp stamp{1, 2, 3, 4, EntryKind::file, false};
  StatTableBuilder one(5), two(5);
  for (const char* path : {"a/b", "a/c", "d"}) one.add_path(path, stamp, {});
  for (const char* path : {"d", "a/c", "a/b", "d"}) two.add_path(path, stamp, {});
  EXPECT_EQ(one.encode({}), two.encode({}));
}

TEST_F(StatTableTest, SavesAndOpensAnEmptyTable) {
  auto files = make_system_file_system();
  ASSERT_TRUE(StatTableBuilder(kFuture).save(*files, other_.path("empty"), {}).has_value());
  const auto table = StatTable::open(other_.path("empty"));
  ASSERT_TRUE(table.has_value());
  EXPECT_TRUE(table->check(tree_.root()).unchanged);
  EXPECT_FALSE(table->check(other_.path("no such folder")).unchanged);
}

TEST_F(StatTableTest, RefusesEveryCutAndEveryFlippedByte) {
  tree_.write("a.txt", "one");
  tree_.write("b/c.txt", "two");
  const std::string bytes = [&] {
    remember(kFuture, {".skein"}, {"/nowhere"});
    return other_.read("table");
  }();
  for (std::size_t size = 0; size < bytes.size(); size += 7)
    EXPECT_EQ(code_of(bytes.substr(0, size)), Code::data_corrupt);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x41);
    const Code code = code_of(flipped);
    EXPECT_TRUE(code == Code::data_corrupt || (at < 12 && code == Code::unsupported_version)) << at;
  }
}

TEST_F(StatTableTest, RefusesANewerVersionAndMissingTables) {
  std::string bytes = StatTableBuilder(kFuture).encode({});
  bytes[8] = 2;
  EXPECT_EQ(code_of(bytes), Code::unsupported_version);
  EXPECT_EQ(StatTable::open(other_.path("none")).error().code(), Code::not_found);
  EXPECT_EQ(StatTable::open(other_.root()).error().code(), Code::data_corrupt);
}

TEST_F(StatTableTest, NamesTheFilesThatDiffer) {
  for (const auto* path : {"a/x", "a/b/y", "a-b/z", "a.c", "q"}) tree_.write(path, "1");
  const auto table = remember();
  EXPECT_TRUE(table.changes(tree_.root()).none());
  tree_.write("a/b/y", "22");
  tree_.write("q", "22");
  const auto changes = table.changes(tree_.root());
  EXPECT_TRUE(changes.only_files);
  std::vector<std::string> paths;
  for (const auto& entry : changes.files) {
    paths.push_back(table.file_path(entry.number));
    EXPECT_EQ(entry.stamp.size, 2u);
  }
  std::ranges::sort(paths);
  EXPECT_EQ(paths, (std::vector<std::string>{"a/b/y", "q"}));
  tree_.write("new", "1");
  EXPECT_FALSE(table.changes(tree_.root()).only_files);
}

TEST_F(StatTableTest, GivesItsFilesByTheBytesOfTheirPaths) {
  std::vector<std::string> paths{"a/x", "a/b/y", "a-b/z", "a.c", "ab", "a/b-c/q", "a/b.d", "z/y/x/w", "z/y/v", "a/~"};
  for (const auto& path : paths) tree_.write(path, path);
  std::filesystem::create_directories(tree_.path("m/n"));
  const auto table = remember();
  std::ranges::sort(paths);
  std::vector<std::string> found;
  table.for_each_file([&](std::string_view path, std::uint32_t number, const RememberedFile& file) {
    found.emplace_back(path);
    EXPECT_EQ(table.file_path(number), path);
    EXPECT_EQ(file.digest, sha256(path));
  });
  EXPECT_EQ(found, paths);
}

TEST_F(StatTableTest, APatchedTableIsOneOfTheTreeAsItIs) {
  tree_.write("a/x", "1");
  tree_.write("b", "1");
  const auto table = remember();
  tree_.write("a/x", "22");
  // Written as editors do: beside, and renamed, so that the folder's time is another one.
  tree_.write("b.tmp", "333");
  std::filesystem::rename(tree_.path("b.tmp"), tree_.path("b"));
  const auto changes = table.changes(tree_.root());
  ASSERT_TRUE(changes.only_files);
  EXPECT_EQ(changes.files.size(), 2u);
  EXPECT_EQ(changes.folders.size(), 1u);
  StatTablePatch patch(table, kFuture);
  for (const auto& file : changes.files) {
    const std::string path = table.file_path(file.number);
    patch.set_file(file.number, file.stamp, sha256(path == "b" ? "333" : "22"), 5);
  }
  for (const auto& folder : changes.folders)
    patch.set_folder(folder.number, folder.stamp, table.folder(folder.number)->listing);
  auto files = make_system_file_system();
  ASSERT_TRUE(patch.save(*files, other_.path("table"), sha256("other request")));
  const auto now = StatTable::open(other_.path("table"));
  ASSERT_TRUE(now) << now.error().to_string();
  EXPECT_TRUE(now->check(tree_.root()).unchanged);
  EXPECT_EQ(now->request(), sha256("other request"));
  EXPECT_NE(now->checksum(), table.checksum());
  EXPECT_EQ(now->find_file(StatTable::kRoot, "b")->digest, sha256("333"));
  EXPECT_EQ(now->find_file(StatTable::kRoot, "b")->tag, 5u);
  tree_.write("b", "333 and more");
  EXPECT_FALSE(now->check(tree_.root()).unchanged);
}

TEST_F(StatTableTest, APatchedTableDoesNotReadAWatchedPathAgainThatIsAsItWas) {
  tree_.write("a", "1");
  other_.write("watched", "before");
  const auto table = remember(kFuture, {}, {other_.path("absent"), other_.path("watched")});
  other_.write("watched", "before");
  std::filesystem::last_write_time(other_.path("watched"), std::filesystem::file_time_type{});
  const auto changes = table.changes(tree_.root());
  ASSERT_TRUE(changes.none());
  ASSERT_EQ(changes.watched.size(), 1u);
  EXPECT_EQ(changes.hashed_bytes, 6u);
  StatTablePatch patch(table, kFuture);
  patch.renew_watched(changes.watched[0].number, changes.watched[0].stamp);
  auto files = make_system_file_system();
  ASSERT_TRUE(patch.save(*files, other_.path("renewed"), sha256("request")));
  const auto now = StatTable::open(other_.path("renewed"));
  ASSERT_TRUE(now) << now.error().to_string();
  const auto again = now->changes(tree_.root());
  EXPECT_TRUE(again.none());
  EXPECT_TRUE(again.watched.empty());
  EXPECT_EQ(again.hashed_bytes, 0u);
  other_.write("watched", "after!");
  EXPECT_FALSE(now->check(tree_.root()).unchanged);
}

}  // namespace
}  // namespace skein::store
