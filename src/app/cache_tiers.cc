#include "app/cache_tiers.h"

#include <algorithm>

#include "app/user_key.h"
#include "base/platform/surroundings.h"

namespace skein::app {
namespace {

cache::Policy policy_of(CachePolicy policy) {
  switch (policy) {
    case CachePolicy::worth:
      return cache::Policy::worth;
    case CachePolicy::s3_fifo:
      return cache::Policy::s3_fifo;
    case CachePolicy::lru:
      return cache::Policy::lru;
  }
  return cache::Policy::worth;
}

cache::SharedWrites writes_of(CacheWrites writes) {
  switch (writes) {
    case CacheWrites::back:
      return cache::SharedWrites::back;
    case CacheWrites::through:
      return cache::SharedWrites::through;
    case CacheWrites::none:
      return cache::SharedWrites::none;
  }
  return cache::SharedWrites::none;
}

}  // namespace

Result<std::unique_ptr<CacheTiers>> CacheTiers::make(const Services& services, const engine::Context& context) {
  auto tiers = std::unique_ptr<CacheTiers>(new CacheTiers(services, context));
  const auto& settings = settings_of(context).values().cache;
  if (settings.memory_size.value > 0)
    tiers->memory_ = std::make_unique<cache::MemoryTier>(
        services.clock, cache::MemoryTierOptions{.capacity = static_cast<std::uint64_t>(settings.memory_size.value),
                                                 .policy = policy_of(settings.memory_policy)});
  SKEIN_DO(tiers->open_shared());
  if (settings.user_tier) tiers->open_user();
  return tiers;
}

void CacheTiers::open_user() {
  const auto open = [&]() -> Status {
    SKEIN_TRY(const auto folders, user_folders(services_.environment));
    const std::string folder = join_path(folders.cache, "store");
    SKEIN_DO(services_.files.make_directories(folder));
    SKEIN_DO(restrict_to_user(folder));
    SKEIN_TRY(user_store_, store::Store::open(services_.files, folder, {}));
    return {};
  };
  if (auto opened = open(); !opened)
    on_note("user", fmt::format("your own cache is not used: {}", opened.error().to_string()));
  else
    user_ = std::make_unique<engine::StoreResults>(*user_store_,
                                                   [this](std::string_view agent) { return is_plain(agent); });
}

bool CacheTiers::is_plain(std::string_view agent) const {
  const auto* found = cache::namespace_of(settings_of(context_).namespaces(), agent);
  return found != nullptr && !found->compressed;
}

cache::TierCounts CacheTiers::counts() const {
  cache::TierCounts counts;
  if (around_ != nullptr) counts = around_->counts();
  if (memory_ != nullptr) counts.emplace("memory", memory_->counts());
  if (shared_ != nullptr) counts.emplace("shared", shared_->counts());
  return counts;
}

Status CacheTiers::open_shared() {
  const auto& settings = settings_of(context_).values().cache;
  std::string url = settings.url.value_or("");
  const char* from = "cache.url";
  if (url.empty()) {
    url = find_variable(services_.environment, "REDIS_URL").value_or("");
    from = "REDIS_URL";
  }
  if (url.empty()) return {};
  if (context_.mode == engine::Mode::airgapped) {
    on_note("shared", "the shared cache is off: the mode is airgapped");
    return {};
  }
  auto address = cache::parse_shared_address(url);
  if (!address) return pass(std::move(address).error(), fmt::format("while reading {}", from));
  if (context_.mode == engine::Mode::local && !address->is_local()) {
    on_note("shared", fmt::format("the shared cache {} is not used: in mode local skein speaks with this machine only",
                                  address->shown()));
    return {};
  }
  cache::SharedTierOptions options;
  options.address = std::move(*address);
  options.prefix = settings.prefix;
  options.secret = find_variable(services_.environment, "SKEIN_CACHE_SECRET").value_or("");
  options.time_limit = Millis(settings.time_limit_ms);
  options.breaker.budget = Millis(settings.budget_ms);
  options.ttl = settings.ttl;
  if (settings.encrypt) {
    std::string key = options.secret;
    if (key.empty()) {
      SKEIN_TRY(const auto folders, user_folders(services_.environment));
      SKEIN_TRY(key, user_key(services_.files, folders.state));
    }
    SKEIN_TRY(options.cipher, cache::Cipher::make(key));
  }
  shared_ = std::make_unique<cache::SharedTier>(services_.clock, std::move(options), this);
  return {};
}

std::unique_ptr<engine::ResultStore> CacheTiers::around(engine::ResultStore& disk, const std::string& folder) {
  const auto& settings = settings_of(context_).values().cache;
  cache::TieredOptions options;
  options.writes = writes_of(settings.writes);
  if (settings.single_flight) {
    options.flights = join_path(folder, "flights");
    if (!services_.files.make_directories(options.flights)) options.flights.clear();  // Then nothing is waited for.
  }
  options.user = user_.get();
  options.namespaces = &settings_of(context_).namespaces();
  options.clock = &services_.clock;
  auto around = std::make_unique<cache::TieredResults>(disk, memory_.get(), shared_.get(), this, std::move(options));
  around_ = around.get();
  return around;
}

void CacheTiers::on_note(std::string_view, const std::string& line) {
  const std::scoped_lock lock(mutex_);
  if (std::ranges::find(notes_, line) == notes_.end()) notes_.push_back(line);
}

std::vector<std::string> CacheTiers::notes() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(notes_, {});
}

}  // namespace skein::app
