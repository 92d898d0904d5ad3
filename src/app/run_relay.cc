#include "app/run_relay.h"

namespace skein::app {

Result<std::vector<agents::PeriodCap>> period_caps(const engine::Context& context, WallTime now,
                                                   agents::SpentSoFar& spent) {
  const BudgetSettings& settings = settings_of(context).values().budget;
  std::vector<agents::PeriodCap> caps;
  if (!settings.day && !settings.month) return caps;
  const agents::SpentSoFar::Sums sums = spent.at(now);
  const auto add = [&](const std::optional<std::string>& text, const char* name, const char* key,
                       const agents::SpentSoFar::Sum& sum) -> Status {
    if (!text) return {};
    auto limits = agents::parse_budget(*text);
    if (!limits) return pass(std::move(limits).error(), fmt::format("while reading the setting {}", key));
    caps.push_back({name, *limits, sum.money, sum.tokens});
    return {};
  };
  SKEIN_DO(add(settings.day, "today", "budget.day", sums.day));
  SKEIN_DO(add(settings.month, "this month", "budget.month", sums.month));
  return caps;
}

Result<std::unique_ptr<RunRelay>> RunRelay::start(const Services& services, const engine::Context& context,
                                                  Machinery& machinery, std::optional<agents::BudgetLimits> limits) {
  std::unique_ptr<RunRelay> made(new RunRelay(services, context, machinery));
  SKEIN_TRY(const UserFolders folders, user_folders(services.environment));
  made->state_ = folders.state;
  SKEIN_TRY(auto prices, agents::PriceTable::load(services.files, join_path(folders.config, "prices")));
  SKEIN_TRY(made->providers_, agents::load_providers(services.files, join_path(folders.config, "providers")));
  agents::RelayOptions options;
  options.remote = context.mode == engine::Mode::burst;
  made->spent_.emplace(services.files, made->state_);
  SKEIN_TRY(const auto caps, period_caps(context, services.clock.wall(), *made->spent_));
  if (!caps.empty()) made->shared_.emplace(services.files, services.clock, made->state_, context.workspace);
  if (limits || !caps.empty())
    options.budget = &made->budget_.emplace(
        limits.value_or(agents::BudgetLimits{}),
        [relay = made.get()] {
          // They were readable a moment ago.
          return period_caps(relay->context_, relay->services_.clock.wall(), *relay->spent_)
              .value_or(std::vector<agents::PeriodCap>());
        },
        made->shared_ ? &*made->shared_ : nullptr);
  options.on_call = [relay = made.get()](const agents::ModelCall& call) { relay->write_down(call); };
  if (context.observer != nullptr)
    options.after_call = [relay = made.get()](const agents::ModelCall& call) { relay->tell(call); };
  SKEIN_TRY(made->relay_, agents::Relay::start(std::move(prices), services.clock, std::move(options)));
  return made;
}

RunRelay::Sum RunRelay::sum() const {
  const std::lock_guard lock(mutex_);
  return sum_;
}

void RunRelay::on(const engine::Event& event) {
  if (const auto* started = std::get_if<engine::RunStarted>(&event)) {
    const std::lock_guard lock(mutex_);
    run_ = started->run;
  }
}

void RunRelay::write_down(const agents::ModelCall& call) {
  agents::LedgerEntry entry{{}, context_.workspace, call};
  {
    const std::lock_guard lock(mutex_);
    entry.run = run_;
    sum_.usage += call.usage;
    sum_.money += call.money;
    ++sum_.calls;
    if (call.estimated) ++sum_.estimated;
    if (!call.priced) ++sum_.unpriced;
  }
  // The run's own sums hold it as well; a full disk does not stop an answer that is paid for.
  [[maybe_unused]] const auto added = agents::add_to_ledger(services_.files, state_, entry);
}

void RunRelay::tell(const agents::ModelCall& call) {
  // Observers are told on the thread of the run.
  machinery_.loop().post([observer = context_.observer, step = call.step, model = call.model,
                          tokens = call.usage.total(),
                          money = call.money] { observer->on(engine::ModelAnswered{step, model, tokens, money}); });
}

}  // namespace skein::app
