#include "docs/links.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "base/random.h"

namespace skein::docs {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

// The page that a browser opens for `link` on the page `from`.
std::string follow(std::string_view from, std::string_view link) {
  std::string path(from.substr(0, from.rfind('/') + 1));
  while (link.starts_with("../")) {
    link.remove_prefix(3);
    path.resize(path.rfind('/', path.size() - 2) + 1);
  }
  return path += link;
}

std::string random_path(SeededRandom& random) {
  static constexpr std::string_view kNames[] = {"a",
                                                "A",
                                                "src",
                                                "Src",
                                                "index",
                                                "index.html",
                                                "INDEX.HTML",
                                                "index.md",
                                                "index.json",
                                                "a.py",
                                                "a.py.html",
                                                "a.py.md",
                                                ".",
                                                "..",
                                                "...",
                                                ".github",
                                                "~",
                                                "~41",
                                                "~u8",
                                                "~hashed",
                                                "x~",
                                                "a b",
                                                "%41",
                                                "#",
                                                "?",
                                                "\"><script>",
                                                "new\nline",
                                                "\xff\xfe",
                                                "\xe9\xb4\xbb",
                                                "con",
                                                "README.md",
                                                "readme.md",
                                                "Readme.md",
                                                "-",
                                                "+",
                                                "_",
                                                "__init__.py",
                                                "a.",
                                                "a.HTML",
                                                "a.b.json"};
  std::string path;
  for (auto depth = random.below(4) + 1; depth > 0; --depth) {
    if (!path.empty()) path += '/';
    switch (random.below(12)) {
      case 0:  // Any bytes that a name can hold.
        for (auto n = random.below(6) + 1; n > 0; --n) {
          const char c = static_cast<char>(random.below(255) + 1);
          path += c == '/' ? '_' : c;
        }
        break;
      case 1:
        path.append(180 + random.below(90), static_cast<char>('a' + random.below(2)));
        break;
      case 2:
        path.append(180 + random.below(90), random.chance(0.5) ? 'A' : '\xff');
        break;
      default:
        path += kNames[random.below(std::size(kNames))];
    }
  }
  return path;
}

TEST(Links, AreReadableForOrdinaryNames) {
  EXPECT_EQ(file_page("src/a.py"), "files/src/a.py.html");
  EXPECT_EQ(file_page("src/a.py", PageForm::markdown), "files/src/a.py.md");
  EXPECT_EQ(file_page("boost/x-1.0/__init__.h++"), "files/boost/x-1.0/__init__.h++.html");
  EXPECT_EQ(module_page("src"), "modules/src/index.html");
  EXPECT_EQ(module_page("", PageForm::markdown), "modules/index.md");
  EXPECT_EQ(module_shard("src/net"), "modules/src/net/index.json");
}

TEST(Links, EscapeWhatASiteCannotHold) {
  EXPECT_EQ(file_page("a b/\"<x>.py"), "files/a~20b/~22~3cx~3e.py.html");
  EXPECT_EQ(file_page("new\nline.py"), "files/new~0aline.py.html");
  EXPECT_EQ(file_page("../x"), "files/~2e~2e/x.html");
  EXPECT_EQ(module_page(".github"), "modules/~2egithub/index.html");
  EXPECT_EQ(module_page("index.json"), "modules/index~2ejson/index.html");
  EXPECT_EQ(file_page("README.md"), "files/README.md~ufc.html");
}

TEST(Links, GiveDistinctPathsDistinctPagesEvenWhereCaseIsIgnored) {
  SeededRandom random(1);
  std::map<std::string, std::string> paths;  // By page, in lower case.
  for (int i = 0; i < 30'000; ++i) {
    const auto path = random_path(random);
    const auto [at, is_new] = paths.try_emplace(lower(file_page(path)), path);
    EXPECT_EQ(at->second, path) << "share the page " << at->first;
  }
}

TEST(Links, LetNoPageBeAFolderOfAnother) {
  SeededRandom random(2);
  std::set<std::string> pages;
  std::set<std::string> folders;
  for (int i = 0; i < 20'000; ++i) {
    const auto path = random_path(random);
    const auto folder = path.substr(0, path.rfind('/'));
    for (const auto& page : {file_page(path), file_page(path, PageForm::markdown), module_page(folder),
                             module_page(folder, PageForm::markdown), module_shard(folder)}) {
      pages.insert(lower(page));
      for (auto slash = page.rfind('/'); slash != page.npos; slash = page.rfind('/', slash - 1)) {
        folders.insert(lower(page.substr(0, slash)));
        if (slash == 0) break;
      }
    }
  }
  for (const auto& folder : folders) EXPECT_FALSE(pages.contains(folder)) << folder;
}

TEST(Links, StayWithinWhatFileSystemsTake) {
  SeededRandom random(3);
  for (int i = 0; i < 20'000; ++i) {
    const auto page = file_page(random_path(random));
    EXPECT_LE(page.size(), kMaxPagePath);
    EXPECT_EQ(page.find("//"), page.npos) << page;
    for (std::size_t begin = 0; begin < page.size();) {
      const auto end = std::min(page.find('/', begin), page.size());
      EXPECT_LE(end - begin, kMaxPageName + 5) << page;
      EXPECT_NE(page[begin], '.') << page;
      begin = end + 1;
    }
    for (char c : page) {
      const bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                        std::string_view("._+-~/").find(c) != std::string_view::npos;
      ASSERT_TRUE(safe) << page;
    }
  }
}

TEST(Links, HashPathsDeeperThanASystemTakes) {
  std::string deep;
  for (int i = 0; i < 10'000; ++i) deep += "a/";
  EXPECT_LT(file_page(deep + "x.py").size(), 100U);
  EXPECT_NE(file_page(deep + "x.py"), file_page(deep + "y.py"));
  EXPECT_NE(file_page(deep + "x.py"), file_page("a/" + deep + "x.py"));
}

TEST(Links, LeadFromEachPageToEachOther) {
  SeededRandom random(4);
  for (int i = 0; i < 20'000; ++i) {
    const auto from = random.chance(0.1) ? std::string(kOverviewHtml) : file_page(random_path(random));
    const auto to = random.chance(0.1) ? std::string(kOverviewHtml) : module_page(random_path(random));
    EXPECT_EQ(follow(from, relative_link(from, to)), to) << "from " << from;
  }
  EXPECT_EQ(relative_link("index.html", "files/a.html"), "files/a.html");
  EXPECT_EQ(relative_link("files/a/b.html", "files/a/c.html"), "c.html");
  EXPECT_EQ(relative_link("modules/a/index.html", "index.html"), "../../index.html");
}

TEST(Links, FindWhereAReadmeLeads) {
  const Readme readme{
      "docs/README.md",
      "[a](guide.md) [b](../src/x%20y.py#L3) [c](/LICENSE) [d](https://x.org) [e](mailto:a@b.c)\n"
      "[f](../../etc/passwd) [g](#here) [h](./guide.md?x=1) [i](//host/x) [j](javascript:alert(1)) [k](sub/)",
      {}};
  EXPECT_EQ(readme_links(readme), (std::vector<std::string>{"LICENSE", "docs/guide.md", "docs/sub", "src/x y.py"}));
}

}  // namespace
}  // namespace skein::docs
