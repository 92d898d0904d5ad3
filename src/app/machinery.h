// What a run needs of the machine, made when the first run needs it: the loop, the threads, the session of a state
// folder.
#pragma once

#include <memory>
#include <string>

#include "app/cache_tiers.h"
#include "app/services.h"
#include "app/step_outputs.h"
#include "base/executor.h"
#include "base/random.h"
#include "cache/counts.h"
#include "engine/session.h"

namespace skein::app {

/// Not movable: its parts refer to each other.
class Machinery {
 public:
  Machinery(const Services& services, const engine::Context& context);
  /// Adds what the runs found and missed to the counts of the state folder.
  ~Machinery();

  [[nodiscard]] Executor& pool() { return *pool_; }
  [[nodiscard]] EventLoop& loop() { return *loop_; }
  /// Takes away what nobody waits for; the last task is done when the machinery goes.
  [[nodiscard]] Executor& sweeper() { return sweeper_; }
  /// The session of the context's workspace, opened at the first call; what it recovered is told to the user.
  /// Errors: of the state folder and of `Session::open`.
  [[nodiscard]] Result<engine::Session*> session();
  /// The user's own tier, once the session is open; null where the settings want none.
  [[nodiscard]] store::Store* user_store() { return tiers_ == nullptr ? nullptr : tiers_->user_store(); }
  /// A request with what the command line says of runs: jobs, serial, no_cache, no_cutoff, refresh, observer, stop,
  /// version.
  [[nodiscard]] engine::RunRequest request(std::string operation, std::string input);

 private:
  const Services& services_;
  const engine::Context& context_;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<Executor> pool_;
  ThreadPool disk_{1};
  ThreadPool sweeper_{1};
  SystemRandom random_;
  std::unique_ptr<CacheTiers> tiers_;  // Used by the session.
  std::unique_ptr<engine::Session> session_;
  cache::RunCounts counts_;
  StepOutputs outputs_;
};

}  // namespace skein::app
