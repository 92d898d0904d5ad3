#include "cache/tiered_results.h"

#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "base/random.h"
#include "cache/flight.h"
#include "support/redis_server.h"

namespace skein::cache {
namespace {

using engine::StoredResult;

struct Heard final : CacheObserver {
  std::vector<std::string> notes;
  void on_note(std::string_view, const std::string& line) override { notes.push_back(line); }
};

StoredResult result_of(engine::ResultStore& store, const std::string& name, const std::string& output) {
  StoredResult result;
  result.declared = result.key = sha256(name);
  result.outputs = {store.put_blob(output).value()};
  result.agent = "a@1.0";
  result.step = name;
  return result;
}

/// A disk that fills up when it is told.
class FullDisk final : public engine::ResultStore {
 public:
  engine::MemoryResults inner;
  bool full = false;
  Result<std::vector<StoredResult>> find(const Digest& declared) override { return inner.find(declared); }
  Status put(const StoredResult& result) override { return full ? Status(none()) : inner.put(result); }
  Status forget(const Digest& key) override { return inner.forget(key); }
  Result<Digest> put_blob(std::string_view bytes) override {
    if (full) return none();
    return inner.put_blob(bytes);
  }
  Result<std::string> get_blob(const Digest& digest) override { return inner.get_blob(digest); }
  Status flush() override { return full ? Status(none()) : Status(); }

