// The shared tier against a real redis-server, and what may go wrong with one.
#include "cache/shared_tier.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "cache/flight.h"
#include "support/redis_server.h"
#include "support/scratch_tree.h"

namespace skein::cache {
namespace {

using engine::StoredResult;

struct Heard final : CacheObserver {
  std::vector<std::string> notes;
  int hits = 0;
  int misses = 0;
  void on_hit(std::string_view, const CacheKey&, std::size_t) override { ++hits; }
  void on_miss(std::string_view, const CacheKey&, MissReason) override { ++misses; }
  void on_note(std::string_view, const std::string& line) override { notes.push_back(line); }
};

CacheKey key_of(std::string_view name, std::uint32_t space = 0) { return {sha256(name), space}; }
CacheValue value_of(std::string text) { return {std::make_shared<const std::string>(std::move(text))}; }

SharedTierOptions options_for(const std::string& url) {
  SharedTierOptions options;
  options.address = parse_shared_address(url).value();
  options.time_limit = Millis(2000);  // The machine of a test may be busy.
  options.breaker.budget = Millis(10'000);
  return options;
}

/// A result of one output, with a read.
SharedTier::Whole whole_of(const std::string& name) {
  SharedTier::Whole whole;
  auto& result = whole.result;
  result.declared = sha256("declared " + name);
  result.reads = {{engine::ReadKind::file, "a", sha256(name)}};
  result.key = engine::complete_key(result.declared, result.reads);
  result.outputs = {sha256("out " + name)};
  result.agent = "a@1.0";
  result.step = name;
  result.usage.wall = Micros(900);
  whole.blobs = {"out " + name};
  return whole;
}

Result<std::vector<RedisReply>> raw(const std::string& url, std::vector<std::string> command) {
  RedisConnection connection(parse_shared_address(url).value(), Millis(5000));
  const RedisConnection::Command commands[] = {std::move(command)};
  return connection.call(commands);
}

class Shared : public ::testing::Test {
 protected:
  SystemClock clock_;
  test::RedisServer server_;
  Heard heard_;
};

TEST_F(Shared, GivesOthersWhatOnePutAndKeepsTeamsAndSpacesApart) {
  SharedTier one(clock_, options_for(server_.url()), &heard_);
  SharedTier other(clock_, options_for(server_.url()), &heard_);
  auto apart = options_for(server_.url());
  apart.prefix = "others";
  SharedTier foreign(clock_, apart, &heard_);
  const std::string large(300'000, 'z');
  one.put(key_of("k"), value_of(large));
  EXPECT_EQ(*other.get(key_of("k")).bytes, large);
  EXPECT_FALSE(other.get(key_of("k", 1)));
  EXPECT_FALSE(foreign.get(key_of("k")));
  other.remove(key_of("k"));
  EXPECT_EQ(one.get(key_of("k")).reason, MissReason::absent);
  EXPECT_EQ(other.counts().hits, 1);
  EXPECT_EQ(other.counts().misses, 1);
  EXPECT_EQ(heard_.hits, 1);
  EXPECT_TRUE(heard_.notes.empty());
}

TEST_F(Shared, GivesWholeResultsWithTheirBlobs) {
  SharedTier tier(clock_, options_for(server_.url()), &heard_);
  const auto whole = whole_of("r");
  ASSERT_TRUE(tier.put_all({whole, whole_of("s")}));
  const auto found = tier.find(whole.result.declared);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].result.key, whole.result.key);
  EXPECT_EQ(found[0].result.step, "r");
  EXPECT_EQ(found[0].blobs, whole.blobs);
  EXPECT_TRUE(tier.find(sha256("none")).empty());
  EXPECT_EQ(tier.counts().saved, Micros(900));
  // A result whose blob the server has dropped is none.
  ASSERT_TRUE(raw(server_.url(), {"DEL", "skein:b:0:" + whole.result.outputs[0].hex()}));
  EXPECT_TRUE(tier.find(whole.result.declared).empty());
}

TEST_F(Shared, BelievesNothingThatIsDamagedForeignOrForgedAndSaysSoOnce) {
  auto options = options_for(server_.url());
  options.secret = "of the team";
  SharedTier tier(clock_, options, &heard_);
  tier.put(key_of("k"), value_of("value"));
  tier.put(key_of("l"), value_of("other"));
  const std::string k = "skein:b:0:" + key_of("k").digest.hex();
  const std::string l = "skein:b:0:" + key_of("l").digest.hex();
  const std::string sealed = raw(server_.url(), {"GET", k})->front().text;
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string bad = sealed;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    ASSERT_TRUE(raw(server_.url(), {"SET", k, bad}));
    ASSERT_FALSE(tier.get(key_of("k"))) << "byte " << i;
  }
  for (const auto& foreign : {std::string(), std::string("hello"), raw(server_.url(), {"GET", l})->front().text,
                              seal(k, "another secret", "forged", std::nullopt)}) {
    ASSERT_TRUE(raw(server_.url(), {"SET", k, foreign}));
    EXPECT_EQ(tier.get(key_of("k")).reason, MissReason::damaged) << foreign;
  }
  ASSERT_TRUE(raw(server_.url(), {"SET", k, sealed}));
  EXPECT_TRUE(tier.get(key_of("k")));
  EXPECT_EQ(heard_.notes.size(), 1u);
  // A key of another type is refused by the server, and is a miss.
  ASSERT_TRUE(raw(server_.url(), {"DEL", k}));
  ASSERT_TRUE(raw(server_.url(), {"LPUSH", k, "x"}));
  EXPECT_FALSE(tier.get(key_of("k")));
}

TEST_F(Shared, AResultThatDoesNotFitItsKeyIsNotTaken) {
  SharedTier tier(clock_, options_for(server_.url()), &heard_);
  auto whole = whole_of("r");
  whole.result.key = sha256("a key of its own");
  ASSERT_TRUE(tier.put_all({whole}));
  EXPECT_TRUE(tier.find(whole.result.declared).empty());
  auto lie = whole_of("lie");
  lie.blobs = {"other bytes"};
  ASSERT_TRUE(tier.put_all({lie}));
  EXPECT_TRUE(tier.find(lie.result.declared).empty());
  EXPECT_GT(tier.counts().damaged, 0);
}

TEST_F(Shared, ADeadServerCostsItsBoundAndIsSaidOnceAndARestartedOneIsUsedAgain) {
  auto options = options_for(server_.url());
  options.breaker.closed_for = Millis(0);
  SharedTier tier(clock_, options, &heard_);
  tier.put(key_of("k"), value_of("value"));
  EXPECT_TRUE(tier.get(key_of("k")));
  server_.kill();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(tier.get(key_of("k")).reason, MissReason::unavailable);
  EXPECT_EQ(heard_.notes.size(), 1u);
  server_.start();
  EXPECT_FALSE(tier.get(key_of("k"))) << "it came back empty";
  tier.put(key_of("k"), value_of("again"));
  EXPECT_EQ(*tier.get(key_of("k")).bytes, "again");
}

TEST_F(Shared, ASlowServerIsLeftAloneOnceItCostsMoreThanTheBudget) {
  test::SlowProxy proxy(server_.socket(), 60);
  auto options = options_for(proxy.url());
  options.breaker.budget = Millis(200);
  SharedTier tier(clock_, options, &heard_);
  const auto start = clock_.now();
  for (int i = 0; i < 200; ++i) EXPECT_FALSE(tier.get(key_of(std::to_string(i))));
  const auto waited = clock_.now() - start;
  EXPECT_LT(waited, std::chrono::seconds(5)) << "200 x 60 ms are 12 s";
  EXPECT_GT(tier.counts().unavailable, 150);
  EXPECT_EQ(heard_.notes.size(), 1u);
}

TEST_F(Shared, AnAnswerThatDoesNotComeInTimeIsAMissAndNotTakenForTheNextOnes) {
  test::SlowProxy proxy(server_.socket(), 150);
  auto options = options_for(proxy.url());
  options.time_limit = Millis(30);
  options.breaker.failures = 1000;
  SharedTier tier(clock_, options, &heard_);
  SharedTier direct(clock_, options_for(server_.url()), nullptr);
  direct.put(key_of("a"), value_of("of a"));
  direct.put(key_of("b"), value_of("of b"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(tier.get(key_of("a")));
    const auto b = tier.get(key_of("b"));
    if (b) {
      EXPECT_EQ(*b.bytes, "of b");
    }
  }
}

TEST(SharedFull, AServerWithoutRoomRefusesPutsAndNothingElseFails) {
  const SystemClock clock;
  test::RedisServer server({"--maxmemory", "1100000", "--maxmemory-policy", "noeviction"});
  Heard heard;
  SharedTier tier(clock, options_for(server.url()), &heard);
  std::string noise;
  SeededRandom random(1);
  for (int i = 0; i < 60'000; ++i) noise += static_cast<char>(random.next());
  for (int i = 0; i < 40; ++i) tier.put(key_of(std::to_string(i)), value_of(noise));
  EXPECT_GT(tier.counts().refused, 0);
  EXPECT_EQ(heard.notes.size(), 1u);
  EXPECT_EQ(tier.get(key_of("39")).reason, MissReason::absent);
}

TEST_F(Shared, OneOfATeamHoldsTheLeaseAndItEndsWithItsHolderOrItsTime) {
  SharedTier one(clock_, options_for(server_.url()), nullptr);
  SharedTier two(clock_, options_for(server_.url()), nullptr);
  const Digest value = sha256("v");
  EXPECT_TRUE(one.lease(value, "one", Millis(60'000)));
  EXPECT_FALSE(two.lease(value, "two", Millis(60'000)));
  two.release(value, "two");
  EXPECT_FALSE(two.lease(value, "two", Millis(60'000))) << "nobody gives back another's";
  one.release(value, "one");
  EXPECT_TRUE(two.lease(value, "two", Millis(1)));
  Result<std::vector<RedisReply>> left;
  do left = raw(server_.url(), {"EXISTS", "skein:l:" + value.hex()});
  while (left && left->front().number == 1);
  EXPECT_TRUE(one.lease(value, "one", Millis(60'000)));
}

TEST_F(Shared, AFlightKeepsItsLeaseAsLongAsItLasts) {
  test::ScratchTree folder;
  SharedTier one(clock_, options_for(server_.url()), nullptr);
  SharedTier two(clock_, options_for(server_.url()), nullptr);
  const Digest value = sha256("v");
  auto flight = take_flight({.folder = folder.root(), .shared = &one, .lease = Millis(600)}, value, {});
  for (const auto end = std::chrono::steady_clock::now() + Millis(1500); std::chrono::steady_clock::now() < end;)
    ASSERT_FALSE(two.lease(value, "two", Millis(600)));
  flight.reset();
  EXPECT_TRUE(two.lease(value, "two", Millis(60)));
}

TEST(Envelope, ForgetsAtItsTimeAndWhenAClockWentBack) {
  const WallTime now = WallTime() + std::chrono::hours(1000);
  const auto sealed = seal("k", "", "raw", now + std::chrono::hours(1));
  const Micros longest = std::chrono::hours(2);
  EXPECT_EQ(unseal("k", "", sealed, now, longest).value(), "raw");
  EXPECT_EQ(unseal("k", "", sealed, now + std::chrono::hours(1), longest).error().code(), Code::timed_out);
  EXPECT_EQ(unseal("k", "", sealed, now - std::chrono::hours(5), longest).error().code(), Code::timed_out);
  EXPECT_EQ(unseal("l", "", sealed, now, longest).error().code(), Code::data_corrupt);
  EXPECT_EQ(unseal("k", "s", sealed, now, longest).error().code(), Code::data_corrupt);
}

TEST(SharedAddress, ReadsTheFormsThatPeopleWriteAndRefusesOthersWithAWayOut) {
  EXPECT_EQ(parse_shared_address("redis://h")->port, 6379);
  const auto full = parse_shared_address("redis://me:a%40b@10.0.0.1:7/3").value();
  EXPECT_EQ(full.user, "me");
  EXPECT_EQ(full.password, "a@b");
  EXPECT_EQ(full.port, 7);
  EXPECT_EQ(full.database, 3);
  EXPECT_EQ(full.shown(), "redis://10.0.0.1:7");
  EXPECT_FALSE(full.is_local());
  EXPECT_TRUE(parse_shared_address("redis://localhost:1")->is_local());
  EXPECT_TRUE(parse_shared_address("redis://[::1]:1")->is_local());
  const auto safe = parse_shared_address("rediss://:p@h:1/2").value();
  EXPECT_TRUE(safe.tls);
  EXPECT_EQ(safe.database, 2);
  EXPECT_EQ(safe.shown(), "rediss://h:1");
  EXPECT_FALSE(full.tls);
  EXPECT_EQ(parse_shared_address("unix:///a/b?db=2")->database, 2);
  EXPECT_EQ(parse_shared_address("/a/b")->socket, "/a/b");
  for (const auto* bad :
       {"", "redis://", "redis://:99", "redis://h:x", "redis://h:99999", "redis://h/x", "redis://u@h", "http://h",
        "unix://a", "rediss://", "rediss:///0", "redis://[::1", "redis://[::1]x", "redis://h:0"}) {
    const auto address = parse_shared_address(bad);
    ASSERT_FALSE(address) << bad;
    EXPECT_EQ(address.error().code(), Code::invalid_argument);
    EXPECT_FALSE(address.error().way_out().empty()) << bad;
  }
}

TEST(Breaker, OpensAfterFailuresAndPastItsBudgetAndTriesAgain) {
  SimClock clock;
  Breaker breaker(clock, {.budget = Millis(100), .failures = 3, .closed_for = Millis(1000)});
  EXPECT_FALSE(breaker.failed(Millis(1)));
  EXPECT_FALSE(breaker.failed(Millis(1)));
  EXPECT_FALSE(breaker.answered(Millis(1), Nanos{}));
  EXPECT_FALSE(breaker.failed(Millis(1)));
  EXPECT_FALSE(breaker.failed(Millis(1)));
  EXPECT_TRUE(breaker.failed(Millis(1)));
  EXPECT_FALSE(breaker.lets_through());
  clock.advance(Millis(1000));
  EXPECT_TRUE(breaker.lets_through());
  EXPECT_TRUE(breaker.failed(Millis(1))) << "one try is enough";
  clock.advance(Millis(1000));
  EXPECT_TRUE(breaker.lets_through());
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(breaker.answered(Millis(10), Millis(10))) << "it pays for itself";
  bool opened = false;
  for (int i = 0; i < 12 && !opened; ++i) opened = breaker.answered(Millis(10), Nanos{});
  EXPECT_TRUE(opened);
}

}  // namespace
}  // namespace skein::cache
