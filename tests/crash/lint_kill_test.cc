// `skein docs lint --fix` of many pages, killed at random instants: each page is as before or as after, and after the
// next skein opened the workspace's state all are alike.
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "e2e/skein_program.h"
#include "support/killed_program.h"

namespace skein {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

constexpr int kPages = 40;

class LintUnderAttack : public testing::Test {
 protected:
  static std::string page(int i) { return fmt::format("docs/page{}.md", i); }
  static std::string before(int i) { return fmt::format("# Page {}\n\nSee `src/scheduler.cc:1`.\n{}\n", i, filler()); }
  static std::string after(int i) {
    return fmt::format("# Page {}\n\nSee `src/deep/scheduler.cc:1`.\n{}\n", i, filler());
  }
  static std::string filler() { return std::string(20'000, 'x'); }
  void make_stale() {
    for (int i = 0; i < kPages; ++i) skein.workspace.write(page(i), before(i));
  }
  /// How many pages are fixed; each is one or the other.
  int fixed() {
    int count = 0;
    for (int i = 0; i < kPages; ++i) {
      const std::string text = skein.workspace.read(page(i));
      if (text == after(i))
        ++count;
      else
        EXPECT_EQ(text, before(i)) << page(i) << " is neither the old nor the new one";
    }
    return count;
  }
  test::SkeinProgram skein;
};

int kills() {
  const char* wanted = std::getenv("SKEIN_CRASH_KILLS");
  return wanted == nullptr ? 20 : std::max(1, std::atoi(wanted) / 10);
}

TEST_F(LintUnderAttack, KilledAtAnyInstantAllPagesAreOldOrAllAreNew) {
  skein.workspace.write("src/deep/scheduler.cc", "int a;\n");
  make_stale();
  const auto started = steady_clock::now();
  ASSERT_EQ(skein.run({"docs", "lint", "--fix"}).exit_code, 0);
  const auto whole = std::chrono::duration_cast<microseconds>(steady_clock::now() - started);
  ASSERT_EQ(fixed(), kPages);
  SeededRandom random(20261129);
  int killed = 0;
  for (int i = 0; i < kills(); ++i) {
    SCOPED_TRACE("kill " + std::to_string(i));
    make_stale();
    const auto limit = microseconds(random.below(static_cast<std::uint64_t>(whole.count())));
    const auto process =
        test::start_silently({SKEIN_PROGRAM, "docs", "lint", "--fix"}, skein.workspace.root(), skein.home.root());
    if (WIFSIGNALED(test::kill_after(process, limit))) ++killed;
    (void)fixed();
    // What opens the state ends what was begun; then nothing stale is left to find, or all of it.
    const auto next = skein.run({"docs", "lint", "--fix"});
    ASSERT_EQ(next.exit_code, 0) << next.err;
    ASSERT_EQ(fixed(), kPages);
  }
  EXPECT_GE(killed, kills() / 4) << "most runs ended before they were killed";
}

}  // namespace
}  // namespace skein
