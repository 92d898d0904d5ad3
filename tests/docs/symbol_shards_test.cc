#include "docs/symbol_shards.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "repo/languages.h"

namespace skein::docs {
namespace {

/// A tree of `folders` with `files` Python files each.
struct Tree {
  Tree(int folders, int files) {
    for (int i = 0; i < folders; ++i)
      for (int k = 0; k < files; ++k) {
        repo::SnapshotFile file;
        file.path = "dir" + std::to_string(i) + "/file" + std::to_string(k) + ".py";
        snapshot.files.push_back(std::move(file));
      }
    std::ranges::sort(snapshot.files, {}, &repo::SnapshotFile::path);
    tree = make_tree(snapshot, repo::builtin_languages(), [](const std::string&) { return std::string(); });
  }
  repo::Snapshot snapshot;
  SiteTree tree;
};

TEST(SymbolShards, EveryDocumentedFileAndFolderIsInOneGroup) {
  const Tree made(200, 10);
  const auto groups = name_groups(made.tree);
  EXPECT_GT(groups.size(), 1U);
  std::multiset<std::uint32_t> folders, files;
  for (const auto& group : groups) {
    folders.insert(group.folders.begin(), group.folders.end());
    files.insert(group.files.begin(), group.files.end());
  }
  EXPECT_EQ(folders.size(), made.tree.folders.size());
  EXPECT_EQ(std::set(folders.begin(), folders.end()).size(), folders.size());
  EXPECT_EQ(files.size(), made.tree.pages);
  EXPECT_EQ(std::set(files.begin(), files.end()).size(), files.size());
}

TEST(SymbolShards, AFileMoreTouchesOneGroup) {
  Tree before(200, 10);
  const auto was = name_groups(before.tree);
  repo::SnapshotFile file;
  file.path = "dir7/new.py";
  before.snapshot.files.push_back(file);
  std::ranges::sort(before.snapshot.files, {}, &repo::SnapshotFile::path);
  const auto tree =
      make_tree(before.snapshot, repo::builtin_languages(), [](const std::string&) { return std::string(); });
  const auto is = name_groups(tree);
  ASSERT_EQ(is.size(), was.size());
  int changed = 0;
  for (std::size_t i = 0; i < is.size(); ++i) changed += is[i].digest != was[i].digest ? 1 : 0;
  EXPECT_EQ(changed, 1);
}

TEST(SymbolShards, LettersAndShardsAreTheShardsOfTheIndexInItsOrder) {
  for (const int width : {0, 1, 2}) {
    std::vector<std::string> all;
    for (const auto& letter : letter_names(width))
      for (auto& shard : shards_of_letter(letter, width)) all.push_back(std::move(shard));
    EXPECT_EQ(all, shard_names(width)) << width;
    for (const std::string name : {"alpha", "Beta", "__init__", "x", "_", "9lives", "über", ""}) {
      const auto letter = letter_names(width)[letter_of(name, width)];
      EXPECT_EQ(shards_of_letter(letter, width)[shard_in_letter(name, width)], shard_of(name, width)) << name << width;
    }
  }
}

TEST(SymbolShards, RowsSurviveTheirRecord) {
  const PathRef a{"src/a.py", false, true}, b{"src", true, true};
  const std::vector<IndexEntry> entries{
      {"one", "function", &a, "one"}, {"src", "folder", &b, {}}, {"two", "class", &a, "t"}};
  IndexEntries rows;
  ASSERT_TRUE(rows.add(encode(entries)));
  ASSERT_TRUE(rows.add(encode(std::span<const IndexEntry>())));
  ASSERT_EQ(rows.all().size(), 3U);
  EXPECT_EQ(rows.all()[0].where, rows.all()[2].where) << "a place is there once";
  EXPECT_EQ(*rows.all()[1].where, b);
  EXPECT_EQ(rows.all()[2].anchor, "t");
  EXPECT_EQ(encode(rows.all()), encode(entries));
}

TEST(SymbolShards, DamagedRowsAreRefused) {
  const PathRef a{"a.py", false, true};
  const std::vector<IndexEntry> entries{{"one", "function", &a, "one"}};
  const std::string whole = encode(entries);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    IndexEntries rows;
    EXPECT_FALSE(rows.add(whole.substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_shard_sizes("\x7f"));
}

}  // namespace
}  // namespace skein::docs
