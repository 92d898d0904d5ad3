// Workspaces and targets that nobody hopes for: every one ends with a site or one clear error, in bounded time.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "docs/site_faults_support.h"
#include "e2e/skein_program.h"

namespace skein {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::SkeinProgram;

class BadInput : public testing::Test {
 protected:
  /// `skein docs` into a folder outside the workspace.
  Outcome docs(std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"docs", "--out", site()};
    words.insert(words.end(), more.begin(), more.end());
    return skein.run(words);
  }
  [[nodiscard]] std::string site() const { return out.path("site"); }
  /// Documents, expects success and a site without faults, and gives its pages.
  std::map<std::string, std::string> sound_site() const {
    const auto outcome = docs();
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err << outcome.out;
    auto pages = docs::read_folder(site());
    EXPECT_TRUE(pages.contains("index.html"));
    const auto faults = docs::faults_of(pages);
    for (std::size_t i = 0; i < std::min<std::size_t>(faults.size(), 5); ++i) ADD_FAILURE() << faults[i];
    return pages;
  }
  Outcome git(const std::vector<std::string>& words) const {
    std::vector<std::string> argv{
        "git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"};
    argv.insert(argv.end(), words.begin(), words.end());
    return skein.run_program(argv);
  }
  /// One error: its message, at most one "where", one "way out".
  static void expect_one_error(const Outcome& outcome, int exit_code, std::string_view part) {
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err << outcome.out;
    EXPECT_NE((outcome.err + outcome.out).find(part), std::string::npos) << outcome.err << outcome.out;
    EXPECT_LE(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 4) << outcome.err;
  }

  SkeinProgram skein;
  test::ScratchTree out;
};

TEST_F(BadInput, AnEmptyFolderHasAnOverview) { EXPECT_TRUE(sound_site().contains("index.md")); }

TEST_F(BadInput, ARepositoryWithoutCommitsIsDocumented) {
  ASSERT_EQ(git({"init", "-q"}).exit_code, 0);
  skein.workspace.write("a.py", "def f(): pass\n");
  EXPECT_TRUE(sound_site().contains("files/a.py.html"));
}

TEST_F(BadInput, ABareRepositoryIsASiteOrAClearError) {
  ASSERT_EQ(git({"init", "-q", "--bare"}).exit_code, 0);
  const auto outcome = docs();
  EXPECT_TRUE(outcome.exit_code == 0 || !outcome.err.empty());
  EXPECT_LE(outcome.exit_code, 3) << outcome.err;
}

TEST_F(BadInput, AMissingFolderIsNamed) {
  expect_one_error(skein.run({"docs", "no/such/folder"}), 2, "no/such/folder");
}

