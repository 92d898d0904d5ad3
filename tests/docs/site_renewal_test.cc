// An edit makes again what stands on it and nothing else, out of what the last publication left.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "docs/site_maker_support.h"

namespace skein::docs {
namespace {

namespace fs = std::filesystem;

/// Three folders of Python; b.py uses a.py.
void write_tree(const test::ScratchTree& tree) {
  tree.write("README.md", "# Geese\n\nCounts geese.\n");
  tree.write("core/a.py", "\"\"\"Counts.\"\"\"\n\ndef count(x):\n    return x\n");
  tree.write("core/b.py", "import core.a\n\ndef both():\n    return core.a.count(1) + core.a.count(2)\n");
  tree.write("core/deep/c.py", "def deep(): pass\n");
  tree.write("lib/d.py", "def other(): pass\n");
}

/// Paths whose bytes differ between two states of a site.
std::set<std::string> changed(const std::map<std::string, std::string>& before,
                              const std::map<std::string, std::string>& after) {
  std::set<std::string> paths;
  for (const auto& [path, bytes] : after)
    if (const auto old = before.find(path); old == before.end() || old->second != bytes) paths.insert(path);
  for (const auto& [path, bytes] : before)
    if (!after.contains(path)) paths.insert(path);
  return paths;
}

/// The inode of every file below: a file that is written anew gets another one.
std::map<std::string, ino_t> inodes(const std::string& folder) {
  std::map<std::string, ino_t> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    struct stat info{};
    if (entry.is_regular_file() && ::stat(entry.path().c_str(), &info) == 0)
      found[fs::relative(entry.path(), folder).string()] = info.st_ino;
  }
  return found;
}

std::map<std::string, std::string> without_log(std::map<std::string, std::string> pages) {
  std::erase_if(pages, [](const auto& page) { return page.first.starts_with("changes."); });
  return pages;
}

std::map<std::string, std::string> clean_site(const test::ScratchTree& tree) {
  SiteMaker clean(tree.root());
  EXPECT_TRUE(clean.make());
  return without_log(clean.pages());
}

TEST(SiteRenewal, AnEditTouchesOnlyThePagesItShould) {
  test::ScratchTree tree;
  write_tree(tree);
  SiteMaker maker(tree.root());
  ASSERT_TRUE(maker.make());
  const auto before = maker.pages();
  const auto inodes_before = inodes(maker.site());
  // Of the same size: sizes are on the pages of all folders above.
  tree.write("core/a.py", "\"\"\"Adds up\"\"\"\n\ndef count(x):\n    return x\n");
  const auto made = maker.make();
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_TRUE(made->renewed);
  const auto after = maker.pages();
  const std::set<std::string> expected{"changes.html",
                                       "changes.json",
                                       "changes.md",
                                       "files/core/a.py.html",
                                       "files/core/a.py.md",
                                       "modules/core/index.html",
                                       "modules/core/index.json",
                                       "modules/core/index.md",
                                       "skein-site.txt"};
  EXPECT_EQ(changed(before, after), expected);
  EXPECT_EQ(made->site.written, expected.size() - 1) << "all but the manifest";
  std::set<std::string> rewritten;
  for (const auto& [path, inode] : inodes(maker.site()))
    if (inodes_before.at(path) != inode) rewritten.insert(path);
  EXPECT_EQ(rewritten, expected) << "nothing else was written";
  // The facts, the page, the tally and the page of the folder, and what publishes: no other step was done.
  EXPECT_LE(made->steps_done, 9u);
  EXPECT_EQ(made->site.total + 1, after.size());
  EXPECT_EQ(without_log(after), clean_site(tree));
  EXPECT_EQ(made->site.log.files.size(), 1u);
  EXPECT_EQ(made->site.log.total_files, 1u);
  EXPECT_TRUE(maker.is_unchanged());
}

TEST(SiteRenewal, AUseThatComesTouchesThePageOfWhatIsUsed) {
  test::ScratchTree tree;
  write_tree(tree);
  SiteMaker maker(tree.root());
  ASSERT_TRUE(maker.make());
  const auto before = maker.pages();
  tree.write("lib/d.py", "import core.a\n\ndef other():\n    return core.a.count(core.a.count(3))\n");
  const auto made = maker.make();
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->renewed);
  EXPECT_EQ(without_log(maker.pages()), clean_site(tree));
  const auto pages = changed(before, maker.pages());
  EXPECT_TRUE(pages.contains("files/core/a.py.html"));
  EXPECT_FALSE(pages.contains("files/core/b.py.html"));
  EXPECT_FALSE(pages.contains("files/core/deep/c.py.html"));
}

