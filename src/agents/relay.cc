#include "agents/relay.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "agents/answer_reader.h"
#include "agents/secret_vault.h"
#include "base/random.h"

namespace skein::agents {
namespace {

using net::Header;
using net::ProxyAnswer;
using net::ProxyRequest;

constexpr std::string_view kBearerMark = "sk-skein-";
constexpr std::chrono::seconds kLongestOwnWait{60};  // A longer Retry-After is a usage window's, not a moment's.
constexpr std::size_t kMostRefusal = 4'096;
constexpr std::array<std::string_view, 3> kUsedUp{"insufficient_quota", "usage_limit", "billing_hard_limit"};
constexpr Tokens kUsualOutput{16'384};  // Of a request without a limit, under a budget.

struct Way {
  Provider provider;
  std::string key;
};

std::string path_of(std::string_view target) { return std::string(target.substr(0, target.find('?'))); }

/// The dialect whose shape errors take where the path tells none: Anthropic's clients send a header of their own.
Dialect error_dialect(const ProxyRequest& request) {
  if (const auto dialect = dialect_of_path(path_of(request.target))) return *dialect;
  return request.header("anthropic-version").empty() ? Dialect::chat : Dialect::messages;
}

ProxyAnswer error_answer(Dialect dialect, unsigned status, std::string_view kind, std::string_view message) {
  return {status, {{"Content-Type", "application/json"}}, error_body(dialect, kind, message)};
}

std::chrono::seconds seconds_of(const std::vector<Header>& headers, std::string_view name) {
  for (const Header& one : headers) {
    const bool same = std::ranges::equal(one.first, name, [](char a, char b) { return (a | 0x20) == (b | 0x20); });
    std::int64_t seconds = 0;
    if (same && std::from_chars(one.second.data(), one.second.data() + one.second.size(), seconds).ec == std::errc())
      return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, 30 * 86'400));
  }
  return {};
}

std::string random_word(Random& random) { return fmt::format("{:016x}", random.next()); }

std::string bearer_of(const ProxyRequest& request) {
  if (const auto key = request.header("x-api-key"); !key.empty()) return std::string(key);
  const auto value = request.header("authorization");
  constexpr std::string_view kScheme = "Bearer ";
  return value.starts_with(kScheme) ? std::string(value.substr(kScheme.size())) : std::string();
}

/// What of the client's head goes on, and the real key.
std::vector<Header> headers_for(const ProxyRequest& request, Dialect dialect, const Way& way, bool with_beta) {
  std::vector<Header> headers;
  static constexpr std::array<std::string_view, 5> kPassed{"content-type", "accept", "user-agent", "anthropic-version",
                                                           "openai-beta"};
  for (const auto name : kPassed)
    if (const auto value = request.header(name); !value.empty()) headers.emplace_back(name, value);
  if (const auto beta = request.header("anthropic-beta"); with_beta && !beta.empty())
    headers.emplace_back("anthropic-beta", beta);
  if (way.key.empty()) return headers;
  if (dialect == Dialect::messages)
    headers.emplace_back("x-api-key", way.key);
  else
    headers.emplace_back("authorization", "Bearer " + way.key);
  return headers;
}

std::string upstream_url(const Way& way, std::string_view target) {
  constexpr std::string_view kVersion = "/v1";
  return way.provider.url + std::string(target.substr(kVersion.size()));
}

}  // namespace

struct RelayAccess::State {
  std::string step, agent;
  std::vector<Way> ways;
  std::unique_ptr<SecretVault> vault;  // Used on the relay's thread only.

  [[nodiscard]] const Way* way_for(Dialect dialect) const {
    const auto found = std::ranges::find_if(ways, [&](const Way& way) { return way.provider.speaks(dialect); });
    return found == ways.end() ? nullptr : &*found;
  }
  void add(const ModelCall& call) {
    const std::lock_guard lock(mutex);
    sum.usage += call.usage;
    sum.money += call.money;
    ++sum.calls;
  }
  void refuse(std::string_view why) {
    const std::lock_guard lock(mutex);
    ++sum.refused;
    sum.last_refusal = why;
  }
  void block_by(Block found) {
    std::function<void()> told;
    {
      const std::lock_guard lock(mutex);
      if (blocked) return;
      blocked = std::move(found);
      told = std::move(on_block);
    }
    if (told) told();
  }
  std::mutex mutex;  // Guards what follows.
  Sum sum;
  std::optional<Block> blocked;
  std::function<void()> on_block;
};

/// Follows one request of a step: settles what it cost when its answer ends, or when it goes without one.
class RelayExchange final : public net::ProxyExchange {
 public:
  RelayExchange(const Relay& relay, std::shared_ptr<RelayAccess::State> state, const ModelRequest& request,
                const Way& way, const Price* price, std::optional<Reservation> reservation)
      : relay_(relay),
        state_(std::move(state)),
        dialect_(request.dialect),
        price_(price),
        is_free_(way.provider.free),
        reservation_(std::move(reservation)),
        most_input_(request.most_input),
        begun_(relay.clock_.now()),
        reader_(request.dialect, request.stream, !request.told_usage, *state_->vault),
        plain_reader_(request.dialect, false, false, *state_->vault) {
    call_.at = relay.clock_.wall();
    call_.step = state_->step;
    call_.agent = state_->agent;
    call_.provider = way.provider.id;
    call_.model = request.model;
    call_.dialect = request.dialect;
  }
  ~RelayExchange() override {
    if (!settled_) settle(worst_case());  // The client, or we, went away: the provider may have worked on.
    set_free();
  }
  RelayExchange(const RelayExchange&) = delete;
  RelayExchange& operator=(const RelayExchange&) = delete;

