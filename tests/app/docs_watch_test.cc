#include "app/docs_watch.h"

#include <gtest/gtest.h>

namespace skein::app {
namespace {

using Kind = WatchedChange::Kind;

/// One burst for each list, then a stop.
class ListedWatch final : public FileWatch {
 public:
  ListedWatch(std::vector<std::vector<WatchedChange>>& bursts, std::stop_source& stop) : bursts_(bursts), stop_(stop) {}
  Result<std::vector<WatchedChange>> wait(std::optional<Instant> deadline, const std::stop_token&) override {
    if (deadline) {
      now_ = *deadline;
      return std::vector<WatchedChange>{};
    }
    if (bursts_.empty()) {
      stop_.request_stop();
      return std::vector<WatchedChange>{};
    }
    auto next = std::move(bursts_.front());
    bursts_.erase(bursts_.begin());
    return next;
  }
  Instant now() const override { return now_; }

 private:
  std::vector<std::vector<WatchedChange>>& bursts_;
  std::stop_source& stop_;
  Instant now_{};
};

struct Heard final : engine::Observer {
  void on(const engine::Event& event) override {
    if (const auto* changed = std::get_if<engine::FileChanged>(&event))
      all.push_back(std::string(changed->change) + " " + std::string(changed->path));
  }
  std::vector<std::string> all;
};

TEST(WatchRounds, BeginAtOnceAndAfterEachBurstAndTellOfChanges) {
  std::vector<std::vector<WatchedChange>> bursts{
      {{Kind::written, "a.py"}}, {{Kind::overflow, ""}}, {{Kind::written, ".gitignore"}, {Kind::removed, "b.py"}}};
  std::stop_source stop;
  int opened = 0;
  int rounds = 0;
  Heard heard;
  WatchLoop loop;
  loop.open = [&]() -> Result<std::unique_ptr<FileWatch>> {
    ++opened;
    return std::make_unique<ListedWatch>(bursts, stop);
  };
  loop.round = [&](const Burst&) -> Status {
    ++rounds;
    return {};
  };
  loop.failed = [](const Error&) {};
  loop.observers = {&heard};
  ASSERT_TRUE(watch_rounds(loop, stop.get_token()));
  EXPECT_EQ(rounds, 4);
  EXPECT_EQ(opened, 3);  // Anew after the overflow and after the ignore rules.
  EXPECT_EQ(heard.all, (std::vector<std::string>{"written a.py", "overflow ", "written .gitignore", "removed b.py"}));
}

TEST(WatchRounds, GoOnAfterARoundThatFailed) {
  std::vector<std::vector<WatchedChange>> bursts{{{Kind::written, "a.py"}}, {{Kind::written, "a.py"}}};
  std::stop_source stop;
  int rounds = 0;
  std::vector<std::string> errors;
  WatchLoop loop;
  loop.open = [&]() -> Result<std::unique_ptr<FileWatch>> { return std::make_unique<ListedWatch>(bursts, stop); };
  loop.round = [&](const Burst&) -> Status {
    if (++rounds == 2) return fail(Code::unavailable, "locked");
    return {};
  };
  loop.failed = [&](const Error& error) { errors.push_back(error.message()); };
  ASSERT_TRUE(watch_rounds(loop, stop.get_token()));
  EXPECT_EQ(rounds, 3);
  EXPECT_EQ(errors, std::vector<std::string>{"locked"});
}

TEST(WatchRounds, GitsAndSkeinsOwnFilesDoNotMatterButACheckoutDoes) {
  for (const auto* path : {".git/HEAD", ".git/index", "src/a.py", ".gitignore", ".github/x.yml"})
    EXPECT_TRUE(matters_to_docs({Kind::written, path})) << path;
  for (const auto* path :
       {".git/index.lock", ".git/objects/ab", ".skein/docs/index.html", "a/.#b.py", "a.py.swp", "a~"})
    EXPECT_FALSE(matters_to_docs({Kind::written, path})) << path;
}

}  // namespace
}  // namespace skein::app
