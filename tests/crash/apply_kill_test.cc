// `skein apply` and `skein undo`, killed at random instants: the next command leaves the files as they were before, or
// as they are after, and nothing between.
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/platform/confinement.h"
#include "base/random.h"
#include "docs/site_faults_support.h"
#include "e2e/skein_program.h"
#include "support/killed_program.h"

namespace skein {
namespace {

namespace fs = std::filesystem;
using std::chrono::microseconds;
using std::chrono::steady_clock;

int kills() {
  const char* wanted = std::getenv("SKEIN_CRASH_KILLS");
  return wanted == nullptr ? 50 : std::max(1, std::atoi(wanted));
}

class ApplyUnderAttack : public testing::Test {
 protected:
  void SetUp() override {
    // A kernel may forbid user namespaces: then skein runs no agents and `skein doctor` says so, so nothing is to be
    // tried.
    if (const auto able = can_confine(); !able) GTEST_SKIP() << able.error().to_string();
    for (int i = 0; i < 60; ++i) skein_.workspace.write(fmt::format("src/f{}.txt", i), fmt::format("before {}\n", i));
    skein_.workspace.write(".skein/agents/a.toml", R"(id = "a"
version = "1.0.0"
description = "d"
backend = "process"
command = ["sh", "-c", '''
for i in $(seq 0 29); do echo after > src/f$i.txt; done
for i in $(seq 30 44); do rm src/f$i.txt; done
mkdir new src/deep; for i in $(seq 20); do echo $i > new/n$i; echo $i > src/deep/d$i; done
chmod +x src/f50.txt; ln -s f50.txt src/link''']
)");
    ASSERT_EQ(skein_.run({"trust", "--yes"}).exit_code, 0);
  }
  /// Every file of the user's, with what decides: bytes, mode, where a link leads.
  [[nodiscard]] std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(skein_.workspace.root())) {
      const auto path = entry.path().lexically_relative(skein_.workspace.root()).string();
      if (path.starts_with(".skein")) continue;
      if (entry.is_symlink())
        all[path] = "-> " + fs::read_symlink(entry.path()).string();
      else if (entry.is_regular_file())
        all[path] =
            fmt::format("{:o} {}", static_cast<unsigned>(entry.status().permissions()), skein_.workspace.read(path));
    }
    return all;
  }
  /// How long a command takes that nobody disturbs.
  microseconds calm(const std::vector<std::string>& words) const {
    const auto begun = steady_clock::now();
    const auto outcome = skein_.run(words);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return std::chrono::duration_cast<microseconds>(steady_clock::now() - begun);
  }
  test::SkeinProgram skein_;
};

TEST_F(ApplyUnderAttack, FilesAreAsBeforeOrAsAfterAndNothingBetween) {
  const auto made = skein_.run({"run", "x", "--agent", "a", "--accept", "never", "--json"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const std::string run = nlohmann::json::parse(made.out)["run_id"];
  const auto before = files();
  const auto apply_takes = calm({"apply", run});
  const auto after = files();
  const auto undo_takes = calm({"undo", run, "--yes"});
  ASSERT_EQ(files(), before);
  SeededRandom random(20261125);
  int died = 0, finished_later = 0;
  bool applied = false;
  for (int i = 0; i < kills(); ++i) {
    const std::vector<std::string> words = applied ? std::vector<std::string>{SKEIN_PROGRAM, "undo", run, "--yes"}
                                                   : std::vector<std::string>{SKEIN_PROGRAM, "apply", run};
    const auto limit = applied ? undo_takes : apply_takes;
    const auto instant =
        microseconds(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(limit.count()) + 2000)));
    const int status =
        test::kill_after(test::start_silently(words, skein_.workspace.root(), skein_.home.root()), instant);
    died += WIFSIGNALED(status);
    const auto left = files();
    // Any command finishes what was decided, also one that only shows.
    static_cast<void>(skein_.run({"runs", "list"}));
    const auto now = files();
    ASSERT_TRUE(now == before || now == after) << "after kill " << i << " at " << instant.count() << " us";
    finished_later += now != left;
    applied = now == after;
  }
  EXPECT_GT(died, kills() / 10);
  std::cout << died << " died, " << finished_later << " were finished by the next command\n";
  if (applied) {
    EXPECT_EQ(skein_.run({"undo", run, "--yes"}).exit_code, 0);
  }
  EXPECT_EQ(files(), before);
}

}  // namespace
}  // namespace skein
