#include "base/file_watch.h"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "base/platform/inotify_watch.h"
#include "support/scratch_tree.h"

namespace skein {
namespace {

using Kind = WatchedChange::Kind;

/// Gives what it was told to give, at times of its own.
class ScriptedWatch final : public FileWatch {
 public:
  struct Event {
    Millis at;
    std::vector<WatchedChange> changes;
  };
  explicit ScriptedWatch(std::deque<Event> events) : events_(std::move(events)) {}
  Result<std::vector<WatchedChange>> wait(std::optional<Instant> deadline, const std::stop_token&) override {
    if (events_.empty() || (deadline && start_ + events_.front().at > *deadline)) {
      if (!deadline) return fail(Code::io, "nothing more will come");
      now_ = *deadline;
      return std::vector<WatchedChange>{};
    }
    now_ = std::max(now_, start_ + events_.front().at);
    auto changes = std::move(events_.front().changes);
    events_.pop_front();
    return changes;
  }
  Instant now() const override { return now_; }

 private:
  Instant start_{};
  Instant now_{};
  std::deque<Event> events_;
};

TEST(NextBurst, GathersWhatComesTogetherAndEndsWhenItIsQuiet) {
  ScriptedWatch watch({{Millis(10), {{Kind::written, "b"}}},
                       {Millis(50), {{Kind::written, "a"}, {Kind::removed, "b"}}},
                       {Millis(900), {{Kind::written, "c"}}}});
  const auto first = next_burst(watch, {}, {});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->changes, (std::vector<WatchedChange>{{Kind::written, "a"}, {Kind::removed, "b"}}));
  const auto second = next_burst(watch, {}, {});
  ASSERT_TRUE(second);
  EXPECT_EQ(second->changes.size(), 1u);
}

TEST(NextBurst, EndsAfterItsLongestHoweverMuchComes) {
  std::deque<ScriptedWatch::Event> events;
  for (int i = 0; i < 100; ++i) events.push_back({Millis(100 * i), {{Kind::written, "f" + std::to_string(i)}}});
  ScriptedWatch watch(events);
  const auto burst = next_burst(watch, {.quiet = Millis(150), .longest = Millis(1'000)}, {});
  ASSERT_TRUE(burst);
  EXPECT_EQ(burst->changes.size(), 11u);
}

TEST(NextBurst, WhatDoesNotMatterBeginsNothing) {
  ScriptedWatch watch({{Millis(10), {{Kind::written, "noise"}}}, {Millis(500), {{Kind::written, "a"}}}});
  const auto burst = next_burst(watch, {}, {}, [](const WatchedChange& change) { return change.path != "noise"; });
  ASSERT_TRUE(burst);
  EXPECT_EQ(burst->changes, (std::vector<WatchedChange>{{Kind::written, "a"}}));
}

TEST(NextBurst, AnOverflowIsSaid) {
  ScriptedWatch watch({{Millis(10), {{Kind::overflow, ""}}}});
  const auto burst = next_burst(watch, {}, {});
  ASSERT_TRUE(burst);
  EXPECT_TRUE(burst->overflow);
}

TEST(NextBurst, ABrokenWatchIsAnError) {
  ScriptedWatch watch({});
  EXPECT_FALSE(next_burst(watch, {}, {}));
}

/// Reads until `path` was seen, or nothing came for two seconds.
bool sees(FileWatch& watch, const WatchedChange& wanted) {
  for (int i = 0; i < 50; ++i) {
    const auto changes = watch.wait(std::chrono::steady_clock::now() + Millis(2'000), {});
    if (!changes || changes->empty()) return false;
    if (std::ranges::find(*changes, wanted) != changes->end()) return true;
  }
  return false;
}

TEST(InotifyWatch, TellsOfFilesInOldNewRenamedAndMadeAgainFolders) {
  test::ScratchTree tree;
  tree.write("src/a.py", "1\n");
  tree.make_folder("skipped");
  auto watch = watch_folder(tree.root(), {.skip = [](std::string_view folder) { return folder == "skipped"; }});
  ASSERT_TRUE(watch) << watch.error().to_string();
  tree.write("skipped/no.py", "1\n");
  tree.write("src/a.py", "2\n");
  EXPECT_TRUE(sees(**watch, {Kind::written, "src/a.py"}));
  tree.make_folder("new/deep");
  EXPECT_TRUE(sees(**watch, {Kind::written, "new"}));
  tree.write("new/deep/b.py", "1\n");
  EXPECT_TRUE(sees(**watch, {Kind::written, "new/deep/b.py"}));
  std::filesystem::rename(tree.path("new"), tree.path("moved"));
  EXPECT_TRUE(sees(**watch, {Kind::written, "moved"}));
  tree.write("moved/deep/c.py", "1\n");
  EXPECT_TRUE(sees(**watch, {Kind::written, "moved/deep/c.py"}));
  tree.remove("src");
  EXPECT_TRUE(sees(**watch, {Kind::removed, "src"}));
  tree.make_folder("src");
  EXPECT_TRUE(sees(**watch, {Kind::written, "src"}));
  tree.write("src/d.py", "1\n");
  EXPECT_TRUE(sees(**watch, {Kind::written, "src/d.py"}));
}

TEST(InotifyWatch, AStopEndsTheWait) {
  test::ScratchTree tree;
  auto watch = watch_folder(tree.root());
  ASSERT_TRUE(watch);
  std::stop_source stop;
  const std::jthread stopper([&] { stop.request_stop(); });
  const auto changes = (*watch)->wait({}, stop.get_token());
  ASSERT_TRUE(changes);
  EXPECT_TRUE(changes->empty());
}

TEST(InotifyWatch, AFolderThatIsNotThereIsAnError) { EXPECT_FALSE(watch_folder("/no/such/folder")); }

}  // namespace
}  // namespace skein
