#include "app/machinery.h"

#include <algorithm>

#include "app/operations.h"
#include "cache/tier_counts.h"
#include "cache/uses.h"
#include "net/asio_loop.h"
#include "summary/log_store.h"

namespace skein::app {
namespace {

engine::Profile profile_of(std::optional<Profile> profile) {
  if (!profile) return engine::Profile::automatic;
  switch (*profile) {
    case Profile::small:
      return engine::Profile::small;
    case Profile::medium:
      return engine::Profile::medium;
    case Profile::large:
      return engine::Profile::large;
    case Profile::enterprise:
      return engine::Profile::enterprise;
  }
  return engine::Profile::automatic;
}

/// CPU tokens, and so threads: --serial and --jobs say it, else the profile, else the machine.
int width(const engine::Context& context) {
  const auto& settings = settings_of(context).values().engine;
  if (context.serial || settings.jobs > 0 || !settings.profile) return std::max(context.jobs, 1);
  return engine::profile_resources(profile_of(settings.profile)).cpu;
}

}  // namespace

Machinery::Machinery(const Services& services, const engine::Context& context)
    : services_(services),
      context_(context),
      loop_(net::make_asio_loop()),
      pool_(std::make_unique<ThreadPool>(width(context))),
      outputs_(services, settings_of(context).values().log.keep_secrets) {}

Result<engine::Session*> Machinery::session() {
  if (session_) return session_.get();
  SKEIN_TRY(tiers_, CacheTiers::make(services_, context_));
  SKEIN_TRY(const StateFolder state, open_state(services_, context_));
  std::vector<std::string> notes;
  const engine::SessionEnvironment environment{
      .files = services_.files,
      .clock = services_.clock,
      .random = random_,
      .loop = *loop_,
      .pool = *pool_,
      .disk = disk_,
      .tiers = [this](engine::ResultStore& disk, const std::string& folder) { return tiers_->around(disk, folder); },
      .is_plain = [this](std::string_view agent) { return tiers_->is_plain(agent); }};
  auto opened = engine::Session::open(environment, state.path, &notes);
  if (context_.note)
    for (const auto& line : notes) context_.note(line);
  if (!opened) return std::unexpected(std::move(opened).error());
  session_ = std::move(*opened);
  outputs_.set_folder(summary::log_folder(state.path));
  return session_.get();
}

Machinery::~Machinery() {
  if (tiers_ != nullptr && context_.note)
    for (const auto& line : tiers_->notes()) context_.note(line);
  if (session_ == nullptr) return;
  // Only statistics: what cannot be written is not counted.
  const auto& folder = session_->folder();
  const auto now = services_.clock.wall();
  [[maybe_unused]] auto added = cache::add_counts(services_.files, folder, counts_.counts(), now, counts_.source());
  added = cache::add_tier_counts(services_.files, folder, tiers_->counts(), now);
  added = cache::add_uses(services_.files, folder, counts_.used());
}

engine::RunRequest Machinery::request(std::string operation, std::string input) {
  engine::RunRequest request;
  request.operation = std::move(operation);
  request.request = std::move(input);
  request.version = skein_version();
  const auto& settings = settings_of(context_).values().engine;
  request.options.capacity = engine::profile_resources(profile_of(settings.profile));
  request.options.capacity.cpu = width(context_);
  request.options.capacity.slots = settings.agents;
  request.options.keep_going = settings.keep_going;
  if (settings.time_limit) request.options.run_limit = *settings.time_limit;
  request.options.serial = context_.serial;
  request.options.use_cache = !context_.no_cache;
  request.options.use_cutoff = !context_.no_cutoff;
  request.options.refresh = {context_.refresh.begin(), context_.refresh.end()};
  if (context_.observer != nullptr) request.observers.push_back(context_.observer);
  request.observers.push_back(&counts_);
  request.outputs = &outputs_;
  request.stop = context_.stop;
  return request;
}

}  // namespace skein::app
