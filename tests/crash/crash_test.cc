// Kills a real process: at random instants, at every write it makes, and by a disk that is full. What it had said to be
// durable must be there, and a run that is begun again must end with the same bytes and do nothing durable twice.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <set>

#include "base/random.h"
#include "store/store.h"
#include "support/scratch_tree.h"

extern char** environ;  // NOLINT: POSIX declares it in no header.

namespace skein {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

struct Ended {
  int status = 0;  // As waitpid gives it.
  std::set<std::string> did;
  std::set<std::string> acknowledged;
  std::string done;
  std::string failed;
  std::uint64_t operations = 0;
  microseconds took{};
};

void take_line(Ended& ended, const std::string& line) {
  const auto space = line.find(' ');
  const auto what = line.substr(0, space);
  const auto value = space == std::string::npos ? "" : line.substr(space + 1);
  if (what == "did") ended.did.insert(value);
  if (what == "ack") ended.acknowledged.insert(value);
  if (what == "done") ended.done = value;
  if (what == "failed") ended.failed = value;
  if (what == "operations") ended.operations = std::strtoull(value.c_str(), nullptr, 10);
}

/// Runs the worker to its end, or kills it after `kill_after`.
Ended run_worker(const std::vector<std::string>& arguments, std::optional<microseconds> kill_after = {}) {
  int ends[2];
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  std::vector<std::string> words{SKEIN_CRASH_WORKER};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  const auto start = steady_clock::now();
  EXPECT_EQ(::posix_spawn(&child, SKEIN_CRASH_WORKER, &actions, nullptr, argv.data(), environ), 0);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  Ended ended;
  std::string text;
  bool killed = false;
  while (true) {
    timespec wait{60, 0};
    if (kill_after && !killed) {
      const auto left = std::max(microseconds(0),
                                 std::chrono::duration_cast<microseconds>(start + *kill_after - steady_clock::now()));
      wait = {left.count() / 1'000'000, left.count() % 1'000'000 * 1'000};
      if (left.count() == 0) {
        ::kill(child, SIGKILL);
        killed = true;
        continue;
      }
    }
    pollfd waiting{ends[0], POLLIN, 0};
    if (::ppoll(&waiting, 1, &wait, nullptr) <= 0) {
      if (kill_after && !killed) continue;
      ADD_FAILURE() << "the worker says nothing for a minute";
      ::kill(child, SIGKILL);
      break;
    }
    char buffer[65536];
    const ssize_t size = ::read(ends[0], buffer, sizeof buffer);
    if (size <= 0) break;
    text.append(buffer, static_cast<std::size_t>(size));
  }
  ::close(ends[0]);
  EXPECT_EQ(::waitpid(child, &ended.status, 0), child);
  ended.took = std::chrono::duration_cast<microseconds>(steady_clock::now() - start);
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
    take_line(ended, text.substr(at, end - at));
  return ended;
}

/// Every acknowledged blob is in the store.
void expect_kept(const std::string& folder, const std::set<std::string>& acknowledged) {
  const auto files = make_system_file_system();
  auto store = store::Store::open(*files, folder, {});
  ASSERT_TRUE(store) << store.error().to_string();
  for (const auto& digest : acknowledged) {
    const auto bytes = (*store)->get_blob(*Digest::parse(digest));
    ASSERT_TRUE(bytes) << bytes.error().to_string();
    EXPECT_EQ(sha256(*bytes).hex(), digest);
  }
}

TEST(Crash, KilledAtAnyInstantARunLosesNothingItAcknowledgedAndGoesOn) {
  const char* wanted = std::getenv("SKEIN_CRASH_KILLS");
  const int kills = wanted != nullptr ? std::atoi(wanted) : 50;
  const std::string steps = "300";
  const test::ScratchTree whole;
  const Ended expected = run_worker({whole.root(), steps});
  ASSERT_NE(expected.done, "") << expected.failed;
  ASSERT_EQ(expected.did.size(), 300u);

  SeededRandom random(1);
  int done = 0;
  int in_time = 0;
  while (done < kills) {
    const test::ScratchTree folder;
    std::set<std::string> acknowledged;
    for (int i = 0; i < 5 && done < kills; ++i, ++done) {
      // What is known already is not done again: a later run is as much shorter.
      const auto left = static_cast<std::uint64_t>(expected.took.count()) *
                        (300 - std::min<std::size_t>(acknowledged.size(), 290)) / 300;
      const auto after = microseconds(random.below(left));
      const Ended killed = run_worker({folder.root(), steps}, after);
      in_time += WIFSIGNALED(killed.status) ? 1 : 0;
      acknowledged.insert(killed.acknowledged.begin(), killed.acknowledged.end());
      expect_kept(folder.root(), acknowledged);
      if (::testing::Test::HasFatalFailure()) return;
    }
    const Ended resumed = run_worker({folder.root(), steps});
    ASSERT_EQ(resumed.done, expected.done) << resumed.failed;
    // A step whose result was acknowledged is found, not done: 300 in all, without the acknowledged ones.
    EXPECT_LE(resumed.did.size() + acknowledged.size(), 300u);
    const Ended again = run_worker({folder.root(), steps});
    EXPECT_EQ(again.did.size(), 0u);
    EXPECT_EQ(again.done, expected.done);
  }
  EXPECT_GT(in_time, kills / 4) << "most runs had ended before they were killed";
}

TEST(Crash, KilledInEachOfItsWritesARunGoesOn) {
  const std::string steps = "60";
  std::string expected;
  std::uint64_t operations = 0;
  {
    const test::ScratchTree whole;
    const Ended ended = run_worker({whole.root(), steps});
    expected = ended.done;
    operations = ended.operations;
  }
  ASSERT_NE(expected, "");
  ASSERT_GT(operations, 10u);
  for (std::uint64_t at = 1; at <= operations; ++at) {
    const test::ScratchTree folder;
    const Ended killed = run_worker({folder.root(), steps, "die-at", std::to_string(at)});
    expect_kept(folder.root(), killed.acknowledged);
    if (::testing::Test::HasFatalFailure()) return;
    const Ended resumed = run_worker({folder.root(), steps});
    ASSERT_EQ(resumed.done, expected) << "killed in operation " << at << ": " << resumed.failed;
    EXPECT_LE(resumed.did.size() + killed.acknowledged.size(), 60u);
  }
}

TEST(Crash, OnAFullDiskARunSaysSoAndGoesOnWhenThereIsRoom) {
  const std::string steps = "200";
  std::string expected;
  {
    const test::ScratchTree whole;
    expected = run_worker({whole.root(), steps}).done;
  }
  ASSERT_NE(expected, "");
  for (const auto* limit : {"0", "10", "5000", "20000", "60000", "100000"}) {
    const test::ScratchTree folder;
    const Ended full = run_worker({folder.root(), steps, "file-limit", limit});
    ASSERT_TRUE(WIFEXITED(full.status)) << "it must not die of it, limit " << limit;
    EXPECT_EQ(WEXITSTATUS(full.status), 1) << limit;
    EXPECT_NE(full.failed, "") << limit;
    expect_kept(folder.root(), full.acknowledged);
    if (::testing::Test::HasFatalFailure()) return;
    const Ended resumed = run_worker({folder.root(), steps});
    EXPECT_EQ(resumed.done, expected) << resumed.failed;
  }
}

}  // namespace
}  // namespace skein