  void on_head(unsigned status, const std::vector<Header>& headers) override {
    call_.status = status;
    const auto type = std::ranges::find_if(headers, [](const Header& one) {
      return std::ranges::equal(one.first, std::string_view("content-type"),
                                [](char a, char b) { return (a | 0x20) == b; });
    });
    // What was asked for as a stream is an error's plain body where it failed.
    streams_ = type != headers.end() && type->second.starts_with("text/event-stream");
    if (status == 429) retry_after_ = seconds_of(headers, "retry-after");
  }
  void on_body(std::string_view bytes, std::string& out) override {
    if (call_.status >= 400 && refusal_.size() < kMostRefusal) refusal_ += bytes.substr(0, kMostRefusal);
    reader().feed(bytes, out);
  }
  void on_end(bool complete, std::string& out) override {
    reader().finish(out);
    look_for_block();
    const auto usage = reader().usage();
    if (call_.status >= 400) return settle(TokenUsage{});  // Refused: it costs nothing.
    if (complete && usage) return settle(*usage);
    call_.estimated = true;
    TokenUsage worst = worst_case();
    // A broken stream may have told its input, and never more output than was granted.
    if (usage && !reservation_) worst = *usage;
    settle(worst);
  }
  void on_sent() override { set_free(); }
  ProxyAnswer on_failure(const net::ProxyFailure& failure) override {
    if (failure.sent)
      settle(worst_case());
    else
      give_back(failure.reason);
    set_free();
    return error_answer(dialect_, failure.sent ? 504 : 502, "unavailable", failure.reason);
  }

 private:
  /// What no other try of the agent's own would mend.
  void look_for_block() {
    const std::string who = call_.provider;
    if (call_.status == 401)
      state_->block_by({"login", fmt::format("{} does not take the key that skein has of it", who), Millis(0)});
    if (call_.status != 429) return;
    const bool used_up = std::ranges::any_of(kUsedUp, [&](auto word) { return refusal_.contains(word); });
    if (retry_after_ > kLongestOwnWait)
      state_->block_by({"usage window",
                        fmt::format("{} answers again in {} minutes: its usage window is used up", who,
                                    (retry_after_.count() + 59) / 60),
                        retry_after_});
    else if (used_up)
      state_->block_by({"usage window", fmt::format("{} says that what is paid for is used up", who), Millis(0)});
  }
  AnswerReader& reader() { return streams_ ? reader_ : plain_reader_; }
  /// All that was reserved; without a budget nothing is known, and nothing is counted.
  TokenUsage worst_case() {
    call_.estimated = true;
    TokenUsage worst;
    if (!reservation_) return worst;
    worst.input = most_input_;
    worst.output = reservation_->output();
    return worst;
  }
  /// It did not go out: there was no request, and nothing is counted.
  void give_back(const std::string& why) {
    settled_ = is_free_again_ = true;
    if (reservation_) reservation_->settle({}, {});
    state_->refuse(why);
  }
  void settle(const TokenUsage& usage) {
    settled_ = true;
    call_.usage = usage;
    call_.priced = price_ != nullptr || is_free_;
    if (price_ != nullptr) call_.money = price_->of(usage);
    if (reservation_ && call_.estimated) call_.money = reservation_->money();
    call_.duration = std::chrono::duration_cast<Micros>(relay_.clock_.now() - begun_);
    state_->add(call_);
    if (relay_.options_.on_call) relay_.options_.on_call(call_);
  }
  /// What was reserved and not used is free again, once it is written down what was: never counted less than once. No
  /// answer waits for it, and no later request of the client comes before it: they are met on this thread.
  void set_free() {
    if (is_free_again_) return;
    is_free_again_ = true;
    if (reservation_) reservation_->settle(call_.money, call_.estimated ? reservation_->tokens() : call_.usage.total());
    if (relay_.options_.after_call) relay_.options_.after_call(call_);
  }

