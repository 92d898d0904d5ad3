#include "app/run_relay.h"

#include "agents/ledger.h"

namespace skein::app {

Result<std::unique_ptr<RunRelay>> RunRelay::start(const Services& services, const engine::Context& context,
                                                  Machinery& machinery, std::optional<agents::BudgetLimits> limits) {
  std::unique_ptr<RunRelay> made(new RunRelay(services, context, machinery));
  SKEIN_TRY(const UserFolders folders, user_folders(services.environment));
  made->state_ = folders.state;
  SKEIN_TRY(auto prices, agents::PriceTable::load(services.files, join_path(folders.config, "prices")));
  SKEIN_TRY(made->providers_, agents::load_providers(services.files, join_path(folders.config, "providers")));
  agents::RelayOptions options;
  options.remote = context.mode == engine::Mode::burst;
  if (limits) options.budget = &made->budget_.emplace(*limits);
  options.on_call = [relay = made.get()](const agents::ModelCall& call) { relay->settled(call); };
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

void RunRelay::settled(const agents::ModelCall& call) {
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
  if (context_.observer == nullptr) return;
  // Observers are told on the thread of the run.
  machinery_.loop().post([observer = context_.observer, step = call.step, model = call.model,
                          tokens = call.usage.total(),
                          money = call.money] { observer->on(engine::ModelAnswered{step, model, tokens, money}); });
}

}  // namespace skein::app
