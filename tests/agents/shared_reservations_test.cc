// Caps of a day over several processes: what each has under way counts for all.
#include "agents/shared_reservations.h"

#include <algorithm>
#include <csignal>
#include <iterator>
#include <list>
#include <memory>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agents/budget.h"
#include "agents/ledger.h"
#include "base/random.h"
#include "support/scratch_tree.h"

namespace skein::agents {
namespace {

constexpr Price kPrice{1'000'000, 1'000'000, 1'000'000, 1'000'000, 10'000'000, 0};

/// What a skein process has of them.
struct Process {
  Process(FileSystem& files, const Clock& clock, const std::string& state, MicroDollars cap)
      : spent(files, state),
        shared(files, clock, state, "/w"),
        budget(
            {},
            [this, &clock, cap] {
              return std::vector<PeriodCap>{
                  {.name = "today", .limits = {.money = cap, .tokens = {}}, .spent = spent.at(clock.wall()).day.money}};
            },
            &shared) {}
  SpentSoFar spent;
  SharedReservations shared;
  Budget budget;
};

class SharedBudget : public ::testing::Test {
 protected:
  void pay(MicroDollars money) {
    LedgerEntry entry;
    entry.call.at = clock_.wall();
    entry.call.money = money;
    ASSERT_TRUE(add_to_ledger(*files_, state_.root(), entry));
  }
  MicroDollars paid(const std::string& state) {
    MicroDollars sum;
    const auto entries = read_ledger(*files_, state);
    EXPECT_TRUE(entries);
    for (const LedgerEntry& entry : *entries) sum += entry.call.money;
    return sum;
  }

  std::unique_ptr<FileSystem> files_ = make_system_file_system();
  SystemClock clock_;
  test::ScratchTree state_;
};

TEST_F(SharedBudget, WhatOneHasUnderWayIsNotThereForTheOther) {
  Process one(*files_, clock_, state_.root(), {10'000}), two(*files_, clock_, state_.root(), {10'000});
  auto first = one.budget.reserve(&kPrice, {1'000}, {5'000});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->output().value, 900) << "$0.01 less 1,000 tokens";
  const auto busy = two.budget.reserve(&kPrice, {1'000}, {500});
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().code(), Code::unavailable) << busy.error().to_string();
  pay({4'000});
  first->settle({4'000}, {});
  const auto second = two.budget.reserve(&kPrice, {1'000}, {5'000});
  ASSERT_TRUE(second) << second.error().to_string();
  EXPECT_EQ(second->output().value, 500) << "what the first did not take";
}

/// Any order of requests and answers in three processes that share a cap.
TEST_F(SharedBudget, IsNeverCrossedInAnyOrder) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const test::ScratchTree state;
    SeededRandom random(seed);
    const MicroDollars cap{static_cast<std::int64_t>(random.below(100'000))};
    std::vector<std::unique_ptr<Process>> all;
    for (int i = 0; i < 3; ++i) all.push_back(std::make_unique<Process>(*files_, clock_, state.root(), cap));
    std::list<Reservation> open;
    for (int i = 0; i < 40; ++i) {
      if (open.empty() || random.chance(0.6)) {
        auto& budget = all.at(random.below(3))->budget;
        const Tokens input{static_cast<std::int64_t>(random.below(4'000))};
        if (auto made = budget.reserve(&kPrice, input, {1 + static_cast<std::int64_t>(random.below(3'000))}))
          open.push_back(std::move(*made));
      } else {
        const auto at = std::next(open.begin(), static_cast<std::ptrdiff_t>(random.below(open.size())));
        LedgerEntry entry;
        entry.call.at = clock_.wall();
        entry.call.money = {static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(at->money().value) + 1))};
        ASSERT_TRUE(add_to_ledger(*files_, state.root(), entry));
        at->settle(entry.call.money, {});
        open.erase(at);
      }
      MicroDollars worst = paid(state.root());
      for (const Reservation& one : open) worst += one.money();
      ASSERT_LE(worst.value, cap.value) << "seed " << seed;
    }
    open.clear();
  }
}

TEST_F(SharedBudget, WhatAKilledProcessHadUnderWayIsCountedAsItWasReserved) {
  const pid_t child = ::fork();
  if (child == 0) {
    Process one(*files_, clock_, state_.root(), {10'000});
    const auto made = one.budget.reserve(&kPrice, {1'000}, {300});
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  Process two(*files_, clock_, state_.root(), {10'000});
  const auto made = two.budget.reserve(&kPrice, {1'000}, {5'000});
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_EQ(paid(state_.root()).value, 4'000);
  EXPECT_EQ(made->output().value, 500);
  EXPECT_EQ(two.budget.reserve(&kPrice, {1'000}, {5'000}).error().code(), Code::unavailable);
  EXPECT_EQ(paid(state_.root()).value, 4'000) << "once";
}

TEST_F(SharedBudget, AFileStaysSmallAndItsLastWholeLineCounts) {
  Process one(*files_, clock_, state_.root(), {10'000'000}), two(*files_, clock_, state_.root(), {10'000'000});
  for (int i = 0; i < 600; ++i) {
    auto made = one.budget.reserve(&kPrice, {1'000}, {100});
    ASSERT_TRUE(made) << made.error().to_string();
    made->settle({}, {});
  }
  const auto open = one.budget.reserve(&kPrice, {1'000}, {500});
  ASSERT_TRUE(open);
  const auto all = files_->list(state_.path("reserved"));
  ASSERT_TRUE(all);
  const auto file = std::ranges::find_if(*all, [](const auto& entry) { return !entry.name.contains('.'); });
  ASSERT_NE(file, all->end());
  const std::string path = "reserved/" + file->name;
  EXPECT_LE(state_.read(path).size(), 65'536U);
  EXPECT_GT(std::ranges::count(state_.read(path), '\n'), 1);
  const auto others = [&] {
    auto turn = two.shared.turn();
    return turn ? turn->others().value_or(SharedReservations::Sum{{-1}, {}}).money.value : -1;
  };
  EXPECT_EQ(others(), 6'000);
  const std::string whole = state_.read(path);
  state_.write(path, whole + R"({"schema":"skein.reserved/1","money_mic)");
  EXPECT_EQ(others(), 6'000) << "a line that was not finished says nothing";
  state_.write(path, "no line");
  EXPECT_EQ(others(), -1) << "what is under way there is not known";
  state_.write(path, whole);
}

TEST_F(SharedBudget, ItsFilesGoWithIt) {
  {
    Process one(*files_, clock_, state_.root(), {10'000});
    auto made = one.budget.reserve(&kPrice, {1'000}, {300});
    ASSERT_TRUE(made);
    made->settle({}, {});
  }
  const auto left = files_->list(state_.path("reserved"));
  ASSERT_TRUE(left);
  EXPECT_TRUE(std::ranges::all_of(*left, [](const auto& one) { return one.name.starts_with("all."); }));
}

}  // namespace
}  // namespace skein::agents
