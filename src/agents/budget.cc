#include "agents/budget.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "text/quantity.h"

namespace skein::agents {
namespace {

constexpr std::int64_t kMillion = 1'000'000;
constexpr std::int64_t kMostMoney = 1'000'000 * kMillion;  // A million dollars.
constexpr std::int64_t kMostTokens = 1'000'000 * kMillion;
constexpr Tokens kMostOutput{1'000'000'000};  // Of a request. With these bounds sums stay in 64 bits.
constexpr Tokens kLeastOutput{16};            // Less is no answer, and some providers refuse it.

struct Amounts {
  MicroDollars money;
  Tokens tokens;
};

/// Output tokens that `left` allows beside `input`; negative where not even the input fits.
std::int64_t affordable(const BudgetLimits& limits, const Amounts& left, const Price* price, Tokens input) {
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
  if (limits.tokens) most = std::min(most, (left.tokens - input).value);
  if (limits.money) {
    const Rates rates = price->worst_rates(input);
    const std::int64_t free = left.money.value * kMillion - input.value * rates.worst_input();
    if (free < 0) return -1;
    if (rates.output > 0) most = std::min(most, free / rates.output);
  }
  return most;
}

}  // namespace

Result<BudgetLimits> parse_budget(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return std::unexpected(Error(Code::invalid_argument, fmt::format("\"{}\" is no budget: {}", text, why))
                               .or_do("say \"$2.50\" or \"500k tokens\""));
  };
  std::string_view rest = text;
  const auto trim = [&] {
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    while (rest.ends_with(' ')) rest.remove_suffix(1);
  };
  trim();
  const bool dollar = rest.starts_with('$');
  if (dollar) rest.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(number) || number < 0) return wrong("it begins with no number");
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  trim();
  BudgetLimits limits;
  if (dollar || rest == "usd" || rest == "USD") {
    if (dollar && !rest.empty()) return wrong("something follows the amount");
    const double micros = std::floor(number * 1e6 + 1e-3);
    if (micros > static_cast<double>(kMostMoney)) return wrong("it is more than a million dollars");
    limits.money = MicroDollars{static_cast<std::int64_t>(micros)};
    return limits;
  }
  if (rest.starts_with('k') || rest.starts_with('K')) {
    number *= 1e3;
    rest.remove_prefix(1);
  } else if (rest.starts_with('M')) {
    number *= 1e6;
    rest.remove_prefix(1);
  }
  trim();
  if (rest.empty()) return wrong("it says not what it counts");
  if (rest != "tokens" && rest != "token" && rest != "tok" && rest != "t") return wrong("the unit is not known");
  if (number > static_cast<double>(kMostTokens)) return wrong("it is more than any run can take");
  limits.tokens = Tokens{static_cast<std::int64_t>(number)};
  return limits;
}

std::string describe(const BudgetLimits& limits) {
  std::string text;
  if (limits.money) text = text::format_money(*limits.money);
  if (limits.tokens)
    text += fmt::format("{}{} tokens", text.empty() ? "" : " and ", text::format_count(limits.tokens->value));
  return text;
}

bool Budget::caps_money() const {
  if (limits_.money) return true;
  if (!periods_) return false;
  const auto periods = periods_();
  return std::ranges::any_of(periods, [](const PeriodCap& one) { return one.limits.money.has_value(); });
}

Result<Reservation> Budget::reserve(const Price* price, Tokens input, Tokens output) {
  output = std::min(output, kMostOutput);
  const std::lock_guard lock(mutex_);
  std::optional<SharedReservations::Turn> turn;
  SharedReservations::Sum others;
  if (shared_ != nullptr) {
    SKEIN_TRY(auto made, shared_->turn());
    turn.emplace(std::move(made));
    SKEIN_TRY(others, turn->others());
  }
  // Asked while nobody settles: what others had under way is among the ones or the others, never among neither.
  std::vector<PeriodCap> caps;
  if (periods_) caps = periods_();
  caps.insert(caps.begin(),
              {.name = {}, .limits = limits_, .spent = state_.spent, .spent_tokens = state_.spent_tokens});
  const Tokens least = std::min(output, kLeastOutput);
  std::int64_t granted = output.value;
  for (const PeriodCap& cap : caps) {
    if (cap.limits.money && price == nullptr) return fail(Code::not_found, "the model has no price");
    const bool is_own = cap.name.empty();
    const SharedReservations::Sum open{state_.reserved + (is_own ? MicroDollars{} : others.money),
                                       state_.reserved_tokens + (is_own ? Tokens{} : others.tokens)};
    const auto allowed = [&](bool with_reserved) {
      Amounts left{};
      if (cap.limits.money) left.money = *cap.limits.money - cap.spent - (with_reserved ? open.money : MicroDollars{});
      if (cap.limits.tokens)
        left.tokens = *cap.limits.tokens - cap.spent_tokens - (with_reserved ? open.tokens : Tokens{});
      return affordable(cap.limits, left, price, input);
    };
    const std::int64_t most = allowed(true);
    granted = std::min(granted, most);
    if (most >= least.value) continue;
    const std::string of = describe(cap.limits) + (is_own ? "" : " for " + cap.name);
    if (allowed(false) >= least.value)
      return fail(Code::unavailable, "other requests under way hold what is left of the budget of {}", of);
    return fail(Code::budget, "this request could cross the budget of {}, of which {} is spent", of,
                describe({cap.limits.money ? std::optional(cap.spent) : std::nullopt,
                          cap.limits.tokens ? std::optional(cap.spent_tokens) : std::nullopt}));
  }
  const Tokens grant{granted};
  const MicroDollars money = price == nullptr ? MicroDollars{} : price->worst(input, grant);
  const Tokens tokens = input + grant;
  if (turn) SKEIN_DO(turn->publish({state_.reserved + money, state_.reserved_tokens + tokens}));
  state_.reserved += money;
  state_.reserved_tokens += tokens;
  return Reservation(*this, money, tokens, grant);
}

Budget::State Budget::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void Budget::settle(const Reservation& reservation, MicroDollars money, Tokens tokens) {
  const std::lock_guard lock(mutex_);
  state_.reserved -= reservation.money_;
  state_.reserved_tokens -= reservation.tokens_;
  state_.spent += money;
  state_.spent_tokens += tokens;
  if (shared_ == nullptr) return;
  // What cannot be told now is told by the next; until then others keep to what is less for them.
  auto turn = shared_->turn();
  if (!turn) return;
  [[maybe_unused]] const auto published = turn->publish(reserved());
}

Reservation::Reservation(Reservation&& other) noexcept
    : budget_(std::exchange(other.budget_, nullptr)),
      money_(other.money_),
      tokens_(other.tokens_),
      output_(other.output_) {}

Reservation::~Reservation() {
  if (budget_ != nullptr) budget_->settle(*this, money_, tokens_);
}

void Reservation::settle(MicroDollars money, Tokens tokens) {
  if (budget_ == nullptr) return;
  budget_->settle(*this, money, tokens);
  budget_ = nullptr;
}

}  // namespace skein::agents