TEST(SiteRenewal, OneEditAfterTheOtherAndBackAgain) {
  test::ScratchTree tree;
  write_tree(tree);
  SiteMaker maker(tree.root());
  ASSERT_TRUE(maker.make());
  const auto first = without_log(maker.pages());
  for (int round = 0; round < 3; ++round) {
    tree.write("core/a.py", "def other_name(): pass\n");
    auto made = maker.make();
    ASSERT_TRUE(made);
    EXPECT_TRUE(made->renewed);
    EXPECT_EQ(without_log(maker.pages()), clean_site(tree));
    tree.write("core/a.py", "\"\"\"Counts.\"\"\"\n\ndef count(x):\n    return x\n");
    made = maker.make();
    ASSERT_TRUE(made);
    EXPECT_TRUE(made->renewed);
    EXPECT_EQ(without_log(maker.pages()), first);
  }
}

TEST(SiteRenewal, AFileThatIsOnlyTouchedWritesNothing) {
  test::ScratchTree tree;
  write_tree(tree);
  SiteMaker maker(tree.root());
  ASSERT_TRUE(maker.make());
  const auto before = maker.pages();
  tree.write("core/a.py", "\"\"\"Counts.\"\"\"\n\ndef count(x):\n    return x\n");
  const auto made = maker.make();
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->renewed);
  EXPECT_EQ(made->site.written, 0u);
  EXPECT_EQ(made->steps_done, 1u) << "what would publish";
  EXPECT_EQ(maker.pages(), before);
  EXPECT_TRUE(maker.is_unchanged());
}

TEST(SiteRenewal, WhatComesAndGoesIsPlannedWhole) {
  test::ScratchTree tree;
  write_tree(tree);
  SiteMaker maker(tree.root());
  const auto make = [&] {
    const auto made = maker.make();
    EXPECT_TRUE(made);
    EXPECT_EQ(without_log(maker.pages()), clean_site(tree));
    return made && made->renewed;
  };
  EXPECT_FALSE(make()) << "the first time";
  tree.write("core/new.py", "x = 1\n");
  EXPECT_FALSE(make()) << "a file";
  tree.remove("core/new.py");
  EXPECT_FALSE(make()) << "without it";
  tree.write("lib/d.py", std::string("\0binary", 7));
  EXPECT_FALSE(make()) << "a page less";
  tree.write("README.md", "# Ducks\n\nOther words.\n");
  EXPECT_FALSE(make()) << "another name, which is on every page";
  tree.write("README.md", "# Ducks\n\nOther words, and more.\n");
  EXPECT_TRUE(make()) << "words of the README";
  tree.write("core/deep/c.py", "def deeper(): pass\n");
  EXPECT_TRUE(make());
}

TEST(SiteRenewal, SwitchesAndDamageMeanTheWholePlan) {
  test::ScratchTree tree;
  write_tree(tree);
  SiteMaker maker(tree.root());
  ASSERT_TRUE(maker.make());
  int edit = 0;
  const auto renews = [&](Making how = {}) {
    tree.write("core/a.py", "def name_" + std::to_string(++edit) + "(): pass\n");
    const auto made = maker.make(how);
    EXPECT_TRUE(made);
    EXPECT_EQ(made->status, engine::RunStatus::ok);
    EXPECT_EQ(without_log(maker.pages()), clean_site(tree));
    return made->renewed;
  };
  EXPECT_TRUE(renews());
  EXPECT_TRUE(renews({.serial = true}));
  EXPECT_FALSE(renews({.use_cache = false}));
  EXPECT_FALSE(renews({.use_cutoff = false}));
  EXPECT_TRUE(renews());
  const std::string memory = maker.state() + "/tables/docs.plan";
  ASSERT_TRUE(fs::exists(memory));
  fs::resize_file(memory, fs::file_size(memory) / 2);
  EXPECT_FALSE(renews()) << "damaged";
  EXPECT_TRUE(renews());
  fs::remove(memory);
  EXPECT_FALSE(renews()) << "gone";
  // Other hands in the site: what is remembered says nothing of it any more.
  fs::remove(maker.site() + "/files/lib/d.py.html");
  EXPECT_FALSE(renews());
  EXPECT_TRUE(renews());
  // An older memory, of another publication.
  fs::copy_file(memory, memory + ".old");
  EXPECT_TRUE(renews());
  fs::rename(memory + ".old", memory);
  EXPECT_FALSE(renews());
}

TEST(SiteRenewal, LostResultsAreMadeAgain) {
  test::ScratchTree tree;
  write_tree(tree);
  SiteMaker maker(tree.root());
  ASSERT_TRUE(maker.make());
  // All results and blobs are gone, as after `skein cache clear`; the site and what is remembered of it stand.
  fs::remove_all(maker.state() + "/packs");
  for (const auto* end : {"", "-wal", "-shm"}) fs::remove(maker.state() + "/index.db" + end);
  tree.write("core/a.py", "def other_name(): pass\n");
  auto made = maker.make();
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_EQ(made->status, engine::RunStatus::ok);
  EXPECT_FALSE(made->renewed);
  EXPECT_EQ(without_log(maker.pages()), clean_site(tree));
  tree.write("core/a.py", "def third_name(): pass\n");
  made = maker.make();
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->renewed);
  EXPECT_EQ(without_log(maker.pages()), clean_site(tree));
}

}  // namespace
}  // namespace skein::docs
