// A hard cap on what a run may spend: the worst case of a request is reserved before it goes out, and settled by its
// answer. As long as providers keep to the output limit that they are given, what is spent never passes the cap.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/prices.h"
#include "agents/shared_reservations.h"
#include "base/result.h"

namespace skein::agents {

struct BudgetLimits {
  std::optional<MicroDollars> money{};
  std::optional<Tokens> tokens{};  ///< Input of every kind and output, added.
};

/// "$2.50", "2.50usd", "200k tokens", "1.5Mtok", "30000t". Errors: `invalid_argument`; also for a number alone, which
/// says not what it counts.
[[nodiscard]] Result<BudgetLimits> parse_budget(std::string_view text);
/// For people: "$2.50", "200,000 tokens".
[[nodiscard]] std::string describe(const BudgetLimits& limits);

/// A cap over more than one run: of a day, of a month.
struct PeriodCap {
  std::string name;  ///< "today", "this month".
  BudgetLimits limits;
  MicroDollars spent{};  ///< By all runs so far, this one's settled requests included.
  Tokens spent_tokens{};
};

class Reservation;

/// Thread-safe. Outlives its reservations.
class Budget {
 public:
  /// `periods`, asked before each request, gives the caps beside the run's own; may be empty. `shared` tells what other
  /// processes have under way of them, and them what this one has; null: it is alone. It outlives the budget.
  explicit Budget(BudgetLimits limits, std::function<std::vector<PeriodCap>()> periods = {},
                  SharedReservations* shared = nullptr)
      : limits_(limits), periods_(std::move(periods)), shared_(shared) {}

  /// Reserves a request of at most `input` tokens that asks for `output` tokens in all of its answers; may grant fewer
  /// (`Reservation::output`). `price` is null where the model has none. Errors: `budget` where it would cross the cap
  /// whatever the requests under way will cost; `unavailable` where it may fit when these are settled; `not_found` for
  /// a model without a price where money is limited; as `SharedReservations`.
  [[nodiscard]] Result<Reservation> reserve(const Price* price, Tokens input, Tokens output);

  struct State {
    MicroDollars spent, reserved;
    Tokens spent_tokens, reserved_tokens;
  };
  [[nodiscard]] State state() const;
  [[nodiscard]] const BudgetLimits& limits() const { return limits_; }
  /// True if any cap is one of money.
  [[nodiscard]] bool caps_money() const;

 private:
  friend class Reservation;
  void settle(const Reservation& reservation, MicroDollars money, Tokens tokens);
  [[nodiscard]] SharedReservations::Sum reserved() const { return {state_.reserved, state_.reserved_tokens}; }

  const BudgetLimits limits_;
  const std::function<std::vector<PeriodCap>()> periods_;
  SharedReservations* const shared_;
  mutable std::mutex mutex_;  // Guards state_.
  State state_;
};

/// What a request may spend. Unsettled, it counts as spent when it goes.
class Reservation {
 public:
  Reservation(Reservation&& other) noexcept;
  Reservation& operator=(Reservation&&) = delete;
  ~Reservation();
  /// Tokens of output that the request may ask for in all of its answers.
  [[nodiscard]] Tokens output() const { return output_; }
  [[nodiscard]] MicroDollars money() const { return money_; }
  [[nodiscard]] Tokens tokens() const { return tokens_; }
  /// What it really took.
  void settle(MicroDollars money, Tokens tokens);

 private:
  friend class Budget;
  Reservation(Budget& budget, MicroDollars money, Tokens tokens, Tokens output)
      : budget_(&budget), money_(money), tokens_(tokens), output_(output) {}
  Budget* budget_;
  MicroDollars money_;
  Tokens tokens_, output_;
};

}  // namespace skein::agents
