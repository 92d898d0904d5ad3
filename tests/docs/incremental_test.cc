// After any edit the site is byte for byte what a clean run makes, whatever was remembered and however the steps ran.
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/random.h"
#include "docs/site_maker_support.h"

namespace skein::docs {
namespace {

namespace fs = std::filesystem;

constexpr int kSteps = 240;
constexpr int kTrees = 6;

/// A workspace that is edited at random, with folders, imports, READMEs, ignore rules, and files that change kind.
class RandomTree {
 public:
  explicit RandomTree(std::uint64_t seed) : random_(seed) {
    for (int i = 0; i < 8; ++i) add();
  }

  [[nodiscard]] const std::string& root() const { return tree_.root(); }
  /// One edit; gives what it was.
  std::string edit() {
    switch (random_.below(14)) {
      case 0:
      case 1:
        return add();
      case 2:
      case 3:
        return change();
      case 4: {
        if (files_.empty()) return add();
        const auto path = any();
        tree_.remove(path);
        files_.erase(path);
        return "remove " + path;
      }
      case 5: {
        if (files_.empty()) return add();
        const auto from = any();
        const auto to = new_path(fs::path(from).extension().string());
        if (fs::exists(tree_.path(to))) return change();
        fs::create_directories(fs::path(tree_.path(to)).parent_path());
        fs::rename(tree_.path(from), tree_.path(to));
        files_.erase(from);
        files_.insert(to);
        return "rename " + from + " to " + to;
      }
      case 6: {
        const std::string rules[] = {"", "*.js\n", "lib/\n", "a.*\n", "core/*\n!core/b.py\n"};
        const auto& rule = rules[random_.below(5)];
        tree_.write(random_.chance(0.5) ? ".gitignore" : ".skeinignore", rule);
        return "ignore " + rule;
      }
      case 7: {
        const auto path = folder() + (random_.chance(0.7) ? "README.md" : "README");
        tree_.write(path,
                    "# Title " + word() + "\n\nAbout " + word() + ", see [it](" + name() + ".py) and [up](../).\n");
        files_.insert(path);
        return "write " + path;
      }
      case 8: {
        if (files_.empty()) return add();
        const auto path = any();
        tree_.write(path, std::string("\0\1\2binary\0", 10) + word());
        return "make binary " + path;
      }
      case 9: {
        if (files_.empty()) return add();
        const auto path = any();
        fs::last_write_time(tree_.path(path), fs::file_time_type::clock::now());
        return "touch " + path;
      }
      case 10: {
        const auto path = folder();
        if (path.empty()) return change();
        for (auto file = files_.begin(); file != files_.end();)
          file = file->starts_with(path) ? files_.erase(file) : std::next(file);
        tree_.remove(path.substr(0, path.size() - 1));
        return "remove the folder " + path;
      }
      case 11: {
        tree_.write("package.json", "{\"name\": \"" + word() + "\", \"main\": \"" + name() +
                                        ".js\", \"dependencies\": {\"" + word() + "\": \"^1\"}}\n");
        return "write package.json";
      }
      case 12: {
        const auto path = new_path("");
        if (files_.contains(path) || fs::exists(tree_.path(path))) return change();
        tree_.write(path, "#!/usr/bin/env python3\nimport core.a\n");
        fs::permissions(tree_.path(path), fs::perms::owner_all);
        files_.insert(path);
        return "add the script " + path;
      }
      default: {
        const auto path = "node_modules/" + word() + "/index.js";
        tree_.write(path, "export const " + word() + " = 1;\n");
        return "add vendored " + path;
      }
    }
  }

