#include "agents/budget.h"

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

#include "base/random.h"

namespace skein::agents {
namespace {

constexpr Price kPrice{1'000'000, 100'000, 1'250'000, 2'000'000, 10'000'000, 0};

TEST(Budget, IsReadFromWords) {
  EXPECT_EQ(parse_budget("$2.50")->money->value, 2'500'000);
  EXPECT_EQ(parse_budget("0.29 usd")->money->value, 290'000);
  EXPECT_EQ(parse_budget("200k tokens")->tokens->value, 200'000);
  EXPECT_EQ(parse_budget("1.5Mtok")->tokens->value, 1'500'000);
  EXPECT_EQ(parse_budget("30000t")->tokens->value, 30'000);
  for (const char* wrong : {"", "5", "$", "-5$", "$-5", "$5k", "5 eur", "$1e9", "nan tokens", "$2000000", "5k"})
    EXPECT_FALSE(parse_budget(wrong)) << wrong;
}

TEST(Budget, GrantsLessOutputWhereLessIsLeft) {
  Budget budget({.money = MicroDollars{10'000}, .tokens = {}});
  const auto first = budget.reserve(&kPrice, {1'000}, {5'000});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->output().value, 800);  // $0.01 less 1,000 tokens of the dearest input, at $10 a million.
  EXPECT_EQ(budget.state().reserved.value, 10'000);
}

TEST(Budget, TellsWhatMayFitLaterFromWhatNeverWill) {
  Budget budget({.money = {}, .tokens = Tokens{1'000}});
  auto first = budget.reserve(nullptr, {100}, {800});
  ASSERT_TRUE(first);
  const auto second = budget.reserve(nullptr, {200}, {100});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), Code::unavailable);
  first->settle({}, {150});
  EXPECT_TRUE(budget.reserve(nullptr, {200}, {100}));
  const auto third = budget.reserve(nullptr, {2'000}, {100});
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code(), Code::budget);
}

TEST(Budget, WhatIsNotSettledIsSpent) {
  Budget budget({.money = {}, .tokens = Tokens{1'000}});
  {
    const auto lost = budget.reserve(nullptr, {100}, {200});
  }
  EXPECT_EQ(budget.state().spent_tokens.value, 300);
  EXPECT_EQ(budget.state().reserved_tokens.value, 0);
}

/// Any order of requests and answers, as long as answers keep to what was granted and to what bytes can hold.
TEST(Budget, IsNeverCrossedInAnyOrderOfRequestsAndAnswers) {
  for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
    SeededRandom random(seed);
    const auto below = [&](std::uint64_t bound) { return static_cast<std::int64_t>(random.below(bound)); };
    BudgetLimits limits;
    if (random.chance(0.7)) limits.money = MicroDollars{below(200'000)};
    if (!limits.money || random.chance(0.3)) limits.tokens = Tokens{below(100'000)};
    Price price{below(20'000'000), below(2'000'000), below(25'000'000), below(40'000'000), below(90'000'000), 0};
    Budget budget(limits);
    struct Open {
      Reservation reservation;
      Tokens input;
    };
    std::vector<Open> open;
    for (int i = 0; i < 60; ++i) {
      if (open.empty() || random.chance(0.55)) {
        const Tokens input{below(8'000)};
        if (auto made = budget.reserve(&price, input, {1 + below(40'000)})) open.push_back({std::move(*made), input});
      } else {
        const auto at = open.begin() + below(open.size());
        TokenUsage usage;
        std::int64_t left = at->input.value;
        for (Tokens* kind : {&usage.input, &usage.cached, &usage.cache_write, &usage.cache_write_hour}) {
          kind->value = below(static_cast<std::uint64_t>(left) + 1);
          left -= kind->value;
        }
        usage.output.value = below(static_cast<std::uint64_t>(at->reservation.output().value) + 1);
        if (random.chance(0.8)) at->reservation.settle(price.of(usage), usage.total());
        std::vector<Open> rest;
        for (auto one = open.begin(); one != open.end(); ++one)
          if (one != at) rest.push_back(std::move(*one));
        open.swap(rest);
      }
      const auto state = budget.state();
      if (limits.money) {
        ASSERT_LE((state.spent + state.reserved).value, limits.money->value) << "seed " << seed;
      }
      if (limits.tokens) {
        ASSERT_LE((state.spent_tokens + state.reserved_tokens).value, limits.tokens->value) << "seed " << seed;
      }
      ASSERT_GE(state.reserved.value, 0);
    }
  }
}

TEST(Budget, IsNotCrossedByFirstRequestsOfManyThreads) {
  Budget budget({.money = MicroDollars{50'000}, .tokens = {}});
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int round = 0; round < 500; ++round)
        if (auto made = budget.reserve(&kPrice, {100}, {1'000}))
          made->settle(kPrice.of({.input = {50}, .output = made->output()}), {50});
    });
  threads.clear();
  EXPECT_LE(budget.state().spent.value, 50'000);
  EXPECT_GT(budget.state().spent.value, 40'000);
  EXPECT_EQ(budget.state().reserved.value, 0);
}

TEST(Budget, KeepsToTheCapsOfADayAndAMonthToo) {
  std::vector<PeriodCap> caps{{.name = "today", .limits = {.money = MicroDollars{50'000}, .tokens = {}}, .spent = {}},
                              {.name = "this month", .limits = {.money = {}, .tokens = Tokens{100'000}}}};
  Budget budget({}, [&caps] { return caps; });
  EXPECT_TRUE(budget.caps_money());
  auto first = budget.reserve(&kPrice, {1'000}, {5'000});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->output().value, 4'800) << "$0.05 less 1,000 tokens of the dearest input";
  const auto busy = budget.reserve(&kPrice, {1'000}, {5'000});
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().code(), Code::unavailable);
  first->settle(MicroDollars{40'000}, {5'000});
  caps[0].spent = MicroDollars{45'000};  // The request, and somebody else's.
  const auto crossing = budget.reserve(&kPrice, {3'000}, {5'000});
  ASSERT_FALSE(crossing);
  EXPECT_EQ(crossing.error().code(), Code::budget);
  EXPECT_NE(crossing.error().message().find("$0.050 for today"), std::string::npos) << crossing.error().message();
  caps[0].limits.money = MicroDollars{1'000'000};
  caps[1].spent_tokens = Tokens{99'990};
  EXPECT_FALSE(budget.reserve(&kPrice, {3'000}, {5'000})) << "the month's tokens are used up";
  EXPECT_EQ(budget.reserve(nullptr, {3'000}, {5'000}).error().code(), Code::not_found);
}

TEST(PriceTable, LargeRequestsHavePricesOfTheirOwn) {
  PriceTable table;
  ASSERT_TRUE(
      table.add("date='d'\nsource='s'\n[models.m]\ninput=3_000_000\ncached=300_000\noutput=15_000_000\n"
                "[[models.m.tiers]]\nabove=200_000\ninput=6_000_000\ncached=600_000\noutput=22_500_000\n",
                "f.toml"));
  const Price& price = *table.find("m");
  EXPECT_EQ(price.of({.input = {200'000}, .output = {1'000}}).value, 600'000 + 15'000);
  EXPECT_EQ(price.of({.input = {1}, .cached = {200'000}, .output = {1'000}}).value, 6 + 120'000 + 22'500);
  EXPECT_EQ(price.worst({200'000}, {1'000}).value, 615'000);
  EXPECT_EQ(price.worst({200'001}, {1'000}).value, 1'200'006 + 22'500);
  const auto files = make_system_file_system();
  EXPECT_TRUE(PriceTable::load(*files, "/nowhere/at/all")->find("claude-sonnet-4-5")->has_tiers());
  for (const char* tier :
       {"above=0\ninput=1\noutput=1", "input=1\noutput=1", "above=5\noutput=1", "above=5\ninput=1\noutput=1\nx=1"}) {
    const auto added = PriceTable().add(
        std::string("date='d'\nsource='s'\n[models.m]\ninput=1\noutput=1\n[[models.m.tiers]]\n") + tier, "f.toml");
    EXPECT_FALSE(added) << tier;
  }
}

TEST(PriceTable, KnowsModelsByNameAndWithADate) {
  const auto files = make_system_file_system();
  const auto table = PriceTable::load(*files, "/nowhere/at/all");
  ASSERT_TRUE(table) << table.error().to_string();
  EXPECT_GE(table->size(), 10U);
  EXPECT_EQ(table->find("gpt-5-2025-08-07"), table->find("gpt-5"));
  EXPECT_NE(table->find("claude-haiku-4-5-20251001"), nullptr);
  EXPECT_EQ(table->find("gpt-5-pro"), nullptr);
  EXPECT_EQ(table->find("gpt-5-20250807x"), nullptr);
}

TEST(PriceTable, RoundsUpAndNamesWhatIsWrong) {
  EXPECT_EQ(kPrice.of({.input = {1}}).value, 1);
  EXPECT_EQ(kPrice.of({.cached = {1}}).value, 1);
  EXPECT_EQ(kPrice.of({.cached = {20}, .output = {3}}).value, 32);
  PriceTable table;
  for (const auto& [toml, why] : {std::pair{"[models.m]\ninput=1\noutput=1", "date"},
                                  std::pair{"date='d'\nsource='s'\n[models.m]\ninput=1", "output"},
                                  std::pair{"date='d'\nsource='s'\n[models.m]\ninput=1.5\noutput=1", "f.toml:4"},
                                  std::pair{"date='d'\nsource='s'\n[models.m]\ninput=1\noutput=1\nimput=1", "imput"}}) {
    const auto added = table.add(toml, "f.toml");
    ASSERT_FALSE(added);
    EXPECT_TRUE(added.error().message().contains(why)) << added.error().message();
  }
}

}  // namespace
}  // namespace skein::agents