TEST_F(BadInput, AGibibyteOfNothingIsLeftOutInBoundedMemory) {
  skein.workspace.write("a.py", "x = 1\n");
  skein.workspace.write("huge.py", "x = 1\n");
  fs::resize_file(skein.workspace.path("huge.py"), 1ULL << 30);
  rusage before{};
  ::getrusage(RUSAGE_CHILDREN, &before);
  const auto pages = sound_site();
  EXPECT_FALSE(pages.contains("files/huge.py.html"));
  EXPECT_TRUE(pages.at("index.html").find("huge") != std::string::npos ||
              pages.at("index.html").find("binary") != std::string::npos);
  rusage after{};
  ::getrusage(RUSAGE_CHILDREN, &after);
  EXPECT_LT(after.ru_maxrss, 400'000) << "KiB";
}

TEST_F(BadInput, ThousandsOfSmallFilesAreDocumented) {
  const bool many = std::getenv("SKEIN_MANY_FILES") != nullptr;
  const int count = many ? 100'000 : 20'000;
  for (int folder = 0; folder < count / 1000; ++folder) {
    const auto name = "d" + std::to_string(folder);
    skein.workspace.make_folder(name);
    for (int file = 0; file < 1000; ++file)
      std::ofstream(skein.workspace.path(name + "/f" + std::to_string(file) + (file % 10 == 0 ? ".py" : ".dat")))
          << "x = 1\n";
  }
  const auto outcome = docs();
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(fs::exists(site() + "/files/d3/f10.py.html"));
}

TEST_F(BadInput, TenThousandLevelsOfBracesAreDocumented) {
  skein.workspace.write("deep.py", std::string(10'000, '(') + "\n");
  skein.workspace.write("deep.c", "int f() " + std::string(10'000, '{'));
  skein.workspace.write("deep.js", std::string(10'000, '[') + std::string(10'000, ']'));
  skein.workspace.write("deep.cpp", std::string(10'000, '<') + std::string(10'000, '{') + std::string(10'000, '}'));
  skein.workspace.write("package.json", std::string(10'000, '['));
  skein.workspace.write("README.md", std::string(10'000, '>') + " deep\n\n" + std::string(10'000, '*') + "x\n");
  EXPECT_TRUE(sound_site().contains("files/deep.cpp.html"));
}

TEST_F(BadInput, TenThousandLevelsOfFoldersAreDocumented) {
  skein.workspace.write("a.py", "x = 1\n");
  int folder = ::open(skein.workspace.root().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (int level = 0; level < 10'000; ++level) {
    ASSERT_EQ(::mkdirat(folder, "d", 0777), 0);
    const int below = ::openat(folder, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ASSERT_GE(below, 0);
    ::close(folder);
    folder = below;
  }
  const int file = ::openat(folder, "deep.py", O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  ::close(file);
  ::close(folder);
  EXPECT_TRUE(sound_site().contains("files/a.py.html"));
}

TEST_F(BadInput, NamesAndTextsWithScriptStayText) {
  skein.workspace.write("\"><script>alert(1)<.py",
                        "def f():\n    \"\"\"<script>alert(2)</script> </title><img src=x onerror=alert(3)>\"\"\"\n");
  skein.workspace.write("new\nline.py", "x = 1\n");
  skein.workspace.write("bad\xff\xfe.py", "x = 1\n");
  skein.workspace.write("<b>folder</b>/`a`](x).py", "# <script>alert(4)</script>\nclass A: pass\n");
  skein.workspace.write(
      "README.md",
      "# <script>alert(5)</script> [x](javascript:alert(6)) [y](data:text/html,<script>)\n\n"
      "<img src=x onerror=alert(7)>\n\n![i](http://example.org/track.png)\n\n[r]: javascript:alert(8)\n[r]\n");
  skein.workspace.write(
      "package.json",
      "{\"name\": \"<script>alert(9)</script>\", \"description\": \"</title><script>alert(10)</script>\"}");
  const auto pages = sound_site();
  for (const auto& [path, bytes] : pages) {
    if (!path.ends_with(".html")) continue;
    for (const auto* live : {"<script>alert", "<img", "href=\"javascript:", "href=\"data:text"})
      EXPECT_EQ(bytes.find(live), std::string::npos) << path << " holds " << live;
  }
  EXPECT_GE(pages.size(), 15u);
}

TEST_F(BadInput, LinksAreNotFollowed) {
  skein.workspace.write("a/b.py", "x = 1\n");
  skein.workspace.link(".", "loop");
  skein.workspace.link("../..", "a/up");
  skein.workspace.link("/etc/passwd", "outside.py");
  skein.workspace.link("/etc", "etc");
  skein.workspace.link("nowhere", "dangling.py");
  skein.workspace.link("/etc/passwd", "README.md");
  const auto pages = sound_site();
  EXPECT_FALSE(pages.contains("files/outside.py.html"));
  for (const auto& [path, bytes] : pages) EXPECT_EQ(bytes.find("root:x:0"), std::string::npos) << path;
}

TEST_F(BadInput, AnUnreadableFileIsCountedAndTheRestDocumented) {
  // The system refuses root nothing; CI is root, a developer's run is not.
  if (::geteuid() == 0) GTEST_SKIP() << "root can read everything";
  skein.workspace.write("a.py", "x = 1\n");
  skein.workspace.write("secret.py", "x = 1\n");
  fs::permissions(skein.workspace.path("secret.py"), fs::perms::none);
  const auto pages = sound_site();
  EXPECT_TRUE(pages.contains("files/a.py.html"));
  EXPECT_FALSE(pages.contains("files/secret.py.html"));
}

TEST_F(BadInput, PipesAndSocketsAreNotOpened) {
  skein.workspace.write("a.py", "x = 1\n");
  ASSERT_EQ(::mkfifo(skein.workspace.path("pipe.py").c_str(), 0666), 0);
  EXPECT_TRUE(sound_site().contains("files/a.py.html"));
}

TEST_F(BadInput, ATargetThatIsAFileIsAnError) {
  skein.workspace.write("a.py", "x = 1\n");
  out.write("site", "mine");
  const auto outcome = docs();
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_NE((outcome.err + outcome.out).find(site()), std::string::npos) << outcome.err << outcome.out;
  EXPECT_EQ(out.read("site"), "mine");
}

TEST_F(BadInput, AReadOnlyTargetIsAnError) {
  // As above.
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  skein.workspace.write("a.py", "x = 1\n");
  out.make_folder("site");
  fs::permissions(site(), fs::perms::owner_read | fs::perms::owner_exec);
  const auto outcome = docs();
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_NE((outcome.err + outcome.out).find(site()), std::string::npos) << outcome.err << outcome.out;
  fs::permissions(site(), fs::perms::owner_all);
  EXPECT_EQ(docs().exit_code, 0);
}

TEST_F(BadInput, FilesOfOthersInTheTargetStay) {
  skein.workspace.write("a.py", "x = 1\n");
  out.write("site/mine.txt", "mine");
  (void)sound_site();
  EXPECT_EQ(out.read("site/mine.txt"), "mine");
  skein.workspace.remove("a.py");
  (void)sound_site();
  EXPECT_EQ(out.read("site/mine.txt"), "mine");
}

TEST_F(BadInput, AnotherSiteInTheTargetIsNotOverwritten) {
  skein.workspace.write("a.py", "x = 1\n");
  out.write("site/index.html", "<h1>mine</h1>");
  const auto outcome = docs();
  EXPECT_EQ(outcome.exit_code, 1) << outcome.out;
  EXPECT_NE((outcome.err + outcome.out).find("--out"), std::string::npos) << outcome.err << outcome.out;
  EXPECT_EQ(out.read("site/index.html"), "<h1>mine</h1>");
}

TEST_F(BadInput, ASiteOfANewerSkeinIsRefusedWithAWayOut) {
  skein.workspace.write("a.py", "x = 1\n");
  (void)sound_site();
  out.write("site/skein-site.txt", "skein.site/9\n");
  const auto outcome = docs();
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_NE((outcome.err + outcome.out).find("newer skein"), std::string::npos) << outcome.err << outcome.out;
}

TEST_F(BadInput, TheTargetCannotHoldTheWorkspace) {
  expect_one_error(skein.run({"docs", "--out", skein.workspace.root()}), 2, "--out");
  expect_one_error(skein.run({"docs", "--out", fs::path(skein.workspace.root()).parent_path().string()}), 2, "--out");
}

// The state folder, in every bad way.

class BadState : public BadInput {
 protected:
  void SetUp() override {
    for (const auto* name : {"a", "b", "c"})
      skein.workspace.write(std::string("src/") + name + ".py", std::string("import b\ndef ") + name + "(): pass\n");
    before = sound_site();
    state = skein.workspace.path(".skein");
    ASSERT_TRUE(fs::exists(state));
  }
  /// Documents after an edit, and compares with a site made from nothing.
  void expect_next_run_is_right() {
    skein.workspace.write("src/a.py", "import c\ndef another(): pass\n");
    auto pages = sound_site();
    fs::remove_all(state);
    fs::remove_all(site());
    auto fresh = sound_site();
    // The change log tells of the past.
    for (const auto* form : {"changes.html", "changes.json", "changes.md"}) {
      EXPECT_EQ(pages.erase(form), 1u);
      EXPECT_EQ(fresh.erase(form), 1u);
    }
    EXPECT_EQ(pages, fresh);
  }
  std::vector<std::string> files_of_state() const {
    std::vector<std::string> files;
    for (const auto& [path, bytes] : docs::read_folder(state)) files.push_back(state + "/" + path);
    return files;
  }

  std::map<std::string, std::string> before;
  std::string state;
};

TEST_F(BadState, DeletedIsMadeAgain) {
  fs::remove_all(state);
  expect_next_run_is_right();
}

TEST_F(BadState, EveryFileOverwrittenWithRubbishIsMadeAgainOrRefused) {
  // One file at a time; a lock or the .gitignore does not matter.
  for (const auto& file : files_of_state()) {
    if (file.ends_with(".gitignore")) continue;
    std::ofstream(file, std::ios::binary | std::ios::trunc) << std::string(5000, '\x5a');
    skein.workspace.write("src/a.py", "import c\ndef of_" + std::to_string(file.size()) + "(): pass\n");
    const auto outcome = docs();
    EXPECT_TRUE(outcome.exit_code == 0 || !outcome.err.empty()) << file << outcome.out;
    EXPECT_LE(outcome.exit_code, 3) << file << "\n" << outcome.err;
    if (outcome.exit_code == 0) {
      const auto pages = docs::read_folder(site());
      EXPECT_NE(pages.at("files/src/a.py.html").find("of_" + std::to_string(file.size())), std::string::npos) << file;
    } else {
      EXPECT_NE(outcome.err.find("way out"), std::string::npos) << file << "\n" << outcome.err;
      fs::remove_all(state);
    }
  }
  expect_next_run_is_right();
}

TEST_F(BadState, EveryFileCutInTheMiddleIsMadeAgainOrRefused) {
  for (const auto& file : files_of_state()) {
    if (file.ends_with(".gitignore") || !fs::exists(file)) continue;
    fs::resize_file(file, fs::file_size(file) / 2);
    skein.workspace.write("src/a.py", "import c\ndef of_" + std::to_string(file.size()) + "(): pass\n");
    const auto outcome = docs();
    EXPECT_TRUE(outcome.exit_code == 0 || !outcome.err.empty()) << file << outcome.out;
    EXPECT_LE(outcome.exit_code, 3) << file << "\n" << outcome.err;
    if (outcome.exit_code != 0) {
      EXPECT_NE(outcome.err.find("way out"), std::string::npos) << file << "\n" << outcome.err;
      fs::remove_all(state);
    }
  }
  expect_next_run_is_right();
}

}  // namespace
}  // namespace skein