 private:
  std::string name() { return std::string(1, static_cast<char>('a' + random_.below(5))); }
  std::string word() { return "w" + std::to_string(random_.below(40)); }
  std::string folder() {
    const std::string folders[] = {"", "core/", "lib/", "core/deep/", "lib/x.html/", "Odd Name/", "node_modules/w1/"};
    return folders[random_.below(7)];
  }
  std::string extension() {
    const std::string all[] = {".py", ".py", ".js", ".ts", ".c", ".h", ".cpp", ".md", ".txt", ".dat"};
    return all[random_.below(10)];
  }
  std::string new_path(const std::string& end) { return folder() + name() + end; }
  std::string any() {
    auto it = files_.begin();
    std::advance(it, static_cast<std::ptrdiff_t>(random_.below(files_.size())));
    return *it;
  }
  std::string content(const std::string& path) {
    std::string text;
    if (path.ends_with(".py"))
      text = "\"\"\"Does " + word() + ".\"\"\"\nimport core." + name() + "\nfrom . import " + name() + "\nfrom lib." +
             name() + " import thing\n\ndef " + word() + "(a, b):\n    \"\"\"Gives " + word() +
             ".\"\"\"\n    return a\n";
    else if (path.ends_with(".js") || path.ends_with(".ts"))
      text = "/** Does " + word() + ". */\nimport {x} from './" + name() + "';\nimport y from '../" + name() +
             ".js';\nimport z from '" + word() + "';\nexport function " + word() + "(a) { return a; }\n";
    else if (path.ends_with(".c") || path.ends_with(".h") || path.ends_with(".cpp"))
      text = "#include \"" + name() + ".h\"\n#include \"core/" + name() + ".h\"\n#include <stdio.h>\n/// Makes " +
             word() + ".\nint " + word() + "(int a);\n" + (random_.chance(0.3) ? "class K { int a; };\n" : "") +
             (random_.chance(0.2) ? "int main() { return 0; }\n" : "");
    else
      text = "Some " + word() + "\n";
    return text;
  }
  std::string add() {
    const auto end = extension();
    const auto path = new_path(end);
    if (fs::is_directory(tree_.path(path))) return "nothing";
    tree_.write(path, content(path));
    files_.insert(path);
    return "write " + path;
  }
  std::string change() {
    if (files_.empty()) return add();
    const auto path = any();
    tree_.write(path, random_.chance(0.2) ? content(path) + "# generated by hand. DO NOT EDIT\n" : content(path));
    return "change " + path;
  }