 private:
  static std::unexpected<Error> none() { return fail(Code::resource_exhausted, "no space left on device"); }
};

TEST(TieredResults, GoOnWithoutTheDiskOnceItIsFullAndSaySoOnce) {
  FullDisk disk;
  Heard heard;
  TieredResults tiers(disk, nullptr, nullptr, &heard, {});
  const auto before = result_of(tiers, "before", "1");
  ASSERT_TRUE(tiers.put(before));
  disk.full = true;
  ASSERT_TRUE(tiers.flush());
  const auto after = result_of(tiers, "after", "2");
  ASSERT_TRUE(tiers.put(after));
  ASSERT_TRUE(tiers.flush());
  for (const auto* result : {&before, &after}) EXPECT_EQ(tiers.find(result->declared)->size(), 1u);
  EXPECT_EQ(tiers.get_blob(before.outputs[0]).value(), "1");
  EXPECT_EQ(tiers.get_blob(after.outputs[0]).value(), "2");
  EXPECT_EQ(heard.notes.size(), 1u);
  ASSERT_TRUE(tiers.forget(after.key));
  EXPECT_TRUE(tiers.find(after.declared)->empty());
}

TEST(TieredResults, AnotherWorkspaceTakesFromTheTeamWhatOneMadeAndThenHasItItself) {
  const SystemClock clock;
  test::RedisServer server;
  SharedTierOptions options;
  options.address = parse_shared_address(server.url()).value();
  options.time_limit = Millis(5000);
  options.breaker.budget = Millis(30'000);
  for (const auto writes : {SharedWrites::back, SharedWrites::through, SharedWrites::none}) {
    options.prefix = "p" + std::to_string(static_cast<int>(writes));
    SharedTier near(clock, options, nullptr);
    SharedTier far(clock, options, nullptr);
    engine::MemoryResults disk_one;
    engine::MemoryResults disk_two;
    MemoryTier memory(clock, {.capacity = 1 << 20});
    TieredResults one(disk_one, nullptr, &near, nullptr, {.writes = writes});
    TieredResults two(disk_two, &memory, &far, nullptr, {});
    const auto made = result_of(one, "r", "some output");
    ASSERT_TRUE(one.put(made));
    EXPECT_EQ(two.find(made.declared)->size(), writes == SharedWrites::through ? 1u : 0u);
    memory.clear();  // It remembers for a while that the team had nothing.
    ASSERT_TRUE(one.flush());
    const auto found = two.find(made.declared).value();
    ASSERT_EQ(found.size(), writes == SharedWrites::none ? 0u : 1u);
    if (found.empty()) continue;
    EXPECT_EQ(two.get_blob(made.outputs[0]).value(), "some output");
    EXPECT_EQ(two.promoted(), 1);
    EXPECT_EQ(disk_two.find(made.declared)->size(), 1u) << "promoted";
    EXPECT_EQ(disk_two.get_blob(made.outputs[0]).value(), "some output");
  }
}

TEST(TieredResults, WhatTheTeamDidNotHaveIsNotAskedForAgainUntilItsTimeIsOver) {
  SimClock clock;
  const SystemClock real;
  test::RedisServer server;
  SharedTierOptions options;
  options.address = parse_shared_address(server.url()).value();
  options.time_limit = Millis(5000);
  SharedTier shared(real, options, nullptr);
  engine::MemoryResults disk;
  MemoryTier memory(clock, {.capacity = 1 << 20});
  TieredResults tiers(disk, &memory, &shared, nullptr, {.negative_ttl = std::chrono::seconds(30)});
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(tiers.find(sha256("x"))->empty());
  EXPECT_EQ(shared.counts().misses, 1);
  clock.advance(std::chrono::seconds(31));
  EXPECT_TRUE(tiers.find(sha256("x"))->empty());
  EXPECT_EQ(shared.counts().misses, 2);
}

TEST(TieredResults, AResultThatHoldsASecretIsNotShared) {
  const SystemClock clock;
  test::RedisServer server;
  SharedTierOptions options;
  options.address = parse_shared_address(server.url()).value();
  options.time_limit = Millis(5000);
  SharedTier shared(clock, options, nullptr);
  engine::MemoryResults disk;
  TieredResults tiers(disk, nullptr, &shared, nullptr, {});
  const std::string secret = "key = \"ghp_" + std::string("16C7e42F292c6912E7710c838347Ae178B4a") + "\"";
  ASSERT_TRUE(tiers.put(result_of(tiers, "private", secret)));
  ASSERT_TRUE(tiers.put(result_of(tiers, "public", "nothing")));
  ASSERT_TRUE(tiers.flush());
  EXPECT_TRUE(shared.find(sha256("private")).empty());
  EXPECT_EQ(shared.find(sha256("public")).size(), 1u);
}

namespace {

struct MovedClock final : Clock {
  WallTime at{std::chrono::hours(24 * 365 * 50)};
  [[nodiscard]] Instant now() const override { return Instant(at.time_since_epoch()); }
  [[nodiscard]] WallTime wall() const override { return at; }
};

std::vector<Namespace> aging() {
  return parse_namespaces(
             "[[namespace]]\nname='lists'\nagents=['brief']\nttl='10m'\n"
             "[[namespace]]\nname='moment'\nagents=['moment']\ntier='memory'\n"
             "[[namespace]]\nname='near'\nagents=['near']\ntier='disk'\nmemory_ttl='1m'\n"
             "[[namespace]]\nname='rest'\nagents=['*']\n")
      .value();
}

StoredResult made_by(engine::ResultStore& store, const std::string& agent, const std::string& name, WallTime at) {
  StoredResult result = result_of(store, name, "output of " + name);
  result.agent = agent + "@1.0";
  result.made = at;
  return result;
}

}  // namespace

TEST(TieredResults, WhatIsNotKeyedByContentEndsAtItsNamespacesAgeAndWhenAClockWentBack) {
  const auto namespaces = aging();
  MovedClock clock;
  engine::MemoryResults disk;
  TieredResults tiers(disk, nullptr, nullptr, nullptr, {.namespaces = &namespaces, .clock = &clock});
  const auto brief = made_by(tiers, "brief", "b", clock.at);
  const auto rest = made_by(tiers, "anything", "r", clock.at);
  ASSERT_TRUE(tiers.put(brief));
  ASSERT_TRUE(tiers.put(rest));
  clock.at += std::chrono::minutes(9);
  EXPECT_EQ(tiers.find(brief.declared)->size(), 1u);
  clock.at += std::chrono::minutes(1);
  EXPECT_TRUE(tiers.find(brief.declared)->empty());
  EXPECT_TRUE(disk.find(brief.declared)->empty()) << "it is not only not used: it is gone";
  EXPECT_EQ(tiers.find(rest.declared)->size(), 1u) << "content does not age";
  EXPECT_EQ(tiers.counts().at("disk").expired, 1);

  const auto future = made_by(tiers, "brief", "f", clock.at + std::chrono::hours(1));
  ASSERT_TRUE(tiers.put(future));
  EXPECT_TRUE(tiers.find(future.declared)->empty()) << "a clock went back: nobody knows its age";
}

TEST(TieredResults, ANamespaceOfMemoryLeavesNothingOnDisk) {
  const auto namespaces = aging();
  engine::MemoryResults disk;
  TieredResults tiers(disk, nullptr, nullptr, nullptr, {.namespaces = &namespaces});
  const auto output = tiers.put_output("moment", "bytes").value();
  StoredResult result;
  result.declared = result.key = sha256("m");
  result.outputs = {output};
  result.agent = "moment@1.0";
  ASSERT_TRUE(tiers.put(result));
  EXPECT_EQ(tiers.find(result.declared)->size(), 1u);
  EXPECT_EQ(tiers.get_blob(output).value(), "bytes");
  EXPECT_TRUE(disk.find(result.declared)->empty());
  EXPECT_FALSE(disk.get_blob(output));
}

TEST(TieredResults, CopiesInMemoryEndAtTheirNamespacesTime) {
  const auto namespaces = aging();
  MovedClock clock;
  engine::MemoryResults disk;
  MemoryTier memory(clock, {.capacity = 1 << 20});
  TieredResults tiers(disk, &memory, nullptr, nullptr, {.namespaces = &namespaces, .clock = &clock});
  const auto near = made_by(tiers, "near", "n", clock.at);
  ASSERT_TRUE(tiers.put(near));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(tiers.get_blob(near.outputs[0]));
  const auto hits = memory.counts().hits;
  EXPECT_GT(hits, 0);
  clock.at += std::chrono::minutes(2);
  ASSERT_TRUE(tiers.get_blob(near.outputs[0]));
  EXPECT_EQ(memory.counts().hits, hits);
  EXPECT_EQ(memory.counts().expired, 1);
}

TEST(TieredResults, WhatOneWorkspaceMadeAnotherOfTheUserTakes) {
  const auto namespaces = aging();
  engine::MemoryResults user, disk_one, disk_two;
  TieredResults one(disk_one, nullptr, nullptr, nullptr, {.user = &user, .namespaces = &namespaces});
  TieredResults two(disk_two, nullptr, nullptr, nullptr, {.user = &user, .namespaces = &namespaces});
  const auto result = result_of(one, "step", "output");
  ASSERT_TRUE(one.put(result));
  ASSERT_TRUE(one.flush());
  EXPECT_EQ(two.find(result.declared)->size(), 1u);
  EXPECT_EQ(two.promoted(), 1);
  EXPECT_EQ(disk_two.get_blob(result.outputs[0]).value(), "output") << "and has it itself from then on";
  EXPECT_EQ(two.counts().at("user").hits, 1);
}

TEST(TieredResults, EqualAMapWithExpiryForAnySequenceOfOperations) {
  const auto namespaces = aging();
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SeededRandom random(seed);
    MovedClock clock;
    engine::MemoryResults disk, user;
    MemoryTier memory(clock, {.capacity = 1 << 16});
    const bool has_user = random.chance(0.5);
    TieredResults tiers(disk, random.chance(0.5) ? &memory : nullptr, nullptr, nullptr,
                        {.user = has_user ? &user : nullptr, .namespaces = &namespaces, .clock = &clock});
    struct Known {
      std::string output;
      std::optional<WallTime> until;
      WallTime made;
    };
    std::map<std::string, Known> model;
    const std::vector<std::string> agents{"brief", "moment", "near", "other"};
    for (int i = 0; i < 300; ++i) {
      const auto agent = agents[random.below(agents.size())];
      const std::string name = agent + std::to_string(random.below(6));
      const auto declared = sha256(name);
      switch (random.below(5)) {
        case 0: {
          const std::string output = "v" + std::to_string(random.below(1000));
          StoredResult result;
          result.declared = result.key = declared;
          result.outputs = {tiers.put_output(agent, output).value()};
          result.agent = agent + "@1.0";
          result.made = clock.at;
          ASSERT_TRUE(tiers.put(result));
          std::optional<WallTime> until;
          if (agent == "brief") until = clock.at + std::chrono::minutes(10);
          model[name] = {output, until, clock.at};
          break;
        }
        case 1:
          ASSERT_TRUE(tiers.forget(declared));
          model.erase(name);
          break;
        case 2:
          ASSERT_TRUE(tiers.flush());
          break;
        case 3:
          clock.at += std::chrono::seconds(random.below(300));
          break;
        default: {
          const auto known = model.find(name);
          const bool alive = known != model.end() && (!known->second.until || clock.at < *known->second.until);
          const auto found = tiers.find(declared).value();
          ASSERT_EQ(!found.empty(), alive) << "seed " << seed << " step " << i << " " << name;
          if (alive) {
            ASSERT_EQ(tiers.get_blob(found.front().outputs[0]).value(), known->second.output) << "seed " << seed;
          }
        }
      }
    }
  }
}

TEST(Flight, OneMakesAValueAndTheOthersFindIt) {
  test::ScratchTree folder;
  std::atomic<int> made = 0;
  std::atomic<int> inside = 0;
  std::atomic<bool> met = false;
  std::mutex mutex;
  bool is_there = false;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([&] {
      const auto claim = take_flight({.folder = folder.root()}, sha256("v"), {});
      if (++inside > 1) met = true;
      {
        const std::scoped_lock lock(mutex);
        if (!is_there) ++made;
        is_there = true;
      }
      --inside;
    });
  threads.clear();
  EXPECT_EQ(made, 1);
}

TEST(Flight, IsNotWaitedForLongerThanItsBoundNorAfterAStop) {
  test::ScratchTree folder;
  const auto held = take_flight({.folder = folder.root()}, sha256("v"), {});
  EXPECT_FALSE(held->waited());
  const auto late = take_flight({.folder = folder.root(), .longest = Millis(1)}, sha256("v"), {});
  EXPECT_TRUE(late->waited());
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(take_flight({.folder = folder.root()}, sha256("v"), stop.get_token())->waited());
  EXPECT_FALSE(take_flight({.folder = folder.root()}, sha256("w"), {})->waited());
}

}  // namespace
}  // namespace skein::cache
