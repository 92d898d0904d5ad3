#include "cache/memory_tier.h"

#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "support/cache_traces.h"

namespace skein::cache {
namespace {

constexpr Policy kPolicies[] = {Policy::worth, Policy::s3_fifo, Policy::lru};

CacheKey key_of(std::uint64_t number, std::uint32_t space = 0) { return {sha256(std::to_string(number)), space}; }
CacheBytes bytes_of(std::string text) { return std::make_shared<const std::string>(std::move(text)); }
constexpr std::uint64_t entry(std::uint64_t bytes) { return MemoryShard::kEntryBytes + bytes; }

/// A clock that goes wherever it is told, also back.
class AnyClock final : public Clock {
 public:
  Instant at{std::chrono::hours(5)};
  [[nodiscard]] Instant now() const override { return at; }
  [[nodiscard]] WallTime wall() const override { return WallTime(); }
};

class Tier : public ::testing::TestWithParam<Policy> {
 protected:
  MemoryTier tier(std::uint64_t capacity) {
    return {clock_, {.capacity = capacity, .policy = GetParam(), .shards = 1}};
  }
  AnyClock clock_;
};
INSTANTIATE_TEST_SUITE_P(OfEachPolicy, Tier, ::testing::ValuesIn(kPolicies), [](const auto& one) {
  return one.param == Policy::worth ? "Worth" : one.param == Policy::lru ? "Lru" : "S3Fifo";
});

TEST_P(Tier, GivesBackWhatWasPutAndKeepsSpacesApart) {
  auto memory = tier(10'000);
  memory.put(key_of(1), {bytes_of("one"), Micros(7), MicroDollars{3}});
  EXPECT_EQ(*memory.get(key_of(1)).bytes, "one");
  EXPECT_FALSE(memory.get(key_of(1, 2)));
  memory.put(key_of(1), {bytes_of("other")});
  EXPECT_EQ(*memory.get(key_of(1)).bytes, "other");
  memory.remove(key_of(1));
  EXPECT_EQ(memory.get(key_of(1)).reason, MissReason::absent);
  const auto counts = memory.counts();
  EXPECT_EQ(counts.hits, 2);
  EXPECT_EQ(counts.misses, 2);
  EXPECT_EQ(counts.saved, Micros(7));
  EXPECT_EQ(counts.money_saved, MicroDollars{3});
  EXPECT_EQ(counts.entries, 0);
  EXPECT_EQ(counts.bytes, 0);
}

TEST_P(Tier, StaysBelowItsBoundWhateverIsPut) {
  auto memory = tier(entry(100) * 20);
  SeededRandom random(1);
  for (std::uint64_t i = 0; i < 3000; ++i) {
    memory.put(key_of(random.below(200)), {bytes_of(std::string(random.below(400), 'x')), Micros(i % 90)});
    [[maybe_unused]] const auto seen = memory.get(key_of(random.below(200)));
    ASSERT_LE(memory.counts().bytes, static_cast<std::int64_t>(entry(100) * 20));
  }
  EXPECT_GT(memory.counts().evictions, 0);
  memory.put(key_of(9999), {bytes_of(std::string(entry(100) * 20, 'x'))});
  EXPECT_FALSE(memory.get(key_of(9999))) << "larger than all there is";
}

TEST_P(Tier, KeepsWhatIsInUseOrPinnedAndRefusesWhatFindsNoRoom) {
  auto memory = tier(entry(10) * 4);
  std::vector<CacheBytes> in_use;
  for (std::uint64_t i = 0; i < 4; ++i) memory.put(key_of(i), {bytes_of("0123456789")});
  for (std::uint64_t i = 0; i < 3; ++i) in_use.push_back(memory.get(key_of(i)).bytes);
  ASSERT_TRUE(memory.pin(key_of(3)));
  for (std::uint64_t i = 10; i < 30; ++i) memory.put(key_of(i), {bytes_of("0123456789")});
  for (std::uint64_t i = 0; i < 4; ++i) EXPECT_TRUE(memory.get(key_of(i))) << i;
  EXPECT_EQ(memory.counts().refused, 20);
  memory.unpin(key_of(3));
  memory.put(key_of(40), {bytes_of("0123456789")});
  EXPECT_TRUE(memory.get(key_of(40)));
  EXPECT_FALSE(memory.get(key_of(3)));
  EXPECT_FALSE(memory.pin(key_of(3)));
}

TEST_P(Tier, ForgetsAtTheEndOfAnEntrysTimeAndWhenTheClockGoesBack) {
  auto memory = tier(10'000);
  memory.put(key_of(1), {bytes_of("a"), {}, {}, std::chrono::seconds(10)});
  memory.put(key_of(2), {bytes_of("b"), {}, {}, std::chrono::seconds(10)});
  clock_.at += std::chrono::seconds(9);
  EXPECT_TRUE(memory.get(key_of(1)));
  clock_.at += std::chrono::seconds(1);
  EXPECT_EQ(memory.get(key_of(1)).reason, MissReason::expired);
  EXPECT_EQ(memory.get(key_of(1)).reason, MissReason::absent);
  clock_.at -= std::chrono::hours(1);
  EXPECT_FALSE(memory.get(key_of(2))) << "it would live for an hour";
}

TEST_P(Tier, TellsAnEntryThatSaysNoFromNone) {
  auto memory = tier(10'000);
  memory.put(key_of(1), {nullptr, {}, {}, std::chrono::seconds(10)});
  EXPECT_EQ(memory.get(key_of(1)).reason, MissReason::negative);
  EXPECT_EQ(memory.get(key_of(2)).reason, MissReason::absent);
  clock_.at += std::chrono::minutes(1);
  EXPECT_EQ(memory.get(key_of(1)).reason, MissReason::expired);
}

TEST_P(Tier, EqualsAMapWithExpiryAsLongAsNothingIsEvicted) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SeededRandom random(seed);
    MemoryTier memory(clock_, {.capacity = 50'000'000, .policy = GetParam()});
    struct Kept {
      std::string text;
      Instant until;
    };
    std::map<std::uint64_t, Kept> model;
    for (int i = 0; i < 400; ++i) {
      const auto number = random.below(12);
      const auto is_there = [&] {
        const auto found = model.find(number);
        return found != model.end() && clock_.at < found->second.until;
      };
      switch (random.below(5)) {
        case 0: {
          const bool ages = random.chance(0.5);
          const auto ttl = Micros(random.below(3'000'000) + 1);
          const std::string text = std::to_string(random.next());
          memory.put(key_of(number), {bytes_of(text), {}, {}, ages ? std::optional(ttl) : std::nullopt});
          model[number] = {text, ages ? clock_.at + ttl : Instant::max()};
          break;
        }
        case 1:
          memory.remove(key_of(number));
          model.erase(number);
          break;
        case 2:
          clock_.at += Micros(random.below(1'000'000));
          break;
        default: {
          const auto found = memory.get(key_of(number));
          ASSERT_EQ(static_cast<bool>(found), is_there()) << "seed " << seed << " step " << i;
          if (found) {
            EXPECT_EQ(*found.bytes, model[number].text);
          }
        }
      }
    }
  }
}

TEST(MemoryTier, LruIsExact) {
  const SimClock clock;
  MemoryTier memory(clock, {.capacity = entry(1) * 3, .policy = Policy::lru, .shards = 8});
  for (std::uint64_t i = 0; i < 3; ++i) memory.put(key_of(i), {bytes_of("x")});
  EXPECT_TRUE(memory.get(key_of(0)));
  memory.put(key_of(3), {bytes_of("x")});
  EXPECT_FALSE(memory.get(key_of(1)));
  EXPECT_TRUE(memory.get(key_of(0)));
  EXPECT_TRUE(memory.get(key_of(2)));
  memory.put(key_of(4), {bytes_of("x")});
  EXPECT_FALSE(memory.get(key_of(3)));
}

TEST(MemoryTier, SavesNoLessThanLruOnAnyTraceAndHitsAsIsPromised) {
  for (const double part : {0.05, 0.2}) {
    for (const auto& trace : test::made_traces(1500, 3)) {
      const auto lru = test::play(trace, Policy::lru, part);
      const auto worth = test::play(trace, Policy::worth, part);
      EXPECT_GE(worth.saved_ratio, lru.saved_ratio) << trace.name << " " << part;
      const double least = trace.name.ends_with("_equal") ? 1 : 0.95;
      EXPECT_GE(worth.hit_ratio, least * lru.hit_ratio) << trace.name << " " << part;
    }
  }
}

TEST(MemoryTier, LearnsThatNewEntriesNeedNoFilterWhereRunsChangeLittle) {
  const auto trace = test::drift_trace(30'000, 600);
  for (const double part : {0.15, 0.2}) {
    const auto lru = test::play(trace, Policy::lru, part);
    const auto fifo = test::play(trace, Policy::s3_fifo, part);
    const auto worth = test::play(trace, Policy::worth, part);
    EXPECT_LT(fifo.hit_ratio, 0.9 * lru.hit_ratio) << part;  // The filter is in the way.
    EXPECT_GE(worth.hit_ratio, 0.93 * lru.hit_ratio) << part;
    EXPECT_GE(worth.saved_ratio, 0.97 * lru.saved_ratio) << part;
  }
}

TEST(MemoryTier, ManyThreadsNeverSeeAnothersValueAndAllAreCounted) {
  const SystemClock clock;
  MemoryTier memory(clock, {.capacity = 64 * entry(20), .shards = 4});
  constexpr int kThreads = 70;  // More than have counters of their own.
  constexpr int kRounds = 300;
  std::vector<std::jthread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      SeededRandom random(static_cast<std::uint64_t>(t));
      for (int i = 0; i < kRounds; ++i) {
        const auto number = random.below(200);
        if (const auto found = memory.get(key_of(number)); found && *found.bytes != std::to_string(number)) ++wrong;
        memory.put(key_of(number), {bytes_of(std::to_string(number))});
      }
    });
  threads.clear();
  EXPECT_EQ(wrong, 0);
  const auto counts = memory.counts();
  EXPECT_EQ(counts.hits + counts.misses, kThreads * kRounds);
  EXPECT_EQ(counts.puts + counts.refused, kThreads * kRounds);
}

TEST(LatencyHistogram, GivesQuantilesWithinAnEighth) {
  LatencyHistogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.record(Nanos(i * 100));
  for (const double q : {0.5, 0.95, 0.99}) {
    const double truth = q * 100'000;
    EXPECT_NEAR(static_cast<double>(histogram.quantile(q).count()), truth, truth / 8) << q;
  }
  EXPECT_EQ(LatencyHistogram().quantile(0.5), Nanos{});
  histogram.record(Nanos(-5));
  histogram.record(std::chrono::hours(99));
  EXPECT_EQ(histogram.count(), 1002);
}

}  // namespace
}  // namespace skein::cache