  SeededRandom random_;
  test::ScratchTree tree_;
  std::set<std::string> files_;
};

/// The first page that differs, for a message that can be read.
std::string first_difference(const std::map<std::string, std::string>& a, const std::map<std::string, std::string>& b) {
  for (const auto& [path, bytes] : a) {
    if (path.starts_with("changes.") && b.contains(path)) continue;  // Tells of the past.
    const auto other = b.find(path);
    if (other == b.end()) return path + " is only in the first";
    if (other->second == bytes) continue;
    std::size_t at = 0;
    while (at < bytes.size() && at < other->second.size() && bytes[at] == other->second[at]) ++at;
    const auto start = at < 80 ? 0 : at - 80;
    return path + ":\n  first:  …" + bytes.substr(start, 200) + "\n  second: …" + other->second.substr(start, 200);
  }
  for (const auto& [path, bytes] : b)
    if (!a.contains(path)) return path + " is only in the second";
  return {};
}

class AfterAnyEdit : public ::testing::TestWithParam<int> {
 protected:
  /// Hundreds of sites, each with its syncs: in memory where the machine has such a folder and TMPDIR says nothing.
  static void SetUpTestSuite() {
    if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 0);
  }
};

TEST_P(AfterAnyEdit, TheSiteIsWhatACleanRunMakes) {
  const auto seed = static_cast<std::uint64_t>(GetParam());
  RandomTree tree(seed);
  SiteMaker incremental(tree.root());
  SeededRandom random(seed ^ 77);
  const char* more = std::getenv("SKEIN_EDITS");
  const int steps = more == nullptr ? kSteps / kTrees : std::atoi(more);
  if (GetParam() % 2 == 0) incremental.graphviz.clear();
  std::string history;
  for (int step = 0; step < steps; ++step) {
    const auto edits = 1 + random.below(3);
    for (std::uint64_t i = 0; i < edits; ++i) history += tree.edit() + "\n";
    history += "--\n";
    const auto made = incremental.make();
    ASSERT_TRUE(made) << made.error().to_string() << "\n" << history;
    ASSERT_EQ(made->status, engine::RunStatus::ok)
        << (made->failures.empty() ? "" : made->failures.front().error.to_string()) << "\n"
        << history;
    Making how;
    how.serial = step % 4 == 1;
    how.use_cache = step % 4 != 2;
    how.use_cutoff = step % 4 != 3;
    SiteMaker clean(tree.root());
    clean.graphviz = incremental.graphviz;
    const auto again = clean.make(how);
    ASSERT_TRUE(again) << again.error().to_string();
    const auto pages = incremental.pages();
    ASSERT_EQ(first_difference(pages, clean.pages()), "") << "after\n" << history;
    const auto faults = faults_of(pages);
    ASSERT_TRUE(faults.empty()) << faults.front() << "\n" << history;
    if (step % 8 == 5) {
      // Switches on a site with a past, too.
      ASSERT_TRUE(incremental.make(how));
      ASSERT_EQ(first_difference(incremental.pages(), pages), "") << "with other switches, after\n" << history;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(OfARandomTree, AfterAnyEdit, ::testing::Range(1, kTrees + 1));

TEST(Incremental, ANewPageWaitsForNoOtherEdit) {
  test::ScratchTree tree;
  tree.write("a.py", "import b\n");
  tree.write("b.py", std::string("\0\1", 2));
  SiteMaker maker(tree.root());
  ASSERT_TRUE(maker.make());
  tree.write("b.py", "x = 1\n");
  ASSERT_TRUE(maker.make());
  SiteMaker clean(tree.root());
  ASSERT_TRUE(clean.make());
  EXPECT_EQ(first_difference(maker.pages(), clean.pages()), "");
}

TEST(Incremental, NothingChangedIsSeenWithoutASession) {
  test::ScratchTree tree;
  tree.write("src/a.py", "x = 1\n");
  SiteMaker maker(tree.root());
  EXPECT_FALSE(maker.is_unchanged());
  ASSERT_TRUE(maker.make());
  EXPECT_TRUE(maker.is_unchanged());
  tree.write("src/b.py", "x = 2\n");
  EXPECT_FALSE(maker.is_unchanged());
  ASSERT_TRUE(maker.make());
  EXPECT_TRUE(maker.is_unchanged());
  maker.name = "Another";
  EXPECT_FALSE(maker.is_unchanged());
}

TEST(Incremental, GraphvizThatComesOrGoesIsNoticed) {
  test::ScratchTree tree;
  tree.write("a/x.py", "import b.y\n");
  tree.write("b/y.py", "x = 1\n");
  SiteMaker maker(tree.root());
  // ./check installs it; by hand one may go without, as a user may: pages have lists then.
  if (maker.graphviz.empty()) GTEST_SKIP() << "Graphviz is not installed: pictures were not drawn";
  ASSERT_TRUE(maker.make());
  EXPECT_TRUE(maker.pages().at("index.html").contains("<svg class=\"graph\""));
  const auto program = std::exchange(maker.graphviz, "");
  EXPECT_FALSE(maker.is_unchanged());
  ASSERT_TRUE(maker.make());
  const auto page = maker.pages().at("index.html");
  EXPECT_FALSE(page.contains("<svg class=\"graph\""));
  EXPECT_TRUE(page.contains("Graphviz is not installed"));
  EXPECT_TRUE(page.contains("a/</a> uses <a href=\"modules/b/index.html\">b/</a>")) << page;
  maker.graphviz = program;
  EXPECT_FALSE(maker.is_unchanged());
}

TEST(Incremental, ASiteThatOtherHandsChangedIsMadeWhole) {
  test::ScratchTree tree;
  tree.write("a.py", "x = 1\n");
  tree.write("b.py", "x = 1\n");
  SiteMaker maker(tree.root());
  ASSERT_TRUE(maker.make());
  const auto whole = maker.pages();
  fs::remove(maker.site() + "/files/a.py.html");
  EXPECT_FALSE(maker.is_unchanged());
  const auto made = maker.make();
  ASSERT_TRUE(made);
  EXPECT_EQ(made->site.written, 4u);  // And the change log's three forms.
  EXPECT_EQ(first_difference(maker.pages(), whole), "");
  // The manifest gone, damaged, or the whole site.
  fs::remove(maker.site() + "/skein-site.txt");
  ASSERT_TRUE(maker.make());
  EXPECT_EQ(first_difference(maker.pages(), whole), "");
  {
    std::ofstream(maker.site() + "/skein-site.txt") << "rubbish";
  }
  ASSERT_TRUE(maker.make());
  EXPECT_EQ(first_difference(maker.pages(), whole), "");
  fs::remove_all(maker.site());
  ASSERT_TRUE(maker.make());
  EXPECT_EQ(first_difference(maker.pages(), whole), "");
}

TEST(Incremental, FilesOfOthersInTheTargetAreLeftAlone) {
  test::ScratchTree tree;
  tree.write("a.py", "x = 1\n");
  SiteMaker maker(tree.root());
  fs::create_directories(maker.site() + "/files");
  {
    std::ofstream(maker.site() + "/notes.txt") << "mine";
  }
  {
    std::ofstream(maker.site() + "/files/notes.txt") << "mine";
  }
  ASSERT_TRUE(maker.make());
  tree.remove("a.py");
  ASSERT_TRUE(maker.make());
  const auto pages = maker.pages();
  EXPECT_EQ(pages.at("notes.txt"), "mine");
  EXPECT_EQ(pages.at("files/notes.txt"), "mine");
  EXPECT_FALSE(pages.contains("files/a.py.html"));
}

TEST(Incremental, FirstPagesThatSomebodyElseWroteAreNotOverwritten) {
  test::ScratchTree tree;
  tree.write("a.py", "x = 1\n");
  SiteMaker maker(tree.root());
  fs::create_directories(maker.site());
  {
    std::ofstream(maker.site() + "/index.md") << "mine";
  }
  const auto made = maker.make();
  ASSERT_TRUE(made);
  EXPECT_EQ(made->status, engine::RunStatus::failed);
  ASSERT_EQ(made->failures.size(), 1u);
  EXPECT_TRUE(made->failures[0].error.to_string().contains("index.md that skein did not write"));
  const std::map<std::string, std::string> only{{"index.md", "mine"}};
  EXPECT_EQ(maker.pages(), only);
}

TEST(FirstOverview, IsThereBeforeAnythingIsParsedAndNamesWhatIsMissing) {
  test::ScratchTree tree;
  tree.write("README.md", "# Geese\n\nCounts geese, see [it](src/a.py).\n");
  tree.write("src/a.py", "def count(): pass\n");
  tree.write("package.json", "{\"name\": \"geese\", \"scripts\": {\"test\": \"x\"}}");
  SiteMaker maker(tree.root());
  maker.stop_after_first_overview = true;
  const auto stopped = maker.make();
  ASSERT_TRUE(stopped) << stopped.error().to_string();
  EXPECT_EQ(stopped->status, engine::RunStatus::cancelled);
  const auto first = maker.pages();
  EXPECT_TRUE(faults_of(first).empty()) << faults_of(first).front();
  EXPECT_NE(first.at("index.html").find("Still being made"), std::string::npos);
  EXPECT_NE(first.at("index.html").find("geese"), std::string::npos);
  EXPECT_NE(first.at("skein-site.txt").find("stage overview"), std::string::npos);
  EXPECT_FALSE(first.contains("files/src/a.py.html"));
  EXPECT_FALSE(maker.is_unchanged());
  maker.stop_after_first_overview = false;
  ASSERT_TRUE(maker.make());
  SiteMaker clean(tree.root());
  ASSERT_TRUE(clean.make());
  EXPECT_EQ(first_difference(maker.pages(), clean.pages()), "");
  EXPECT_NE(maker.pages().at("skein-site.txt").find("stage pages"), std::string::npos);
  EXPECT_EQ(maker.pages().at("index.html").find("Still being made"), std::string::npos);
}

TEST(ChangeLog, NamesSymbolsAndPagesAndSaysWhy) {
  test::ScratchTree tree;
  tree.write("a.py", "def stays(): pass\ndef goes(): pass\ndef grows(x): pass\n");
  tree.write("b.py", "import a\n");
  SiteMaker maker(tree.root());
  ASSERT_TRUE(maker.make());
  EXPECT_NE(maker.pages().at("changes.md").find("first pages"), std::string::npos);
  tree.write("a.py", "def stays(): pass\ndef grows(x, y): pass\ndef comes(): pass\n");
  tree.write("c.py", "def born(): pass\n");
  const auto made = maker.make();
  ASSERT_TRUE(made);
  const auto& log = made->site.log;
  ASSERT_EQ(log.symbols.size(), 4u);
  EXPECT_EQ(log.total_files, 2u);
  std::string text;
  for (const auto& line : changes_lines(log)) text += line + "\n";
  EXPECT_NE(text.find("added function comes in a.py"), std::string::npos) << text;
  EXPECT_NE(text.find("removed function goes in a.py"), std::string::npos) << text;
  EXPECT_NE(text.find("signature function grows in a.py: def grows(x) -> def grows(x, y)"), std::string::npos) << text;
  EXPECT_NE(text.find("added function born in c.py"), std::string::npos) << text;
  EXPECT_NE(text.find("changed files/a.py.html (a.py was changed)"), std::string::npos) << text;
  EXPECT_NE(text.find("added files/c.py.html (c.py was added)"), std::string::npos) << text;
  EXPECT_EQ(text.find("files/b.py.html"), std::string::npos) << text;
  const auto pages = maker.pages();
  EXPECT_TRUE(faults_of(pages).empty()) << faults_of(pages).front();
  EXPECT_NE(pages.at("changes.json").find("\"name\": \"grows\""), std::string::npos);
  // Both publications are in the log; nothing new is published where nothing changed.
  ASSERT_TRUE(maker.make());
  EXPECT_EQ(maker.pages(), pages);
  // Removed files take their page along; older entries have no links that lead nowhere.
  tree.remove("c.py");
  ASSERT_TRUE(maker.make());
  EXPECT_TRUE(faults_of(maker.pages()).empty());
  EXPECT_NE(maker.pages().at("changes.md").find("removed: `files/c.py.html`"), std::string::npos);
}

TEST(Check, SeesStalePagesAndWritesNothing) {
  test::ScratchTree tree;
  tree.write("a.py", "def f(): pass\n");
  SiteMaker maker(tree.root());
  ASSERT_TRUE(maker.make());
  const auto before = maker.pages();
  auto found = maker.compare();
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_TRUE(found->is_current());
  tree.write("a.py", "def g(): pass\n");
  tree.write("b.py", "def g(): pass\n");
  found = maker.compare();
  ASSERT_TRUE(found);
  EXPECT_TRUE(std::ranges::count(found->stale, "files/a.py.html") == 1);
  EXPECT_TRUE(std::ranges::count(found->missing, "files/b.py.html") == 1);
  EXPECT_EQ(maker.pages(), before);
  SiteMaker none(tree.root());
  found = none.compare();
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->exists);
  EXPECT_TRUE(none.pages().empty());
}

/// SKEIN_CHECK_SITE=FOLDER looks at a site of a real repository.
TEST(Site, HasNoFaults) {
  const char* folder = std::getenv("SKEIN_CHECK_SITE");
  // The same checks over a site that a person names; generated sites are checked by the tests above.
  if (folder == nullptr) GTEST_SKIP() << "SKEIN_CHECK_SITE names no site";
  const auto faults = faults_of(read_folder(folder));
  for (std::size_t i = 0; i < std::min<std::size_t>(faults.size(), 40); ++i) ADD_FAILURE() << faults[i];
  EXPECT_EQ(faults.size(), 0u);
}

}  // namespace
}  // namespace skein::docs
