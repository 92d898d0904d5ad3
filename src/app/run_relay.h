// The relay of one run: its prices, its providers and its budget, the user's ledger, and the run's events.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agents/ledger.h"
#include "agents/relay.h"
#include "app/machinery.h"
#include "app/services.h"
#include "engine/events.h"

namespace skein::app {

/// Also an observer of the run whose requests it meters: it learns the run's name. Outlives the run.
class RunRelay final : public engine::Observer {
 public:
  /// Errors: of the user's prices and providers; `unavailable` in mode airgapped.
  [[nodiscard]] static Result<std::unique_ptr<RunRelay>> start(const Services& services, const engine::Context& context,
                                                               Machinery& machinery,
                                                               std::optional<agents::BudgetLimits> limits);

  [[nodiscard]] agents::Relay& relay() { return *relay_; }
  [[nodiscard]] const std::vector<agents::Provider>& providers() const { return providers_; }
  /// What all its requests took so far.
  struct Sum {
    agents::TokenUsage usage;
    MicroDollars money{};
    std::int64_t calls = 0, estimated = 0, unpriced = 0;
  };
  [[nodiscard]] Sum sum() const;

  void on(const engine::Event& event) override;

 private:
  RunRelay(const Services& services, const engine::Context& context, Machinery& machinery)
      : services_(services), context_(context), machinery_(machinery) {}
  void write_down(const agents::ModelCall& call);
  void tell(const agents::ModelCall& call);

  const Services& services_;
  const engine::Context& context_;
  Machinery& machinery_;
  std::string state_;  // The user's folder.
  std::vector<agents::Provider> providers_;
  std::optional<agents::SpentSoFar> spent_;
  std::optional<agents::SharedReservations> shared_;  // Where a day or a month has a cap.
  std::optional<agents::Budget> budget_;
  mutable std::mutex mutex_;  // Guards run_ and sum_.
  std::string run_;
  Sum sum_;
  std::unique_ptr<agents::Relay> relay_;  // The last: its thread calls us until it is gone.
};

/// The caps of the settings over a day and a month, with what is spent. Errors: of what is no budget.
[[nodiscard]] Result<std::vector<agents::PeriodCap>> period_caps(const engine::Context& context, WallTime now,
                                                                 agents::SpentSoFar& spent);

}  // namespace skein::app
