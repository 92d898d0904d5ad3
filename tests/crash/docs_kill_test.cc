// `skein docs` of a real tree, killed at random instants, two at once, and on a full disk: the next run ends with the
// pages of a run that nobody disturbed.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "docs/site_faults_support.h"
#include "e2e/skein_program.h"
#include "support/killed_program.h"

namespace skein {
namespace {

namespace fs = std::filesystem;
using std::chrono::microseconds;
using std::chrono::steady_clock;

/// Two equal trees, edited alike: one is documented under attack, the other in peace.
class DocsUnderAttack : public testing::Test {
 protected:
  void SetUp() override {
    for (const std::string tree : {"attacked", "calm"}) {
      skein.workspace.write(tree + "/skein.toml", "[project]\nname = \"same\"\n");
      skein.workspace.make_folder(tree + "/src");
      for (const auto* room : {"base", "store", "docs"})
        fs::copy(fs::path(SKEIN_SOURCE_DIR) / "src" / room, skein.workspace.path(tree + "/src/" + room),
                 fs::copy_options::recursive);
    }
  }
  void edit(SeededRandom& random) {
    const auto number = std::to_string(random.below(1000));
    const std::string names[] = {"src/base/bytes.h", "src/docs/tree.cc", "src/store/store.cc",
                                 "src/docs/new" + number + ".h"};
    const auto& name = names[random.below(4)];
    const auto text = "#include \"docs/tree.h\"\n/// Made by a test.\nint of_" + number + "();\n";
    for (const auto* tree : {"attacked/", "calm/"}) skein.workspace.write(tree + name, text);
  }
  [[nodiscard]] std::string attacked() const { return skein.workspace.path("attacked"); }
  [[nodiscard]] static std::map<std::string, std::string> site_of(const std::string& tree) {
    return docs::read_folder(tree + "/.skein/docs");
  }
  std::map<std::string, std::string> calm_site() const {
    const auto calm = skein.workspace.path("calm");
    fs::remove_all(calm + "/.skein");
    const auto outcome = skein.run({"docs"}, calm);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return site_of(calm);
  }
  void expect_calm_site() const {
    const auto calm = calm_site();
    const auto here = site_of(attacked());
    for (const auto& [path, bytes] : calm) {
      ASSERT_TRUE(here.contains(path)) << path << " is missing";
      if (path.starts_with("changes.")) continue;  // Tells of the past.
      ASSERT_EQ(here.at(path), bytes) << path;
    }
    for (const auto& [path, bytes] : here) ASSERT_TRUE(calm.contains(path)) << path << " is left over";
  }
  /// Every page that is there is a whole one.
  void expect_whole_pages() const {
    for (const auto& [path, bytes] : site_of(attacked()))
      if (path.ends_with(".html")) {
        ASSERT_TRUE(bytes.ends_with("</html>\n")) << path << " is cut";
      }
  }
  /// Starts `skein docs` in the attacked tree; its process.
  [[nodiscard]] pid_t start() const {
    return test::start_silently({SKEIN_PROGRAM, "docs"}, attacked(), skein.home.root());
  }

  test::SkeinProgram skein;
};

int kills() {
  const char* wanted = std::getenv("SKEIN_CRASH_KILLS");
  return wanted == nullptr ? 20 : std::max(1, std::atoi(wanted) / 10);
}

TEST_F(DocsUnderAttack, KilledAtAnyInstantTheNextRunMakesThePagesOfACalmOne) {
  SeededRandom random(20261121);
  const auto started = steady_clock::now();
  ASSERT_EQ(skein.run({"docs"}, attacked()).exit_code, 0);
  auto cold = std::chrono::duration_cast<microseconds>(steady_clock::now() - started);
  int killed = 0;
  for (int i = 0; i < kills(); ++i) {
    SCOPED_TRACE("kill " + std::to_string(i));
    if (i % 3 == 0) fs::remove_all(attacked() + "/.skein");
    edit(random);
    // An incremental run is shorter: half of the instants lie early.
    const auto limit =
        microseconds(random.below(static_cast<std::uint64_t>(cold.count()) >> (i % 3 == 0 ? 0 : random.below(4))));
    if (WIFSIGNALED(test::kill_after(start(), limit))) ++killed;
    // What the killed run left can be read: every page is whole.
    expect_whole_pages();
    if (HasFatalFailure()) return;
    if (random.chance(0.3)) (void)test::kill_after(start(), limit);
    if (random.chance(0.3)) edit(random);
    const auto next = skein.run({"docs"}, attacked());
    ASSERT_EQ(next.exit_code, 0) << next.err;
    expect_calm_site();
    if (HasFatalFailure()) return;
    for (const auto& [path, bytes] : docs::read_folder(attacked() + "/.skein/journals"))
      EXPECT_FALSE(path.ends_with(".lock")) << path << " is left over";
  }
  EXPECT_GE(killed, kills() / 4) << "most runs ended before they were killed";
}

TEST_F(DocsUnderAttack, TwoAtOnceBothEndWell) {
  const pid_t first = start();
  const auto second = skein.run({"docs"}, attacked());
  int status = 0;
  ASSERT_EQ(::waitpid(first, &status, 0), first);
  ASSERT_TRUE(WIFEXITED(status));
  const int first_code = WEXITSTATUS(status);
  // One made the site; the other found it made, waited, or was told who holds it.
  EXPECT_TRUE(first_code == 0 || second.exit_code == 0) << second.err;
  if (second.exit_code != 0) {
    EXPECT_NE(second.err.find("another skein is "), std::string::npos) << second.err;
  }
  expect_calm_site();
}

TEST_F(DocsUnderAttack, AFullDiskLeavesTheSiteAsItWas) {
  const auto small = skein.workspace.path("small");
  fs::create_directories(small);
  // Only a file system of its own is really full; mounting one needs root, which CI has.
  if (::geteuid() != 0 || ::mount("none", small.c_str(), "tmpfs", 0, "size=6m") != 0)
    GTEST_SKIP() << "needs the right to mount a small file system";
  struct Unmount {
    std::string path;
    ~Unmount() { ::umount2(path.c_str(), MNT_DETACH); }
  } unmount{small};
  const auto place = small + "/attacked";
  fs::create_directories(place);
  fs::copy(attacked() + "/src/base", place + "/src", fs::copy_options::recursive);
  fs::copy(attacked() + "/skein.toml", place + "/skein.toml");
  ASSERT_EQ(skein.run({"docs"}, place).exit_code, 0);
  const auto before = site_of(place);
  // Everything is new, and there is no room.
  std::error_code none;
  fs::copy(attacked() + "/src/docs", place + "/docs", fs::copy_options::recursive, none);
  {
    std::ofstream filler(small + "/filler", std::ios::binary);
    const std::string block(4096, 'x');
    while (filler.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  const auto full = skein.run({"docs"}, place);
  EXPECT_NE(full.exit_code, 0);
  EXPECT_NE((full.err + full.out).find("No space left"), std::string::npos) << full.err << full.out;
  EXPECT_EQ(site_of(place), before);
  fs::remove(small + "/filler");
  fs::remove_all(place + "/docs");
  skein.workspace.write("small/attacked/src/one.h", "int one();\n");
  const auto next = skein.run({"docs"}, place);
  EXPECT_EQ(next.exit_code, 0) << next.err << next.out;
  const auto after = site_of(place);
  EXPECT_TRUE(after.contains("files/src/one.h.html"));
  for (const auto& [path, bytes] : after) EXPECT_FALSE(path.ends_with(".skein-tmp")) << path;
}

}  // namespace
}  // namespace skein