  const Relay& relay_;
  std::shared_ptr<RelayAccess::State> state_;
  Dialect dialect_;
  const Price* price_;
  bool is_free_;
  std::optional<Reservation> reservation_;
  Tokens most_input_;
  Instant begun_;
  AnswerReader reader_, plain_reader_;
  ModelCall call_;
  std::chrono::seconds retry_after_{};
  std::string refusal_;  // The beginning of an error's body.
  bool streams_ = false, settled_ = false, is_free_again_ = false;
};

namespace {

/// Passes on what costs nothing: a list of models, a count of tokens.
class FreeExchange final : public net::ProxyExchange {
 public:
  explicit FreeExchange(Dialect dialect) : dialect_(dialect) {}
  void on_head(unsigned, const std::vector<Header>&) override {}
  void on_body(std::string_view bytes, std::string& out) override { out += bytes; }
  void on_end(bool, std::string&) override {}
  ProxyAnswer on_failure(const net::ProxyFailure& failure) override {
    return error_answer(dialect_, 502, "unavailable", failure.reason);
  }

 private:
  Dialect dialect_;
};

}  // namespace

RelayAccess::RelayAccess(Relay& relay, std::string key, std::shared_ptr<State> state)
    : relay_(&relay), key_(std::move(key)), state_(std::move(state)) {}

RelayAccess::RelayAccess(RelayAccess&& other) noexcept
    : relay_(std::exchange(other.relay_, nullptr)), key_(std::move(other.key_)), state_(std::move(other.state_)) {}

RelayAccess::~RelayAccess() {
  if (relay_ != nullptr) relay_->forget(key_);
}

const Provider& RelayAccess::provider() const { return state_->ways.front().provider; }

RelayAccess::Sum RelayAccess::sum() const {
  const std::lock_guard lock(state_->mutex);
  return state_->sum;
}

std::optional<RelayAccess::Block> RelayAccess::block() const {
  const std::lock_guard lock(state_->mutex);
  return state_->blocked;
}

void RelayAccess::on_block(std::function<void()> told) {
  const std::lock_guard lock(state_->mutex);
  state_->on_block = std::move(told);
}

Relay::Relay(PriceTable prices, const Clock& clock, RelayOptions options)
    : prices_(std::move(prices)), clock_(clock), options_(std::move(options)) {}

Relay::~Relay() = default;

Result<std::unique_ptr<Relay>> Relay::start(PriceTable prices, const Clock& clock, RelayOptions options) {
  std::unique_ptr<Relay> relay(new Relay(std::move(prices), clock, std::move(options)));
  auto proxy = net::HttpProxy::start({}, *relay);
  if (!proxy) return pass(std::move(proxy).error(), "while starting the relay to models");
  relay->proxy_ = std::move(*proxy);
  return relay;
}

std::string Relay::url() const { return fmt::format("http://127.0.0.1:{}", proxy_->port()); }

Result<RelayAccess> Relay::admit(std::string step, std::string agent, const std::vector<Provider>& providers,
                                 const Variables& environment) {
  auto state = std::make_shared<RelayAccess::State>();
  std::optional<Error> last;
  for (const Provider& provider : providers) {
    if (!options_.remote && !provider.is_local()) {
      last = Error(Code::permission_denied, fmt::format("{} is not on this machine ({})", provider.id, provider.url))
                 .or_do("run it with --mode burst, which allows remote providers");
      continue;
    }
    auto key = find_key(provider, environment);
    if (key)
      state->ways.push_back({provider, std::move(*key)});
    else
      last = std::move(key).error();
  }
  if (state->ways.empty())
    return std::unexpected(last.value_or(Error(Code::invalid_argument, agent + " names no provider of models")));
  SystemRandom random;
  state->step = std::move(step);
  state->agent = std::move(agent);
  state->vault = std::make_unique<SecretVault>(random_word(random).substr(0, 6));
  std::string key = std::string(kBearerMark) + random_word(random) + random_word(random);
  {
    const std::lock_guard lock(mutex_);
    steps_.emplace(sha256(key), state);
  }
  return RelayAccess(*this, std::move(key), std::move(state));
}

void Relay::forget(const std::string& key) {
  const std::lock_guard lock(mutex_);
  steps_.erase(sha256(key));
}

std::shared_ptr<RelayAccess::State> Relay::state_of(const ProxyRequest& request) const {
  const Digest digest = sha256(bearer_of(request));
  const std::lock_guard lock(mutex_);
  const auto found = steps_.find(digest);
  return found == steps_.end() ? nullptr : found->second;
}

std::optional<ProxyAnswer> Relay::refusal(const ProxyRequest& head) {
  if (state_of(head) != nullptr) return {};
  return error_answer(error_dialect(head), 401, "authentication",
                      "this is skein's relay: it answers to the key of a step that runs");
}

net::ProxyVerdict Relay::decide(ProxyRequest request) {
  const auto state = state_of(request);
  if (state == nullptr)
    return error_answer(error_dialect(request), 401, "authentication", "the step of this key has ended");
  const std::string path = path_of(request.target);
  if (const auto dialect = dialect_of_path(path); dialect && request.method == "POST")
    return decide_model(state, *dialect, std::move(request));
  const bool counts = path == "/v1/messages/count_tokens" && request.method == "POST";
  const bool lists = (path == "/v1/models" || path.starts_with("/v1/models/")) && request.method == "GET";
  const Dialect shape = error_dialect(request);
  const Way* way = counts ? state->way_for(Dialect::messages) : &state->ways.front();
  if (!lists && (!counts || way == nullptr))
    return error_answer(shape, 404, "request",
                        fmt::format("skein's relay has no {} {}: it meters /v1/chat/completions, /v1/responses and "
                                    "/v1/messages",
                                    request.method, path));
  if (const Way* own = state->way_for(shape); lists && own != nullptr) way = own;
  net::ProxyForward forward;
  forward.url = upstream_url(*way, request.target);
  forward.method = request.method;
  forward.headers = headers_for(request, way->provider.dialects.front(), *way, true);
  if (counts) {
    auto body = engine::Json::parse(request.body, nullptr, false);
    if (!body.is_object() || is_too_deep(body))
      return error_answer(shape, 400, "request", "the request's body is no JSON object");
    state->vault->hide(body);
    request.body = body.dump(-1, ' ', false, engine::Json::error_handler_t::replace);
  }
  forward.body = std::move(request.body);
  forward.exchange = std::make_unique<FreeExchange>(shape);
  return forward;
}

net::ProxyVerdict Relay::decide_model(const std::shared_ptr<RelayAccess::State>& state, Dialect dialect,
                                      ProxyRequest request) {
  const auto refuse = [&](unsigned status, std::string_view kind, std::string_view message) {
    state->refuse(message);
    return error_answer(dialect, status, kind, message);
  };
  const Way* way = state->way_for(dialect);
  if (way == nullptr)
    return refuse(404, "request", fmt::format("no provider of this step speaks {}", to_string(dialect)));
  auto read = read_request(dialect, request.body);
  if (!read) return refuse(400, "request", read.error().message());
  ModelRequest model = std::move(*read);
  const Price* price = way->provider.free ? nullptr : prices_.find(model.model);
  std::optional<Reservation> reservation;
  bool caps_money = false;
  if (options_.budget != nullptr) {
    static constexpr Price kFree{};
    const Price* reserved_at = way->provider.free ? &kFree : price;
    caps_money = options_.budget->caps_money() && !way->provider.free;
    if (!model.unbounded.empty() && !way->provider.free)
      return refuse(
          402, "budget",
          fmt::format("{} costs what nobody can foresee: a run with a budget does not send it", model.unbounded));
    const std::int64_t most = price != nullptr && price->most_output > 0 ? price->most_output : kUsualOutput.value;
    const Tokens wanted{model.output ? model.output->value : std::min(most, kUsualOutput.value)};
    auto made = options_.budget->reserve(reserved_at, model.most_input, {wanted.value * model.answers});
    if (!made && made.error().code() == Code::not_found)
      return refuse(402, "budget",
                    fmt::format("the price of {} is not known, so a budget of money cannot hold it: add it to "
                                "prices/*.toml in skein's configuration, or give the budget in tokens",
                                model.model));
    if (!made && made.error().code() == Code::unavailable) {
      ProxyAnswer busy = refuse(429, "busy", made.error().message());
      busy.headers.emplace_back("Retry-After", "1");
      return busy;
    }
    if (!made) return refuse(402, "budget", made.error().message());
    const Tokens each{made->output().value / model.answers};
    const Status limited = each.value < 1 ? Status(fail(Code::budget, "nothing is left of the budget for an answer"))
                                          : set_output_limit(model, each, way->provider.output_limit);
    if (!limited) {
      made->settle({}, {});
      return refuse(402, "budget", limited.error().message());
    }
    reservation.emplace(std::move(*made));
  }
  ask_for_usage(model);
  state->vault->hide(model.body);
  net::ProxyForward forward;
  forward.url = upstream_url(*way, request.target);
  forward.method = "POST";
  // What a header of Anthropic's switches on (a longer context) has prices of its own.
  const bool has_tiers = price != nullptr && price->has_tiers();
  const bool with_beta = !caps_money || has_tiers || !request.header("anthropic-beta").contains("context-1m");
  forward.headers = headers_for(request, dialect, *way, with_beta);
  forward.body = model.body.dump(-1, ' ', false, engine::Json::error_handler_t::replace);
  forward.exchange = std::make_unique<RelayExchange>(*this, state, model, *way, price, std::move(reservation));
  return forward;
}

}  // namespace skein::agents
