// Pages of the symbol index are bounded whatever a repository holds, and a name that comes or goes touches few of them.
#include "docs/symbol_parts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "base/random.h"
#include "docs/html_reader_support.h"
#include "docs/links.h"
#include "docs/page_set.h"
#include "docs/shard_pages.h"
#include "docs/site_maker_support.h"
#include "docs/symbol_shards.h"

namespace skein::docs {
namespace {

constexpr std::size_t kLargest = 1024 * 1024;

/// Rows with names and places of their own.
class Rows {
 public:
  void add(std::string name, std::string path, std::string anchor) {
    const auto& row =
        texts_.emplace_back(Texts{std::move(name), std::move(anchor), PathRef{std::move(path), false, true}});
    all_.push_back({row.name, "function", &row.place, row.anchor});
  }
  /// In the order of the index.
  IndexShard shard() const {
    IndexShard shard{"bo", all_};
    std::ranges::sort(shard.entries, shown_before);
    return shard;
  }

 private:
  struct Texts {
    std::string name, anchor;
    PathRef place;
  };
  std::deque<Texts> texts_;
  std::vector<IndexEntry> all_;
};

/// Many names; many overloads of one in one file and in many; names that differ only by case.
Rows many_rows() {
  Rows rows;
  for (int i = 0; i < 6'000; ++i)
    rows.add("bo_name" + std::to_string(i * 7), "src/file" + std::to_string(i % 90) + ".h", "a" + std::to_string(i));
  for (int i = 0; i < 5'000; ++i) rows.add("boost", "libs/part" + std::to_string(i) + "/all.hpp", "boost");
  for (int i = 0; i < 4'000; ++i) rows.add("bound", "src/bound.h", "bound--" + std::to_string(i));
  for (const auto* name : {"Bool", "bool", "BOOL", "bOOl"})
    for (int i = 0; i < 500; ++i) rows.add(name, "src/case" + std::to_string(i) + ".h", "");
  return rows;
}

std::vector<std::size_t> sizes_of(const IndexShard& shard) {
  std::vector<std::size_t> sizes;
  for (const auto& row : shard.entries) sizes.push_back(110 + 2 * row.where->path.size() + row.name.size());
  return sizes;
}

/// The bytes of every page by its path.
std::map<std::string, std::string> pages_of(const IndexShard& shard, const PartLimits& limits = {}) {
  std::map<std::string, std::string> pages;
  const SiteContext site{"Project <&>", "theme"};
  EXPECT_TRUE(each_shard_page(site, shard, limits, [&](std::string path, std::string_view bytes) -> Status {
    EXPECT_TRUE(pages.emplace(std::move(path), bytes).second) << path;
    return {};
  }));
  return pages;
}

std::set<std::string> changed(const std::map<std::string, std::string>& before,
                              const std::map<std::string, std::string>& after) {
  std::set<std::string> paths;
  for (const auto& [path, bytes] : after)
    if (const auto old = before.find(path); old == before.end() || old->second != bytes) paths.insert(path);
  for (const auto& [path, bytes] : before)
    if (!after.contains(path)) paths.insert(path);
  return paths;
}

TEST(SymbolKeys, AreWhatTheSearchMakesOfWhatIsTyped) {
  const std::pair<const char*, const char*> cases[] = {{"Boost", "boost"},
                                                       {"__init__", "init__"},
                                                       {"operator<<=", "operator___"},
                                                       {"~Thing", "thing"},
                                                       {"<=>", ""},
                                                       {"", ""},
                                                       {"9lives", "9lives"},
                                                       {"Über", "_ber"},
                                                       {"日本", "__"},
                                                       {"$el", "el"},
                                                       {"a\xff\x80z", "a_z"},
                                                       {"x", "x"},
                                                       {"_private_9", "private_9"},
                                                       {"\xf0\x9f\x90\xa6", "_"}};
  for (const auto& [name, key] : cases) EXPECT_EQ(key_of(name), key) << name;
  EXPECT_EQ(shard_of("Über", 2), "_b");
  EXPECT_EQ(shard_of("x", 2), "x_");
  EXPECT_EQ(shard_of("<=>", 2), "__");
  EXPECT_EQ(shard_of("9a", 2), "_a");
}

TEST(SymbolParts, AShortShardIsOnePageOfItsOwnName) {
  Rows rows;
  for (int i = 0; i < 500; ++i) rows.add("bo" + std::to_string(i), "a.h", "");
  const auto shard = rows.shard();
  const auto parts = parts_of(shard, sizes_of(shard));
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].name, "bo");
  EXPECT_EQ(parts[0].end, 500U);
  EXPECT_TRUE(parts_of(IndexShard{"bo", {}}, {}).empty());
}

TEST(SymbolParts, HoldEveryRowOnceWithinTheLimits) {
  const auto rows = many_rows();
  const auto shard = rows.shard();
  const auto sizes = sizes_of(shard);
  const PartLimits limits;
  const auto parts = parts_of(shard, sizes, limits);
  ASSERT_GT(parts.size(), 5U);
  std::set<std::string> names;
  std::size_t at = 0;
  for (const auto& part : parts) {
    EXPECT_TRUE(names.insert(part.name).second) << part.name;
    EXPECT_EQ(part.begin, at);
    at = part.end;
    std::size_t size = 0;
    for (std::size_t i = part.begin; i < part.end; ++i) size += sizes[i];
    EXPECT_LE(size, limits.most + 1'000);
    if (part.end < sizes.size()) {
      EXPECT_GE(size, limits.least);
    }
  }
  EXPECT_EQ(at, sizes.size());
}

TEST(SymbolParts, OneNameMoreOrLessTouchesFewPages) {
  const auto before = pages_of(many_rows().shard());
  SeededRandom random(11);
  std::size_t most = 0;
  for (int round = 0; round < 25; ++round) {
    auto rows = many_rows();
    const auto number = std::to_string(random.below(60'000));
    switch (round % 4) {
      case 0:
        rows.add("bo_name" + number + "_new", "src/new.h", "");
        break;
      case 1:
        rows.add("boost", "libs/part" + number + "_new/all.hpp", "boost");
        break;
      case 2:
        rows.add("bound", "src/bound.h", "bound--" + number + "new");
        break;
      default:
        rows.add("BooL", "src/case" + number + ".h", "");
    }
    const auto after = pages_of(rows.shard());
    const auto touched = changed(before, after);
    EXPECT_FALSE(touched.empty());
    most = std::max(most, touched.size());
  }
  // HTML, Markdown and script of the part and of the contents; where it cuts a part in two, the neighbours too.
  EXPECT_LE(most, 15U);
}

TEST(SymbolParts, TheContentsLeadToEveryPartAndPartsToEachOther) {
  const auto rows = many_rows();
  const auto shard = rows.shard();
  const auto pages = pages_of(shard);
  ASSERT_TRUE(pages.contains("symbols/bo.html"));
  std::set<std::string> linked, parts;
  std::size_t rows_shown = 0;
  for (const auto& [path, bytes] : pages) {
    EXPECT_LE(bytes.size(), kLargest) << path;
    EXPECT_GT(bytes.size(), 0U) << path;
    if (!path.ends_with(".html")) continue;
    const auto report = read_html(bytes);
    EXPECT_EQ(report.fault, "") << path;
    if (path == "symbols/bo.html")
      for (const auto& link : report.links) linked.insert("symbols/" + link);
    else
      parts.insert(path);
    for (auto at = bytes.find("class=\"tag\""); at != std::string::npos; at = bytes.find("class=\"tag\"", at + 1))
      ++rows_shown;
    for (const auto& link : report.links)
      EXPECT_TRUE(!link.starts_with("bo-") || pages.contains("symbols/" + link)) << path << " to " << link;
  }
  EXPECT_EQ(rows_shown, shard.entries.size());
  for (const auto& part : parts) EXPECT_TRUE(linked.contains(part)) << part;
  // By "next page" from the first to the last.
  std::set<std::string> walked;
  for (std::string here = "symbols/bo-0.html"; walked.insert(here).second;) {
    const auto& bytes = pages.at(here);
    const auto next = bytes.find("\">Next page</a>");
    if (next == std::string::npos) break;
    const auto begin = bytes.rfind('"', next - 1) + 1;
    here = "symbols/" + bytes.substr(begin, next - begin);
  }
  EXPECT_EQ(walked, parts);
}

TEST(SymbolParts, ScriptsSayWhereEachPartBegins) {
  const auto rows = many_rows();
  const auto shard = rows.shard();
  const auto pages = pages_of(shard);
  const auto& contents = pages.at("symbols/bo.js");
  EXPECT_TRUE(contents.starts_with("skeinParts(\"bo\",[[\"bo"));
  std::string before;
  std::size_t parts = 0;
  for (auto at = contents.find("[\""); at != std::string::npos; at = contents.find("[\"", at + 1), ++parts) {
    const auto key = contents.substr(at + 2, contents.find('"', at + 2) - at - 2);
    EXPECT_LE(before, key);
    before = key;
    const auto name_begin = contents.find("\",\"", at) + 3;
    const auto name = contents.substr(name_begin, contents.find('"', name_begin) - name_begin);
    const auto script = pages.at("symbols/" + name + ".js");
    EXPECT_TRUE(script.starts_with("skeinShard(\"" + name + "\",[")) << name;
  }
  EXPECT_EQ(3 * (parts + 1), pages.size());
}

TEST(SymbolParts, HostileNamesStayWithinTheLimits) {
  Rows rows;
  for (int i = 0; i < 3'000; ++i)
    rows.add("operator<" + std::string(static_cast<std::size_t>(i % 40), '"') + "\"&'>" + std::to_string(i),
             "a<b>&/\"" + std::to_string(i % 7) + ".h", "x");
  rows.add(std::string(20'000, '<'), "long.h", "");
  const auto pages = pages_of(rows.shard());
  EXPECT_GT(pages.size(), 3U);
  for (const auto& [path, bytes] : pages) {
    EXPECT_LE(bytes.size(), kLargest) << path;
    EXPECT_EQ(path.ends_with(".html") ? read_html(bytes).fault : "", "") << path;
  }
}

TEST(PageSets, ComeBackAndHoldOnlyTheirOwn) {
  const std::vector<SiteFile> pages{{"symbols/bo-0.html", sha256("a")}, {"symbols/bo.html", sha256("b")}};
  const auto bytes = encode_page_set(pages);
  const auto set = page_set("symbols/bo");
  EXPECT_TRUE(is_page_set(set));
  EXPECT_FALSE(is_page_set("symbols/bo.html"));
  ASSERT_TRUE(decode_page_set(set, bytes));
  EXPECT_EQ(*decode_page_set(set, bytes), pages);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_page_set(set, bytes.substr(0, size))) << size;
  for (const auto* other : {"symbols/b*", "symbols/boo*", "symbols/*", "files/bo*"})
    EXPECT_FALSE(decode_page_set(other, bytes)) << other;
  EXPECT_FALSE(decode_page_set(set, encode_page_set({pages[1], pages[0]})));
  EXPECT_FALSE(decode_page_set(set, encode_page_set({pages[1], pages[1]})));
}

// --- Whole sites.

std::string functions(int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) text += "def boat_with_a_long_name_" + std::to_string(i) + "():\n    pass\n\n";
  return text;
}

std::set<std::string> symbol_pages(const std::map<std::string, std::string>& pages) {
  std::set<std::string> found;
  for (const auto& [path, bytes] : pages) {
    if (!path.starts_with("symbols/")) continue;
    found.insert(path);
    EXPECT_LE(bytes.size(), kLargest) << path;
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

TEST(SymbolPartsOfASite, AShardSplitsAndGrowsTogetherAgainAndPagesFollow) {
  test::ScratchTree tree;
  tree.write("core/one.py", functions(0, 1'000));
  tree.write("core/two.py", "def boat():\n    pass\n");
  tree.write("core/three.py", "import core.one\n\ndef other():\n    pass\n");
  SiteMaker maker(tree.root());
  ASSERT_TRUE(maker.make());
  const auto small = without_log(maker.pages());
  EXPECT_EQ(symbol_pages(small), (std::set<std::string>{"symbols/all.html", "symbols/all.js", "symbols/all.md",
                                                        "symbols/index.html", "symbols/index.js", "symbols/index.md"}));

  tree.write("core/two.py", functions(1'000, 5'500));
  auto made = maker.make();
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_TRUE(made->renewed) << "an edit is followed, though pages come";
  const auto large = without_log(maker.pages());
  EXPECT_GT(symbol_pages(large).size(), 12U);
  EXPECT_EQ(large, clean_site(tree));
  EXPECT_TRUE(maker.is_unchanged());

  // One name more: its part, the contents and the start page.
  tree.write("core/three.py",
             "import core.one\n\ndef other():\n    pass\n\n\ndef boat_with_a_long_name_17b():\n    pass\n");
  made = maker.make();
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->renewed);
  const auto more = without_log(maker.pages());
  EXPECT_EQ(more, clean_site(tree));
  std::set<std::string> touched;
  for (const auto& path : changed(large, more))
    if (path.starts_with("symbols/")) touched.insert(path);
  EXPECT_GE(touched.size(), 5U);
  EXPECT_LE(touched.size(), 15U);

  tree.write("core/three.py", "import core.one\n\ndef other():\n    pass\n");
  tree.write("core/two.py", "def boat():\n    pass\n");
  made = maker.make();
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->renewed);
  EXPECT_EQ(without_log(maker.pages()), small) << "parts are gone from the disk and from the manifest";
  EXPECT_TRUE(maker.is_unchanged());
}

TEST(SymbolPartsOfASite, LostPartsAreMadeAgain) {
  test::ScratchTree tree;
  tree.write("one.py", functions(0, 4'000));
  SiteMaker maker(tree.root());
  ASSERT_TRUE(maker.make());
  const auto pages = without_log(maker.pages());
  std::filesystem::remove_all(maker.state() + "/packs");
  std::filesystem::remove(maker.state() + "/index.db");
  std::filesystem::remove(maker.site() + "/symbols/all-0.html");
  const auto made = maker.make();
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_EQ(made->status, engine::RunStatus::ok);
  EXPECT_EQ(without_log(maker.pages()), pages);
}

}  // namespace
}  // namespace skein::docs
