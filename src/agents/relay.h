// The relay: every request of an agent to a model passes it, on loopback. It knows each step by a bearer of its own,
// holds the real keys, reserves what a request may cost before it goes out, meters what it did cost, and keeps secrets
// of prompts from leaving.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agents/budget.h"
#include "agents/dialect.h"
#include "agents/prices.h"
#include "agents/provider.h"
#include "agents/token_usage.h"
#include "base/clock.h"
#include "base/digest.h"
#include "net/http_proxy.h"

namespace skein::agents {

/// One request to a model, settled.
struct ModelCall {
  WallTime at{};  ///< When it came.
  std::string step, agent, provider, model;
  Dialect dialect{};
  unsigned status = 0;  ///< Of the answer; 0: there was none.
  TokenUsage usage;
  MicroDollars money{};
  bool estimated = false;  ///< The answer told no usage that can be: the worst case is counted.
  bool priced = true;      ///< False: the model has no price, and money is 0.
  Micros duration{};
};

struct RelayOptions {
  bool remote = false;       ///< Providers elsewhere may be asked.
  Budget* budget = nullptr;  ///< Null: no cap. Outlives the relay.
  /// Told of each request when it is settled, before its answer ends, on the relay's thread: what writes it down. The
  /// client waits for it. May be empty.
  std::function<void(const ModelCall&)> on_call;
  /// Told after that, when the client has its answer: for what nobody waits. May be empty.
  std::function<void(const ModelCall&)> after_call;
};

class Relay;

/// A step's way to its models, for as long as it lives.
class RelayAccess {
 public:
  RelayAccess(RelayAccess&& other) noexcept;
  RelayAccess& operator=(RelayAccess&&) = delete;
  ~RelayAccess();  ///< The bearer is no good any more.

  [[nodiscard]] const std::string& key() const { return key_; }
  /// The first one that was let in.
  [[nodiscard]] const Provider& provider() const;
  struct Sum {
    TokenUsage usage;
    MicroDollars money{};
    std::int64_t calls = 0;
    std::int64_t refused = 0;  ///< Requests that did not go out.
    std::string last_refusal;  ///< Why.
  };
  [[nodiscard]] Sum sum() const;
  /// What a provider said that only a person, or time, mends.
  struct Block {
    std::string kind;  ///< "login": it does not take the key; "usage window": what is paid for is used up.
    std::string what;  ///< In words.
    Millis wait{};     ///< Until it may be asked again; 0: not told.
  };
  /// The first one.
  [[nodiscard]] std::optional<Block> block() const;
  /// Called on the relay's thread when there is one: waiting for the answer is in vain. Once.
  void on_block(std::function<void()> told);
  struct State;  ///< The relay's own.

 private:
  friend class Relay;
  RelayAccess(Relay& relay, std::string key, std::shared_ptr<State> state);
  Relay* relay_;
  std::string key_;
  std::shared_ptr<State> state_;  // Shared with the exchanges under way, which may outlive the step.
};

class Relay final : private net::ProxyHandler {
 public:
  /// Errors: `unavailable` where no socket can be made, as in mode airgapped.
  [[nodiscard]] static Result<std::unique_ptr<Relay>> start(PriceTable prices, const Clock& clock,
                                                            RelayOptions options);
  ~Relay() override;

  /// Lets a step in: its requests go to the first of `providers` that speaks their dialect. Providers that the mode
  /// does not allow, or whose key cannot be had, are left out. Errors: those of the last one left out, where none is
  /// left.
  [[nodiscard]] Result<RelayAccess> admit(std::string step, std::string agent, const std::vector<Provider>& providers,
                                          const Variables& environment);

  /// "http://127.0.0.1:PORT", also from inside a sandbox.
  [[nodiscard]] std::string url() const;
  [[nodiscard]] net::HttpProxy& proxy() { return *proxy_; }

 private:
  friend class RelayAccess;
  friend class RelayExchange;
  Relay(PriceTable prices, const Clock& clock, RelayOptions options);
  std::optional<net::ProxyAnswer> refusal(const net::ProxyRequest& head) override;
  net::ProxyVerdict decide(net::ProxyRequest request) override;
  net::ProxyVerdict decide_model(const std::shared_ptr<RelayAccess::State>& state, Dialect dialect,
                                 net::ProxyRequest request);
  [[nodiscard]] std::shared_ptr<RelayAccess::State> state_of(const net::ProxyRequest& request) const;
  void forget(const std::string& key);

  const PriceTable prices_;
  const Clock& clock_;
  const RelayOptions options_;
  mutable std::mutex mutex_;                                     // Guards steps_.
  std::map<Digest, std::shared_ptr<RelayAccess::State>> steps_;  // By the digest of their bearer: no timing tells it.
  std::unique_ptr<net::HttpProxy> proxy_;                        // The last: it calls us until it is gone.
};

}  // namespace skein::agents
